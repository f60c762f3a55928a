"""Jupyter kernels forked from a process that has imported the heavy libraries.

`forks` says whether this process forks its kernels and from which zygotes; `manager` and
`provisioner` are what Jupyter's programs use; `forking` talks to `zygote`, which runs by itself.
"""

__version__ = "0.1.0"

"""The engine as papermill finds it, by entry point: loaded when it is first used.

Papermill loads its entry points while it is being imported, which may be while our engine is.
"""

from typing import Any


class Engine:
    """Stands for `lgr_report.runs.engine.Engine`."""

    @classmethod
    def execute_notebook(cls, *arguments: Any, **options: Any) -> Any:
        """Execute a notebook by our engine."""
        from lgr_report.runs.engine import Engine as Real

        return Real.execute_notebook(*arguments, **options)

    @classmethod
    def nb_kernel_name(cls, *arguments: Any) -> str:
        """Return the name of a notebook's kernel, as papermill finds it."""
        from papermill.utils import nb_kernel_name

        return nb_kernel_name(*arguments)

    @classmethod
    def nb_language(cls, *arguments: Any) -> str:
        """Return the language of a notebook, as papermill finds it."""
        from papermill.utils import nb_language

        return nb_language(*arguments)

"""Reproduce the CCN/Newton findings on public data; write a risk report for each county area.

A figure travels one way: ``data/`` → ``tables`` → a model → a notebook → a page.
"""

__version__ = "0.1.0"

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

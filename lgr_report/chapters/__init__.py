"""One folder a chapter: what it computes, its charts, its words, and a ``CHAPTER`` that says so."""

import importlib
import pkgutil
from functools import lru_cache

from lgr_report.core.chapter import Chapter


@lru_cache(maxsize=1)
def registry() -> tuple[Chapter, ...]:
    """Return the chapters of all folders here, in their order."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    chapters = [importlib.import_module(f"{__name__}.{name}").CHAPTER for name in names]
    return tuple(sorted(chapters, key=lambda chapter: (chapter.order, chapter.name)))

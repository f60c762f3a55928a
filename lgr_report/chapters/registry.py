"""All chapters: whoever asks here rests on every one of them."""

import importlib
import pkgutil
from functools import lru_cache

from lgr_report import chapters
from lgr_report.core.chapter import Chapter


@lru_cache(maxsize=1)
def registry() -> tuple[Chapter, ...]:
    """Return the chapters of all folders here, in their order."""
    names = [module.name for module in pkgutil.iter_modules(chapters.__path__) if module.ispkg]
    known = [importlib.import_module(f"{chapters.__name__}.{name}").CHAPTER for name in names]
    return tuple(sorted(known, key=lambda chapter: (chapter.order, chapter.name)))

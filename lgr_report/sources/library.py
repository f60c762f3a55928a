"""The library's own files: what each module holds, and which others it rests on.

A result, or a page, has to be made again when code that it rests on was changed, and no other
code. What a module imports, at its head or inside a function, is read from its text; whoever
imports by name at run time is listed in `BY_NAME`. A file that is no module (a template) counts for
the package that it lies in.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from lgr_report.sources import tables

ROOT = Path(__file__).parents[1]
NAME = ROOT.name
# Modules that import, when they run, every module below a package.
BY_NAME = {"lgr_report.chapters.registry": "lgr_report.chapters"}

COMMENT = re.compile(r"#[^\n]*|\\\n")
IMPORT = re.compile(
    rf"from\s+({NAME}[\w.]*)\s+import\s*(?:\(([^)]*)\)|([^\n;]*))|import\s+({NAME}[\w.]*)"
)
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Library:
    """The files of the library at one time: path and SHA-256, by the module that they count for."""

    files: Mapping[str, tuple[tuple[Path, str], ...]]

    @cached_property
    def whole(self) -> str:
        """One SHA-256 over all files."""
        return self._sha256(self.files)

    def of(self, modules: Iterable[str]) -> str:
        """Return one SHA-256 over the files that modules rest on.

        Modules that are not of this library (a script's, a test's) may use all of it.
        """
        names = frozenset(modules)
        if any(name.split(".")[0] != NAME for name in names):
            return self.whole
        if names not in self._known:
            self._known[names] = self._sha256(self.closure(names))
        return self._known[names]

    @cached_property
    def _known(self) -> dict[frozenset[str], str]:
        """What `of` has returned: the pages of all areas rest on the same few sets of modules."""
        return {}

    def closure(self, modules: Iterable[str]) -> set[str]:
        """Return the names of modules and of all that they import, near and far."""
        reached: set[str] = set()
        left = list(modules)
        while left:
            name = left.pop()
            if name in reached or name not in self.files:
                continue
            reached.add(name)
            left.append(name.rpartition(".")[0])
            left += self._imports(name)
        return reached

    def _imports(self, name: str) -> Iterable[str]:
        if name in BY_NAME:
            yield from (other for other in self.files if other.startswith(f"{BY_NAME[name]}."))
        for path, digest in self.files[name]:
            if path.suffix == ".py":
                yield from imported(path, digest)

    def _sha256(self, names: Iterable[str]) -> str:
        whole = hashlib.sha256()
        for name in sorted(names):
            for path, digest in self.files[name]:
                whole.update(f"{name} {path.name}\0{digest}\n".encode())
        return whole.hexdigest()


def now() -> Library:
    """Return the library as its files are now."""
    files: dict[str, list[tuple[Path, str]]] = {}
    for path in sorted(ROOT.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            files.setdefault(_module(path), []).append((path, tables.sha256(path)))
    return Library({name: tuple(held) for name, held in files.items()})


def _module(path: Path) -> str:
    """Return the name of a module's file; of another file, the package that it lies in."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    if path.suffix == ".py" and path.stem != "__init__":
        return ".".join(parts)
    folder = path.parent
    while not (folder / "__init__.py").exists() and folder != ROOT:
        folder = folder.parent
    return ".".join(folder.relative_to(ROOT.parent).parts)


@lru_cache(maxsize=1024)
def imported(path: Path, digest: str) -> frozenset[str]:
    """Return what a file with this content may import of the library."""
    return imports_of(path.read_text(encoding="utf-8"))


def imports_of(text: str) -> frozenset[str]:
    """Return the names that a text imports, each of which may be a module of the library.

    By pattern, which takes a tenth of the time of Python's parser; in a docstring it may find one
    too many. A test holds it against the parser.

    Examples
    --------
    >>> sorted(imports_of("from lgr_report.core import demand; import numpy"))
    ['lgr_report.core', 'lgr_report.core.demand']
    """
    names: set[str] = set()
    for module, several, listed, plain in IMPORT.findall(COMMENT.sub("", text)):
        names.add(module or plain)
        names.update(f"{module}.{name}" for name in WORD.findall(several or listed) if module)
    return frozenset(names)


# Taken at import: a module that is edited later is not the one that computes here.
AT_START = now()

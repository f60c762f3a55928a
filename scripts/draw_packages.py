"""Draw which package of the library imports which, from the imports themselves.

Writes ``docs/packages.md`` (``make packages``); a test holds the page to the code, and the code to
one direction without a circle.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "lgr_report"
PAGE = ROOT / "docs" / "packages.md"
# A figure's way through the house: a package imports only those that stand before it.
ORDER = ("sources", "core", "page", "assess", "risk", "chapters", "across", "runs", "cli")
HOLDS = {
    "sources": "figures as they come in",
    "core": "what chapters share",
    "page": "what any page is made of",
    "assess": "what officers fill in",
    "risk": "the register",
    "chapters": "one folder a noun",
    "across": "what compares chapters",
    "runs": "plan, run, check, publish",
    "cli": "the command",
}


def modules() -> dict[str, Path]:
    """Return the modules of the library by dotted name."""
    paths = sorted(LIBRARY.rglob("*.py"))
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths)
    return {name.removesuffix(".__init__"): path for name, path in zip(names, paths, strict=True)}


def imported(path: Path, known: dict[str, Path], late: bool = True) -> Iterator[str]:
    """Yield the modules of the library that one of them imports.

    Parameters
    ----------
    path : Path
        Of the module.
    known : dict
        As `modules` returns it.
    late : bool
        Whether imports inside functions count: they do for the direction of packages, not for
        circles, as nothing is loaded in a circle by them.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if late else tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lgr_report"):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in known else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)


def package(module: str) -> str:
    """Return the package of a module: the part after the library's own name."""
    return ([*module.split("."), "cli"])[1]


def arrows() -> dict[tuple[str, str], int]:
    """Return how many imports lead from one package to another."""
    known, counts = modules(), {}
    for name, path in known.items():
        for other in imported(path, known):
            pair = package(name), package(other)
            if name != "lgr_report" and other != "lgr_report" and pair[0] != pair[1]:
                counts[pair] = counts.get(pair, 0) + 1
    return counts


def page() -> str:
    """Return the page: the diagram, and what each package holds."""
    lines = [
        "# Packages",
        "",
        "Drawn from the imports (`make packages`); a test holds this page to the code. An arrow "
        "means: imports. A figure",
        "travels the other way, from `sources` to the page.",
        "",
        "```mermaid",
        "flowchart BT",
        *(f'  {name}["{name}<br/>{HOLDS[name]}"]' for name in ORDER),
        *(f"  {a} --> {b}" for a, b in sorted(arrows(), key=lambda p: tuple(map(ORDER.index, p)))),
        "```",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

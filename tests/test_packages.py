"""The house: one direction, no circle, and a diagram that says what the imports say."""

import importlib.util

import networkx as nx
from plain import ROOT

spec = importlib.util.spec_from_file_location("draw", ROOT / "scripts" / "draw_packages.py")
draw = importlib.util.module_from_spec(spec)
spec.loader.exec_module(draw)


def test_a_package_imports_only_those_that_stand_before_it():
    folders = {path.name for path in draw.LIBRARY.iterdir() if (path / "__init__.py").exists()}
    assert folders <= set(draw.ORDER)
    backwards = [
        f"{a} imports {b}" for a, b in draw.arrows() if draw.ORDER.index(a) < draw.ORDER.index(b)
    ]
    assert backwards == []


def test_no_modules_import_one_another_in_a_circle():
    known = draw.modules()
    graph = nx.DiGraph(
        (name, other)
        for name, path in known.items()
        for other in draw.imported(path, known, late=False)
        if name != other
    )
    assert list(nx.simple_cycles(graph)) == []


def test_a_chapter_knows_the_core_and_itself_and_no_other_chapter():
    known = draw.modules()
    wrong = []
    for name, path in known.items():
        parts = name.split(".")
        if parts[1:2] != ["chapters"] or len(parts) < 3 or parts[2] == "registry":
            continue
        for other in draw.imported(path, known):
            if draw.package(other) == "chapters" and other.split(".")[2:3] != parts[2:3]:
                wrong.append(f"{name} imports {other}")
            if draw.package(other) not in ("sources", "core", "page", "chapters"):
                wrong.append(f"{name} imports {other}")
    assert wrong == []


def test_what_loops_over_chapters_names_none():
    known = draw.modules()
    named = [
        f"{name} imports {other}"
        for name, path in known.items()
        if draw.package(name) in ("across", "runs", "cli")
        for other in draw.imported(path, known)
        if other.startswith("lgr_report.chapters.") and other != "lgr_report.chapters.registry"
    ]
    assert named == []


def test_no_module_is_long():
    long = {
        path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines())
        for path in draw.modules().values()
    }
    assert {path: lines for path, lines in long.items() if lines > 300} == {}


def test_the_page_draws_what_the_imports_say():
    assert draw.PAGE.read_text(encoding="utf-8") == draw.page(), "run `make packages`"

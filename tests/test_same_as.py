"""What a reader sees as text, and what differs between two such texts."""

import doctest
import html
import json
import os
import subprocess
import sys
from pathlib import Path

import page_changes
import page_drawn
import page_form
import page_tables
import pytest
import same_as
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from plain import ROOT

BRIEFLY = settings(max_examples=30, deadline=None)
CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
ROWS = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=2, max_size=5)
)


def table(*rows: tuple[str, ...] | list[str], caption: str = "Costs") -> str:
    """Return a table as HTML, the headings first."""
    tags = ["th", *["td"] * (len(rows) - 1)]
    body = "".join(
        f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in row)}</tr>"
        for tag, row in zip(tags, rows, strict=True)
    )
    return f"<table><caption>{html.escape(caption)}</caption>{body}</table>"


def page(*parts: str) -> str:
    """Return the text of a page; HTML becomes its text form."""
    lines = [line for p in parts for line in (page_form.of_html(p) if p.startswith("<") else [p])]
    return "".join(f"{line}\n" for line in lines)


def told(before: str, after: str, **ignored: list[str]) -> list[tuple[str, str]]:
    """Return what differs between two texts: where, and what."""
    sides = (page_changes.blocks(text, **ignored) for text in (before, after))
    return [(change.where, change.what) for change in page_changes.changes(*sides)]


AREAS = (("Area", "Cost", "Need"), ("Kent", "3", "high"), ("Surrey", "4", "low"))


@pytest.mark.parametrize("module", [page_form, page_changes, page_tables])
def test_the_examples_hold(module):
    done = doctest.testmod(module)
    assert (done.attempted > 0, done.failed) == (True, 0)


# The text form


@BRIEFLY
@given(ROWS)
def test_every_cell_of_a_table_comes_back(rows):
    (block,) = page_changes.blocks(page(table(*rows)))
    read = page_tables.grid(block)
    assert read.rows == [[" ".join(cell.split()) for cell in row] for row in rows[1:]]
    assert len(read.headings) == len(rows[0])


@BRIEFLY
@given(st.text(max_size=40))
def test_words_are_never_taken_for_a_figure_or_a_table(markdown):
    found = page_changes.blocks("\n".join(page_form.of_words(markdown)))
    assert {block.kind for block in found} <= {"sentence", "heading"}


@pytest.mark.parametrize(
    "words", ["TABLE: not one", "FIGURE (folded): no", "  | a | b", "ERROR: x"]
)
def test_words_that_look_like_our_own_lines_stay_words(words):
    (line,) = page_form.of_words(words)
    assert line == f"\\{words}"


def test_a_paragraph_is_one_line_and_a_list_several():
    markdown = "# Title\nA sentence\nover two lines.\n\n- one\n- two  \n  and more"
    lines = page_form.of_words(markdown)
    assert lines == ["# Title", "A sentence over two lines.", "- one", "- two", "\\  and more"]


def test_what_is_escaped_is_a_character_and_still_no_markup():
    assert page_form.of_words("a &#42;b&#42; &#124; c &amp; *d*") == ["a \\*b\\* \\| c & *d*"]


def test_a_new_line_by_number_is_no_line_of_ours():
    assert page_form.of_words("a&#10;TABLE: b") == ["a TABLE: b"]


def test_a_table_says_how_it_is_shown():
    plain = table(*AREAS)
    kinds = {
        plain: "TABLE: Costs",
        f"<details><summary>Table: Costs</summary>{plain}</details>": "TABLE (folded): Costs",
        f'<div class="table sortable">{plain}</div>': "TABLE (sortable): Costs",
    }
    for source, line in kinds.items():
        assert page_form.of_html(source) == [line, "  | Area | Cost | Need", *ROWS_SHOWN]


ROWS_SHOWN = ["  | Kent | 3 | high", "  | Surrey | 4 | low"]


def test_other_html_is_no_less_seen():
    source = '<p>Read <a href="https://a.uk">this</a></p>'
    assert page_form.of_html(source) == ["HTML: Read this <https://a.uk>"]


def chart(height=3.0, label="pounds", color="blue", wide=6) -> Figure:
    """Return a bar with a label."""
    drawn = Figure(figsize=(wide, 4))
    axes = drawn.add_subplot()
    axes.bar([0], [height], color=color)
    axes.set_ylim(0, 4)
    axes.set_ylabel(label)
    axes.text(0, 1, "unseen").set_visible(False)
    return drawn


def shown(figure: Figure, alt: str | None = "Cost. A bar.") -> list[str]:
    """Return a figure as lines."""
    forms = []
    for kind, save in (("image/png", page_drawn.dot), ("image/svg+xml", page_drawn.svg)):
        bundle = {kind: save(figure), "text/plain": "Cost. A bar."}
        metadata = {} if alt is None else {kind: {"alt": alt}}
        forms.append(page_form.of_output(bundle, metadata))
    assert forms[0] == forms[1]  # pages of either kind can be set beside each other
    return forms[0]


def test_a_figure_is_its_title_its_alt_text_and_what_is_drawn():
    first, words, shapes = shown(chart())
    assert first == "FIGURE: Cost. A bar."
    assert words.startswith("  drawn: ") and "pounds" in words and "unseen" not in words
    assert shapes.startswith("  shapes: ")
    assert shown(chart()) == [first, words, shapes]


def test_a_figure_without_its_alt_text_says_so():
    assert shown(chart(), alt=None)[1] == "  alt text: none"
    assert shown(chart(), alt="Another")[1] == "  alt text: Another"


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"label": "euros"}, "words drawn in it: went “pounds”, came “euros”"),
        ({"color": "red"}, "drawn differently: colour or style of something in it"),
        ({"height": 2.9}, "drawn differently: place or size of something in it"),
        ({"wide": 7}, "drawn 6 by 4 inches → 7 by 4 inches"),
    ],
)
def test_what_is_drawn_differently_is_told(changed, what):
    sides = ("\n".join(shown(figure)) for figure in (chart(), chart(**changed)))
    assert told(*sides) == [("figure “Cost. A bar.”", what)]


def test_the_same_picture_from_turned_data_is_the_same():
    pictures = []
    for turn in (1, -1):
        drawn = Figure()
        axes = drawn.add_subplot()
        axes.plot([3, 5, 4], [turn * n for n in (0, 1, 2)], "o")
        axes.set_ylim(-turn, 3 * turn)
        axes.set_yticks([turn * n for n in (0, 1, 2)], ["a", "b", "c"])
        pictures.append(shown(drawn))
    assert told(*map("\n".join, pictures)) == []


# What differs


def test_the_same_text_differs_in_nothing():
    text = page("## Costs", "It costs 3.", table(*AREAS))
    assert told(text, text) == []


def test_a_changed_cell_is_told_by_row_and_column():
    changed = (AREAS[0], AREAS[1], ("Surrey", "5", "low"))
    found = told(page(table(*AREAS)), page(table(*changed)))
    assert found == [("table “Costs”, column Cost", "row “Surrey”: 4 → 5")]


@BRIEFLY
@given(st.integers(1, 6), st.integers(1, 3), CELLS.map(str.strip).filter(str.isalnum))
def test_any_changed_cell_of_a_named_row_is_found(row, column, value):
    rows = [[f"row {i}", *(f"{i}.{j}" for j in range(1, 4))] for i in range(7)]
    changed = [list(cells) for cells in rows]
    changed[row][column] = value
    headings = [f"column {j}" for j in range(4)]
    found = told(page(table(headings, *rows)), page(table(headings, *changed)))
    where = f"table “Costs”, column column {column}"
    assert found == [(where, f"row “row {row}”: {row}.{column} → {value}")]


def test_rows_and_columns_that_come_or_go_are_told():
    wider = [(*row, extra) for row, extra in zip(AREAS, ("Year", "2024", "2025"), strict=True)]
    assert told(page(table(*AREAS)), page(table(*wider))) == [("table “Costs”", "column Year came")]
    assert told(page(table(*wider)), page(table(*AREAS))) == [("table “Costs”", "column Year went")]
    fewer = page(table(*AREAS[:2]))
    assert told(page(table(*AREAS)), fewer) == [("table “Costs”", "row “Surrey” went")]
    assert told(fewer, page(table(*AREAS))) == [("table “Costs”", "row “Surrey” came")]


def test_a_renamed_heading_and_rows_in_another_order_are_told():
    renamed = (("Area", "Price", "Need"), *AREAS[1:])
    found = told(page(table(*AREAS)), page(table(*renamed)))
    assert found == [("table “Costs”", "heading: Cost → Price")]
    turned = (AREAS[0], AREAS[2], AREAS[1])
    ((_, what),) = told(page(table(*AREAS)), page(table(*turned)))
    assert what in ("row “Kent” moved", "row “Surrey” moved")


def test_rows_with_the_same_first_cell_are_told_apart():
    rows = [("Area", "What", "Value"), ("Kent", "cost", "1"), ("Kent", "need", "2")]
    changed = [*rows[:2], ("Kent", "need", "3")]
    found = told(page(table(*rows)), page(table(*changed)))
    assert found == [("table “Costs”, column Value", "row “Kent, need”: 2 → 3")]


def test_a_table_that_goes_is_told_and_one_that_folds():
    text = page("## Costs", "It costs 3.", table(*AREAS))
    assert told(text, page("## Costs", "It costs 3.")) == [("table “Costs”", "went (2 rows)")]
    folded = page("## Costs", "It costs 3.", f"<details>{table(*AREAS)}</details>")
    assert told(text, folded) == [("table “Costs”", "open → folded")]


def test_a_changed_sentence_is_told_by_its_words_under_its_section():
    old = "In Kent it costs 3 million pounds a year to run two councils instead of one."
    new = old.replace("3 million", "4 million")
    ((change),) = page_changes.changes(
        *(page_changes.blocks(page("# Kent", "## Costs", text)) for text in (old, new))
    )
    assert change.section == "Costs"
    assert change.what == "“… Kent it costs [3 → 4] million pounds a …”"


def test_a_sentence_that_moves_is_not_two_differences():
    old, new = page("A first.", "B second.", "C third."), page("B second.", "C third.", "A first.")
    assert told(old, new) == [("sentence", "moved: “A first.”")]


def test_wanted_changes_are_left_out():
    old = page("## Costs", "It costs 3.", table(*AREAS), "## Sources and notes", "ONS 2024")
    new = page("## Costs", "It costs 4.", table(*AREAS[:2]), "## Sources and notes", "ONS 2025")
    assert len(told(old, new)) == 3
    assert len(told(old, new, ignore_sections=["Sources"])) == 2
    assert len(told(old, new, ignore_sections=["Sources"], ignore=["^It costs"])) == 1
    rest = ["^It costs", "^TABLE: Costs"]
    assert told(old, new, ignore_sections=["Sources"], ignore=rest) == []


# The commands

NOTEBOOKS = {
    "leaky": (
        "national",
        ['area: str = "nowhere"', "print('x' in dir())", "x = 1", 'display("shown"); area'],
    ),
    "broken": ("national", ['area: str = "nowhere"', "print('before')\n1 / 0", "print('after')"]),
    "local": ("area", ['area: str = "nowhere"', "print(area)"]),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """Return a checkout with three small notebooks."""
    root = tmp_path_factory.mktemp("checkout")
    for name in ("lgr_report", "data"):
        (root / name).symlink_to(ROOT / name)
    (root / "notebooks").mkdir()
    for name, (scope, sources) in NOTEBOOKS.items():
        tags = [["parameters"], *[[]] * (len(sources) - 1)]
        cells = [
            {
                "cell_type": "markdown",
                "source": ["Not here"],
                "metadata": {"tags": ["notebook-only"]},
            },
            *(
                {"cell_type": "code", "source": [source], "metadata": {"tags": tag}}
                for source, tag in zip(sources, tags, strict=True)
            ),
        ]
        notebook = {"cells": cells, "metadata": {"lgr_report": {"scope": scope}}}
        (root / "notebooks" / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return root


def run(root: Path, *arguments: object) -> subprocess.CompletedProcess:
    """Run ``page_texts`` for a checkout."""
    command = [sys.executable, str(ROOT / "scripts" / "page_texts.py"), *map(str, arguments)]
    env = os.environ | {"PYTHONPATH": str(root)}
    return subprocess.run(command, env=env, capture_output=True, text=True)


def test_pages_do_not_see_each_other_and_a_failure_stops_only_its_own(small, tmp_path):
    done = run(small, tmp_path, "--area", "national", "surrey")
    assert done.returncode == 1
    assert "national/broken: ERROR: ZeroDivisionError: division by zero" in done.stderr
    texts = {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.glob("*/*.txt")}
    assert texts["local"] == "PRINTED: surrey\n"
    assert texts["broken"] == "PRINTED: before\nERROR: ZeroDivisionError: division by zero\n"
    assert texts["leaky"] == "PRINTED: False\nPRINTED: 'shown'\nPRINTED: 'nowhere'\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--area", "kent"], "no area 'kent': choose of national, "),
        (["--notebook", "risk"], "no notebook 'risk': choose of broken, leaky, local"),
        (["--area", "surrey", "--notebook", "leaky"], "leaky is not made for surrey"),
    ],
)
def test_a_wrong_name_ends_in_one_line_that_says_what_is_right(small, tmp_path, arguments, said):
    done = run(small, tmp_path / "out", *arguments)
    assert done.returncode == 2
    assert said in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def survey(tmp_path_factory) -> Path:
    """Return the texts of a real chapter."""
    out = tmp_path_factory.mktemp("texts")
    assert run(ROOT, out, "--notebook", "survey").returncode == 0
    return out


def compared(*arguments: object) -> int:
    """Run ``same_as``; return its exit code."""
    return same_as.main([str(argument) for argument in arguments])


def test_a_second_run_of_a_chapter_gives_the_same_bytes(survey, tmp_path, capsys):
    assert run(ROOT, tmp_path, "--notebook", "survey").returncode == 0
    first, second = (folder / "national" / "survey.txt" for folder in (survey, tmp_path))
    assert first.read_text(encoding="utf-8").startswith("# What the survey of officers can say\n")
    assert first.read_bytes() == second.read_bytes()
    assert compared("--before", survey, "--after", tmp_path) == 0
    assert capsys.readouterr().out == "nothing differs in 1 page\n"


def test_a_planted_change_is_told(survey, tmp_path, capsys):
    text = (survey / "national" / "survey.txt").read_text(encoding="utf-8")
    planted = text.replace("| 18 | 7, 6, 4, 1, 0 |", "| 18 | 7, 6, 4, 1, 1 |")
    assert planted != text
    (tmp_path / "national").mkdir()
    (tmp_path / "national" / "survey.txt").write_text(planted, encoding="utf-8")
    assert compared("--before", survey, "--after", tmp_path) == 1
    assert capsys.readouterr().out.splitlines() == [
        "national / survey: 1 line differs",
        "  under “Counts that explain the percentages”",
        "    table “Respondents and counts that explain each chart”, column Counts: "
        "row “4, confidence, 39, 33, 22, 6, 0, 18”: 7, 6, 4, 1, 0 → 7, 6, 4, 1, 1",
        "1 of 1 pages differs",
    ]


def test_what_differs_in_several_pages_is_told_once_more_together(tmp_path, capsys):
    for side, cost in (("before", "3"), ("after", "4")):
        for area_id, name in (("surrey", "Surrey"), ("norfolk", "Norfolk")):
            path = tmp_path / side / area_id / "risks.txt"
            path.parent.mkdir(parents=True)
            rows = (AREAS[0], ("Kent", cost, "high"))
            path.write_text(
                page("## Costs", table(*rows, caption=f"{name}: costs")), encoding="utf-8"
            )
    assert compared("--before", tmp_path / "before", "--after", tmp_path / "after") == 1
    said = capsys.readouterr().out
    where = "table “[area]: costs”, column Cost: row “Kent”: 3 → 4"
    assert f"  in 2 pages of risks, under “Costs”, {where}\n" in said
    assert said.endswith("2 of 2 pages differ\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-branch"], "no revision 'no-such-branch': name a branch, tag or commit"),
        ([], "name a revision, or a folder of texts with --before"),
        (["HEAD", "--area", "surrey", "--notebook", "survey"], "survey is not made for surrey"),
        (["HEAD", "--area", "kent"], "no area 'kent': choose of "),
        (["HEAD", "--notebook", "risk"], "no notebook 'risk': choose of "),
        (["HEAD", "--ignore", "("], "--ignore '(' is no pattern"),
        (["--before", "no-such-folder"], "no-such-folder holds no texts"),
    ],
)
def test_wrong_input_ends_in_one_line(capsys, arguments, said):
    if not (ROOT / ".git").exists():
        pytest.skip("not a git clone: there are no revisions")
    assert compared(*arguments) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1

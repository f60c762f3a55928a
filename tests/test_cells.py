"""Cells: whatever data hold, a page shows it as text; gaps are named; the same table, same HTML."""

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from lgr_report.page.cells import Table, escaped, heading, say

EVIL = "<script>alert('x')</script> *bold* _it_ `code` [a](javascript:b) | # ~~no~~ $x$ & &lt;"


def shown(markdown: str) -> BeautifulSoup:
    """Return Markdown as the page shows it."""
    return BeautifulSoup(markdown2html_mistune(markdown), "html.parser")


# Words

marks = st.text("<>&\\`*_[]()#|~$=+-.:;!^{}\"'0123456789ab \n\t", min_size=1, max_size=40)


@given(marks.filter(str.strip))
@example("2026. The year")
@example("- not a list")
@example("Title\n=====")
@example("    not code")
@example("\\[x\\] \\(y\\) $$z$$")
@example("\\begin{equation}x\\end{equation}")
@example("a | b\n--|--\n1 | 2")
@example(EVIL)
def test_any_text_is_shown_as_it_is(text):
    page = shown(say(text).markdown)
    assert page.get_text().strip() == " ".join(text.split())
    assert {tag.name for tag in page.find_all()} == {"p"}


@given(marks.filter(str.strip))
def test_any_title_is_shown_as_it_is(text):
    page = shown(heading(text).markdown)
    anchor = page.find("a")
    if anchor:
        anchor.extract()
    assert page.find("h1").get_text().strip() == " ".join(text.split())
    assert {tag.name for tag in page.find_all()} == {"h1"}


@pytest.mark.parametrize(
    "address", ["https://example.org/a_b_c/~d#e", "https://example.org/?a=1&b=2", "http://a.uk/*x"]
)
def test_an_address_becomes_a_link_to_itself(address):
    link = shown(say(f"Look at {address} today.").markdown).find("a")
    assert link["href"] == address
    assert link.get_text() == address


def test_words_that_begin_with_an_address_are_not_fetched(monkeypatch):
    def no_network(*_):
        raise AssertionError("the network was used")

    monkeypatch.setattr("socket.socket.connect", no_network)
    assert say("https://example.org/ is the page").markdown == "https://example.org/ is the page"


def test_sentences_become_paragraphs_whether_listed_or_not():
    assert len(shown(say("One.", ["Two.", "Three."]).markdown).find_all("p")) == 3


def test_plain_words_stay_plain():
    sentence = "Of 36 officers, 6% (2) were sure: “yes”, said one at 5-year intervals."
    assert escaped(sentence) == sentence


def test_words_read_the_same_in_a_terminal():
    assert repr(say("One.", "Two.")) == "One.\n\nTwo."


# Tables

FRAME = pd.DataFrame(
    {
        "area_name": ["Kent", EVIL],
        "people": pd.array([1_234_567, None], dtype="Int64"),
        "share": [0.123, None],
        "day": pd.to_datetime(["2028-04-01", None]),
        "sure": [True, False],
        "note": [None, "x"],
    }
)


def cells(table: Table) -> list[list[str]]:
    """Return the cells of a table on a page, the header first."""
    page = BeautifulSoup(table._repr_html_(), "html.parser")
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in page.find_all("tr")]


def test_a_cell_that_is_code_is_shown_as_text():
    page = BeautifulSoup(Table(FRAME, "A table")._repr_html_(), "html.parser")
    assert page.find("script") is None
    assert cells(Table(FRAME, "A table"))[2][0] == EVIL


def test_every_heading_says_that_it_is_that_of_a_column():
    evil = Table(FRAME.rename(columns={"note": "<th x>"}), "<th y>")
    page = BeautifulSoup(evil._repr_html_(), "html.parser")
    assert [cell["scope"] for cell in page.find_all("th")] == ["col"] * len(FRAME.columns)
    assert cells(evil)[0][-1] == "<th x>"


def test_a_caption_and_a_heading_that_are_code_are_shown_as_text():
    table = Table(pd.DataFrame({EVIL: [1]}), EVIL)
    for html in (table._repr_html_(), table.folded()._repr_html_()):
        page = BeautifulSoup(html, "html.parser")
        assert page.find("script") is None
        assert page.find("caption").get_text() == EVIL
        assert page.find("div", class_="table")["aria-label"] == EVIL
        assert page.find("th").get_text().lower() == EVIL.replace("_", " ").lower()


def test_missing_cells_are_named_in_every_type_of_column():
    header, first, second = cells(Table(FRAME, "A table"))
    assert header == ["Area name", "People", "Share", "Day", "Sure", "Note"]
    assert first == ["Kent", "1,234,567", "0.1", "1 April 2028", "True", "not available"]
    assert second[1:4] == ["not available"] * 3


def test_what_missing_means_can_be_said():
    assert cells(Table(FRAME, "A table", missing="not yet assessed"))[1][5] == "not yet assessed"


def test_formats_and_headings_of_single_columns_can_be_given():
    table = Table(FRAME, "A table", formats={"share": "{:.0%}"}, headings={"share": "part of all"})
    assert cells(table)[0][2] == "part of all"
    assert cells(table)[1][2] == "12%"


def test_every_number_has_one_minus_and_zero_has_no_sign():
    frame = pd.DataFrame({"change": [-0.13, 0.001, -0.001, 0.2], "gap": [-5.71, 0.01, -0.01, 25.0]})
    shown = Table(frame, "A table", {"change": "{:+.0%}"})._repr_html_()
    cells = [cell.text for cell in BeautifulSoup(shown, "html.parser").find_all("td")]
    assert cells == ["−13%", "−5.7", "0%", "0.0", "0%", "0.0", "+20%", "25.0"]


def test_the_same_table_has_the_same_html_and_another_caption_another_name():
    one, two = Table(FRAME, "A table")._repr_html_(), Table(FRAME.copy(), "A table")._repr_html_()
    assert one == two
    names = [
        BeautifulSoup(Table(FRAME, caption)._repr_html_(), "html.parser").find("table")["id"]
        for caption in ("A table", "Another")
    ]
    assert len(set(names)) == 2


def test_a_table_can_be_scrolled_by_keyboard_and_is_named():
    page = BeautifulSoup(Table(FRAME, "A table")._repr_html_(), "html.parser")
    region = page.find("div", class_="table")
    assert (region["tabindex"], region["role"], region["aria-label"]) == ("0", "region", "A table")


def test_a_folded_table_is_behind_one_click():
    page = BeautifulSoup(Table(FRAME, "A table").folded()._repr_html_(), "html.parser")
    details = page.find("details")
    assert not details.has_attr("open")
    assert details.find("summary").get_text() == "Table: A table"
    assert details.find("table") is not None


def test_a_table_reads_in_a_terminal_too():
    assert repr(Table(FRAME, "A table")).startswith("A table\n")
    assert "not available" in repr(Table(FRAME, "A table").folded())


def test_showing_a_table_leaves_its_frame_alone():
    before = FRAME.copy()
    Table(FRAME, "A table")._repr_html_()
    pd.testing.assert_frame_equal(FRAME, before)

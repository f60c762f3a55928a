"""Sortable tables in a browser: sorted by any heading, said aloud, and no other script runs."""

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_notebook, new_output

from lgr_report.page import pages
from lgr_report.page.cells import Table

pytestmark = pytest.mark.slow
FRAME = pd.DataFrame(
    {
        "area": ["Norfolk", "Essex", "Surrey", "Devon"],
        "score": ["9 to 12", "10 to 11", "not available", "9 to 20"],
        "mean": [1234.5, 20.0, 3.5, 100.0],
    }
)


def page_of(html: str) -> str:
    """Return the page of a notebook that shows this HTML."""
    shown = new_output("display_data", {"text/html": html})
    return pages.to_html(new_notebook(cells=[new_code_cell("", outputs=[shown])]), "Areas")


@pytest.fixture
def visit(browser, tmp_path):
    """Return a function that opens a page made of some HTML."""
    opened = []

    def open_page(html: str):
        path = tmp_path / "page.html"
        path.write_text(page_of(html), encoding="utf-8")
        page = browser.new_page()
        opened.append(page)
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.goto(path.as_uri())
        return page

    yield open_page
    for page in opened:
        page.close()


def column(page, number: int) -> list[str]:
    """Return the texts of a column, from the top."""
    return page.locator(f"tbody td:nth-child({number})").all_inner_texts()


def test_a_heading_sorts_by_numbers_and_by_words(visit):
    page = visit(Table(FRAME, "Areas").sortable()._repr_html_())
    heading = page.locator("th button")
    assert heading.all_inner_texts() == ["Area", "Score", "Mean"]
    heading.nth(1).click()
    assert column(page, 2)[-3:] == ["10 to 11", "9 to 20", "9 to 12"]
    heading.nth(1).click()
    assert column(page, 2) == ["9 to 12", "9 to 20", "10 to 11", "not available"]
    heading.nth(2).press("Enter")
    assert column(page, 1) == ["Norfolk", "Devon", "Essex", "Surrey"]
    heading.nth(0).click()
    heading.nth(0).click()
    assert column(page, 1) == sorted(FRAME["area"])
    sorted_by = page.locator("th").evaluate_all("all => all.map(h => h.getAttribute('aria-sort'))")
    assert sorted_by == ["ascending", None, None]
    assert page.locator("[role=status]").inner_text() == "Sorted by Area, lowest first"
    assert page.complaints == []


def test_a_sortable_table_is_accessible(visit):
    page = visit("<h1>Areas</h1>" + Table(FRAME, "Areas").sortable()._repr_html_())
    page.locator("th button").nth(1).click()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    assert [one["id"] for one in found.response["violations"]] == []


@pytest.mark.parametrize("sortable", [True, False])
def test_a_script_that_got_into_a_page_does_not_run(visit, sortable):
    table = Table(FRAME, "Areas")
    shown = (table.sortable() if sortable else table)._repr_html_()
    evil = "<script>window.ran = 1</script><img src='x' onerror='window.ran = 2'>"
    page = visit(shown + evil)
    assert page.evaluate("window.ran === undefined")
    assert page.locator("th button").count() == (3 if sortable else 0)
    assert any("Content Security Policy" in told for told in page.complaints)


def test_a_page_without_a_sortable_table_has_no_script():
    assert "<script" not in page_of(Table(FRAME, "Areas")._repr_html_())
    assert page_of(Table(FRAME, "Areas").sortable()._repr_html_()).count("<script") == 1

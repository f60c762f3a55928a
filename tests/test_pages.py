"""Pages: self-contained, accessible, code hidden, and whatever data hold is text."""

import re
from urllib.parse import unquote

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lgr_report.page import pages
from lgr_report.page.cells import Table, heading, say

EVIL = '"><script>alert(1)</script>'
SECTIONS = [
    "The area at a glance",
    "The risks, in this area's order",
    'Help & "protection"',
]


def shown(bundle: dict) -> nbformat.NotebookNode:
    """Return an output as a cell holds it."""
    return new_output("display_data", bundle)


@pytest.fixture
def page() -> BeautifulSoup:
    """Return a page with every kind of output."""
    picture = new_output(
        "display_data",
        {"image/svg+xml": f'<svg width="9">{EVIL}</svg>', "text/plain": f"alt {EVIL}"},
        metadata={"image/svg+xml": {"alt": f"alt {EVIL}"}},
    )
    nb = new_notebook(
        cells=[
            new_markdown_cell("For JupyterLab only.", metadata={"tags": ["notebook-only"]}),
            new_code_cell("secret = 1", metadata={"tags": ["parameters"]}),
            new_code_cell("heading()", outputs=[shown({"text/markdown": heading(EVIL).markdown})]),
            *(new_markdown_cell(f"## {section}\n\nProse.") for section in SECTIONS),
            new_code_cell(
                "say()", outputs=[shown({"text/markdown": say(f"Words {EVIL}").markdown})]
            ),
            new_code_cell("figure", outputs=[picture]),
            new_code_cell("plain", outputs=[shown({"text/plain": f"plain {EVIL}"})]),
            new_code_cell(
                "print()", outputs=[new_output("stream", name="stdout", text=f"printed {EVIL}")]
            ),
        ]
    )
    return BeautifulSoup(pages.to_html(nb, f"Title {EVIL}", home="../index.html"), "html.parser")


def test_code_is_hidden_and_so_is_what_is_meant_for_jupyterlab(page):
    text = page.get_text()
    for hidden in ("secret", "heading()", "say()", "For JupyterLab only"):
        assert hidden not in text


def test_nothing_that_data_hold_becomes_code(page):
    assert page.find("script") is None
    assert page.title.get_text() == f"Title {EVIL}"
    assert page.find("h1").get_text() == EVIL
    for words in (f"Words {EVIL}", f"plain {EVIL}", f"printed {EVIL}"):
        assert words in page.get_text()


def test_a_picture_keeps_its_own_alt_text(page):
    (picture,) = page.find_all("img")
    assert picture["alt"] == f"alt {EVIL}"
    kind, _, packed = picture["src"].partition(",")
    assert kind == "data:image/svg+xml;charset=utf-8"
    assert unquote(packed) == f"<svg width='9'>{EVIL}</svg>"


def test_the_contents_lead_to_the_headings(page):
    links = page.find("nav").find_all("a")
    assert [link.get_text() for link in links] == SECTIONS
    ids = [tag["id"] for tag in page.find_all(id=True)]
    for link, section in zip(links, SECTIONS, strict=True):
        target = page.find(id=unquote(link["href"].removeprefix("#")))
        assert target is not None, link["href"]
        assert target.get_text() == section
    assert len(set(ids)) == len(ids)


def test_the_page_says_its_language_and_can_be_skipped_to_its_report(page):
    assert page.html["lang"] == "en-GB"
    skip = page.find("a", class_="skip")
    assert page.find(id=skip["href"].removeprefix("#")).name == "main"
    assert page.find("meta", attrs={"name": "viewport"}) is not None


def test_the_page_leads_home(page):
    assert page.find("header").find("a")["href"] == "../index.html"


def test_the_page_loads_nothing_from_elsewhere(page):
    assert page.find("link") is None
    assert page.find(["iframe", "object", "embed"]) is None
    style = page.find("style").get_text()
    assert not re.search(r"@import|url\(", style)
    assert all(tag["src"].startswith("data:") for tag in page.find_all(src=True))


def test_a_page_without_a_home_or_sections_has_neither_link_nor_contents():
    page = BeautifulSoup(pages.to_html(new_notebook(), "Title"), "html.parser")
    assert page.find("nav") is None
    assert page.find("header").find("a") is None


def test_a_notebook_reads_the_same_from_its_file(tmp_path):
    nb = new_notebook(cells=[new_markdown_cell("## One\n\nProse.")])
    nbformat.write(nb, tmp_path / "one.ipynb")
    assert pages.to_html(tmp_path / "one.ipynb", "T") == pages.to_html(nb, "T")


def test_a_template_escapes_its_values():
    values = {"areas": [], "national": [("national/a.html", EVIL)], "errors": {EVIL: EVIL}}
    page = BeautifulSoup(pages.render("index.html.j2", **values), "html.parser")
    assert page.find("script") is None
    assert page.find("strong").get_text() == EVIL


def test_a_table_in_a_page_is_the_table_of_the_notebook():
    html = Table(pd.DataFrame({"people": [1234]}), "Residents")._repr_html_()
    nb = new_notebook(cells=[new_code_cell("t", outputs=[shown({"text/html": html})])])
    page = BeautifulSoup(pages.to_html(nb, "T"), "html.parser")
    assert page.find("caption").get_text() == "Residents"
    assert page.find("td").get_text() == "1,234"

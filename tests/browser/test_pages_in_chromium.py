"""The pages in a browser: accessible (axe-core, WCAG 2.2 AA), self-contained, usable on a phone.

Chromium is found on the path or under $CHROMIUM. Where there is none the tests are skipped, unless
LGR_REPORT_REQUIRE_BROWSER=1.
"""

from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

pytestmark = pytest.mark.slow
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
REPORTS = ["surrey/county_report", "surrey/risks", "surrey/maturity"]
PAGES = ["index", *REPORTS]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


@pytest.fixture
def visit(browser, reports):
    """Return a function that opens a page of the outputs in a window of its own."""
    opened = []

    def open_page(name: str, viewport: dict[str, int] = DESK) -> Page:
        page = browser.new_page(viewport=viewport)
        opened.append(page)
        page.requests, page.complaints = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto((reports / f"{name}.html").as_uri(), wait_until="load")
        return page

    yield open_page
    for page in opened:
        page.close()


def violations(page: Page) -> list[str]:
    """Return what axe-core holds against a page: the rule, and where."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(visit, name):
    assert violations(visit(name)) == []


@pytest.mark.parametrize("name", ["index", "surrey/county_report"])
def test_axe_finds_no_violation_on_a_phone_with_every_table_open(visit, name):
    page = visit(name, PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_beyond_itself(visit, name):
    page = visit(name)
    assert page.requests
    elsewhere = [url for url in page.requests if not url.startswith(("file://", "data:"))]
    assert elsewhere == []
    assert [url for url in page.requests if url.startswith("file:")] == [page.url]
    assert page.complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_without_scrolling_sideways(visit, name, tmp_path):
    page = visit(name, PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    picture = tmp_path / "phone.png"
    page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 10_000
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    size = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    assert size >= 16


@pytest.mark.parametrize("name", REPORTS)
def test_every_picture_is_drawn_with_its_alt_text(visit, name):
    page = visit(name)
    pictures = page.locator("img").all()
    assert pictures
    for picture in pictures:
        assert picture.evaluate("image => image.complete && image.naturalWidth") == 8 * 96
        assert len(picture.get_attribute("alt")) > 40


def test_a_folded_table_opens_by_keyboard(visit):
    page = visit("surrey/county_report")
    fold = page.locator("details").first
    table = fold.locator("table")
    assert not table.is_visible()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert table.is_visible()
    page.keyboard.press("Enter")
    assert not table.is_visible()


def test_the_first_tab_leads_past_the_contents(visit):
    page = visit("surrey/county_report")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    assert page.locator("a.skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_the_contents_lead_to_their_headings(visit):
    page = visit("surrey/county_report")
    for link in page.locator("nav a").all():
        link.click()
        heading = page.locator(":target")
        assert heading.inner_text() == link.inner_text()
        assert heading.evaluate("h => Math.abs(h.getBoundingClientRect().top) < innerHeight")


@pytest.mark.parametrize("name", PAGES)
def test_every_link_between_the_pages_leads_to_one_that_is_there(visit, name):
    page = visit(name)
    targets = page.evaluate("[...document.links].map(link => link.href.split('#')[0])")
    local = {url2pathname(urlparse(url).path) for url in targets if url.startswith("file:")}
    assert local
    assert {path for path in local if not Path(path).is_file()} == set()


def test_the_index_leads_to_the_report_and_back(visit):
    page = visit("index")
    page.get_by_role("link", name="Surrey", exact=True).click()
    assert page.url.endswith("/surrey/county_report.html")
    assert page.locator("h1").inner_text().startswith("Surrey")
    page.get_by_role("link", name="All areas").click()
    assert page.url.endswith("/index.html")


@pytest.mark.parametrize("name", ["index", "surrey/county_report"])
def test_a_page_can_be_printed_with_nothing_cut_off(visit, name):
    page = visit(name)
    page.emulate_media(media="print")
    assert not page.locator("a.skip").is_visible()
    wide = page.evaluate(
        "[...document.querySelectorAll('.table')].map(e => getComputedStyle(e).overflowX)"
    )
    assert set(wide) == {"visible"}
    assert page.pdf(format="A4").startswith(b"%PDF")

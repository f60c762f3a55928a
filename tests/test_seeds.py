"""Every item of the two source documents has its place on a page of each area.

The documents are not in this repository: an item is named here by a few words of what a page says
of it, which for a short term are the source's own.
"""

import pytest
from bs4 import BeautifulSoup
from plain import THREE

CCN = [
    "6%",  # confident that the risks are considered
    "ministers decide between competing proposals",
    "not all local proposals consider the risks",
    "very excited",
    "cautiously optimistic",
    "only if it is delivered in the right way",
    "Enhanced service integration",
    "Improved data utilisation",
    "Strategic transformation",
    "beyond the one-off impact",
]
LESSONS = [
    "3 times",
    "support services after the split",
    "Good intentions agreed before the split",
    "Many consultants",
    "weigh more than outcomes",
    "Section 114 notice",
    "only a year or two ahead",
    "What the change does to the workforce",
    "care experienced young adults",
    "the council's expensive department",
    "never improved a children's service",
    "nothing but a failing of children's services",
    "a change of children's services leaders",
    "Favour one council service over another",
    "A housing pathway",
    "along the child's journey",
    "start from strengths",
    "almost always come apart",
    "Ask before judging",
    "safe for staff to speak",
    "Use the change to improve",
]
RISKS = [
    "Leadership continuity",
    "Workforce alignment",
    "services are reduced",  # CLGR3
    "equality, diversity, equity, inclusion and belonging",
    "be a priority consideration in all LGR plans",  # CLGR4 and CLGR5
    "best possible parent",
    "almost always drift apart",  # CLGR6
    "short-term financial decisions",
    "by senior officers",  # CLGR8
    "serial interim",  # CLGR9
    "who leave in numbers",
    "less experienced through the change",
    "31 March 2027",
    "Health and police structures",  # CLGR13
    "strong track record of improving services",  # CLGR14, first
    "in all but one case",
    "blame and criticism",
]


@pytest.fixture(scope="module")
def pages(reports) -> dict[str, str]:
    """Return the text of each area's county report."""

    def text(area_id: str) -> str:
        page = (reports / area_id / "county_report.html").read_text(encoding="utf-8")
        return " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())

    return {area_id: text(area_id) for area_id in THREE}


@pytest.mark.slow
@pytest.mark.parametrize("item", [*CCN, *LESSONS, *RISKS])
def test_every_item_is_in_the_report_of_every_area(item, pages):
    assert [area_id for area_id, text in pages.items() if item not in text] == []


@pytest.mark.slow
def test_trusts_are_told_by_their_track_record_first(pages):
    for text in pages.values():
        assert text.index("strong track record") < text.index("blame and criticism")

"""Sentences of all 21 areas, read for what no sentence may hold.

The words of chapters are called, no page is built. A pattern that is found says which.
"""

import re

import pytest
from plain import AREA_IDS, rows

from lgr_report.across import decided, proposed
from lgr_report.chapters.registry import registry
from lgr_report.core import divisions
from lgr_report.core.demand import of_england
from lgr_report.page import phrases
from lgr_report.sources import decisions, proposals

DRAWS = 40
NEVER = {
    "a minus before zero": r"−0(?:\.0+)?(?![\d.])",
    "a plus before zero": r"\+0(?:\.0+)?%?(?![\d.])",
    "none as a number": r"(?<![\d,.–])0 of (?:them|the|\d)",
    "a before eighty": r"\b[Aa] 8\d?%",
    "one with a plural": r"\b1 (?:of \d+ )?\w+s are\b",
    "a hyphen as a minus": r"(?<![\w\d–/-])-\d",
    "doubled spaces": r"  ",
    "a doubled full stop": r"(?<!\.)\.\.(?!\.)",
    "what Python calls nothing": r"\b(?:None(?! of)|nan|NaN|NaT)\b",
    "a mirror in place of a publisher": r"[Gg]it[Hh]ub",
}
WRONG = {
    "a minus before zero": "a change of −0% and more",
    "a plus before zero": "grows by +0% here",
    "none as a number": "two councils, 0 of them small",
    "a before eighty": "a 80% interval",
    "one with a plural": "1 of 20 fits are clear",
    "a hyphen as a minus": "a change of -3%",
    "doubled spaces": "two  spaces",
    "a doubled full stop": "an end..",
    "what Python calls nothing": "the largest is nan",
    "a mirror in place of a publisher": "read in github mampfes/list",
}
RIGHT = (
    "+0.3 points (−0.4 to +0.9); 10 of the 20 fits; 2024-25; an 80% interval; 1 of 20 fits is "
    "clear; CLGR3 to CLGR5; from -England; a 5% share"
)


@pytest.fixture(scope="module")
def here():
    """Return the divisions of an area, with few draws."""
    demand = of_england(DRAWS)
    return lambda area_id: divisions.of(area_id, demand)


def faults(sentences):
    return [
        f"{name}: …{text[max(0, found.start() - 60) : found.end() + 30]}…"
        for text in sentences
        for name, pattern in NEVER.items()
        for found in re.finditer(pattern, text)
    ]


def every_sentence(chapter, study):
    return [str(text) for text in chapter.words.in_short(study)]


@pytest.mark.parametrize("name", NEVER)
def test_each_pattern_finds_what_it_is_for(name):
    assert [one.partition(":")[0] for one in faults([WRONG[name]])] == [name]


def test_what_is_right_is_left_alone():
    assert faults([RIGHT]) == []


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_no_sentence_of_an_area_holds_what_none_may(area_id, here):
    place = here(area_id)
    said = []
    for chapter in registry():
        if chapter.section is not None and chapter.applies(place):
            module = __import__(chapter.study.__module__.rpartition(".")[0], fromlist=["words"])
            said += every_sentence(module, chapter.study(place))
    said += decided.in_words(place, decisions.get(area_id))
    said += proposed.in_words(place.area.name, proposals.unitaries(area_id))
    assert len(said) > 20
    assert faults(said) == []


def test_names_that_hold_and_are_parted_by_semicolons():
    assert (
        phrases.listed(["Brighton and Hove", "East Sussex"]) == "Brighton and Hove; and East Sussex"
    )
    assert phrases.listed(["Kent", "Medway"]) == "Kent and Medway"
    assert phrases.listed(["“One and all”", "“Two”"]) == "“One and all” and “Two”"
    assert phrases.listed(["Brighton and Hove"]) == "Brighton and Hove"
    assert phrases.listed([]) == ""


def test_a_proposed_council_is_quoted():
    assert phrases.council("South") == "the proposed “South” council"


def test_a_page_names_the_publisher_and_the_table_keeps_the_copy():
    table = rows("decisions")
    assert all(row["publisher"] and "github" not in row["publisher"].lower() for row in table)
    assert any("github" in row["source"] for row in table)

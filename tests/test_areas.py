"""Areas, their proposals and decisions: counted by hand, and worded from one row each."""

from collections import Counter

import pandas as pd
import pytest
from plain import AREA_IDS, edit, rows

from lgr_report.across import decided, proposed
from lgr_report.core import divisions
from lgr_report.page import cells, phrases
from lgr_report.sources import areas, decisions, proposals, tables
from lgr_report.sources.assumptions import assumption

OUTSIDE = "E06000037"  # West Berkshire, which two Oxfordshire bids take in


def test_there_are_21_areas_with_164_districts_and_19_unitaries():
    found = pd.concat([areas.councils(area_id) for area_id in areas.ids()])
    assert areas.ids() == AREA_IDS
    assert len(AREA_IDS) == 21
    assert Counter(found["council_type"]) == {"district": 164, "unitary": 19}
    assert found["gss_code"].is_unique


def test_an_area_is_named_as_its_row_names_it():
    area = areas.get("essex-southend-thurrock")
    assert area.name == "Essex, Southend-on-Sea and Thurrock"
    assert area.county_name == "Essex"
    assert area.county_gss == "E10000012"
    assert area.programme == "devolution priority programme"


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_the_population_of_an_area_is_the_sum_of_its_councils(area_id):
    mine = [
        int(row["population"])
        for row in rows("councils")
        if row["area_id"] == area_id
        and row["council_type"] != "county"
        and row["in_invitation"] == "true"
    ]
    assert areas.population(area_id) == sum(mine)
    assert sorted(areas.councils(area_id)["population"], reverse=True) == sorted(mine)[::-1]


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_the_districts_of_a_county_add_to_the_county(area_id):
    mine = [row for row in rows("councils") if row["area_id"] == area_id]
    county = [int(r["population"]) for r in mine if r["council_type"] == "county"]
    districts = [int(r["population"]) for r in mine if r["council_type"] == "district"]
    assert county == [sum(districts)]


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_the_authorities_of_an_area_are_its_county_and_then_its_unitaries(area_id):
    found = areas.authorities(area_id)
    assert found["gss_code"].iloc[0] == areas.get(area_id).county_gss
    assert found["council_type"].tolist() == ["county"] + ["unitary"] * (len(found) - 1)
    assert set(found["gss_code"]) <= {row["gss_code"] for row in rows("upper_tier")}


def test_west_berkshire_is_no_council_of_the_oxfordshire_area():
    assert OUTSIDE not in set(areas.councils("oxfordshire")["gss_code"])
    assert OUTSIDE not in set(areas.authorities("oxfordshire")["gss_code"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("surey", "'surrey'"),
        ("Surrey", "'surrey'"),
        ("norflok", "'norfolk'"),
        ("essex", "'essex-southend-thurrock'"),
        ("hampshire", "'hampshire-iow-portsmouth-southampton'"),
        ("East Sussex", "'east-sussex-brighton'"),
        ("medway", "'kent-medway'"),
        ("sussex", "'east-sussex-brighton' or 'west-sussex'"),
    ],
)
def test_an_unknown_area_suggests_the_one_that_was_meant(typed, meant):
    with pytest.raises(areas.UnknownAreaError) as error:
        areas.get(typed)
    assert str(error.value) == (
        f"unknown area {typed!r}: did you mean {meant}? `lgr-report areas` lists all 21"
    )


@pytest.mark.parametrize(
    "typed", ["../../etc", "/etc/passwd", "", "  ", "<script>", "surrey/..", "*"]
)
def test_what_is_no_area_is_no_area(typed):
    with pytest.raises(areas.UnknownAreaError, match="`lgr-report areas` lists all 21"):
        areas.get(typed)


@pytest.mark.parametrize(
    ("people", "band"),
    [
        (1, "≤300k"),
        (300_000, "≤300k"),
        (300_001, "300–500k"),
        (500_000, "300–500k"),
        (500_001, "500k+"),
        (2_000_000, "500k+"),
    ],
)
def test_size_bands_include_their_upper_end(people, band):
    assert areas.size_band(people) == band


def test_size_bands_follow_the_assumptions(data):
    edit("assumptions", data, lambda r: r["assumption_id"] == "band_small_max", value="250000")
    assert areas.size_band(250_001) == "250–500k"


def test_an_unknown_assumption_is_named():
    with pytest.raises(KeyError, match=r"no assumption 'luck' in data/assumptions\.csv"):
        assumption("luck")


def test_every_assumption_is_shown_with_its_reason():
    shown = cells.assumptions().frame
    assert shown["reason"].tolist() == [row["reason"] for row in rows("assumptions")]
    by_what = shown.set_index("what")["value"]
    assert by_what["upper end of the smallest size band"] == "300,000"
    assert by_what["coverage of intervals, unless the page names another"] == "0.95"


@pytest.mark.parametrize(
    ("names", "sentence"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_names_are_listed_as_a_sentence_has_them(names, sentence):
    assert phrases.listed(names) == sentence


def test_a_missing_day_says_so():
    assert phrases.day(None) == phrases.day(pd.NaT) == "not known here"
    assert phrases.day(pd.Timestamp("2028-04-01")) == "1 April 2028"


# Proposals

SUBMITTED = {(row["area_id"], row["proposal_id"]): row for row in rows("proposals")}
WHOLE = {
    row["gss_code"]: int(row["population"])
    for row in rows("councils")
    if row["council_type"] != "county"
}
MEMBERS = [
    ((row["area_id"], row["proposal_id"], row["unitary_name"]), row["gss_code"], row["extent"])
    for row in rows("proposed_unitary_councils")
]


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_the_size_of_a_proposed_unitary_is_the_sum_of_its_whole_councils(area_id):
    found = proposals.unitaries(area_id)
    named = [row for row in rows("proposed_unitaries") if row["area_id"] == area_id]
    assert len(found) == len(named)
    for unitary in found.itertuples():
        key = (area_id, unitary.proposal_id, unitary.unitary_name)
        councils = [gss for owner, gss, _ in MEMBERS if owner == key]
        split = any(extent == "part" for owner, _, extent in MEMBERS if owner == key)
        assert unitary.splits == split
        if split or not councils:
            assert unitary.population is pd.NA
            assert pd.isna(unitary.size_band)
        else:
            people = sum(WHOLE[gss] for gss in councils)
            assert unitary.population == people
            assert unitary.size_band == (
                "≤300k" if people <= 300_000 else "300–500k" if people <= 500_000 else "500k+"
            )


def test_surreys_two_unitaries_have_the_population_of_surrey():
    found = proposals.unitaries("surrey").query("proposal_id == 'surrey-2'")
    assert found["unitary_name"].tolist() == ["East Surrey", "West Surrey"]
    assert found["population"].sum() == areas.population("surrey")


def test_a_bid_of_whole_districts_that_was_found_whole_covers_its_area():
    covered = 0
    for area_id in AREA_IDS:
        for proposal_id, bid in proposals.unitaries(area_id).groupby("proposal_id"):
            row = SUBMITTED[(area_id, proposal_id)]
            whole = bid["population"].notna().all() and (bid["outside"] == "").all()
            if whole and len(bid) == int(row["n_unitaries"]):
                assert bid["population"].sum() == areas.population(area_id), proposal_id
                covered += 1
    assert covered >= 40


def test_west_berkshire_is_flagged_as_outside_the_area():
    found = proposals.unitaries("oxfordshire")
    taking = {owner[1:] for owner, gss, _ in MEMBERS if gss == OUTSIDE}
    flagged = found[found["outside"] == "West Berkshire"]
    assert len(taking) == 2
    assert set(zip(flagged["proposal_id"], flagged["unitary_name"], strict=True)) == taking
    told = [
        s
        for s in proposed.in_words("Oxfordshire", proposals.unitaries("oxfordshire"))
        if "West Berkshire" in s
    ]
    assert len(told) == 2
    assert all("lies outside the area that was invited" in sentence for sentence in told)


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_the_words_on_proposals_count_what_the_table_holds(area_id):
    words = proposed.in_words(areas.get(area_id).name, proposals.unitaries(area_id))
    bids = [key for key in SUBMITTED if key[0] == area_id]
    known = proposals.unitaries(area_id)["size_band"].dropna()
    counts = Counter(known)
    assert words[0].startswith(f"{len(bids)} proposal{'' if len(bids) == 1 else 's'} w")
    if len(known) == 1:  # Suffolk: once "0 ≤300k, 0 300–500k, 1 500k+"
        (band,) = known
        assert words[0].endswith(f"whose size can be computed lies in the band {band}.")
        return
    bands = [f"{counts[band]} in {band}" for band in ("≤300k", "300–500k", "500k+") if counts[band]]
    assert f"of the {len(known)} unitaries whose size can be computed" in words[0]
    assert words[0].endswith(f": {', '.join(bands)}.")


def test_a_page_says_which_sizes_cannot_be_computed():
    shown = proposed.shown(proposals.unitaries("norfolk"))
    split = shown[shown["proposal"] == SUBMITTED[("norfolk", "norfolk-3")]["proposal_name"]]
    assert set(split["residents, mid-2024"]) == {"not computable at district level"}
    assert set(split["size band"]) == {"–"}
    assert split["councils"].str.contains("part of Broadland").any()


# Decisions


def decision_in_words(area_id: str) -> list[str]:
    return decided.in_words(divisions.of(area_id), decisions.get(area_id))


def glance(area_id: str) -> pd.DataFrame:
    return decided.at_a_glance(divisions.of(area_id), decisions.get(area_id))


DECIDED = {row["area_id"]: row for row in rows("decisions")}


def test_areas_and_decisions_agree_on_vesting_day():
    days = {row["area_id"]: row["vesting_day"] for row in rows("areas")}
    assert {area_id: row["vesting_day"] for area_id, row in DECIDED.items()} == days
    assert days.pop("surrey") == "2027-04-01"
    assert set(days.values()) == {"2028-04-01"}


def test_a_chosen_proposal_was_submitted_by_the_same_area():
    chosen = {
        (a, row["chosen_proposal_id"]) for a, row in DECIDED.items() if row["chosen_proposal_id"]
    }
    assert chosen
    assert chosen <= set(SUBMITTED)
    for area_id, proposal_id in chosen:
        n = int(DECIDED[area_id]["n_unitaries"])
        assert int(SUBMITTED[(area_id, proposal_id)]["n_unitaries"]) == n


def test_a_decision_names_as_many_unitaries_as_it_counts():
    for area_id in AREA_IDS:
        made = decisions.get(area_id)
        if made.n_unitaries is not None:
            assert len(made.unitary_names) == made.n_unitaries, area_id


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_the_words_say_what_the_row_says_and_how_sure_it_is(area_id):
    row, words = DECIDED[area_id], " ".join(decision_in_words(area_id))
    assert f"How sure we are: {row['confidence']}." in words
    assert row["decision_status"] in words
    assert row["publisher"] in words
    assert "github" not in words.lower()
    assert decided.OFFICIAL_PAGE in words
    known = bool(row["n_unitaries"] or row["unitary_names"])
    assert ("is not known here" in words) != known
    for name in filter(None, row["unitary_names"].split("; ")):
        assert name in words


def test_outcomes_that_are_not_known_say_where_to_look():
    unknown = [area_id for area_id in AREA_IDS if not decisions.get(area_id).known]
    assert unknown == [
        a for a in AREA_IDS if not DECIDED[a]["n_unitaries"] and not DECIDED[a]["unitary_names"]
    ]
    assert "west-sussex" in unknown
    words = decision_in_words("west-sussex")[0]
    assert words.startswith("What government decided for West Sussex is not known here")
    assert words.endswith(
        "https://www.gov.uk/government/publications/"
        "local-government-reorganisation-decision-letters-to-council-leaders."
    )


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_working_notes_stay_in_the_table(area_id):
    row, words = DECIDED[area_id], decision_in_words(area_id)
    assert not any(text.startswith("Note:") or row["note"] in text for text in words)
    known = bool(row["n_unitaries"] or row["unitary_names"])
    hedge = "It is known at second hand: no official page or order was read."
    assert (hedge in words) == (known and row["confidence"] != "high")


def test_surreys_decision_is_the_order_that_was_made():
    words = decision_in_words("surrey")
    assert words[0].startswith(
        "Government decided on 28 October 2025 for 2 unitaries: East Surrey and West Surrey. "
        "Status: order made (SI 2026/264, made 2026-03-10)."
    )
    assert "the bid “Two unitaries (East/West)” of Surrey County Council" in words[0]


def test_one_edited_row_changes_the_words(data):
    assert "not known here" in " ".join(decision_in_words("gloucestershire"))
    edit(
        "decisions",
        data,
        lambda r: r["area_id"] == "gloucestershire",
        decision_status="order made",
        n_unitaries="2",
        unitary_names="East Test; West Test",
        confidence="high",
        publisher="the decision letter, www.gov.uk",
        source="the decision letter, www.gov.uk",
        source_date="2026-09",
    )
    words = decision_in_words("gloucestershire")
    assert words[0] == (
        "Government decided on 16 July 2026 for 2 unitaries: East Test and West Test. "
        "Status: order made."
    )
    assert words[-1].startswith(
        "How sure we are: high. Read in: the decision letter, www.gov.uk (2026-09)."
    )


def test_a_decision_whose_names_are_not_known_yet_has_words_too(data):
    edit("decisions", data, lambda r: r["area_id"] == "gloucestershire", n_unitaries="1")
    words = decision_in_words("gloucestershire")
    assert "decided on 16 July 2026 for 1 unitary: names not known here." in words[0]


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_what_we_are_not_sure_of_is_hedged(area_id):
    row, short = DECIDED[area_id], decided.in_short(decisions.get(area_id))
    words = decision_in_words(area_id)[0]
    if not (row["n_unitaries"] or row["unitary_names"]):
        assert short == "What government decided is not known here."
    elif row["confidence"] == "high":
        assert short == f"Government decided on {row['n_unitaries']} unitaries."
        assert words.startswith("Government decided")
    else:
        assert short.endswith("no official page or order was read.")
        assert ("most likely" in short) == bool(row["n_unitaries"])
        assert words.startswith("As far as is known here, ")


def test_a_decision_for_the_bid_of_another_area_is_refused(data):
    line = edit(
        "decisions", data, lambda r: r["area_id"] == "surrey", chosen_proposal_id="norfolk-3"
    )
    with pytest.raises(tables.TableError) as error:
        decision_in_words("surrey")
    assert str(error.value) == (
        f"decisions.csv, row {line}, column chosen_proposal_id: found 'norfolk-3': expected a "
        "proposal_id of surrey in proposals.csv"
    )


def test_at_a_glance_counts_councils_and_words_dates():
    facts = glance("hampshire-iow-portsmouth-southampton").set_index("fact")["value"]
    assert facts["County council"] == "Hampshire County Council"
    assert facts["Included unitaries"] == "Isle of Wight, Portsmouth, Southampton"
    assert facts["Districts"] == "11"
    people = areas.population("hampshire-iow-portsmouth-southampton")
    assert facts["Residents, mid-2024"] == f"{people:,}"
    assert facts["Vesting day"] == "1 April 2028"
    assert facts["Decision"] == "25 March 2026"


def test_an_area_without_unitaries_says_none():
    facts = glance("surrey").set_index("fact")["value"]
    assert facts["Included unitaries"] == "none"
    assert facts["Proposals found"] == "2"
    assert facts["Vesting day"] == "1 April 2027"


def test_a_day_that_is_not_known_is_said_in_the_glance():
    facts = glance("west-sussex").set_index("fact")["value"]
    assert facts["Decision"] == "not known here"


def test_an_edited_population_reaches_every_sum(data):
    elmbridge = next(r for r in rows("councils") if r["council_name"] == "Elmbridge")
    lost = int(elmbridge["population"]) - 1
    before = proposals.unitaries("surrey")["population"].sum()
    edit("councils", data, lambda r: r["gss_code"] == elmbridge["gss_code"], population="1")
    people = sum(WHOLE[gss] for gss in areas.councils("surrey")["gss_code"])
    assert areas.population("surrey") == people - lost
    assert proposals.unitaries("surrey")["population"].sum() == before - 2 * lost  # two bids


def test_only_an_official_page_that_was_read_makes_us_sure():
    sure = {key for key, row in DECIDED.items() if row["confidence"] == "high"}
    assert sure == {"norfolk", "surrey"}
    assert all(".gov.uk" in DECIDED[key]["source"] for key in sure)


def test_a_bid_counts_the_unitaries_whose_councils_were_found():
    def said(area_id: str) -> str:
        return " ".join(proposed.in_words(area_id, proposals.unitaries(area_id)))

    one = "“Four unitaries (Our Lancashire, Our Councils)” the councils of only 1 of 4 unitaries"
    assert one in said("lancashire-blackburn-blackpool")
    assert "What each unitary of “Option 4d" in said("kent-medway")
    assert "only 3 of 5 unitaries were found here" in said("west-sussex")
    assert "only" not in said("surrey")

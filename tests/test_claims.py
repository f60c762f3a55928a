"""Claims about scope, survey and demand: what public data say to these published figures."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from plain import edit, rows

from lgr_report.chapters import survey
from lgr_report.chapters.demand import claims as demand_claims
from lgr_report.chapters.demand import spreads
from lgr_report.chapters.options import claims as options_claims
from lgr_report.chapters.survey import claims as survey_claims
from lgr_report.core import findings
from lgr_report.core.demand import of_england
from lgr_report.core.variation import MEASURES, STATISTIC_LABELS, STATISTICS
from lgr_report.sources import tables

PUBLISHED = {row["finding_id"]: row for row in rows("published_findings")}


def verdicts(found) -> dict[str, str]:
    return {
        c.finding_id: findings.verdict(float(PUBLISHED[c.finding_id]["value"]), c) for c in found
    }


def test_scope_counts_what_public_tables_hold_and_claims_nothing_of_local_returns():
    found = verdicts(options_claims.scope())
    tested = {name for name, verdict in found.items() if verdict != findings.NOT_TESTABLE}
    assert tested == {"SC01", "SC09"}
    assert {found["SC01"], found["SC09"]} == {findings.REPRODUCED}
    assert found.keys() == {name for name in PUBLISHED if name.startswith("SC")}


def test_the_design_as_we_read_it_is_shown_but_not_judged():
    design = {c.finding_id: c for c in options_claims.scope()}
    large = sum(float(p) > 1e6 for p in populations().values())
    assert design["SC06"].value == 42 + 2 * large
    assert design["SC07"].value == 21 * (2 + 3) + large * (4 + 5)
    assert "not published" in design["SC06"].reason


def test_58_maps_need_169_unitaries_unless_they_share_footprints():
    # Every choice of a number of maps of each size, at most one an area.
    sizes = product(range(22), repeat=3)
    least = min(
        2 * twos + 3 * threes + 4 * fours + 5 * (58 - twos - threes - fours)
        for twos, threes, fours in sizes
        if 0 <= 58 - twos - threes - fours <= 21
    )
    assert options_claims.fewest_unitaries(58, 21) == least == 169
    for claim in options_claims.scope():
        if claim.finding_id in ("SC06", "SC07"):
            assert "hold at least 169 unitaries, and 146 footprints" in claim.reason
            assert "only if maps share footprints" in claim.reason
    with pytest.raises(ValueError, match="21 areas have at most 84 maps, not 85"):
        options_claims.fewest_unitaries(85, 21)


def populations() -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows("councils"):
        if row["council_type"] != "county" and row["in_invitation"] == "true":
            found[row["area_id"]] = found.get(row["area_id"], 0) + int(row["population"])
    return found


def test_the_survey_reproduces_what_the_percentages_imply_and_nothing_else():
    found = verdicts(survey_claims.of_study(survey.study()))
    tested = {name for name, verdict in found.items() if verdict != findings.NOT_TESTABLE}
    wrong = {"SV02", "SV04"}
    assert tested - wrong == {"SV12", "SV45", "SV46", "SV47", "SV48", "SV49"}
    assert {found[name] for name in tested - wrong} == {findings.REPRODUCED}
    assert {found[name] for name in wrong} == {findings.NOT_ADDING_UP}
    assert found.keys() == {name for name in PUBLISHED if name.startswith("SV")}


def test_rates_that_no_number_of_counties_gives_do_not_add_up_and_say_why():
    claims = {c.finding_id: c for c in survey_claims.of_study(survey.study())}
    assert claims["SV02"].does_not_add_up == (
        "no number of counties out of 21 gives 39% (8 is 38.1%), and no number of officers below "
        "56 gives all three response rates"
    )
    assert claims["SV04"].does_not_add_up.startswith(
        "no number of counties out of 21 gives 66% (14 is 66.7%)"
    )
    assert claims["SV03"].reason.startswith("13 of 21 counties would give it, but no number of")
    # 8 + 13 + 14 replies, not the 39 of SV01.
    assert claims["SV01"].reason.endswith("out of 21 counties add to 35, not 39")


def test_rates_that_21_counties_give_cannot_be_tested_and_are_not_said_to_be_wrong(data):
    for finding, value in {"SV02": "38", "SV04": "67"}.items():
        edit("published_findings", data, lambda r, f=finding: r["finding_id"] == f, value=value)
    claims = {c.finding_id: c for c in survey_claims.of_study(survey.study())}
    assert all(claims[name].does_not_add_up is None for name in ("SV01", "SV02", "SV03", "SV04"))


def test_figure_6_allows_the_published_shares_under_both_readings():
    assert survey_claims.confident_ends() == ((76, 95), (0, 8))


def test_a_figure_without_a_reading_is_an_error_not_a_verdict(data):
    path = data / "survey_bars.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count("fig1,column 1,1,,20,") == 1
    path.write_text(text.replace("fig1,column 1,1,,20,", "fig1,column 1,1,,21,"), encoding="utf-8")
    with pytest.raises(ValueError, match="fig1"):
        survey_claims.of_study(survey.study())


def test_demand_variation_claims_rest_on_the_submitted_bids_of_each_band():
    demand = of_england()
    found = {c.finding_id: c for c in demand_claims.of_demand(demand)}
    bands = spreads.bands(*spreads.submitted(demand)).query(
        "measure == 'people' and statistic == 'spread'"
    )
    means = bands.set_index("band")["mean"]
    assert found["DV01"].value == pytest.approx(100 * means["≤300k"])
    assert found["DV02"].value == pytest.approx(100 * means["500k+"])
    published = {name: float(PUBLISHED[name]["value"]) for name in ("DV01", "DV02")}
    assert {findings.verdict(published[name], found[name]) for name in published} == {
        findings.DEPENDS
    }
    departure, gap = (f"by {STATISTIC_LABELS[name]}" for name in ("departure", "gap"))
    # Both small bids have four unitaries, most large ones two: at equal numbers nothing is told.
    spread = f"by {STATISTIC_LABELS['spread']}"
    equal = [each + demand_claims.AT_EQUAL_NUMBERS for each in (spread, departure, gap)]
    assert findings.by_verdict(21, found["DV01"]) == {
        findings.SAME_DIRECTION: [findings.MAIN, gap],
        findings.REPRODUCED: [departure],
        findings.NO_EFFECT: equal,
    }
    assert findings.by_verdict(12, found["DV02"]) == {
        findings.REPRODUCED: [findings.MAIN, gap],
        findings.SAME_DIRECTION: [departure],
        findings.NO_EFFECT: equal,
    }
    ends = [round(x, 3) for x in found["DV01"].specifications[equal[0]].effect]
    assert ends == [0.016, -0.132, 0.165]
    least = found["DV02"].specifications[departure]
    assert [round(x) for x in (least.value, least.low, least.high)] == [8, 7, 10]
    effect = found["DV01"].effect
    assert effect[0] == pytest.approx(means["≤300k"] - means["500k+"])
    assert found.keys() == {name for name in PUBLISHED if name.startswith("DV")}


def test_a_range_that_grows_with_the_number_of_unitaries_is_no_effect_of_size():
    generator, bands = np.random.default_rng(20250205), ("≤300k", "300–500k", "500k+")
    measures, statistics = len(MEASURES), len(STATISTICS)
    # Small bids have more unitaries; one world has no effect of size, the other has one of 0.3.
    n = np.array([4, 5, 4, 3] * 3 + [2, 3, 4, 5] * 3 + [2, 2, 3, 4] * 3)
    bids = pd.DataFrame({"n_unitaries": n, "band": np.repeat(bands, 12)})
    for effect in (0.0, 0.3):
        means = 0.1 * n + effect * (bids["band"] == bands[0]).to_numpy()
        means = means + 0.03 * generator.normal(size=len(n))
        drawn = np.tile(means[:, None, None, None], (1, 4, measures, statistics))
        stand = spreads.differences(bids, drawn)["mean"]
        held = spreads.at_equal_numbers(bids, drawn)
        assert (stand > effect + 0.08).all()
        assert ((held["low"] < effect) & (effect < held["high"])).all()
        assert (held["low"] > 0).all() == (effect > 0)


def test_every_claim_names_tables_that_exist():
    demand = of_england()
    every = [
        *options_claims.scope(),
        *survey_claims.of_study(survey.study()),
        *demand_claims.of_demand(demand),
    ]
    assert {name for claim in every for name in claim.data} <= set(tables.names())

"""Risks: the register as its source has it, exposure by hand, and ranks against a naive loop."""

import math
import re
from collections import defaultdict
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from plain import AREA_IDS, THREE, edit, icb_counts, rows

from lgr_report.across import overview
from lgr_report.core import divisions
from lgr_report.risk import charts, exposure, maturity, register, tables, words
from lgr_report.sources import areas, indicators


def percentiles(area_id: str) -> pd.DataFrame:
    return exposure.indicator_percentiles(areas.authorities(area_id)["gss_code"])


def exposures(area_id: str) -> pd.DataFrame:
    return exposure.exposure(percentiles(area_id), areas.authorities(area_id)["gss_code"])


def ordered(area_id: str) -> pd.DataFrame:
    return exposure.ordered(exposures(area_id))


def simulate(area_id: str, *how: int) -> tuple[np.ndarray, np.ndarray]:
    return exposure.simulate(percentiles(area_id), exposures(area_id), *how)


def ranks(area_id: str, *how: int) -> np.ndarray:
    return simulate(area_id, *how)[0]


# The register as published: identifier, name, likelihood, impact. CLGR10 has no name there.
SOURCE = [
    ("CLGR1", "Leadership continuity", 5, 5),
    ("CLGR2", "Workforce alignment", 5, 5),
    ("CLGR3", "Financial Sustainability", 5, 5),
    ("CLGR4", "Equality, Diversity, Equity, Inclusion", 5, 5),
    ("CLGR5", "Corporate parenting", 5, 5),
    ("CLGR6", "Shared support service proposals", 4, 5),
    ("CLGR7", "Corporate leadership", 4, 5),
    ("CLGR8", "Political leadership", 4, 5),
    ("CLGR9", "Children's Services leadership", 4, 5),
    ("CLGR10", None, 4, 5),
    ("CLGR11", "Services for children", 4, 5),
    ("CLGR12", "Partnership reforms", 4, 5),
    ("CLGR13", "Partnership relations", 4, 5),
    ("CLGR14", "Creation of an Alternative Deliver Model (ADM) eg Children's Trust", 4, 5),
]
HIGH = [risk for risk, _, likelihood, _ in SOURCE if likelihood == 5]
PERCENTILE = "exposure (percentile in England)"
# Rows: likelihood 1 to 5; columns: impact 1 to 5.
MATRIX = [
    ["low", "low", "low", "low", "medium"],
    ["low", "low", "medium", "medium", "high"],
    ["low", "medium", "medium", "high", "high"],
    ["low", "medium", "high", "very high", "very high"],
    ["medium", "high", "high", "very high", "very high"],
]


# The register


def test_the_register_is_identical_to_its_source():
    found = register.register().reset_index()
    assert [
        (r.risk_id, None if pd.isna(r.name) else r.name, r.likelihood, r.impact)
        for r in found[["risk_id", "name", "likelihood", "impact"]].itertuples(index=False)
    ] == SOURCE


def test_a_risk_without_a_name_in_the_source_has_a_label_marked_as_ours():
    found = register.register()
    assert found.loc["CLGR10", "title"] == "Workforce exodus (our label)"
    assert found["our_label"].notna().sum() == 1
    shown = tables.ordered(exposure.study("surrey", 20)).set_index("risk")["name"]
    assert shown["CLGR10"] == "no name in the source; Workforce exodus (our label)"


def test_scores_multiply_and_five_risks_share_the_highest():
    found = register.register()
    assert found["score"].to_dict() == {risk: k * i for risk, _, k, i in SOURCE}
    assert (found["score"] == found["score"].max()).sum() == len(HIGH) == 5


def test_every_cell_of_the_matrix_has_its_rating():
    cells = [(k, i) for k in range(1, 6) for i in range(1, 6)]
    likelihood, impact = (pd.Series(side) for side in zip(*cells, strict=True))
    assert register.rating(likelihood, impact).tolist() == [MATRIX[k - 1][i - 1] for k, i in cells]


def test_a_rating_never_falls_when_likelihood_or_impact_rises():
    order = ["low", "medium", "high", "very high"]
    bands = np.array([[order.index(band) for band in row] for row in MATRIX])
    assert (np.diff(bands, axis=0) >= 0).all()
    assert (np.diff(bands, axis=1) >= 0).all()


def test_a_score_outside_the_matrix_has_no_rating():
    with pytest.raises(ValueError, match=r"no rating for likelihood and impact .* from 1 to 5"):
        register.rating(pd.Series([5, 6]), pd.Series([5, 5]))


def test_the_matrix_is_data_that_can_be_edited(data):
    edit(
        "rating_matrix",
        data,
        lambda r: r["likelihood"] == "4" and r["impact"] == "5",
        rating="high",
    )
    assert register.register().loc["CLGR6", "rating"] == "high"
    assert register.register().loc["CLGR1", "rating"] == "very high"


# Exposure, by plain loops over the files


def plain_figures() -> dict[str, dict[str, float]]:
    """Return indicator → authority → value, the derived ones worked out here."""
    found = defaultdict(dict)
    for row in rows("upper_tier_indicators"):
        if row["value"]:
            found[row["indicator"]][row["gss_code"]] = float(row["value"])
    for name, top, bottom, scale in [
        ("csc_spend_per_child", "ro3_csc_total_gross_k", "population_0_17", 1000),
        ("dsg_deficit_to_high_needs", "dsg_deficit_31mar2024", "high_needs_block_2023_24", 1),
    ]:
        for gss in set(found[top]) & set(found[bottom]):
            found[name][gss] = scale * found[top][gss] / found[bottom][gss]
    grades = ["Outstanding", "Good", "Requires improvement to be good", "Inadequate"]
    for row in rows("ofsted_judgements"):
        found["ilacs_leaders_grade"][row["gss_code"]] = grades.index(row["leaders_impact"])
        found["ilacs_help_grade"][row["gss_code"]] = grades.index(row["help_and_protection"])
    found["icb_count"] = icb_counts()
    return found


FIGURES = plain_figures()


def plain_percentile(indicator: str, gss: str, sign: int) -> float | None:
    """Return the signed percentile of an authority: those below, and half of those equal."""
    figures = FIGURES[indicator]
    if gss not in figures:
        return None
    below = sum(value < figures[gss] for value in figures.values())
    equal = sum(value == figures[gss] for value in figures.values())
    percentile = 100 * (below + equal / 2) / len(figures)
    return percentile if sign > 0 else 100 - percentile


def plain_mean(gss_codes: list[str]) -> dict[str, float]:
    """Return the mean percentile of some authorities on each risk that an indicator touches."""
    parts = defaultdict(list)
    for link in rows("risk_indicators"):
        known = [
            (
                plain_percentile(link["indicator"], gss, int(link["sign"])),
                FIGURES["population_0_17"][gss],
            )
            for gss in gss_codes
        ]
        known = [(percentile, children) for percentile, children in known if percentile is not None]
        mean = None
        if known:
            mean = sum(p * children for p, children in known) / sum(c for _, c in known)
        parts[link["risk_id"]].append((mean, float(link["weight"])))
    found = {}
    for risk_id, links in parts.items():
        present = [(mean, weight) for mean, weight in links if mean is not None]
        if sum(w for _, w in present) >= 0.5 * sum(w for _, w in links):
            found[risk_id] = sum(m * w for m, w in present) / sum(w for _, w in present)
    return found


@cache
def national_means() -> dict[str, list[float]]:
    """Return the means of all authorities of England, by risk."""
    found = defaultdict(list)
    for gss in FIGURES["population_0_17"]:
        for risk, mean in plain_mean([gss]).items():
            found[risk].append(mean)
    return found


def plain_place(mean: float, among: list[float]) -> float:
    """Return the place of a mean: those below, and half of those equal."""
    below = sum(other < mean - 1e-9 for other in among)
    equal = sum(abs(other - mean) <= 1e-9 for other in among)
    return 100 * (below + equal / 2) / len(among)


def plain_exposure(area_id: str) -> dict[str, float]:
    """Return the exposure of an area to each risk that an indicator touches."""
    mine = [
        row["gss_code"]
        for row in rows("councils")
        if row["area_id"] == area_id
        and row["in_invitation"] == "true"
        and row["council_type"] != "district"
    ]
    means = plain_mean(mine)
    return {
        risk: plain_place(mean, national_means()[risk])
        for risk, mean in means.items()
        if risk not in plain_ties()
    }


@cache
def plain_ties() -> dict[str, int]:
    """Return how many authorities share one mean, by risk where more than a quarter do."""
    most = {
        risk: max(sum(abs(other - mean) <= 1e-9 for other in among) for mean in among)
        for risk, among in national_means().items()
    }
    return {
        risk: most[risk] for risk, among in national_means().items() if 4 * most[risk] > len(among)
    }


@pytest.mark.parametrize("area_id", THREE)
def test_exposure_is_what_plain_loops_over_the_files_give(area_id):
    found = exposures(area_id)["exposure"].dropna().to_dict()
    assert found == pytest.approx(plain_exposure(area_id))
    assert sorted(found) == ["CLGR10", "CLGR11", "CLGR12", "CLGR2", "CLGR3", "CLGR5"]


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_exposure_lies_between_the_least_and_the_most_exposed_authority(area_id):
    found = exposures(area_id).dropna(subset=["exposure"])
    assert (found["low"] <= found["exposure"] + 1e-9).all()
    assert (found["exposure"] <= found["high"] + 1e-9).all()
    assert found["low"].min() >= 0
    assert found["high"].max() <= 100


def test_a_risk_has_either_an_indicator_or_the_reason_why_not():
    touched = {row["risk_id"] for row in rows("risk_indicators")}
    for row in rows("risks"):
        assert (row["risk_id"] in touched) != bool(row["no_indicator_reason"]), row["risk_id"]


def test_a_risk_that_no_indicator_touches_says_so_on_the_page():
    shown = tables.ordered(exposure.study("surrey", 20)).set_index("risk")[PERCENTILE]
    assert shown["CLGR1"] == (
        "no public indicator: no national table of how long senior leaders stay, or of how many "
        "leave at a reorganisation"
    )
    assert shown["CLGR5"] == f"{exposures('surrey').loc['CLGR5', 'exposure']:.0f}"


def test_exposures_are_places_so_that_as_many_authorities_are_above_the_middle_as_below():
    # A mean of percentiles crowds round 50; a place does not: every tenth has a tenth.
    national = exposure._national()
    found = indicators.place(national["CLGR5"], np.tile(national["CLGR5"], (len(national), 1)))
    assert np.histogram(found, [0, 25, 50, 75, 100])[0].tolist() == [38, 38, 38, 38]
    assert np.histogram(national["CLGR5"].dropna(), [0, 25, 50, 75, 100])[0].max() > 55


@pytest.mark.parametrize(
    ("area_id", "risk", "mean", "place"),
    [("kent-medway", "CLGR5", 62, 80), ("surrey", "CLGR3", 51, 50), ("norfolk", "CLGR3", 74, 91)],
)
def test_the_place_of_a_mean_is_not_the_mean(area_id, risk, mean, place):
    found = exposures(area_id).loc[risk]
    assert (round(found["mean"]), round(found["exposure"])) == (mean, place)


def test_the_place_of_the_mean_changes_what_comes_first():
    old, new = {}, {}
    for area_id in AREA_IDS:
        known = exposures(area_id).dropna(subset=["exposure"])
        old[area_id] = known["mean"].sort_values().index
        new[area_id] = known["exposure"].sort_values().index
    assert sum(old[a][-1] != new[a][-1] for a in AREA_IDS) == 3
    assert sum(not old[a].equals(new[a]) for a in AREA_IDS) == 12
    means = {}
    for area_id in AREA_IDS:
        found = exposures(area_id)
        by_mean = found["mean"].where(found["exposure"].notna())
        means[area_id] = exposure.ordered(found.assign(exposure=by_mean))
    assert [a for a in AREA_IDS if means[a].index[0] != ordered(a).index[0]] == ["kent-medway"]


def test_of_many_that_tie_at_the_middle_none_is_above_it():
    # 147 of 153 authorities overlap with one board: a place near 50 that tells none apart.
    links = indicators.signed(
        pd.DataFrame({"indicator": ["icb_count"], "sign": [1], "weight": [1.0]}),
        indicators.upper_tier(),
    )
    assert (links == exposures("norfolk").loc["CLGR13", "mean"]).sum() == 147
    assert not exposures("norfolk").loc["CLGR13", "above"]
    assert not exposures("surrey").loc["CLGR3", "above"]  # the middle authority itself


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_where_too_many_tie_nobody_is_ranked_and_the_risk_never_leads(area_id):
    # Suffolk and Surrey led on CLGR13 by two care boards of 2024, merged since.
    assert plain_ties() == {"CLGR9": 60, "CLGR13": 147}
    study, bare = (
        exposure.study(area_id, 200),
        {"CLGR1", "CLGR4", "CLGR6", "CLGR7", "CLGR8", "CLGR14"},
    )
    shown = tables.ordered(study).set_index("risk")
    assert shown.loc["CLGR13", PERCENTILE] == (
        "no percentile: 147 of England's 153 authorities share one value"
    )
    assert {*shown.index[shown["rank, in nine draws of ten"] == "–"]} == bare | {"CLGR9", "CLGR13"}
    assert not study.ordered.loc[["CLGR9", "CLGR13"], "above"].any()
    said = words.order(study)
    assert "CLGR13" not in said[1]
    assert said[2] == (
        "Their figures rank nobody on CLGR9 (Children's Services leadership), where 60 of "
        "England's 153 authorities share one value, and on CLGR13 (Partnership relations), where "
        "147 of England's 153 authorities share one value."
    )
    drawn = charts.stability(study.firm, study.ordered)
    assert "CLGR13 median" not in drawn.alt
    assert "Not ranked: CLGR1, CLGR4, CLGR6, CLGR7, CLGR8, CLGR9, CLGR13, CLGR14" in drawn.alt
    row = drawn.table.frame.set_index("risk_id").loc["CLGR13"]
    assert row[["median", "low", "high", "top_five", "leads"]].isna().all()
    by_indicator = tables.risk_indicators(study).set_index("risk")["percentile of the area"]
    assert by_indicator[["CLGR9", "CLGR13"]].isna().all()


def test_the_care_boards_no_longer_lead_in_suffolk():
    said = words.order(exposure.study("suffolk", 200))
    assert said[1] == (
        "Public indicators touch 8 of the 14 risks. Of the 5 risks scored 25, public data can rank "
        "Suffolk on 3, and on 1 of these it is more exposed than England's middle authority. Among "
        "these it is most exposed on CLGR5 (Corporate parenting): more than about 73% of England's "
        "authorities. That rests on 4 indicators. Of all 14, they can rank it on 6, and on 2 of "
        "these it is more exposed than England's middle authority. Among these it is most exposed "
        "on CLGR5 (Corporate parenting) again."
    )
    assert said[4] == (
        "Public data give 8 risks no exposure, so in the draws they get any exposure at all and "
        "have no rank."
    )


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_in_short_and_the_register_name_the_same_most_exposed_risks(area_id):
    study, here = exposure.study(area_id, 100), divisions.of(area_id)
    most = words.most(study.area, study.ordered)
    assert words.order(study)[1].endswith(most)
    short = overview.in_short(here, [], study.ordered, maturity.computed(area_id))
    assert short[-2] == f"The register has 14 risks. {most}"


def test_the_most_exposed_of_the_highest_score_and_of_all_are_told_apart():
    # Leicestershire: "on none of them more exposed" stood beside "most exposed on CLGR11".
    study = exposure.study("leicestershire-leicester-rutland", 100)
    assert words.most("Leicestershire", study.ordered) == (
        "Of the 5 risks scored 25, public data can rank Leicestershire on 3, and on none of these "
        "is it more exposed than England's middle authority. Of all 14, they can rank it on 6, and "
        "on 1 of these it is more exposed than England's middle authority. Among these it is most "
        "exposed on CLGR11 (Services for children): more than about 58% of England's authorities. "
        "That rests on 3 indicators."
    )


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_no_risk_leads_its_score_from_below_the_middle(area_id):
    # Norfolk's CLGR9 stood at 49 and led its score in every draw.
    draws, drawn = simulate(area_id, 300, 1)
    firm = exposure.stability(draws, drawn)
    for k, risk in enumerate(firm.index):
        if not np.isnan(drawn[:, k]).any():
            score = register.register()["score"]
            same = [j for j, other in enumerate(firm.index) if score[other] == score[risk]]
            known = [j for j in same if not np.isnan(drawn[:, j]).any()]
            led = [d[k] > 50 and d[k] >= max(d[j] for j in known) for d in drawn]
            assert firm.loc[risk, "leads"] == pytest.approx(sum(led) / 300)


CLGR5 = [row["indicator"] for row in rows("risk_indicators") if row["risk_id"] == "CLGR5"]


def test_a_missing_figure_stays_missing_and_the_others_carry_the_weight(data):
    edit(
        "upper_tier_indicators",
        data,
        lambda r: r["gss_code"] == "E10000030" and r["indicator"] == CLGR5[0],
        value="",
    )
    found = percentiles("surrey").query("risk_id == 'CLGR5'")
    assert found["mean"].isna().tolist() == [True, False, False, False]
    assert found["missing"].tolist() == [1, 0, 0, 0]
    exposed = exposures("surrey").loc["CLGR5"]
    assert exposed["indicators"] == 3
    assert exposed["mean"] == pytest.approx(found["mean"].iloc[1:].mean())
    shown = tables.risk_indicators(exposure.study("surrey", 20)).query("risk == 'CLGR5'")
    assert shown["Surrey"].iloc[0] == "missing"


def test_too_few_figures_make_the_exposure_missing_and_not_zero(data):
    edit(
        "upper_tier_indicators",
        data,
        lambda r: r["gss_code"] == "E10000030" and r["indicator"] in CLGR5[:3],
        value="",
    )
    assert math.isnan(exposures("surrey").loc["CLGR5", "exposure"])
    shown = tables.ordered(exposure.study("surrey", 200)).set_index("risk")
    assert shown.loc["CLGR5", PERCENTILE] == "no public indicator: figures missing"
    assert any(
        "CLGR5" in s
        for s in words.order(exposure.study("surrey", 200))
        if "No public indicator" in s
    )


# The order, and the places that are possible


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_the_order_is_by_score_then_exposure_and_the_unknown_come_last(area_id):
    table = ordered(area_id)
    keys = [
        (-row.score, math.isnan(row.exposure), 0 if math.isnan(row.exposure) else -row.exposure)
        for row in table.itertuples()
    ]
    assert keys == sorted(keys)
    assert sorted(table.index) == sorted(risk for risk, *_ in SOURCE)
    assert table.loc[[risk for risk, *_ in SOURCE], "likelihood"].tolist() == [s[2] for s in SOURCE]


@pytest.mark.parametrize("area_id", THREE)
def test_a_risk_has_one_interval_of_ranks_in_the_table_and_in_the_chart(area_id):
    study = exposure.study(area_id, 400)
    shown = tables.ordered(study).set_index("risk")["rank, in nine draws of ten"]
    assert shown.to_dict() == {
        risk: f"{row['low']:.0f} to {row['high']:.0f}" if row["touched"] else "–"
        for risk, row in study.firm.iterrows()
    }
    drawn = charts.stability(study.firm, study.ordered)
    assert (
        f"CLGR5 median {study.firm.loc['CLGR5', 'median']:.0f}, from {shown['CLGR5']}" in drawn.alt
    )
    assert not {"best_rank", "worst_rank"} & {*study.ordered}


def test_equal_exposures_may_stand_either_way(data):
    # The same single indicator for two risks of one score: neither comes before the other.
    turnover = "sw_turnover_2025"
    for risk in ("CLGR9", "CLGR13"):
        edit("risk_indicators", data, lambda r, k=risk: r["risk_id"] == k, indicator=turnover)
    table, firm = ordered("surrey"), exposure.stability(*simulate("surrey", 4000))
    assert table.loc["CLGR9", "exposure"] == table.loc["CLGR13", "exposure"]
    assert firm.loc["CLGR9", "median"] == pytest.approx(firm.loc["CLGR13", "median"], abs=1)
    kept = table.loc[["CLGR9", "CLGR13"]].assign(above=True)
    said = words.most("Surrey", kept)
    assert "most exposed on CLGR9 (Children's Services leadership) and CLGR13 (" in said


# How firm the order is


def test_the_simulation_ranks_as_a_plain_loop_over_the_same_draws():
    draws, seed, area_id = 40, 7, "hampshire-iow-portsmouth-southampton"
    generator = np.random.default_rng(seed)
    moves = [generator.integers(-1, 2, size=(draws, 14)) for _ in ("likelihood", "impact")]
    unknown = generator.uniform(0, 100, size=(draws, 14))
    means = percentiles(area_id)
    weights = {}
    for risk in sorted(means["risk_id"].unique()):
        mine = means.loc[means["risk_id"] == risk, "weight"].tolist()
        weights[risk] = generator.dirichlet([10 * w / sum(mine) for w in mine], size=draws)
    links, england = rows("risk_indicators"), {}
    for risk in weights:
        mine = [link for link in links if link["risk_id"] == risk]
        least = 0.5 * sum(float(link["weight"]) for link in mine)
        parts = [
            [plain_percentile(link["indicator"], gss, int(link["sign"])) for link in mine]
            for gss in FIGURES["population_0_17"]
        ]
        england[risk] = [
            part
            for part in parts
            if sum(float(k["weight"]) for k, p in zip(mine, part, strict=True) if p is not None)
            >= least
        ]
    expected = []
    for draw in range(draws):
        keys = []
        for k, (risk, _, likelihood, impact) in enumerate(SOURCE):
            # A 5 may become a 6: the scale cuts nothing off.
            moved = [likelihood + moves[0][draw, k], impact + moves[1][draw, k]]
            exposed = (unknown[draw, k], 0)
            if risk in weights and risk not in plain_ties():
                known = means.loc[means["risk_id"] == risk, "mean"].tolist()
                own = sum(w * p for w, p in zip(weights[risk][draw], known, strict=True))
                among = []
                for parts in england[risk]:
                    told = [
                        (w, p)
                        for w, p in zip(weights[risk][draw], parts, strict=True)
                        if p is not None
                    ]
                    among.append(sum(w * p for w, p in told) / sum(w for w, _ in told))
                exposed = (plain_place(own, among), unknown[draw, k])
            keys.append((moved[0] * moved[1], *exposed))
        order = sorted(range(14), key=lambda k: keys[k], reverse=True)
        expected.append([order.index(k) + 1 for k in range(14)])
    assert ranks(area_id, draws, seed).tolist() == expected


def test_every_draw_is_a_ranking_of_all_risks():
    found = ranks("surrey", 500, 1)
    assert found.shape == (500, 14)
    assert (np.sort(found, axis=1) == np.arange(1, 15)).all()


def test_a_seed_gives_the_same_draws_and_another_seed_others():
    first, again = ranks("norfolk", 300, 5), ranks("norfolk", 300, 5)
    assert (first == again).all()
    assert (first != ranks("norfolk", 300, 6)).any()


def test_another_seed_agrees_to_within_the_standard_error():
    one, two = (exposure.stability(*simulate("surrey", 4000, seed)) for seed in (1, 2))
    error = one["standard_error"].max()
    assert error == pytest.approx(0.5 / math.sqrt(4000))
    for column in ("top_three", "top_five"):
        assert (one[column] - two[column]).abs().max() < 4 * math.sqrt(2) * error


def test_stability_summarises_the_draws():
    drawn = ranks("suffolk", 400, 3)
    found = exposure.stability(*simulate("suffolk", 400, 3))
    assert found["touched"].sum() == 6
    for k, risk in enumerate(found.index):
        if not found.loc[risk, "touched"]:
            assert found.loc[risk].drop(["title", "touched"]).isna().all()
            continue
        mine = sorted(drawn[:, k].tolist())
        assert found.loc[risk, "top_three"] == sum(rank <= 3 for rank in mine) / 400
        assert found.loc[risk, "top_five"] == sum(rank <= 5 for rank in mine) / 400
        assert found.loc[risk, "median"] == (mine[199] + mine[200]) / 2
        assert mine[18] <= found.loc[risk, "low"] <= mine[21]
        assert mine[378] <= found.loc[risk, "high"] <= mine[381]
    assert (np.sort(drawn, axis=1) == np.arange(1, 15)).all()


def test_scores_that_do_not_move_leave_the_order_by_score(data):
    edit("assumptions", data, lambda r: r["assumption_id"] == "score_shift", value="0")
    found = exposure.stability(*simulate("surrey", 300))
    shares = found.loc[found["touched"], "top_five"]
    assert (shares == shares.index.isin(HIGH)).all()
    assert {0, 1} == {*shares}
    assert "When every score may move by 0" in words.order(exposure.study("surrey", 300))[-1]


def test_draws_and_seed_default_to_the_assumptions(data):
    edit("assumptions", data, lambda r: r["assumption_id"] == "stability_draws", value="1000")
    edit("assumptions", data, lambda r: r["assumption_id"] == "stability_seed", value="9")
    assert (ranks("surrey") == ranks("surrey", 1000, 9)).all()


@pytest.mark.parametrize("draws", [0, -5])
def test_no_draws_are_refused(draws):
    with pytest.raises(ValueError, match=f"draws must be at least 1, not {draws}"):
        ranks("surrey", draws)


# Words


@pytest.mark.parametrize("area_id", THREE)
def test_the_words_name_the_risk_with_the_highest_exposure(area_id):
    plain = plain_exposure(area_id)
    most = max(plain, key=plain.get)
    said = words.order(exposure.study(area_id, 500, 1))
    assert said[0].startswith("The source scores 5 risks at 25 out of 25 and the other 9 at 20. ")
    assert f"Public indicators touch {len(plain) + 2} of the 14 risks." in said[1]
    assert f"they can rank it on {len(plain)}," in said[1]
    assert f"on {most} (" in said[1]
    assert f": more than about {plain[most]:.0f}% of England's authorities." in said[1]
    n = sum(row["risk_id"] == most for row in rows("risk_indicators"))
    assert f"That rests on {n} indicator{'' if n == 1 else 's'}." in said[1]
    assert "No public indicator touches CLGR1, CLGR4, CLGR6, CLGR7, CLGR8 and CLGR14:" in said[3]


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_a_risk_without_an_indicator_never_leads(area_id):
    # Lancashire, Leicestershire, Nottinghamshire, Worcestershire: CLGR4, drawn at random, did.
    study = exposure.study(area_id, 1000)
    touched = {row["risk_id"] for row in rows("risk_indicators")} - {*plain_ties()}
    assert set(study.firm.index[study.firm["touched"]]) == touched
    assert re.search(r"vary, (CLGR\d+) ", words.order(study)[-1])[1] in touched
    title = charts.stability(study.firm, study.ordered).title
    assert re.search(r": (CLGR\d+), the most often", title)[1] in touched


@pytest.mark.parametrize("area_id", ["lancashire-blackburn-blackpool", "worcestershire"])
def test_most_exposed_is_only_said_above_the_middle(area_id):
    name, table = areas.get(area_id).name, ordered(area_id)
    none = "and on none of these is it more exposed than England's middle authority."
    ranked = f"Of the 5 risks scored 25, public data can rank {name} on 3, "
    assert words.most(name, table).startswith(ranked + none)
    nowhere = replace(exposure.study(area_id, 100), ordered=table.assign(above=False))
    said = words.order(nowhere)[1]
    assert said == (
        f"Public indicators touch 8 of the 14 risks. {ranked}{none} Of all 14, they can rank it on "
        f"6, {none}"
    )
    assert charts.exposure(nowhere.ordered, name).title == (
        f"{name}: above the middle of England's authorities on none of 6 risks that public data "
        "rank"
    )


def test_where_public_data_rank_nothing_nothing_is_most_exposed():
    bare = ordered("surrey").assign(exposure=np.nan, above=False)
    assert words.most("Surrey", bare) == (
        "Of the 5 risks scored 25, public data can rank Surrey on none. Of all 14, they can rank "
        "it on none."
    )


@pytest.mark.parametrize(
    ("percentile", "said"), [(99.7, "99%"), (98.4, "about 98%"), (0.3, "under 1%")]
)
def test_a_percentile_is_said_as_a_share_of_authorities(percentile, said):
    assert words.than(percentile) == said


def test_firm_places_are_called_firm_and_others_are_not(data):
    assert (
        "a starting point for discussion, not as a finding"
        in words.order(exposure.study("surrey", 500))[-1]
    )
    edit("assumptions", data, lambda r: r["assumption_id"] == "score_shift", value="0")
    assert "the first places as firm" in words.order(exposure.study("surrey", 500))[-1]


# Lessons


def test_every_lesson_bears_on_a_risk_and_is_not_yet_ticked():
    links = defaultdict(list)
    for row in rows("lesson_risks"):
        links[row["lesson_id"]].append(row["risk_id"])
    found = tables.checklist()
    lessons = rows("lessons")
    assert found["lesson"].tolist() == [row["lesson"] for row in lessons]
    assert found["bears on"].tolist() == [", ".join(links[row["lesson_id"]]) for row in lessons]
    assert set(found["done"]) == {"not yet assessed"}
    assert sum(row["kind"] == "aware" for row in lessons) == 8

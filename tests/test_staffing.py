"""Senior staffing: calibrated to the published totals, counted by option, beside real spend."""

from dataclasses import FrozenInstanceError, replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import AREA_IDS, THREE, rows

from lgr_report.chapters import staffing
from lgr_report.chapters.staffing import calibration, charts, claims, overheads, robustness, words
from lgr_report.chapters.staffing import tables as shown
from lgr_report.chapters.staffing.study import measure, measure_options
from lgr_report.core import demand, findings, options, regression, size_bands
from lgr_report.core.divisions import of as divided
from lgr_report.core.metrics import DECIMALS
from lgr_report.core.regression import Estimate
from lgr_report.sources import areas, tables

PUBLISHED = {
    **{"ST01": 1000, "ST02": 1100, "ST03": 500, "ST04": 95, "ST05": 41, "ST06": -1},
    **{"ST07": 1, "ST08": 3, "ST09": 8.3, "ST10": 86, "ST11": 82},
}
SIZES = st.lists(st.floats(30_000, 2_000_000), min_size=1, max_size=6)


def elasticity(value, low=None, high=None):
    ends = (value if end is None else end for end in (low, high))
    return Estimate(value, 0.1, *ends, 0.5)


@pytest.fixture(scope="module")
def estimated():
    return demand.estimate(draws=2)


@pytest.fixture(scope="module")
def nation():
    return staffing.national()


@pytest.fixture(scope="module")
def residents(nation):
    return nation.today["population"].to_numpy(dtype=float)


def by_metric(footprints, known):
    return {one.metric.metric: one for one in measure(footprints, known)}


# The published figures, and what they imply


def test_published_figures_are_those_of_the_report():
    assert calibration.published().to_dict() == PUBLISHED


def test_today_has_forty_authorities(residents):
    counted = [
        row
        for row in rows("councils")
        if row["in_invitation"] == "true" and row["council_type"] != "district"
    ]
    assert len(residents) == len(counted) == 40
    assert residents.sum() == sum(int(row["population"]) for row in counted)


def test_statements_by_hand(nation, residents):
    table = nation.statements.set_index(["definition", "band"])
    for definition, small, medium in (("middle of the band", 150_000, 400_000),):
        total = residents.sum()
        row = table.loc[(definition, "≤300k")]
        assert row["additional"] == pytest.approx(total / small - 40)
        assert row["posts_low_each"] == pytest.approx(1000 / (total / small - 40))
        assert row["posts_high_each"] == pytest.approx(1100 / (total / small - 40))
        row = table.loc[(definition, "300–500k")]
        assert row["cost_each"] == pytest.approx(41 / (total / medium - 40))
        assert table.loc[(definition, "500k+"), ["posts_low", "cost"]].isna().all()


def test_the_calibration_holds_every_total_and_the_published_range(nation):
    found, table = nation.calibration, nation.statements
    for name in ("posts_low_each", "posts_high_each"):
        assert table[name].dropna().between(found.posts.low, found.posts.high).all()
    assert table["cost_each"].dropna().between(found.cost.low, found.cost.high).all()
    assert found.cost.low <= PUBLISHED["ST07"] < PUBLISHED["ST08"] <= found.cost.high
    assert found.posts.low < found.posts.value < found.posts.high


def test_the_calibration_takes_the_definition_on_which_costs_agree_best(nation):
    apart = {}
    for definition, part in nation.statements.groupby("definition"):
        least, most = sorted(part["cost_each"].dropna())
        apart[definition] = most / least
    found = nation.calibration
    assert found.definition == min(apart, key=apart.get) == size_bands.OF_PROPOSALS
    # On that definition both totals come back to within their rounding.
    table = nation.statements.set_index(["definition", "band"])
    for band, cost in (("≤300k", 95), ("300–500k", 41)):
        more = table.loc[(found.definition, band), "additional"]
        assert found.cost.value * more == pytest.approx(cost, abs=0.5)


def test_no_definition_fits_all_three_statements(nation):
    table = nation.fits
    assert table.index[table["ratio_fits"]].tolist() == [size_bands.OF_PROPOSALS]
    assert table.index[~table["sign_fits"]].tolist() == [size_bands.OF_PROPOSALS]
    assert not table["fits"].any()
    for definition, part in nation.statements.groupby("definition"):
        more = part.set_index("band")["additional"]
        assert table.loc[definition, "ratio"] == pytest.approx(more["≤300k"] / more["300–500k"])


def test_the_average_that_would_fit_does(nation, residents):
    total, now = residents.sum(), 40
    table = nation.statements.set_index(["definition", "band"])
    medium = table.loc[(size_bands.SUBMITTED, "300–500k"), "additional"]
    low, high = nation.fitting
    assert (total / low - now) / medium == pytest.approx(95 / 41)
    assert (total / high - now) / medium == pytest.approx(2)


def test_powers_meet_both_costs(nation, residents):
    old = residents
    size = nation.statements.set_index(["definition", "band"])["population"]
    table = nation.powers
    assert table["power"].notna().sum() >= 2
    for row in table.dropna().itertuples():
        total = (old**row.power).sum()
        scale = row.today / total

        def change(band, row=row, total=total, scale=scale):
            people = size[row.definition, band]
            return scale * (old.sum() / people * people**row.power - total)

        assert change("≤300k") == pytest.approx(95)
        assert change("300–500k") == pytest.approx(41)
        assert change("500k+") == pytest.approx(row.above_500k)


# A division


def test_today_changes_nothing_and_one_more_authority_adds_its_posts(estimated, nation):
    codes = areas.councils("surrey")["gss_code"].tolist()
    today = by_metric([codes], estimated)
    assert today["directors"].value == 2
    assert today["senior_posts_change"].value == today["senior_cost_change"].value == 0
    two = by_metric([codes[:5], codes[5:]], estimated)
    found = nation.calibration
    assert two["directors"].value == 4
    assert two["senior_posts_change"].value == round(found.posts.value, DECIMALS)
    assert two["senior_cost_change"].low == round(found.cost.low, DECIMALS)


def test_councils_from_outside_bring_their_authority_of_today(estimated):
    bids = {bid.name: bid for bid in options.proposals("oxfordshire")}
    two = [group for _, group in bids["Two councils"].footprints]
    assert any("E06000037" in group for group in two)  # West Berkshire, a unitary today
    assert by_metric(two, estimated)["senior_posts_change"].value == 0


def test_fewer_authorities_save_posts(estimated, nation):
    codes = areas.councils("leicestershire-leicester-rutland")["gss_code"].tolist()
    one = by_metric([codes], estimated)
    found = nation.calibration
    assert one["directors"].value == 2
    saved = one["senior_posts_change"]
    saved = (saved.value, saved.low, saved.high)
    posts = (found.posts.value, found.posts.high, found.posts.low)
    assert saved == tuple(round(-2 * number, DECIMALS) for number in posts)


@pytest.mark.parametrize("area_id", ["suffolk", "greater-lincolnshire"])
def test_options_at_once_agree_with_each_by_itself(area_id, estimated):
    here = divided(area_id, estimated)
    together = measure_options(here)
    for k, masks in here.options.masks.items():
        part = together.loc[k]
        assert len(part) == len(masks)
        for option in (0, len(masks) // 2, len(masks) - 1):
            groups = [here.options.footprints(mask) for mask in masks[option]]
            slow = by_metric(groups, estimated)
            expected = {name: one.value for name, one in slow.items()}
            assert part.loc[option].to_dict() == pytest.approx(expected)
        assert (part == part.iloc[0]).all(axis=None)


def test_a_proposal_that_splits_districts_has_directors_but_no_implied_spend(estimated):
    table = staffing.study(divided("hertfordshire", estimated)).divisions.set_index("name")
    four = table.loc["Four unitaries"]
    assert four["directors"] == 8
    assert four["more"] == 3
    assert np.isnan(four["implied"])
    assert table["implied"].drop("Four unitaries").notna().all()
    # A bid over two areas is in neither: its baseline is not one area's.
    sussex = staffing.study(divided("west-sussex", estimated))
    assert "Five unitaries for Sussex" not in set(sussex.divisions["name"])
    assert "not computable: “Five unitaries for Sussex”" in words.in_short(sussex)[1]


# Spend on running services


@given(SIZES, st.floats(0.3, 1.4))
def test_the_division_of_today_changes_no_spend(sizes, value):
    found = overheads.change(100, sizes, sizes[::-1], elasticity(value, value - 0.1, value + 0.1))
    np.testing.assert_allclose(found, 0, atol=1e-9)


@given(SIZES, st.integers(2, 5), st.floats(0.3, 0.99))
def test_splitting_costs_and_merging_saves_where_spend_has_economies(sizes, parts, value):
    split = [size / parts for size in sizes for _ in range(parts)]
    more = overheads.change(100, sizes, split, elasticity(value))[0]
    assert more == pytest.approx(100 * (parts ** (1 - value) - 1))
    merged = overheads.change(100, sizes, [sum(sizes)], elasticity(value))[0]
    assert merged <= 1e-9
    proportional = overheads.change(100, sizes, split, elasticity(1))[0]
    assert proportional == pytest.approx(0, abs=1e-9)


@given(SIZES, SIZES, st.floats(0.3, 1.2), st.floats(0, 0.3))
def test_the_interval_holds_the_change_at_any_elasticity_in_it(old, new, value, half):
    new = (np.array(new) * sum(old) / sum(new)).tolist()
    estimate = elasticity(value, value - half, value + half)
    middle, low, high = overheads.change(100, old, new, estimate)
    slow = 100 * (sum(s**value for s in new) / sum(s**value for s in old) - 1)
    assert middle == pytest.approx(slow, abs=1e-9)
    assert low <= middle <= high


def test_residents_are_neither_lost_nor_made():
    with pytest.raises(ValueError, match="100 residents cannot be divided as 90"):
        overheads.change(1, [100], [50, 40], elasticity(0.9))


def test_equal_authorities_agree_with_a_division_into_equals(nation, residents):
    for unitaries in (30, 40, 60):
        size = residents.sum() / unitaries
        at_once = overheads.change(100, residents, [size], nation.elasticity, times=unitaries)
        each = overheads.change(100, residents, [size] * unitaries, nation.elasticity)
        assert at_once == pytest.approx(each)


def test_the_elasticity_is_that_of_normal_equations(nation):
    frame = regression.authorities().join(overheads.spend()[[overheads.ALL_LINES]])
    used = frame[frame[overheads.ALL_LINES] > 0].dropna(
        subset=["log_population", "deprivation", "median_income"]
    )
    regions = sorted(used["region"].unique())[1:]
    x = np.column_stack(
        [np.ones(len(used)), used["log_population"], used["deprivation"], used["median_income"]]
        + [used["region"] == region for region in regions]
    ).astype(float)
    y = np.log(used[overheads.ALL_LINES].to_numpy())
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    residual = (y - x @ beta) / (1 - np.einsum("ij,jk,ik->i", x, inverse, x))
    error = np.sqrt(np.diag(inverse @ (x.T * residual**2) @ x @ inverse))  # HC3
    found = nation.elasticity
    assert found.value == pytest.approx(beta[1])
    assert found.error == pytest.approx(error[1])


def test_leaving_out_the_authority_named_gives_the_elasticity_named(nation):
    series = next(iter(overheads.LINES))
    table = nation.elasticities.set_index(["series", "sample"])
    row = table.loc[(series, "all authorities")]
    money = overheads.spend()[series]
    frame = regression.authorities().assign(spend=np.log(money.where(money > 0)))
    left = frame[frame["authority_name"] != row["mover"]]
    again = regression.fit(left, "spend").coefficient("log_population").value
    assert again == pytest.approx(row["without"])
    assert row["mover"] == "Essex"  # reported GBP 76 thousand on this line


def test_spend_that_was_not_reported_stays_missing(estimated, nation):
    names = tables.read("upper_tier").set_index("authority_name")["gss_code"]
    money = overheads.spend()
    assert money.loc[names[["Slough", "Birmingham", "Cumberland"]]].isna().all(axis=None)
    assert (money.notna().sum() == 150).all()
    base, *change = overheads.of_division(
        [["E06000039"]], estimated, money[overheads.ALL_LINES], nation.elasticity
    )  # Slough
    assert np.isnan([base, *change]).all()


# What is said


def test_every_published_figure_has_a_claim_and_calibrated_ones_are_not_tested(nation):
    published = tables.read("published_findings").query("theme == 'staffing'")
    figures = nation.statements, nation.calibration, nation.published, len(nation.today)
    for definition in size_bands.DEFINITIONS:
        answers = claims.answers(*figures, definition)
        judged = findings.judged(published, answers).set_index("finding_id")
        assert (judged["verdict"].drop("ST06") == findings.NOT_TESTABLE).all()
        assert judged["settled_by"].drop("ST06").notna().all()
        # Fewer, more, fewer, fewer authorities: the sign hangs on the definition alone.
        assert judged.loc["ST06", "verdict"] == findings.DEPENDS
        assert judged.loc["ST06", "told"] == (
            "in 4 of 4 specifications, 1 of them against the published direction"
        )
    assert judged.loc["ST10", "computed"] == pytest.approx(PUBLISHED["ST10"], abs=0.5)
    assert judged.loc["ST11", "computed"] == PUBLISHED["ST11"]
    assert np.isnan(judged.loc["ST09", "computed"])
    chapter = [claim.finding_id for claim in staffing.CHAPTER.claims(None)]
    assert sorted(chapter) == sorted(judged.index)


def test_a_fall_above_500k_is_reproduced_only_where_every_definition_has_one(nation):
    names = [size_bands.SUBMITTED, size_bands.MIDDLE]

    def verdict(*every):
        claim = claims.above_500k(nation.calibration.posts, pd.Series(every, names), 40)
        return findings.verdict(-1, claim)

    assert verdict(-0.6, -9.0) == findings.REPRODUCED
    assert verdict(-0.6, 4.0) == findings.DEPENDS
    assert verdict(0.6, 9.0) == findings.CONTRADICTED


# One study


def test_a_study_is_frozen_and_holds_what_england_says(estimated, nation):
    study = staffing.study(divided("surrey", estimated))
    assert study.national is nation
    with pytest.raises(FrozenInstanceError):
        study.divisions = None
    with pytest.raises(FrozenInstanceError):
        nation.fitting = (0, 0)


def test_another_sample_reaches_the_whole_study(estimated, nation):
    here = divided("surrey", estimated)
    own, other = staffing.study(here), staffing.study(here, sample="without London")
    value = other.national.elasticity.value
    assert value != nation.elasticity.value
    assert not np.allclose(other.proposals["implied"], own.proposals["implied"])
    assert not np.allclose(other.national.bands["implied"], nation.bands["implied"])
    # What is calibrated to the published totals rests on no sample.
    assert other.proposals["cost"].tolist() == own.proposals["cost"].tolist()
    for sentence in (words.in_short(other)[2], words.scale(other.national)[0]):
        assert f"{value:.2f}%" in sentence
    assert f"{value:.2f}%" in charts.scale(other.national).title


def test_an_unknown_sample_is_named_with_those_that_are_known():
    with pytest.raises(ValueError, match="no sample 'all'; they are: all authorities, without"):
        staffing.national(sample="all")


def test_nothing_national_is_fitted_twice_for_a_page(estimated, nation, monkeypatch):
    monkeypatch.setattr(regression, "fit", None)
    monkeypatch.setattr(calibration, "statements", None)
    study = staffing.study(divided("surrey", estimated))
    assert charts.scale(study.national).title
    assert staffing.CHAPTER.section(study)
    assert measure([study.here.gss_codes], estimated)
    assert staffing.CHAPTER.claims(None)


# Words and pictures


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_three_sentences_for_every_area(area_id, estimated):
    said = words.in_short(staffing.study(divided(area_id, estimated)))
    assert len(said) == 3
    assert areas.get(area_id).name in said[1]
    assert not any("nan" in sentence for sentence in said)
    assert "-" not in said[0]


def test_an_area_without_a_proposal_that_can_be_computed_says_so(estimated):
    study = staffing.study(divided("surrey", estimated))
    study = replace(study, divisions=study.divisions.iloc[:1])
    assert words.in_short(study)[1].startswith(
        "No proposal of Surrey can be computed at district level; not computable: “"
    )
    drawn = charts.divisions(study)
    assert drawn.title == "Surrey: 2 statutory directors today; no proposal can be computed"


def test_a_proposal_that_changes_nothing_is_said_to_stay(estimated):
    study = staffing.study(divided("surrey", estimated))
    same = pd.concat([study.divisions.iloc[:1]] * 2, ignore_index=True)
    study = replace(study, divisions=same)
    assert "and as many senior posts as today;" in words.in_short(study)[1]
    assert charts.divisions(study).title.endswith("senior staffing cost would stay as it is")
    (axes,) = charts.divisions(study).picture.axes
    assert len(axes.get_yticks()) == 2  # two of one name are two rows


def test_one_proposal_and_one_that_keeps_all_have_their_own_words(estimated):
    study = staffing.study(divided("suffolk", estimated))
    alone = replace(study, divisions=study.divisions.iloc[:2])
    assert words.in_short(alone)[1].startswith(
        "The one proposal of Suffolk that can be computed needs 2 statutory directors, where 2 "
        "serve today, and as many senior posts as today;"
    )
    assert "and from as many senior posts as today to " in words.in_short(study)[1]
    assert "cost would stay as it is or rise by up to £" in charts.divisions(study).title


def test_a_change_is_a_range_or_none_or_not_available():
    assert shown.change(1.0, -0.04, 1234.5) == "£1.0m (£0.0m to £1,234.5m)"
    assert shown.change(0, 0, 0) == "no change"
    assert shown.change(*[np.nan] * 3) == "not available"


def test_bands_stand_beside_what_was_published(nation):
    table = nation.bands.set_index("band")
    assert table["published_cost"].dropna().tolist() == [95, 41]
    assert np.isnan(table.loc["500k+", "published_posts"])
    for name in ("posts", "cost", "implied"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
        assert all(one > two for one, two in pairwise(table[name]))
    assert shown.bands(nation.bands)["published posts"].tolist() == ["1,000", "500", "net fall"]


@pytest.mark.parametrize("area_id", THREE)
def test_an_area_has_one_figure_with_every_division(area_id, estimated):
    study = staffing.study(divided(area_id, estimated))
    figure = charts.divisions(study)
    for name in study.divisions["name"]:
        assert name in figure.alt
        assert name in figure.table.frame["division"].tolist()


def test_national_figures_and_words_say_what_was_found(nation):
    assert "factor of 1.00" in charts.per_authority(nation).title
    assert "0.90%" in charts.scale(nation).title
    said = " ".join([*words.fit(nation), *words.powers(nation.powers)])
    assert "Under none of the four definitions does one linear model fit" in said
    assert "267,000 to 289,000" in said
    assert "without Essex it is 1.02" in " ".join(words.scale(nation))


def test_a_model_that_fits_is_named(nation):
    fitting = replace(nation, fits=nation.fits.assign(fits=nation.fits["ratio_fits"]))
    (name,) = nation.fits.index[nation.fits["ratio_fits"]]
    assert f"One linear model fits all three statements under: {name}." in words.fit(fitting)[2]
    unfit = nation.fits.assign(ratio_fits=False)
    assert "In step: none." in words.fit(replace(nation, fits=unfit))[0]


def test_a_later_vacancy_rate_stands_beside_the_one_quoted(nation):
    (said,) = words.vacancies(nation)
    assert "8.3% of posts in adult social care" in said
    assert "Skills for Care, July 2025: 7.0% in 2024-25, England" in said
    assert "7.0 per cent" in claims.vacancies(8.3)
    assert ", below the 8.3 quoted" in claims.vacancies(8.3)
    assert "not below the 7.0 quoted" in claims.vacancies(7.0)


# Robustness of economies of scale


def test_economies_of_scale_are_sensitive_to_the_fit(nation, estimated):
    fits = nation.robustness.set_index(["fit", "region"])
    pinned = {
        ("least squares", True): (0.90, 0.78, 1.01),
        ("least squares", False): (0.88, 0.78, 0.99),
        ("without Rutland", True): (0.85, 0.77, 0.93),
        ("without Rutland", False): (0.84, 0.77, 0.91),
        ("robust (Huber)", True): (0.87, 0.80, 0.93),
        ("weighted by residents", True): (0.88, 0.81, 0.95),
    }
    for name, figures in pinned.items():
        assert tuple(fits.loc[name, ["value", "low", "high"]].astype(float).round(2)) == figures
    assert robustness.sensitive(nation.robustness)
    said = " ".join(words.scale(nation))
    assert "The answer is sensitive to the fit." in said
    below = (
        "Economies of scale are sensitive to the fit: a larger authority spends less by the head "
        "in 8 and cannot be told from proportional in 2 of 10 (elasticity 0.84 to 0.91; 1 is in "
        "proportion)"
    )
    assert below in charts.scale(nation).title
    short = words.in_short(staffing.study(divided("surrey", estimated)))[2]
    assert short.endswith(f"{below}.")
    assert "Without Rutland alone it is 0.85 (0.77 to 0.93)." in said


def test_one_answer_of_all_fits_is_said_as_one(nation):
    same = nation.robustness.assign(answer=robustness.ECONOMIES)
    assert not robustness.sensitive(same)
    assert words.by_the_head(same).startswith(
        "By all 10 fits tried a larger authority spends less by the head (elasticity 0.84"
    )
    said = words.robustness_of(same)
    assert said == "All 10 fits tried give one answer: a larger authority spends less by the head."


def test_every_fit_finds_a_planted_elasticity():
    frame = regression.authorities()
    noise = np.random.default_rng(20250205).normal(size=len(frame))
    money = np.exp(0.8 * frame["log_population"] + 0.05 * noise)
    fits = robustness.fits(pd.DataFrame({overheads.ALL_LINES: money}))
    assert ((fits["low"] <= 0.8) & (fits["high"] >= 0.8)).all()
    assert (fits["answer"] == robustness.ECONOMIES).all()

"""Findings: the rules that turn a claim's numbers into a verdict."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lgr_report.core import findings as f
from lgr_report.sources import tables

RELATIONS = (f.ABOUT, f.AT_LEAST, f.AT_MOST, f.SIGN)
numbers = st.floats(-1e6, 1e6)


def ordered(a, b, c):
    low, value, high = sorted((a, b, c))
    return value, low, high


@st.composite
def triples(draw):
    """A value with its interval."""
    return ordered(*(draw(numbers) for _ in range(3)))


@st.composite
def claims(draw, effects=None):
    """A claim with a figure; without a say in it, with or without an effect."""
    effect = draw(st.one_of(st.none(), triples()) if effects is None else effects)
    relation = draw(st.sampled_from(RELATIONS if effect else RELATIONS[:3]))
    return f.Claim("X01", *draw(triples()), relation=relation, effect=effect)


def without_zero(effect):
    return effect[1] > 0 or effect[2] < 0


clear = triples().filter(without_zero)
holding = st.tuples(numbers, numbers).map(lambda e: ordered(-abs(e[0]), 0.0, abs(e[1])))


# Each rule, by hand


@pytest.mark.parametrize(
    ("published", "relation", "figure", "effect", "expected"),
    [
        (270, f.ABOUT, (250, 200, 300), None, f.REPRODUCED),
        (270, f.ABOUT, (250, 200, 260), None, f.CONTRADICTED),
        (270, f.ABOUT, (150, 100, 260), (150, 100, 260), f.SAME_DIRECTION),
        (270, f.ABOUT, (150, -10, 300), (150, -10, 300), f.NO_EFFECT),
        (270, f.ABOUT, (-150, -300, -10), (-150, -300, -10), f.CONTRADICTED),
        (270, f.AT_LEAST, (250, 200, 269), None, f.CONTRADICTED),
        (270, f.AT_LEAST, (400, 350, 500), None, f.REPRODUCED),
        (270, f.AT_MOST, (400, 350, 500), None, f.CONTRADICTED),
        (270, f.AT_MOST, (150, 100, 200), None, f.REPRODUCED),
        (1, f.SIGN, (1, 1, 1), (0.3, 0.1, 0.5), f.REPRODUCED),
        (1, f.SIGN, (1, -1, 1), (0.3, -0.1, 0.7), f.NO_EFFECT),
        (1, f.SIGN, (-1, -1, -1), (-0.3, -0.7, -0.1), f.CONTRADICTED),
        (16, f.ABOUT, (16, 16, 16), None, f.REPRODUCED),
        (16, f.ABOUT, (15, 15, 15), None, f.CONTRADICTED),
    ],
)
def test_a_verdict_follows_the_rules(published, relation, figure, effect, expected):
    claim = f.Claim("X01", *figure, relation=relation, effect=effect)
    assert f.verdict(published, claim) == expected


@pytest.mark.parametrize(("end", "expected"), [(0.0, f.NO_EFFECT), (1e-9, f.REPRODUCED)])
def test_an_interval_that_touches_zero_holds_it(end, expected):
    claim = f.Claim("X01", 5, 0, 10, effect=(5, end, 10))
    assert f.verdict(5, claim) == expected


# Properties


@given(numbers, claims())
def test_a_verdict_is_one_of_the_list(published, claim):
    assert f.verdict(published, claim) in f.VERDICTS


@given(numbers, claims())
def test_a_finding_whose_data_are_missing_is_never_reproduced(published, claim):
    missing = dataclasses.replace(claim, reason="not published", settled_by="a table")
    assert f.verdict(published, missing) == f.NOT_TESTABLE


@given(numbers)
def test_a_missing_figure_is_not_testable_or_refused(published):
    told = f.Claim("X01", reason="not published", settled_by="a table")
    assert np.isnan(told.value)
    assert f.verdict(published, told) == f.NOT_TESTABLE
    with pytest.raises(ValueError, match="a figure is missing"):
        f.Claim("X01")


@given(numbers, claims(effects=holding))
def test_an_effect_that_may_be_zero_is_never_reproduced(published, claim):
    assert f.verdict(published, claim) == f.NO_EFFECT


@given(numbers, claims(effects=clear))
def test_turning_an_effect_round_contradicts_what_it_bore_out(published, claim):
    value, low, high = claim.effect
    turned = dataclasses.replace(claim, effect=(-value, -high, -low))
    verdicts = {f.verdict(published, claim), f.verdict(published, turned)}
    assert f.CONTRADICTED in verdicts
    assert verdicts - {f.CONTRADICTED} in ({f.REPRODUCED}, {f.SAME_DIRECTION})


@given(numbers, claims(effects=st.none()))
def test_a_description_agrees_or_is_contradicted(published, claim):
    agrees = {
        f.ABOUT: claim.low <= published <= claim.high,
        f.AT_LEAST: published <= claim.high,
        f.AT_MOST: claim.low <= published,
    }[claim.relation]
    assert f.verdict(published, claim) == (f.REPRODUCED if agrees else f.CONTRADICTED)


@given(numbers, claims(), st.floats(0, 1e6))
def test_a_wider_interval_of_the_figure_never_contradicts_more(published, claim, more):
    wider = dataclasses.replace(claim, low=claim.low - more, high=claim.high + more)
    if f.verdict(published, claim) == f.REPRODUCED:
        assert f.verdict(published, wider) == f.REPRODUCED


def test_a_verdict_that_other_specifications_do_not_share_depends_on_them():
    clear, unsure = (f.Claim("X01", 2.0, low, 3.0, effect=(2.0, low, 3.0)) for low in (1.0, -1.0))
    alike = dataclasses.replace(clear, specifications={"without London": clear})
    assert f.verdict(2, alike) == f.REPRODUCED
    mixed = dataclasses.replace(clear, specifications={"without London": unsure})
    assert f.verdict(2, mixed) == f.DEPENDS
    assert f.by_verdict(2, mixed) == {
        f.REPRODUCED: [f.MAIN],
        f.NO_EFFECT: ["without London"],
    }
    row = f.judged(published("X00", "X01"), [plain("X00"), mixed]).iloc[1]
    assert row["told"] == "in 1 of 2 specifications"
    assert row["inside"] == "yes"
    assert row["verdicts"].endswith(f"{f.NO_EFFECT}: without London")


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ([(1, 3), (1, 3)], "yes"),
        ([(-3, -1), (-3, -1)], "yes"),
        ([(-1, 3), (-1, 3)], "no"),
        ([(-1, 3), (-3, -1)], "in 1 of 2 specifications, against the published direction"),
        ([(1, 3), (-3, -1)], "in 2 of 2 specifications, 1 of them against the published direction"),
    ],
)
def test_an_effect_told_against_the_published_sign_is_said_to_be(ends, expected):
    first, other = (
        f.Claim("X01", 0, 0, 0, effect=((low + high) / 2, low, high)) for low, high in ends
    )
    claim = dataclasses.replace(first, specifications={"other": other})
    assert f.judged(published("X00", "X01"), [plain("X00"), claim]).iloc[1]["told"] == expected


def test_what_does_not_add_up_needs_its_rule_and_no_figure():
    claim = f.Claim("X00", does_not_add_up="39% is a share of no number of 21")
    assert f.verdict(39, claim) == f.NOT_ADDING_UP
    row = f.judged(published("X00"), [claim]).iloc[0]
    assert row["how"] == "39% is a share of no number of 21"
    assert (row["told"], row["inside"]) == (f.NO_ANSWER, f.NO_ANSWER)


def test_an_interval_that_holds_zero_may_hold_the_published_figure_too():
    claim = f.Claim("X01", 0.5, -1.0, 2.0, effect=(0.5, -1.0, 2.0))
    row = f.judged(published("X00", "X01"), [plain("X00"), claim]).iloc[1]
    assert row[["verdict", "told", "inside"]].tolist() == [f.NO_EFFECT, "no", "yes"]


# The ledger


def published(*names):
    return pd.DataFrame({"finding_id": names, "value": [float(k) for k in range(len(names))]})


def plain(name, value=0.0):
    return f.Claim(name, value, value, value, data=("areas",), how="counted")


def test_findings_are_judged_in_their_own_order():
    table = f.judged(published("X01", "X02"), [plain("X02", 1.0), plain("X01", 5.0)])
    assert table["finding_id"].tolist() == ["X01", "X02"]
    assert table["computed"].tolist() == [5.0, 1.0]
    assert table["verdict"].tolist() == [f.CONTRADICTED, f.REPRODUCED]
    assert table["data"].tolist() == ["areas", "areas"]


@pytest.mark.parametrize(
    ("claimed", "message"),
    [
        ((plain("X01"),), "X02 has no claim"),
        ((plain("X01"), plain("X02"), plain("X03")), "X03, which the table lacks"),
        ((plain("X01"), plain("X02"), plain("X02")), "two claims for X02"),
        ((), "X01 has no claim(.|\\n)*X02 has no claim"),
    ],
)
def test_a_ledger_that_leaves_out_or_adds_is_refused(claimed, message):
    with pytest.raises(ValueError, match=message):
        f.judged(published("X01", "X02"), claimed)


def test_what_is_not_testable_needs_no_figure_and_keeps_its_reason():
    claim = f.Claim("X01", reason="not published", settled_by="a table")
    row = f.judged(published("X01"), [claim]).iloc[0]
    assert row["verdict"] == f.NOT_TESTABLE
    assert row[["reason", "settled_by"]].tolist() == ["not published", "a table"]
    assert pd.isna(row[["computed", "low", "high"]]).all()


def test_every_published_finding_can_be_judged():
    findings = tables.read("published_findings")
    claimed = [f.Claim(n, reason="none", settled_by="none") for n in findings["finding_id"]]
    assert set(f.judged(findings, claimed)["verdict"]) == {f.NOT_TESTABLE}


# Bad input


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"low": 2.0}, "is not between"),
        ({"high": 0.0}, "is not between"),
        ({"high": np.nan}, "a figure is missing"),
        ({"effect": (1.0, 2.0, 3.0)}, "is not between"),
        ({"effect": (1.0, np.nan, 3.0)}, "a figure is missing"),
        ({"relation": "roughly"}, "relation is 'roughly'"),
        ({"relation": f.SIGN}, "a direction needs an effect"),
        ({"reason": "not published"}, "name the table that would settle it"),
    ],
)
def test_a_claim_that_does_not_hang_together_is_refused(given, message):
    with pytest.raises(ValueError, match=f"X01: .*{message}"):
        f.Claim(**{"finding_id": "X01", "value": 1.0, "low": 1.0, "high": 1.0} | given)

"""Overheads: do larger councils spend less per head on commissioning, administration, assessment?

The published posts assume that every authority needs a management of its own. If so, what
authorities spend on running services rises less than in proportion to residents. Revenue outturn
(RO3) has three lines that hold management: adults' commissioning and service delivery
administration, adults' assessment and safeguarding, and children's safeguarding (social work with
its commissioning and strategy). Authorities book posts under one or another, so their sum is the
main series.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lgr_report.core import regression
from lgr_report.core.demand import Demand
from lgr_report.core.metrics import Footprints, councils_of, today
from lgr_report.core.regression import SAMPLES, Estimate

ALL_LINES = "all three lines"
LINES = {
    "adults: commissioning and administration": "ro3_asc_commissioning_admin_gross_k",
    "adults: assessment and safeguarding": "ro3_asc_assess_safeguard_gross_k",
    "children: safeguarding and social work": "ro3_csc_safeguarding_gross_k",
}
SERIES = (ALL_LINES, *LINES)
GRID = 41  # elasticities tried over an interval: a change need not be largest at an end


def spend() -> pd.DataFrame:
    """Return what each upper-tier authority spends on these lines, GBP million, 2024-25.

    Returns
    -------
    pandas.DataFrame
        Index gss_code (153), a column each of `SERIES`. Missing where a line was not reported; the
        sum is missing where one of its lines is.
    """
    frame = regression.authorities()
    lines = pd.DataFrame({label: frame[name] / 1000 for label, name in LINES.items()})
    return lines.assign(**{ALL_LINES: lines.sum(axis=1, skipna=False)})[[*SERIES]]


def elasticities(spend: pd.DataFrame) -> pd.DataFrame:
    """Return by how many per cent spend rises with one per cent more residents.

    Spend in logs on log residents, deprivation, median income and region, errors HC3. An authority
    that reports nothing, or not above zero, is left out.

    Parameters
    ----------
    spend : pandas.DataFrame
        As `spend` returns it.

    Returns
    -------
    pandas.DataFrame
        series, sample, authorities, value, error, low, high, p_proportional (two-sided, that the
        elasticity is one), mover (authority whose leaving out moves it most), without (the
        elasticity then). Below one: spend per head falls with size.
    """
    frame, logs = regression.authorities(), np.log(spend.where(spend > 0))
    rows = [
        {"series": series, "sample": sample, **_fitted(frame.assign(spend=logs[series]), sample)}
        for series in SERIES
        for sample in SAMPLES
    ]
    return pd.DataFrame(rows)


def _fitted(frame: pd.DataFrame, sample: str) -> dict[str, object]:
    fit = regression.fit(frame, "spend", sample=sample)
    estimate = fit.coefficient("log_population")
    most = fit.influence("log_population").iloc[0]
    return {
        "authorities": fit.n,
        **{name: getattr(estimate, name) for name in ("value", "error", "low", "high")},
        "p_proportional": float(fit.results.t_test("log_population = 1").pvalue),
        "mover": frame.loc[most.name, "authority_name"],
        "without": float(most["without"]),
    }


def elasticity(
    elasticities: pd.DataFrame, series: str = ALL_LINES, sample: str = "all authorities"
) -> Estimate:
    """Return one of `elasticities`; its p value is that of spend in proportion to residents."""
    row = elasticities.set_index(["series", "sample"]).loc[(series, sample)]
    return Estimate(*map(float, row[["value", "error", "low", "high", "p_proportional"]]))


def change(
    base: float,
    old: Sequence[float],
    new: Sequence[float],
    estimate: Estimate,
    times: float = 1,
) -> tuple[float, float, float]:
    """Return how spend changes if the residents of `old` are divided as in `new`.

    Spend of an authority goes with residents to the power of the elasticity. What neither size
    nor elasticity says of these authorities, it leaves as it is.

    Parameters
    ----------
    base : float
        What the authorities of today spend; the result has its unit.
    old, new : sequence of float
        Residents of each authority, with the same total.
    estimate : Estimate
        Elasticity with its interval.
    times : float
        How often each of `new` is there. It need not be whole: a share of a unitary spends that
        share of what a whole one does.

    Returns
    -------
    tuple of float
        Value, low, high over the interval of the elasticity.

    Raises
    ------
    ValueError
        If the two divisions do not hold the same number of residents.
    """
    old, new = np.asarray(old, dtype=float), np.asarray(new, dtype=float)
    whole, parts = old.sum(), times * new.sum()
    if not np.isclose(whole, parts):
        raise ValueError(f"{whole:,.0f} residents cannot be divided as {parts:,.0f}")
    powers = np.append(np.linspace(estimate.low, estimate.high, GRID), estimate.value)
    after, before = ((sizes[:, None] ** powers).sum(axis=0) for sizes in (new, old))
    changes = base * (times * after / before - 1)
    return float(changes[-1]), float(changes.min()), float(changes.max())


def of_division(
    footprints: Footprints, demand: Demand, spend: pd.Series, estimate: Estimate
) -> tuple[float, float, float, float]:
    """Return what a division of councils implies for spend.

    Parameters
    ----------
    footprints
        Councils of each unitary.
    demand : Demand
        Of these councils and others.
    spend : pandas.Series
        One of the series of `spend`.
    estimate : Estimate
        Its elasticity.

    Returns
    -------
    tuple of float
        What the authorities of today spend, and the change with the ends of its interval: GBP
        million a year. Missing where an authority did not report.
    """
    codes = councils_of(footprints)
    chosen = demand.select(codes)
    base = spend.loc[[*dict.fromkeys(chosen.authority)]].sum(skipna=False)
    residents = dict(zip(codes, chosen.residents, strict=True))
    old, new = (
        [sum(residents[code] for code in group) for group in division]
        for division in (today(demand, codes), footprints)
    )
    return base, *change(base, old, new, estimate)

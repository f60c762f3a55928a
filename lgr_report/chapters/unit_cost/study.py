"""What unit cost says of England, and of one area: computed once, shown by charts and words."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from lgr_report.chapters.unit_cost import changes, economies, elasticity, specifications
from lgr_report.chapters.unit_cost.economies import with_interval
from lgr_report.chapters.unit_cost.elasticity import EVERY_SAMPLE, TOGETHER, WHOLE
from lgr_report.chapters.unit_cost.specifications import UNCLEAR
from lgr_report.core import paired, size_bands
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.findings import DEPENDS
from lgr_report.core.metrics import LOWER, Footprints, Measurement, Metric, by_option, councils_of
from lgr_report.page import phrases
from lgr_report.sources.cache import by_content, once_per_batch

CHANGE = Metric(
    "unit_cost_change",
    "change in spend on care from unit costs",
    "GBP million a year",
    LOWER,
    "£{:,.1f}m",
    short="unit cost of care",
)


@dataclass(frozen=True, eq=False)
class National:
    """Unit cost in England.

    Parameters
    ----------
    sample : str
        Authorities whose fit prices every division, one of `elasticity.EVERY_SAMPLE`.
    fits : pandas.DataFrame
        Elasticity of every series in every sample: see `elasticity.estimates`.
    curve : pandas.DataFrame
        Elasticity under every reasonable specification: see `specifications.curve`.
    left_out : str
        The authority that moves the total most: some specifications do without it.
    influential : pandas.DataFrame
        Outliers of ``sample``, and who moves its elasticities most: see `elasticity.influential`.
    spend : pandas.DataFrame
        Spend of every authority, GBP million a year: see `elasticity.spend`.
    present : pandas.DataFrame
        Today's authorities of the 21 areas: see `elasticity.present`.
    bands : pandas.DataFrame
        Change by size band under each definition: see `economies.bands`.
    ratios : pandas.DataFrame
        The test of the published figures by ratio: see `economies.ratios`.
    nearest : float
        The one elasticity that comes nearest to the published changes.
    published_income : float
        Published per cent of unit cost for GBP 5,000 more median income (p53).
    """

    sample: str
    fits: pd.DataFrame
    curve: pd.DataFrame
    left_out: str
    influential: pd.DataFrame
    spend: pd.DataFrame
    present: pd.DataFrame
    bands: pd.DataFrame
    ratios: pd.DataFrame
    nearest: float
    published_income: float

    @property
    def total(self) -> pd.Series:
        """The row of ``fits`` that everything in pounds rests on."""
        return self.fits.loc[(TOGETHER, self.sample)]

    @property
    def totals(self) -> pd.DataFrame:
        """The rows of ``curve`` for the total, that of the published specification first."""
        return self.curve[self.curve["series"] == TOGETHER].reset_index(drop=True)

    @property
    def elasticities(self) -> np.ndarray:
        """The elasticity of the total, then points of its interval."""
        return economies.across(*self.total[["value", "low", "high"]])

    @property
    def submitted(self) -> pd.DataFrame:
        """The rows of ``bands`` for averages of submitted unitaries, the smallest band first."""
        return self.bands[self.bands["definition"] == size_bands.SUBMITTED].reset_index(drop=True)


@once_per_batch
def national(most: int = 3, sample: str = WHOLE) -> National:
    """Fit unit costs, and compute what their elasticity means in pounds across the 21 areas.

    Parameters
    ----------
    most : int
        Authorities shown that move each elasticity most.
    sample : str
        One of `elasticity.EVERY_SAMPLE`: whose elasticity prices every division.

    Raises
    ------
    ValueError
        If there is no such sample.
    """
    if sample not in EVERY_SAMPLE:
        raise ValueError(f"no sample {sample!r}; they are: {', '.join(EVERY_SAMPLE)}")
    costs, spend = elasticity.costs(), elasticity.spend()
    present = elasticity.present(spend)
    regressions, reported = elasticity.fits(costs), present.dropna()
    shares = elasticity.weights(present)
    fits = elasticity.estimates(regressions, shares)
    total = fits.loc[(TOGETHER, sample), ["value", "low", "high"]]
    curve = specifications.curve(costs, shares)
    # The main fit is one of them: it counts once.
    main = specifications.Choice(sample=sample).name
    under = {n: each for n, each in specifications.elasticities(curve).items() if n != main}
    bands = economies.bands(reported, economies.across(*total), under)
    submitted = bands[bands["definition"] == size_bands.SUBMITTED].set_index("band")["population"]
    return National(
        sample=sample,
        fits=fits,
        curve=curve,
        left_out=costs.loc[specifications.most_influential(costs, shares), "authority_name"],
        influential=elasticity.influential(regressions[sample], costs, most),
        spend=spend,
        present=present,
        bands=bands,
        ratios=economies.ratios(reported, bands),
        nearest=economies.elasticity_nearest_published(reported, submitted),
        published_income=economies.published_income(),
    )


@dataclass(frozen=True, eq=False)
class Study:
    """Unit cost in one area.

    Parameters
    ----------
    here : Divisions
        The area.
    national : National
        The fits, and what they mean across the 21 areas.
    proposals : pandas.DataFrame
        A row each: proposal, n_unitaries, status, spend (today), value, low, high (change) and
        as_published (change at ``national.nearest``), GBP million a year; missing where the
        proposal cannot be computed.
    """

    here: Divisions
    national: National
    proposals: pd.DataFrame

    @cached_property
    def options(self) -> pd.DataFrame:
        """Change of spend of every option, GBP million a year: see `measure_options`."""
        return _options(self.here, self.national)


@by_content
def study(here: Divisions, most: int = 3, sample: str = WHOLE) -> Study:
    """Return what unit cost says of an area; parameters are those of `national`."""
    nation = national(most, sample)
    return Study(here, nation, _proposals(here, nation))


def _proposals(here: Divisions, nation: National) -> pd.DataFrame:
    rows, at = [], np.append(nation.elasticities, nation.nearest)
    for bid in here.proposals:
        row = {"proposal": bid.name, "n_unitaries": bid.n_unitaries, "status": bid.status}
        if bid.footprints:
            groups = [codes for _, codes in bid.footprints]
            spend = changes.spend_of(here.demand, councils_of(groups), nation.spend)
            *ours, row["as_published"] = changes.of_footprints(spend, groups, at)
            row["value"], row["low"], row["high"] = with_interval(np.array(ours))
            row["spend"] = spend.amount.sum()
        rows.append(row)
    numbers = ["spend", "value", "low", "high", "as_published"]
    table = pd.DataFrame(rows, columns=["proposal", "n_unitaries", "status", *numbers])
    return table.astype(dict.fromkeys(numbers, float))


def measure(footprints: Footprints, demand: Demand) -> tuple[Measurement, ...]:
    """Measure one division of councils: change in spend from unit cost, GBP million a year."""
    nation = national()
    spend = changes.spend_of(demand, councils_of(footprints), nation.spend)
    value, low, high = with_interval(changes.of_footprints(spend, footprints, nation.elasticities))
    drawn = paired.of_parameter(*nation.total[["value", "low", "high"]])
    drawn = changes.of_footprints(spend, footprints, drawn)
    missing = phrases.listed(spend.not_reported)
    note = f"{missing} did not report spend" if np.isnan(value) else ""
    return (CHANGE.measured(value, low, high, note, drawn),)


def measure_options(here: Divisions) -> pd.DataFrame:
    """Measure every option of an area: see `core.chapter.Chapter`."""
    return _options(here, national())


def inconclusive(here: Divisions, options: pd.DataFrame) -> set[str]:
    """Return the change in spend, unless every specification finds the same effect of size.

    One elasticity for England prices every option, so it alone decides whether their order may be
    chance: an option whose own interval holds no zero tells nothing against that.
    """
    verdict = specifications.verdict(national().totals)
    return {CHANGE.metric} if verdict in (UNCLEAR, DEPENDS) else set()


def _options(here: Divisions, nation: National) -> pd.DataFrame:
    spend = changes.spend_of(here.demand, here.options.graph.gss_codes, nation.spend)
    columns = [CHANGE.metric, f"{CHANGE.metric}_low", f"{CHANGE.metric}_high"]
    parts = {
        k: pd.DataFrame(changes.of_masks(spend, masks, nation.elasticities), columns=columns)
        for k, masks in here.options.masks.items()
    }
    return by_option(parts)

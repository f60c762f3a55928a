"""What senior staffing says of England, and of one area: computed once, shown by charts, words."""

from dataclasses import dataclass
from functools import partial

import pandas as pd

from lgr_report.chapters.staffing import calibration, overheads, posts, robustness
from lgr_report.chapters.staffing.calibration import Calibration
from lgr_report.core import size_bands
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.metrics import Footprints, Measurement, by_option, councils_of, today
from lgr_report.core.regression import SAMPLES, Estimate
from lgr_report.sources.cache import by_content, once_per_batch


@dataclass(frozen=True, eq=False)
class National:
    """Senior staffing in England.

    Parameters
    ----------
    sample : str
        Authorities whose spend says how it goes with size, a key of `regression.SAMPLES`.
    published : pandas.Series
        Published figures by finding: see `calibration.published`.
    today : pandas.DataFrame
        Authorities of the 21 areas: see `calibration.today`.
    statements : pandas.DataFrame
        What each published total implies: see `calibration.statements`.
    calibration : Calibration
        Posts and cost per authority.
    fits : pandas.DataFrame
        Whether one linear model fits: see `calibration.fits`.
    powers : pandas.DataFrame
        The alternative: see `calibration.powers`.
    fitting : tuple of float
        Average residents ≤300k that would fit: see `calibration.fitting_population`.
    spend : pandas.DataFrame
        Spend on running services, GBP million: see `overheads.spend`.
    elasticities : pandas.DataFrame
        How it goes with size: see `overheads.elasticities`.
    robustness : pandas.DataFrame
        The same under other fits: see `robustness.fits`.
    bands : pandas.DataFrame
        A row a size band, with averages of submitted unitaries: band, additional (authorities),
        published_posts, published_cost (GBP million a year; missing above 500k, where only a fall
        was published), posts and cost with low and high (calibrated), implied, implied_low,
        implied_high (change of spend on running services, GBP million a year).
    """

    sample: str
    published: pd.Series
    today: pd.DataFrame
    statements: pd.DataFrame
    calibration: Calibration
    fits: pd.DataFrame
    powers: pd.DataFrame
    fitting: tuple[float, float]
    spend: pd.DataFrame
    elasticities: pd.DataFrame
    robustness: pd.DataFrame
    bands: pd.DataFrame

    @property
    def elasticity(self) -> Estimate:
        """The elasticity of all three lines that everything in pounds rests on."""
        return overheads.elasticity(self.elasticities, sample=self.sample)


@once_per_batch
def national(sample: str = "all authorities") -> National:
    """Calibrate posts to the published totals, and fit what councils spend on running services.

    Parameters
    ----------
    sample : str
        A key of `regression.SAMPLES`: whose elasticity says what a division does to that spend.

    Raises
    ------
    ValueError
        If there is no such sample.
    """
    if sample not in SAMPLES:
        raise ValueError(f"no sample {sample!r}; they are: {', '.join(SAMPLES)}")
    published, now = calibration.published(), calibration.today()
    residents = now["population"].to_numpy(dtype=float)
    statements = calibration.statements(size_bands.averages(), published, len(now))
    fits = calibration.fits(statements, published)
    each = calibration.calibrated(statements, published)
    spend = overheads.spend()
    elasticities = overheads.elasticities(spend)
    base = spend.loc[now["gss_code"], overheads.ALL_LINES].sum(skipna=False)
    estimate = overheads.elasticity(elasticities, sample=sample)
    implied = partial(overheads.change, base, residents, estimate=estimate)
    return National(
        sample=sample,
        published=published,
        today=now,
        statements=statements,
        calibration=each,
        fits=fits,
        powers=calibration.powers(statements, published, residents),
        fitting=calibration.fitting_population(statements, fits, residents),
        spend=spend,
        elasticities=elasticities,
        robustness=robustness.fits(spend),
        bands=_bands(statements, each, implied),
    )


def _bands(statements: pd.DataFrame, each: Calibration, implied: partial) -> pd.DataFrame:
    rows = []
    for row in statements[statements["definition"] == size_bands.SUBMITTED].itertuples():
        line = {"band": row.band, "additional": row.additional}
        line |= {"published_posts": row.posts_low, "published_cost": row.cost}
        for name, numbers in (
            ("posts", each.posts.times(row.additional)),
            ("cost", each.cost.times(row.additional)),
            ("implied", implied([row.population], times=row.authorities)),
        ):
            line |= zip((name, f"{name}_low", f"{name}_high"), numbers, strict=True)
        rows.append(line)
    return pd.DataFrame(rows)


@dataclass(frozen=True, eq=False)
class Study:
    """Senior staffing in one area.

    Parameters
    ----------
    here : Divisions
        The area.
    national : National
        Calibration and fits.
    divisions : pandas.DataFrame
        The area today, then each proposal: see `posts.of_divisions`.
    """

    here: Divisions
    national: National
    divisions: pd.DataFrame

    @property
    def proposals(self) -> pd.DataFrame:
        """The rows of ``divisions`` but today's."""
        return self.divisions.iloc[1:]


@by_content
def study(here: Divisions, sample: str = "all authorities") -> Study:
    """Return what senior staffing says of an area; the parameter is that of `national`."""
    nation = national(sample)
    spend = nation.spend[overheads.ALL_LINES]
    divisions = posts.of_divisions(here, nation.calibration, spend, nation.elasticity)
    return Study(here, nation, divisions)


def measure(footprints: Footprints, demand: Demand) -> tuple[Measurement, ...]:
    """Measure directors, posts and cost of a division, against the authorities of today.

    Councils of no area invited count with their authority of today.
    """
    now = len(today(demand, councils_of(footprints)))
    return posts.measured(len(footprints), now, national().calibration)


def measure_options(here: Divisions) -> pd.DataFrame:
    """Measure every option of an area; those with as many unitaries are equal here."""
    each, parts = national().calibration, {}
    for k, masks in here.options.masks.items():
        values = {m.metric.metric: m.value for m in posts.measured(k, len(here.today), each)}
        parts[k] = pd.DataFrame(values, index=range(len(masks)))
    return by_option(parts)

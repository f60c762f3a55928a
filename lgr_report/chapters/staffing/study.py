"""What senior staffing says of England, and of one area: computed once."""

from dataclasses import dataclass

import pandas as pd

from lgr_report.chapters.staffing import calibration, divisions, overheads
from lgr_report.chapters.staffing.calibration import Calibration
from lgr_report.chapters.staffing.divisions import measured
from lgr_report.core import size_bands
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.metrics import Footprints, Measurement, by_option, councils_of, today
from lgr_report.core.regression import Estimate
from lgr_report.sources.cache import once_per_batch


@dataclass(frozen=True, eq=False)
class National:
    """Senior staffing in the 21 areas.

    Parameters
    ----------
    said : pandas.Series
        The published figures by finding (``ST01`` to ``ST11``).
    now : int
        Upper-tier authorities of the areas today.
    statements : pandas.DataFrame
        What each published total implies for one authority: see `calibration.statements`.
    each : Calibration
        Posts and cost that come with one authority.
    fits : pandas.DataFrame
        Whether one linear model fits what was published: see `calibration.fits`.
    powers : pandas.DataFrame
        The alternative, a power of residents: see `calibration.powers`.
    fitting : tuple of float
        The average unitary of the smallest band with which the model would fit, least and most.
    spend : pandas.DataFrame
        What every authority spends on running services, GBP million: see `overheads.spend`.
    elasticities : pandas.DataFrame
        How that spend rises with residents: see `overheads.elasticities`.
    elasticity : Estimate
        Of all lines together over all authorities.
    bands : pandas.DataFrame
        Published, calibrated and implied figures by size band: see `calibration.bands`.
    """

    said: pd.Series
    now: int
    statements: pd.DataFrame
    each: Calibration
    fits: pd.DataFrame
    powers: pd.DataFrame
    fitting: tuple[float, float]
    spend: pd.DataFrame
    elasticities: pd.DataFrame
    elasticity: Estimate
    bands: pd.DataFrame

    @property
    def money(self) -> pd.Series:
        """Spend of every authority on all lines of running services, GBP million."""
        return self.spend[overheads.ALL_LINES]


@once_per_batch
def national() -> National:
    """Calibrate posts and cost to the published totals, and fit what authorities spend."""
    said, authorities = calibration.published(), calibration.authorities_today()
    residents = authorities["population"].to_numpy(dtype=float)
    implied = calibration.statements(size_bands.averages(), said, len(authorities))
    each, fits = calibration.calibrate(implied, said), calibration.fits(implied, said)
    spend = overheads.spend()
    elasticities = overheads.elasticities(spend)
    elasticity = overheads.elasticity(elasticities)
    money = spend[overheads.ALL_LINES]
    return National(
        said=said,
        now=len(authorities),
        statements=implied,
        each=each,
        fits=fits,
        powers=calibration.powers(implied, said, residents),
        fitting=calibration.fitting_population(implied, fits, residents),
        spend=spend,
        elasticities=elasticities,
        elasticity=elasticity,
        bands=calibration.bands(
            implied,
            each,
            lambda unitaries: overheads.of_equal(unitaries, authorities, money, elasticity),
        ),
    )


@dataclass(frozen=True, eq=False)
class Study:
    """Senior staffing in one area.

    Parameters
    ----------
    here : Divisions
        The area.
    national : National
        What comes with one authority, and the fits.
    divisions : pandas.DataFrame
        The area today and each proposal that can be computed: see `divisions.of_area`.
    """

    here: Divisions
    national: National
    divisions: pd.DataFrame

    @property
    def now(self) -> pd.Series:
        """The area today."""
        return self.divisions.iloc[0]

    @property
    def proposals(self) -> pd.DataFrame:
        """The rows of ``divisions`` that are proposals."""
        return self.divisions.iloc[1:]


def study(here: Divisions, nation: National | None = None) -> Study:
    """Return what senior staffing says of an area; by default with `national`."""
    nation = national() if nation is None else nation
    table = divisions.of_area(here, nation.each, nation.money, nation.elasticity)
    return Study(here, nation, table)


def measure(footprints: Footprints, demand: Demand) -> tuple[Measurement, ...]:
    """Measure directors, posts and cost of a division, against the authorities of today.

    Councils of no area invited count with their authority of today.
    """
    now = today(demand, councils_of(footprints))
    return measured(len(footprints), len(now), national().each)


def measure_options(here: Divisions) -> pd.DataFrame:
    """Measure every option of an area; those with as many unitaries are equal here."""
    each, parts = national().each, {}
    for k, masks in here.options.masks.items():
        values = {m.metric.metric: m.value for m in measured(k, len(here.today), each)}
        parts[k] = pd.DataFrame(values, index=range(len(masks)))
    return by_option(parts)

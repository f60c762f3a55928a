"""What service quality says of England, and of one area: computed once."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lgr_report.chapters.quality import divisions, fits, judgements
from lgr_report.chapters.quality.chances import AS_PUBLISHED, LINEAR, MODELS, REDUCED, WHOLE, Model
from lgr_report.chapters.quality.judgements import OVERALL
from lgr_report.core.demand import Demand
from lgr_report.core.divisions import Divisions
from lgr_report.core.metrics import Footprints, Measurement
from lgr_report.sources import tables
from lgr_report.sources.cache import by_content, once_per_batch
from lgr_report.sources.dates import day_of


@dataclass(frozen=True, eq=False)
class National:
    """Judgements of children's services in England, and how they go with size.

    Parameters
    ----------
    models : mapping of str to Model
        Each model of overall effectiveness: see `fits.models`.
    effects : pandas.DataFrame
        What half the population means in every fit: see `fits.effects`.
    forms : pandas.DataFrame
        The linear model in other forms: see `fits.forms`.
    quarters : pandas.DataFrame
        Shares by quarter of population: see `judgements.quarters`.
    counties : pandas.DataFrame
        County councils in Ofsted's table: see `judgements.counties`.
    changed : pandas.DataFrame
        Those judged again since: see `judgements.changed`.
    good : pandas.Series
        Counties Good or Outstanding, by day: of Ofsted's table, of the published ratings, and the
        last on which a later judgement was found.
    published : pandas.Series
        Published figures by finding (``QU01`` to ``QU03``).
    """

    models: Mapping[str, Model]
    effects: pd.DataFrame
    forms: pd.DataFrame
    quarters: pd.DataFrame
    counties: pd.DataFrame
    changed: pd.DataFrame
    good: pd.Series
    published: pd.Series

    @property
    def linear(self) -> Model:
        """The model that was published: linear probability."""
        return self.models[LINEAR]

    @property
    def samples(self) -> pd.DataFrame:
        """The rows of ``effects`` for overall effectiveness with the published controls."""
        table = self.effects
        return table[(table["judgement"] == OVERALL) & (table["controls"] == AS_PUBLISHED)]

    @property
    def everyone(self) -> pd.DataFrame:
        """The rows of ``samples`` for all authorities, by model."""
        return self.samples[self.samples["sample"] == WHOLE].set_index("model")


@once_per_batch
def national() -> National:
    """Fit every model, and count judgements."""
    models, changed = fits.models(), judgements.changed()
    known = day_of(judgements.AS_AT), day_of(judgements.PUBLISHED_ON)
    days = (*known, changed["public_by"].max())
    published = tables.read("published_findings").query("theme == 'quality'")
    return National(
        models=models,
        effects=fits.effects(models),
        forms=fits.forms(),
        quarters=judgements.quarters(),
        counties=judgements.counties(),
        changed=changed,
        good=pd.Series([int(judgements.counties(day)["good"].sum()) for day in days], index=days),
        published=published.set_index("finding_id")["value"],
    )


@dataclass(frozen=True, eq=False)
class Study:
    """Service quality in one area.

    Parameters
    ----------
    here : Divisions
        The area.
    national : National
        Judgements and models of England.
    measured : mapping of str to mapping of str to Measurement
        The change that a proposal's sizes go with, by proposal_id (of those that can be computed)
        and model: see `divisions.measured`.
    unitaries : mapping of str to pandas.DataFrame
        The unitaries of each of these by the bias-reduced logit: see `divisions.unitaries`.
    today : pandas.DataFrame
        The councils of today in the same way.
    """

    here: Divisions
    national: National
    measured: Mapping[str, Mapping[str, Measurement]]
    unitaries: Mapping[str, pd.DataFrame]
    today: pd.DataFrame

    @property
    def changes(self) -> list[Measurement]:
        """The change of each computable proposal by the linear model, in their order."""
        return [by_model[LINEAR] for by_model in self.measured.values()]


@by_content
def study(here: Divisions, nation: National | None = None) -> Study:
    """Return what the sizes of an area's proposals go with; by default with `national`."""
    nation = national() if nation is None else nation
    models, demand = nation.models, here.demand
    bids = {bid.proposal_id: bid.footprints for bid in here.computable}
    return Study(
        here=here,
        national=nation,
        measured={
            bid: {
                name: divisions.measured([codes for _, codes in parts], demand, models[name])
                for name in MODELS
            }
            for bid, parts in bids.items()
        },
        unitaries={
            bid: divisions.unitaries(parts, demand, models[REDUCED]) for bid, parts in bids.items()
        },
        today=divisions.unitaries([("", codes) for codes in here.today], demand, models[REDUCED]),
    )


def measure(footprints: Footprints, demand: Demand) -> tuple[Measurement, ...]:
    """Measure a division of councils by the linear model: see `divisions.measured`."""
    return (divisions.measured(footprints, demand, fits.models()[LINEAR]),)


def measure_options(here: Divisions) -> pd.DataFrame:
    """Measure every option of an area by the linear model: see `divisions.of_options`."""
    return divisions.of_options(here, fits.models()[LINEAR])

"""Claims about the published report's scope, survey and demand variation.

The other models answer their own findings (``unit_cost.claims`` and so on); `ledger` collects all.
"""

import numpy as np

from lgr_report.models import intervals, spreads, survey
from lgr_report.models.demand import Demand
from lgr_report.models.findings import Claim
from lgr_report.models.variation import MEASURES, PEOPLE, STATISTICS
from lgr_report.sources import areas, tables
from lgr_report.sources.areas import assumption

LOCAL_RETURNS = "CCN/Newton's list of areas, scenarios and footprints, which is not published"
REPLIES = "the survey's replies by question and role, which are not published"
METHOD = "nothing: it is a choice of method, not a finding"


def scope() -> tuple[Claim, ...]:
    """Return claims for what the published analysis covers (SC01–SC11, pp6–58)."""
    bids = tables.read("proposals")
    least = assumption("design_min_population")
    sizes = [areas.population(area_id) for area_id in areas.ids()]
    large = sum(size > least for size in sizes)
    scenarios = 2 * len(sizes) + 2 * large
    footprints = 5 * len(sizes) + 9 * large
    design = (
        f"two and three unitaries in each of {len(sizes)} areas, four and five in the {large} "
        f"above {least:,.0f} people (p26 as we read it)"
    )
    not_listed = {
        "SC02": "which areas took part is not published",
        "SC03": "which neighbours took part is not published",
        "SC04": "the scenarios were examined in local work and are not published",
        "SC05": "the footprints were examined in local work and are not published",
        "SC08": "interim plans of March 2025 are not among our tables, only the submitted bids",
        "SC10": "what areas considered is not published, only what they submitted",
    }
    return (
        _count("SC01", len(sizes), ("areas",), "areas invited on 5 February 2025"),
        _count(
            "SC09",
            int(bids["n_unitaries"].max()),
            ("proposals",),
            "most unitaries in one submitted proposal",
        ),
        *(
            Claim(
                name,
                value,
                value,
                value,
                data=("councils",),
                how=design,
                reason="which areas were left out of the national maps is not published: the rule "
                f"as we read it gives {value}",
                settled_by=LOCAL_RETURNS,
            )
            for name, value in (("SC06", scenarios), ("SC07", footprints))
        ),
        *(Claim(name, reason=why, settled_by=LOCAL_RETURNS) for name, why in not_listed.items()),
        Claim("SC11", reason="a horizon is chosen, not found", settled_by=METHOD),
    )


def _count(finding_id: str, value: float, data: tuple[str, ...], how: str) -> Claim:
    return Claim(finding_id, value, value, value, data, how)


def of_survey() -> tuple[Claim, ...]:
    """Return claims for the survey (SV01–SV49, pp7–33).

    A percentage cannot be tested without the replies. What can be tested is what the percentages
    imply: the respondents behind each figure, and what holds under every reading of it.
    """
    published = tables.read("published_findings")
    mine = published.loc[published["theme"] == "survey", "finding_id"]
    implied = {"SV12": "fig4", "SV46": "fig1", "SV45": "fig6"}
    found = []
    for name, chart_id in implied.items():
        how = f"numbers of respondents that explain every bar of figure {chart_id[3:]}"
        fitting = survey.common_n(chart_id)
        if not fitting:
            raise ValueError(f"no number of respondents explains {chart_id}")
        found.append(
            Claim(name, fitting[0], fitting[0], fitting[-1], ("survey_bars",), how)
            if len(fitting) == 1
            else Claim(
                name,
                reason=f"{areas.listed(map(str, fitting))} respondents fit alike",
                settled_by=REPLIES,
            )
        )
    for name, (option, end) in {"SV47": (0, 0), "SV48": (0, 1), "SV49": (1, 1)}.items():
        ends = confident_ends()[option]
        value = ends[end]
        found.append(
            Claim(
                name,
                value,
                value,
                value,
                ("survey_bars",),
                "first two and last two segments of the columns of figure 6, the direction open",
            )
        )
    done = {claim.finding_id for claim in found}
    return (
        *found,
        *(
            Claim(
                name,
                reason="a percentage of replies cannot be checked without the replies",
                settled_by=REPLIES,
            )
            for name in mine
            if name not in done
        ),
    )


def confident_ends() -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the confident shares that both readings of figure 6 allow (p33), per cent.

    Each column has up to five answers, from very confident to not at all or the other way: which
    way is open. Two columns lean to their upper end, two to their lower, so one pair is confident
    and the other is not, whichever way it is read. A column of fewer segments lacks answers at its
    thin end, where nobody stands.

    Returns
    -------
    tuple of tuple of float
        Least and most share of the two answers at the end that a column leans to, and of the two
        at its other end.
    """
    bars = tables.read("survey_bars").query("chart_id == 'fig6'")
    leaning, other = [], []
    for _, column in bars.groupby("question", sort=False):
        percent = column.sort_values("bar")["percent"].to_list()
        if sum(percent[:2]) < sum(percent[-2:]):
            percent.reverse()
        leaning.append(sum(percent[:2]))
        other.append(sum(percent[3:]))
    return (min(leaning), max(leaning)), (min(other), max(other))


def of_demand(demand: Demand) -> tuple[Claim, ...]:
    """Return claims for demand variation (DV01–DV04, pp38, 91): mean spread of submitted bids."""
    table, drawn = spreads.submitted(demand)
    variation = drawn[:, :, MEASURES.index(PEOPLE), STATISTICS.index("spread")]
    small, _, large = areas.size_bands()
    means = {
        band: variation[np.flatnonzero(table["band"] == band)].mean(axis=0)
        for band in (small, large)
    }
    effect = intervals.around(means[small] - means[large])
    data = ("upper_tier_indicators", "district_indicators", "proposals")
    how = (
        "mean of (largest − smallest rate) ÷ the area's rate over the {} submitted proposals whose "
        "mean unitary lies in the band; the effect is the difference between the bands"
    )
    return (
        *(
            Claim(
                name,
                *intervals.around(100 * means[band]),
                data,
                how.format((table["band"] == band).sum()),
                effect=effect,
            )
            for name, band in (("DV01", small), ("DV02", large))
        ),
        Claim("DV03", reason="a ceiling is chosen, not found", settled_by=METHOD),
        Claim("DV04", reason="a base period is chosen, not found", settled_by=METHOD),
    )

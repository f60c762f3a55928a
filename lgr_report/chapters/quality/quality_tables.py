"""Service quality on a page: tables and the sentences computed from them."""

import pandas as pd

from lgr_report.chapters.quality import judgements, quality, quality_fits
from lgr_report.chapters.quality.chances import AS_PUBLISHED, LINEAR, MODELS, REDUCED, WHOLE
from lgr_report.chapters.quality.judgements import JUDGEMENTS, OVERALL
from lgr_report.chapters.quality.quality import points
from lgr_report.core.demand import Demand
from lgr_report.core.metrics import Measurement, today
from lgr_report.core.options import proposals
from lgr_report.core.regression import Estimate
from lgr_report.page import phrases
from lgr_report.sources import areas, tables
from lgr_report.sources.assumptions import assumption

EXPECTED = "expected Good or Outstanding"


def told(one: Estimate | Measurement | pd.Series) -> str:
    """Return percentage points with their interval."""
    return f"{points(one.value)} ({points(one.low)} to {points(one.high)})"


def effects_shown() -> pd.DataFrame:
    """Return every fit for a page: judgement, sample, controls, model, effect, p, what is seen."""
    table = quality_fits.effects()
    effect = ["not available" if pd.isna(r.value) else told(r) for r in table.itertuples()]
    return pd.DataFrame(
        {
            "judgement": table["judgement"].map(JUDGEMENTS),
            "sample": table["sample"],
            "controls": table["controls"],
            "model": table["model"],
            "authorities": table["n"],
            "Good or Outstanding": table["good"].map("{:.0%}".format),
            "half the population, points": effect,
            "p": table["p"].map("{:.2f}".format),
            "smallest effect seen": table["detectable"],
            "separated": table["separated"].replace("", "none"),
        }
    )


def proposals_shown(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return today's councils and each proposal: change by every model, expected number Good."""
    now = today(demand, areas.councils(area_id)["gss_code"])
    chances = quality.unitaries([("", codes) for codes in now], demand)["today"]
    rows = [{"proposal": "councils today", "councils": len(now)} | dict.fromkeys(MODELS, "–")]
    rows[0][EXPECTED] = f"{chances.sum():.1f} of {len(chances)}"
    for bid, metrics in quality.of_proposals(area_id, demand, MODELS):
        row = {"proposal": bid.name, "councils": bid.n_unitaries}
        if metrics:
            row |= {
                name: phrases.measured(metric) for name, metric in zip(MODELS, metrics, strict=True)
            }
            chances = quality.unitaries(bid.footprints, demand)["after"]
            row[EXPECTED] = f"{chances.sum():.1f} of {len(chances)}"
        else:
            row |= dict.fromkeys((*MODELS, EXPECTED), bid.status)
        rows.append(row)
    return pd.DataFrame(rows)


def unitaries_shown(area_id: str, demand: Demand) -> pd.DataFrame:
    """Return each proposed unitary for a page, with its chance of Good or Outstanding."""
    bids = proposals(area_id)
    parts = [
        quality.unitaries(bid.footprints, demand).assign(proposal=bid.name)
        for bid in bids
        if bid.footprints
    ]
    if not parts:
        return pd.DataFrame(
            {"proposal": [b.name for b in bids], "status": [b.status for b in bids]}
        )
    table = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(
        {
            "proposal": table["proposal"],
            "unitary": table["unitary"],
            "residents": table["residents"].map("{:,.0f}".format),
            "authority today, residents": table["before"].map("{:,.0f}".format),
            "chance as today": table["today"].map("{:.0%}".format),
            "chance by its size": table["after"].map("{:.0%}".format),
            "change, points": [told(r) for r in table.itertuples()],
        }
    )


def forms_shown() -> pd.DataFrame:
    """Return the linear model in every form for a page."""
    table = quality_fits.forms()
    effect = [told(r) for r in table.itertuples()]
    table = table.rename(columns={"n": "authorities"})
    return table[["outcome", "size", "sample", "authorities"]].assign(
        effect=effect, p=table["p"].map("{:.3f}".format)
    )


def counties_shown() -> pd.DataFrame:
    """Return the judgement of each county council for a page, and what changed since."""
    changes = judgements.changed().set_index("authority_name")
    table = judgements.counties()
    later = [
        f"{changes.loc[name, 'after']} (public by {phrases.day(changes.loc[name, 'public_by'])})"
        if name in changes.index
        else "none found"
        for name in table["authority_name"]
    ]
    return pd.DataFrame(
        {
            "county council": table["authority_name"],
            "residents": table["population"].map("{:,.0f}".format),
            "overall": table["overall"],
            "published": table["known"],
            "later judgement": later,
        }
    )


def counties_in_words() -> list[str]:
    """Return how many counties are Good or Outstanding, at which date, against the published."""
    found = tables.read("published_findings").set_index("finding_id")["value"]
    changes = judgements.changed()
    last = changes["public_by"].max()
    numbers = [
        int(judgements.counties(on)["good"].sum())
        for on in (judgements.AS_AT, judgements.PUBLISHED_ON, last)
    ]
    moves = phrases.listed(
        f"{r.authority_name} ({r.before} to {r.after}, public by {phrases.day(r.public_by)})"
        for r in changes.itertuples()
    )
    return [
        f"Published: {found['QU01']:.0f} of {found['QU02']:.0f} counties Good or Outstanding, on "
        f"ratings of September 2025 (CCN/Newton, pp5, 99). Ofsted's table of "
        f"{phrases.day(judgements.AS_AT)} gives {numbers[0]}; with the later judgements that we "
        f"found, {numbers[1]} by {phrases.day(judgements.PUBLISHED_ON)} and {numbers[2]} by "
        f"{phrases.day(last)}. These are {moves}; there may be others."
    ]


def forms_in_words() -> list[str]:
    """Return how far the answer depends on the form of the regression."""
    table = quality_fits.forms().set_index(["outcome", "size", "sample"])
    alpha = 1 - assumption("interval_level")
    seen = table[table["p"] < alpha]
    chance, score = (
        table.loc[(outcome, "population", WHOLE)]
        for outcome in (quality_fits.CHANCE, quality_fits.SCORE)
    )
    largest = judgements.counties().head(4)
    best = int((largest["overall"] == "Outstanding").sum())
    apart = table.xs("without counties", level="sample").xs("population", level="size")["p"]
    every = {index[:2] for index in seen.index} == {(quality_fits.SCORE, "population")}
    return [
        f"The form matters. Of {len(table)} linear fits {len(seen)} have p below {alpha:.2f}"
        + (": all take grades as a score and population not in logs." if every else "."),
        f"With population not in logs, halving an average county goes with "
        f"{told(chance)} points in the chance "
        f"(p = {chance['p']:.3f}) and {points(score['value'] / 100)} grades "
        f"(p = {score['p']:.3f}). There the largest counties weigh most, and {best} of the "
        f"{len(largest)} largest are Outstanding; without counties p is {apart.min():.2f} or more.",
    ]


def models_in_words() -> list[str]:
    """Return what the models say together, and which of them could not be fitted."""
    table = quality_fits.effects()
    whole = table[(table["sample"] == WHOLE) & (table["controls"] == AS_PUBLISHED)]
    mine = whole[whole["judgement"] == OVERALL].set_index("model")
    gaps = table[table["value"].isna()]
    clear = whole[(whole["high"] < 0) | (whole["low"] > 0)]
    which = phrases.listed(
        f"{JUDGEMENTS[r.judgement]} by the {r.model}" for r in clear.itertuples()
    )
    return [
        "Four models side by side, all authorities: "
        + "; ".join(f"{name} {told(r)}" for name, r in mine.iterrows())
        + (". Every one leans to larger authorities." if (mine["value"] < 0).all() else "."),
        f"Over the five judgements, {len(clear)} of {len(whole)} fits on all authorities are clear "
        f"of zero{f': {which}' if which else ''}. With so many fits, one in twenty would be by "
        "chance.",
        "Half the population would have to move the chance by "
        f"{mine.loc[LINEAR, 'detectable']:.0f} points ({mine.loc[REDUCED, 'detectable']:.0f} in "
        f"the bias-reduced logit) to be found with a probability of "
        f"{assumption('test_power'):.0%}. Smaller effects, which would still matter, these data "
        "cannot show or rule out.",
        f"{phrases.count(len(gaps), 'fit')} of {len(table)} "
        + ("has" if len(gaps) == 1 else "have")
        + " no maximum likelihood estimate because a predictor separates the outcomes"
        + (f" ({phrases.listed(sorted(set(gaps['separated'])))})." if len(gaps) else "."),
    ]

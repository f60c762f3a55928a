"""Tables of service quality as a page shows them, made from the frames of a study."""

import pandas as pd

from lgr_report.chapters.quality.chances import MODELS
from lgr_report.chapters.quality.judgements import JUDGEMENTS
from lgr_report.chapters.quality.study import National, Study
from lgr_report.chapters.quality.words import told
from lgr_report.core.proposals import statuses
from lgr_report.page import phrases

EXPECTED = "expected Good or Outstanding"


def effects(table: pd.DataFrame) -> pd.DataFrame:
    """Return `fits.effects` for a page: judgement, sample, controls, model, effect, p."""
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


def forms(table: pd.DataFrame) -> pd.DataFrame:
    """Return `fits.forms` for a page."""
    held = table["region"].map({True: "yes", False: "no"})
    shown = table.rename(columns={"n": "authorities"}).assign(**{"region held": held})
    return shown[["outcome", "size", "sample", "region held", "authorities"]].assign(
        effect=[told(r) for r in table.itertuples()], p=table["p"].map("{:.3f}".format)
    )


def proposals(study: Study) -> pd.DataFrame:
    """Return today's councils and each proposal: change by every model, expected number Good."""
    rows = [{"proposal": "councils today", "councils": len(study.today)}]
    rows[0] |= dict.fromkeys(MODELS, "–") | {EXPECTED: _expected(study.today["today"])}
    for bid in study.here.proposals:
        row = {"proposal": bid.name, "councils": bid.n_unitaries}
        if bid.proposal_id in study.measured:
            by_model = study.measured[bid.proposal_id]
            row |= {name: phrases.measured(one) for name, one in by_model.items()}
            row[EXPECTED] = _expected(study.unitaries[bid.proposal_id]["after"])
        else:
            row |= dict.fromkeys((*MODELS, EXPECTED), bid.status)
        rows.append(row)
    return pd.DataFrame(rows)


def _expected(chances: pd.Series) -> str:
    return f"{chances.sum():.1f} of {len(chances)}"


def unitaries(study: Study) -> pd.DataFrame:
    """Return each proposed unitary, with its chance of Good or Outstanding."""
    if not study.unitaries:
        return statuses(study.here.proposals)
    names = {bid.proposal_id: bid.name for bid in study.here.computable}
    parts = [frame.assign(proposal=names[bid]) for bid, frame in study.unitaries.items()]
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


def counties(nation: National) -> pd.DataFrame:
    """Return the judgement of each county council, and what changed since."""
    changes, table = nation.changed.set_index("authority_name"), nation.counties
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
            "published (inspected by 31 March 2025)": table["known"],
            "later judgement": later,
        }
    )

"""Charts of overheads: economies of scale in what councils spend on running services."""

from lgr_report.chapters.staffing import overheads
from lgr_report.chapters.staffing.calibration import bands
from lgr_report.chapters.staffing.staffing import known, pounds
from lgr_report.page.cells import Table
from lgr_report.page.figures import (
    BLUE,
    GREY,
    ORANGE,
    PURPLE,
    TEAL,
    Figure,
    no_wider,
    picture,
    styled,
)
from lgr_report.sources.assumptions import assumption

MARKS = ("o", "s", "D", "^", "v")
COLOURS = (BLUE, TEAL, PURPLE, ORANGE, GREY)


@styled
def scale() -> Figure:
    """Draw the elasticity of spend on running services, by series and sample."""
    table = overheads.elasticities()
    below = (table["high"] < 1).sum()
    main = overheads.elasticity()
    title = (
        f"Councils' own spend rises by {main.value:.2f}% with 1% more residents "
        f"({main.low:.2f} to {main.high:.2f}); {below or 'none'} of {len(table)} fits "
        f"{'is' if below < 2 else 'are'} below proportion beyond chance"
    )
    drawn = picture(6.4, title, "computed from MHCLG RO3 2024-25, ONS and MHCLG figures")
    axes = drawn.add_subplot()
    samples = table["sample"].unique()
    place, ticks = 0.0, []
    for series in overheads.SERIES:
        part = table[table["series"] == series].set_index("sample")
        ticks.append(place + (len(samples) - 1) / 2)
        for step, sample in enumerate(samples):
            row = part.loc[sample]
            axes.hlines(place, row["low"], row["high"], color=COLOURS[step], linewidth=2.5)
            label = sample if series == overheads.ALL_LINES else None
            axes.plot(
                row["value"], place, MARKS[step], color=COLOURS[step], markersize=7, label=label
            )
            place += 1
        place += 1
    axes.axvline(1, color=GREY, linestyle="--", linewidth=1)
    axes.text(1, -1.1, " in proportion to residents", fontsize=9, va="center")
    axes.set_yticks(ticks, no_wider(overheads.SERIES, 22))
    axes.set_ylim(place - 0.5, -1.7)
    axes.set_xlabel("elasticity of gross spend on residents; line: interval")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.3, 1), ncols=3, fontsize=8.5)
    spoken = "; ".join(
        f"{r.series}, {r.sample}: {r.value:.2f} ({r.low:.2f} to {r.high:.2f})"
        for r in table.itertuples()
    )
    caption = "Elasticity of spend on running services"
    return Figure(drawn, title, f"Elasticities, {spoken}.", Table(overheads.shown(), caption))


def scale_in_words() -> list[str]:
    """Return what councils' own spend says of economies of scale, beside the calibrated cost."""
    table = overheads.elasticities()
    one = table[table["series"] == next(iter(overheads.LINES))].iloc[0]
    size, level = overheads.elasticity(), assumption("interval_level")
    medium = bands().iloc[1]
    return [
        f"Spend on running services rises by {size.value:.2f}% with one per cent more residents "
        f"({level:.0%} interval {size.low:.2f} to {size.high:.2f}), at equal deprivation, income "
        "and region. One is in proportion: "
        + (
            "larger authorities spend less by the head."
            if size.high < 1
            else "economies of scale are likely in direction, but cannot be told from none."
            if size.value < 1
            else "there is no sign of economies of scale."
        ),
        f"Adults' commissioning and administration alone gives {one['value']:.2f} "
        f"({one['low']:.2f} to {one['high']:.2f}), and rests on single authorities: without "
        f"{one['mover']} it is {one['without']:.2f}. What authorities book on this line differs "
        "widely.",
        f"If it were so, authorities of the size {medium['band']} would spend "
        f"{known(medium['implied'], medium['implied_low'], medium['implied_high'])} a year more "
        f"than today on running services, beside a published "
        f"{pounds(medium['published_cost'])} for senior staff. The two are not the same thing: "
        "these lines also hold social workers and their teams.",
    ]

"""Claims about what the published analysis covers: areas, scenarios, footprints (pp6-58)."""

from lgr_report.core.findings import METHOD, Claim
from lgr_report.sources import areas, tables
from lgr_report.sources.assumptions import assumption

NUMBERS = range(2, 6)  # of unitaries in the maps of the national analysis (p6)
LOCAL_RETURNS = "CCN/Newton's list of areas, scenarios and footprints, which is not published"


def scope() -> tuple[Claim, ...]:
    """Return claims for what the published analysis covers (SC01–SC11, pp6–58)."""
    bids = tables.read("proposals")
    least = assumption("design_min_population")
    sizes = [areas.population(area_id) for area_id in areas.ids()]
    large = sum(size > least for size in sizes)
    scenarios = 2 * len(sizes) + 2 * large
    footprints = 5 * len(sizes) + 9 * large
    published = tables.read("published_findings").set_index("finding_id")["value"]
    least_unitaries = fewest_unitaries(int(published["SC06"]), len(sizes))
    shared = (
        f"; {published['SC06']:.0f} maps of two to five unitaries, one for each area and number, "
        f"hold at least {least_unitaries} unitaries, and {published['SC07']:.0f} footprints are "
        "published: both hold only if maps share footprints"
        if least_unitaries > published["SC07"]
        else ""
    )
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
                f"as we read it gives {value}{shared}",
                settled_by=LOCAL_RETURNS,
            )
            for name, value in (("SC06", scenarios), ("SC07", footprints))
        ),
        *(Claim(name, reason=why, settled_by=LOCAL_RETURNS) for name, why in not_listed.items()),
        Claim("SC11", reason="a horizon is chosen, not found", settled_by=METHOD),
    )


def fewest_unitaries(maps: int, areas: int) -> int:
    """Return the fewest unitaries that so many maps of two, three, four and five can hold.

    Each area has one map at most of each number of unitaries, so the fewest are taken with the
    smallest numbers first.

    Raises
    ------
    ValueError
        If the areas cannot have so many maps.
    """
    if not 0 <= maps <= areas * len(NUMBERS):
        raise ValueError(f"{areas} areas have at most {areas * len(NUMBERS)} maps, not {maps}")
    every = sorted(number for number in NUMBERS for _ in range(areas))
    return sum(every[:maps])


def _count(finding_id: str, value: float, data: tuple[str, ...], how: str) -> Claim:
    return Claim(finding_id, value, value, value, data, how, counted=True)

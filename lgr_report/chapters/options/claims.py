"""Claims about what the published analysis covers: areas, scenarios, footprints (pp6-58)."""

from lgr_report.core.findings import METHOD, Claim
from lgr_report.sources import areas, tables
from lgr_report.sources.assumptions import assumption

LOCAL_RETURNS = "CCN/Newton's list of areas, scenarios and footprints, which is not published"


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
    return Claim(finding_id, value, value, value, data, how, counted=True)

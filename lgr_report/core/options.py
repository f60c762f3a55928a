"""Every way to divide an area's councils into unitaries, and the proposals among them.

An **option** covers an area once with contiguous **footprints** (see `footprints`: a footprint
is a number). Any quantity of all options is then a table looked up:

    options = contiguous_options("surrey")
    population = subset_sums(options.graph.populations)
    population[options.masks[3]]  # a row for each option of three, a column for each unitary
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lgr_report.core.footprints import (
    MASK,
    AreaGraph,
    area_graph,
    check_option,
    pieces_of,
    subset_sums,
)
from lgr_report.core.proposals import COMPUTABLE, Proposal, proposals
from lgr_report.sources.cache import by_content


@dataclass(frozen=True, eq=False)
class Options:
    """All options of a graph: `masks[k]` has a row for each option, a column for each unitary.

    Columns stand in the order of their lowest bit, rows in lexicographic order.
    """

    graph: AreaGraph
    masks: Mapping[int, np.ndarray]

    def counts(self) -> dict[int, int]:
        """Return the number of options by number of unitaries."""
        return {k: len(masks) for k, masks in self.masks.items()}

    def footprints(self, mask: int) -> tuple[str, ...]:
        """Return the GSS codes of a mask."""
        return self.graph.footprint(mask)

    def frame(self, k: int, rows: Sequence[int] | slice = slice(None)) -> pd.DataFrame:
        """Return options of `k` unitaries, all or the given rows, with council names."""
        index = np.arange(len(self.masks[k]))[rows]
        name = dict(zip(self.graph.gss_codes, self.graph.names, strict=True))
        masks = pd.DataFrame(self.masks[k][index], index=pd.Index(index, name="option"))
        masks.columns = [f"unitary_{i}" for i in range(1, k + 1)]
        text = {m: ", ".join(map(name.get, self.footprints(m))) for m in np.unique(masks)}
        return masks.apply(lambda column: column.map(text))

    def find(self, footprints: Iterable[Iterable[str]]) -> int | None:
        """Return the row of an option among those of its size, None if it is not among them."""
        masks = sorted(check_option(self.graph, footprints), key=lambda mask: mask & -mask)
        among = self.masks.get(len(masks), np.empty((0, len(masks))))
        rows = np.flatnonzero((among == masks).all(axis=1))
        return int(rows[0]) if len(rows) else None


def enumerate_options(graph: AreaGraph, max_unitaries: int = 5) -> Options:
    """Enumerate every partition of a graph into at most `max_unitaries` connected footprints.

    Each is found exactly once, because each further footprint holds the lowest council still
    free. A beginning is dropped as soon as what is left falls into too many pieces.
    """
    n = len(graph.gss_codes)
    pieces = pieces_of(graph)
    connected = np.flatnonzero(pieces == 1).astype(MASK)
    by_lowest = {1 << bit: connected[connected & -connected == 1 << bit] for bit in range(n)}

    rest = np.array([(1 << n) - 1], dtype=MASK)  # the councils still free after each beginning
    begun, masks = np.empty((1, 0), dtype=MASK), {}
    for k in range(1, max_unitaries + 1):
        if k > 1:
            rows, footprints = _next_footprints(rest, by_lowest, pieces, max_unitaries - k + 1)
            rest = rest[rows] ^ footprints
            begun = np.column_stack([begun[rows], footprints])
        whole = pieces[rest] == 1
        masks[k] = np.column_stack([begun[whole], rest[whole]])
    return Options(graph, masks)


@by_content
def contiguous_options(area_id: str, max_unitaries: int = 5, water_links: bool = True) -> Options:
    """Enumerate every option of an area: see `area_graph` and `enumerate_options`."""
    return enumerate_options(area_graph(area_id, water_links), max_unitaries)


def population_balance(options: Options) -> dict[int, pd.DataFrame]:
    """Return for each number of unitaries a frame with a row for each option.

    Columns are the `smallest` and `largest` unitary (people) and `spread`: (largest - smallest)
    over the mean unitary, so 0 for equal unitaries.
    """
    population = subset_sums(options.graph.populations)
    return {k: balance(population[masks]) for k, masks in options.masks.items()}


def balance(sizes: np.ndarray) -> pd.DataFrame:
    """Return the smallest and the largest unitary of each option, and their spread."""
    smallest, largest = sizes.min(axis=1), sizes.max(axis=1)
    spread = (largest - smallest) / sizes.mean(axis=1)
    return pd.DataFrame({"smallest": smallest, "largest": largest, "spread": spread})


def standing(value: float, distribution: np.ndarray | Sequence[float]) -> float:
    """Return where a value stands in a distribution, as a percentile from 0 to 100.

    It is the share of values below plus half the share equal (mid-rank), so that ties do not
    depend on order. Values that differ by rounding only (one part in 10^9) are equal. For a
    spread, a low percentile means better balanced than most.

    Raises
    ------
    ValueError
        If the distribution is empty, or a value is missing: a rank among some is no rank.
    """
    distribution = np.asarray(distribution, dtype=float)
    if not distribution.size or np.isnan(distribution).any() or np.isnan(value):
        raise ValueError("a percentile needs a distribution and no missing values")
    hair = 1e-9 * abs(value) + 1e-12
    below = np.count_nonzero(distribution < value - hair)
    up_to = np.count_nonzero(distribution <= value + hair)
    return 50 * (below + up_to) / distribution.size


def _next_footprints(
    rest: np.ndarray, by_lowest: dict[int, np.ndarray], pieces: np.ndarray, further: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pair each beginning, by its row of `rest`, with every footprint that may come next.

    That footprint holds the lowest free council and leaves one to `further` pieces. Beginnings
    with the same rest share one search.
    """
    rests, which = np.unique(rest, return_inverse=True)
    choices = []
    for free in rests:
        candidates = by_lowest[int(free & -free)]
        candidates = candidates[candidates & ~free == 0]
        left = pieces[free ^ candidates]
        choices.append(candidates[(left > 0) & (left <= further)])
    counts = np.array([len(choice) for choice in choices], dtype=int)
    rows = np.repeat(np.arange(len(rest)), counts[which])
    return rows, np.concatenate([rest[:0], *(choices[i] for i in which)])


def summary(area_id: str) -> dict[str, Any]:
    """Return an area's counts of options and where each proposal stands, ready for JSON.

    Percentiles are of the population spread among the options of as many unitaries, and None
    where the proposal is none of them (not contiguous by these links, or reaching outside) or
    the only one.
    """
    links = {"land": False, "all": True}
    options = {key: contiguous_options(area_id, water_links=on) for key, on in links.items()}
    spreads = {key: population_balance(every) for key, every in options.items()}
    return {
        "area_id": area_id,
        "councils": len(options["all"].graph.gss_codes),
        "counts": {
            key: {str(k): n for k, n in every.counts().items()} for key, every in options.items()
        },
        "proposals": [_entry(proposal, spreads) for proposal in proposals(area_id)],
    }


def _entry(proposal: Proposal, spreads: dict[str, dict[int, pd.DataFrame]]) -> dict[str, Any]:
    """Describe a proposal for `summary`; what cannot be computed is None."""
    same = ("n_unitaries", "status", "row_status", "boundary_changes", "reaches_outside")
    entry = {
        "proposal_id": proposal.proposal_id,
        "proposal_name": proposal.name,
        **{name: getattr(proposal, name) for name in same},
        "contiguous": {"land": proposal.contiguous_land, "all": proposal.contiguous_all},
        "populations": None,
        "population_spread": None,
        "population_spread_percentile": dict.fromkeys(spreads),
    }
    if proposal.status == COMPUTABLE:
        graph = area_graph(proposal.area_id, outside=proposal.outside_councils)
        people = subset_sums(graph.populations)
        sizes = {name: int(people[graph.mask(codes)]) for name, codes in proposal.footprints}
        spread = float(balance(np.array([[*sizes.values()]])).spread.item())
        entry |= {"populations": sizes, "population_spread": spread}
        for links, by_size in spreads.items():
            others = len(by_size.get(len(sizes), ())) > 1
            if entry["contiguous"][links] and others and not proposal.reaches_outside:
                percentile = standing(spread, by_size[len(sizes)].spread)
                entry["population_spread_percentile"][links] = percentile
    return entry

"""Footprints: sets of an area's councils that touch, as bits of a number.

Councils are bits, so a footprint is a number, and any quantity of all footprints of an area is
one table: ``subset_sums(graph.populations)[mask]`` is the population of footprint ``mask``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lgr_report.sources import areas, tables
from lgr_report.sources.contract import Problem, TableError

MASK = np.int32  # signed, so that x & -x is the lowest bit of x


@dataclass(frozen=True, eq=False)
class AreaGraph:
    """The councils of an area and which of them touch. The order of councils is the bit order."""

    area_id: str
    gss_codes: tuple[str, ...]
    names: tuple[str, ...]
    populations: np.ndarray
    links: tuple[tuple[str, str], ...]

    def mask(self, footprint: Iterable[str]) -> int:
        """Return the bits of a footprint's councils."""
        return sum(1 << self.gss_codes.index(code) for code in set(footprint))

    def footprint(self, mask: int) -> tuple[str, ...]:
        """Return the GSS codes of a mask."""
        return tuple(code for bit, code in enumerate(self.gss_codes) if int(mask) >> bit & 1)


def area_graph(area_id: str, water_links: bool = True, outside: Iterable[str] = ()) -> AreaGraph:
    """Read an area's invited districts and unitaries, and which of them touch.

    Parameters
    ----------
    area_id : str
        Slug of the area.
    water_links : bool
        Whether councils that meet only across tidal water or by ferry count as touching.
    outside : iterable of str
        Councils in the area's tables but not in its invitation to take in (West Berkshire).

    Raises
    ------
    UnknownAreaError
        If there is no such area.
    TableError
        If a council cannot be reached even over water. By land alone an island may stand apart: it
        is then a footprint of its own.
    """
    areas.get(area_id)  # an unknown area is named here, with the nearest one
    councils, links = tables.read("councils"), tables.read("adjacency")
    mine = (councils.area_id == area_id) & (councils.council_type != "county")
    taken = councils.in_invitation | councils.gss_code.isin([*outside])
    councils = councils[mine & taken].sort_values("gss_code")
    codes, names = tuple(councils.gss_code), tuple(councils.council_name)
    links = links[links.gss_a.isin(codes) & links.gss_b.isin(codes)]

    def graph(links: pd.DataFrame) -> AreaGraph:
        pairs = tuple(zip(links.gss_a, links.gss_b, strict=True))
        return AreaGraph(area_id, codes, names, councils.population.to_numpy(dtype=int), pairs)

    whole = graph(links)
    reached = whole.footprint(_first_pieces(whole)[-1])
    apart = ", ".join(n for code, n in zip(codes, names, strict=True) if code not in reached)
    if apart:
        says = f"{area_id}: no link leads from {names[0]} to {apart}; add the missing pairs"
        raise TableError([Problem("adjacency.csv", expected=f"{says} (a ferry counts as a link)")])
    return whole if water_links else graph(links[links.link_type == "land"])


def check_cover(
    must: str, councils: Mapping[str, str], footprints: Sequence[Sequence[str]]
) -> None:
    """Check that footprints hold each council once; ``must`` begins what is said if they do not.

    Parameters
    ----------
    must : str
        What the footprints are to be.
    councils : mapping of str to str
        By GSS code, what each is called if it is missing or repeated.
    footprints : sequence
        GSS codes of each.

    Raises
    ------
    ValueError
        Naming the councils that are missing, repeated or unknown, or the empty footprint.
    """
    used = Counter(code for footprint in footprints for code in footprint)
    wrong = {
        "missing": [text for code, text in councils.items() if code not in used],
        "repeated": [text for code, text in councils.items() if used[code] > 1],
        "unknown": sorted(used.keys() - councils.keys()),
        "empty": [f"footprint {i}" for i, codes in enumerate(footprints, 1) if not len(codes)],
    }
    faults = "; ".join(f"{fault}: {', '.join(names)}" for fault, names in wrong.items() if names)
    if faults:
        raise ValueError(f"{must}: {faults}")


def check_option(graph: AreaGraph, footprints: Iterable[Iterable[str]]) -> tuple[int, ...]:
    """Return the masks of footprints that cover an area once.

    Raises
    ------
    ValueError
        Naming the councils that are missing, repeated or unknown, or the empty footprint.
    """
    footprints = [tuple(footprint) for footprint in footprints]
    councils = {c: f"{n} ({c})" for c, n in zip(graph.gss_codes, graph.names, strict=True)}
    check_cover(f"not an option of {graph.area_id}", councils, footprints)
    return tuple(graph.mask(footprint) for footprint in footprints)


def subset_sums(values: np.ndarray | Sequence[float]) -> np.ndarray:
    """Sum a value of each council (or a row of values) over every subset of councils.

    `result[mask]` is the sum over the councils of `mask`. A missing value (NaN) makes every sum
    that needs it missing, and no other.
    """
    values = np.asarray(values)
    sums = np.zeros((1 << len(values), *values.shape[1:]), dtype=values.dtype)
    for bit, value in enumerate(values):
        sums[1 << bit : 2 << bit] = sums[: 1 << bit] + value
    return sums


def least_and_most(values: np.ndarray, masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the most of a value over the unitaries of each option.

    Parameters
    ----------
    values
        2^councils × …: a value (or a row of values) of every footprint, by its mask.
    masks
        Options × unitaries.

    Returns
    -------
    tuple of numpy.ndarray
        Options × … each. A missing value (NaN) of any unitary makes both missing.
    """
    least = values[masks[:, 0]]
    most = least.copy()
    for column in masks.T[1:]:
        part = values[column]
        np.minimum(least, part, out=least)
        np.maximum(most, part, out=most)
    return least, most


def pieces_of(graph: AreaGraph) -> np.ndarray:
    """For every mask, the number of connected pieces into which it falls."""
    first = _first_pieces(graph)
    pieces, left = np.zeros_like(first), np.arange(len(first), dtype=MASK)
    while left.any():
        pieces += left > 0
        left = left ^ first[left]
    return pieces


def _first_pieces(graph: AreaGraph) -> np.ndarray:
    """For every mask, the connected piece of it that holds its lowest council."""
    subsets = np.arange(1 << len(graph.gss_codes), dtype=MASK)
    reach = np.zeros_like(subsets)  # the councils of a mask and all that they touch
    for bit, code in enumerate(graph.gss_codes):
        around = graph.mask({code}.union(*(link for link in graph.links if code in link)))
        reach[1 << bit : 2 << bit] = reach[: 1 << bit] | around
    piece, grown = np.zeros_like(subsets), subsets & -subsets
    while not np.array_equal(grown, piece):
        piece, grown = grown, reach[grown] & subsets
    return piece

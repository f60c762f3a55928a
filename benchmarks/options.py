"""Time the enumeration and scoring of all options, beside naive ways and random partitioning.

    python benchmarks/options.py [--area surrey] [--unitaries 3] [--draws 2000]

GerryChain is optional (`pip install gerrychain networkx`); without it that line is left out.
"""

import argparse
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from lgr_report.core import divisions
from lgr_report.core.demand import of_england
from lgr_report.core.footprints import AreaGraph, area_graph, subset_sums
from lgr_report.core.options import contiguous_options, enumerate_options
from lgr_report.sources import tables

MAX_UNITARIES = 5
BAND = 0.5  # GerryChain: how far a unitary's population may lie from the mean, as a share


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    start = perf_counter()
    return function(), perf_counter() - start


def peak_memory() -> float:
    """Peak resident memory of this process so far, MB."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def set_partitions(items: tuple[str, ...], max_parts: int) -> Iterator[list[set[str]]]:
    """Every partition into at most `max_parts`, contiguous or not, without pruning."""
    if not items:
        yield []
        return
    *others, last = items
    for parts in set_partitions(tuple(others), max_parts):
        for i, part in enumerate(parts):
            yield [*parts[:i], part | {last}, *parts[i + 1 :]]
        if len(parts) < max_parts:
            yield [*parts, {last}]


def is_connected(footprint: set[str], touching: dict[str, set[str]]) -> bool:
    reached, edge = set(), {next(iter(footprint))}
    while edge:
        reached |= edge
        edge = set().union(*(touching[code] for code in edge)) & footprint - reached
    return reached == footprint


def naive_counts(graph: AreaGraph) -> dict[int, int]:
    """Count options by trying every partition."""
    touching: dict[str, set[str]] = {code: set() for code in graph.gss_codes}
    for a, b in graph.links:
        touching[a].add(b)
        touching[b].add(a)
    counts = Counter(
        len(parts)
        for parts in set_partitions(graph.gss_codes, MAX_UNITARIES)
        if all(is_connected(part, touching) for part in parts)
    )
    return dict(sorted(counts.items()))


def draw_with_gerrychain(graph: AreaGraph, k: int, draws: int) -> set[frozenset]:
    """Return the different options of `k` unitaries among so many random draws.

    GerryChain draws within a population band only: narrow ones make it retry for minutes, and
    ones as wide as the area raise errors.
    """
    import networkx as nx
    from gerrychain import Graph
    from gerrychain.partition.initial_partition_generators import recursive_tree_part

    net = nx.Graph(graph.links)
    people = dict(zip(graph.gss_codes, graph.populations.tolist(), strict=True))
    nx.set_node_attributes(net, people, "population")
    gerry = Graph.from_networkx(net)
    mean = sum(people.values()) / k
    seen = set()
    for seed in range(draws):
        drawn = recursive_tree_part(gerry, range(k), mean, "population", epsilon=BAND, rng=seed)
        seen.add(
            frozenset(frozenset(n for n, part in drawn.items() if part == i) for i in range(k))
        )
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--area", default="surrey", help="area of the comparison")
    parser.add_argument("--unitaries", type=int, default=3, help="size that GerryChain draws")
    parser.add_argument("--draws", type=int, default=2000)
    arguments = parser.parse_args()

    areas = sorted(tables.read("areas").area_id)
    _, seconds = timed(tables.check_once)
    print(f"validate every table          {seconds:9.3f} s   once a batch")
    demand, seconds = timed(of_england)
    print(f"national fit and draws        {seconds:9.3f} s   once for the same tables")
    before = peak_memory()
    found, counting = timed(lambda: [contiguous_options(area) for area in areas])
    total = sum(sum(options.counts().values()) for options in found)
    print(f"enumerate {total:,} options     {counting:9.3f} s")
    _, seconds = timed(lambda: [divisions.of(area, demand).scores for area in areas])
    print(
        f"enumerate and score on every metric {seconds:.3f} s   "
        f"({seconds / counting:.1f} times enumeration alone; goal: 3 s)"
    )
    held = sum(masks.nbytes for options in found for masks in options.masks.values()) / 2**20
    print(
        f"peak memory {peak_memory():.0f} MB (goal: 500), of which {before:.0f} MB before; the "
        f"options themselves hold {held:.1f} MB\n"
    )

    graph = area_graph(arguments.area)
    exact, exact_seconds = timed(lambda: enumerate_options(graph, MAX_UNITARIES))
    print(f"{arguments.area}, {len(graph.gss_codes)} councils: {exact.counts()}")
    print(f"exact enumeration             {exact_seconds:9.4f} s")
    counts, seconds = timed(lambda: naive_counts(graph))
    same = counts == {k: n for k, n in exact.counts().items() if n}
    print(
        f"naive enumeration             {seconds:9.4f} s   {seconds / exact_seconds:,.0f} times "
        f"as long; counts {'agree' if same else 'DIFFER'}"
    )
    k, draws = arguments.unitaries, arguments.draws
    try:
        seen, seconds = timed(lambda: draw_with_gerrychain(graph, k, draws))
    except ImportError:
        print("GerryChain is not installed: left out")
        return
    population = subset_sums(graph.populations)[exact.masks[k]]
    mean = population.mean(axis=1, keepdims=True)
    within = (abs(population - mean) <= BAND * mean).all(axis=1).sum()
    print(
        f"GerryChain, {draws:,} draws       {seconds:9.4f} s   {seconds / exact_seconds:,.0f} "
        f"times as long;\n  of the {exact.counts()[k]} options of {k} unitaries, {within} lie "
        f"within ±{BAND:.0%} of the mean population: it saw {len(seen)} of these"
    )


if __name__ == "__main__":
    main()

"""The tables as the csv module reads them: what the tests count by hand, apart from the library."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"


def rows(table: str, data: Path = DATA) -> list[dict[str, str]]:
    """Return the rows of a table, every value a text."""
    with (data / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(table: str, data: Path, records: list[dict[str, str]]) -> None:
    """Write rows in the place of a table."""
    with (data / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)


def edit(
    table: str, data: Path, where: Callable[[dict[str, str]], bool], **values: str | None
) -> int:
    """Change values in the rows of a copied table; return the line of the first row changed."""
    records = rows(table, data)
    changed = [k for k, row in enumerate(records) if where(row)]
    assert changed, f"no such row in {table}"
    for k in changed:
        records[k] |= values
    write(table, data, records)
    return changed[0] + 2  # the header is line 1


def uncounted(data: Path) -> None:
    """Let a copied folder's tables have as many rows as they like."""
    path = data / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    for resource in package["resources"]:
        resource.pop("rows", None)
    path.write_text(json.dumps(package), encoding="utf-8")


def icb_counts() -> dict[str, int]:
    """Return the integrated care boards with at least 5% of each upper-tier authority's LSOAs."""
    upper = {row["gss_code"]: row["upper_tier_code"] for row in rows("districts")}
    lsoas: dict[str, Counter] = defaultdict(Counter)
    for row in rows("icb_overlap"):
        lsoas[upper[row["gss_code"]]][row["icb_code"]] += int(row["lsoas"])
    return {
        authority: sum(number / boards.total() >= 0.05 for number in boards.values())
        for authority, boards in lsoas.items()
    }


AREA_IDS = [row["area_id"] for row in rows("areas")]
# Three very different areas: two whole districts proposals; two unitaries; an island and splits.
THREE = ("surrey", "essex-southend-thurrock", "hampshire-iow-portsmouth-southampton")

"""Tell what a reader would find changed between a revision and the working tree.

Builds every page of both as text (`page_texts.py`) and compares them page by page: sentences by
their words, figures by their titles, tables by their cells.

    python scripts/same_as.py main
    python scripts/same_as.py main --area surrey --notebook risks maturity
    python scripts/same_as.py main --ignore-section Sources --ignore '^FIGURE: Surrey: 11 councils'

The working tree is the one that the command is given in. Exit code 0: nothing differs; 1: something
does; 2: there is no such revision, area or notebook.
"""

import argparse
import contextlib
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from page_changes import Block, Change, blocks, changes, lines_that_differ
from page_list import InputError, a_number, area_names, chosen, pages

SHOWN = 5  # differences of a page, unless all are asked for
WIDE = 300  # characters of a difference, likewise
SHARED = 10  # places in the summary, likewise
PROGRAM = Path(__file__).resolve().with_name("page_texts.py")
Names = set[tuple[str, str]]  # area and notebook


def working_tree() -> Path:
    """Return the root of the checkout that the command is given in."""
    found = _git(["rev-parse", "--show-toplevel"], Path.cwd())
    root = Path(found.decode().strip()) if found else Path.cwd()
    if not (root / "lgr_report").is_dir():
        raise InputError(f"{root} holds no lgr_report: go to a checkout of the project")
    return root


def _git(arguments: Sequence[str], where: Path) -> bytes | None:
    """Return what git says, or nothing where it fails."""
    ended = subprocess.run(["git", *arguments], cwd=where, capture_output=True)
    return ended.stdout if ended.returncode == 0 else None


def unpack(revision: str, tree: Path, folder: Path) -> Path:
    """Write the files of a revision to a folder.

    Raises
    ------
    InputError
        If git knows no such revision.
    """
    commit = _git(["rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"], tree)
    if commit is None:
        raise InputError(
            f"no revision {revision!r}: name a branch, tag or commit (git branch, git log)"
        )
    files = _git(["archive", "--format=tar", commit.decode().strip()], tree)
    with tarfile.open(fileobj=io.BytesIO(files or b"")) as archive:
        archive.extractall(folder, filter="data")
    return folder


def made_by(root: Path) -> Names:
    """Return the pages that a checkout makes."""
    return {(page.key, page.notebook.stem) for page in pages(root)}


def written_in(folder: Path) -> Names:
    """Return the pages whose texts a folder holds."""
    found = {(path.parent.name, path.stem) for path in folder.glob("*/*.txt")}
    if not found:
        raise InputError(f"{folder} holds no texts: write them with page_texts.py")
    return found


def asked_for(known: Names, areas: Iterable[str], notebooks: Iterable[str]) -> Names:
    """Return the pages of some areas and notebooks; all for none.

    Raises
    ------
    InputError
        If neither state has such an area, notebook or page.
    """
    keys = chosen("area", areas, sorted({key for key, _ in known}))
    names = chosen("notebook", notebooks, sorted({name for _, name in known}))
    wanted = {(key, name) for key, name in known if key in keys and name in names}
    if not wanted:
        raise InputError(f"no page: {', '.join(names)} is not made for {', '.join(keys)}")
    return wanted


def build(root: Path, wanted: Names, out: Path, jobs: int) -> None:
    """Write the pages of a checkout by the page_texts beside this file, whatever it has itself.

    Raises
    ------
    RuntimeError
        If it ends before it has written them.
    """
    if not wanted:
        return
    command = [sys.executable, str(PROGRAM), str(out), "--jobs", str(jobs)]
    command += ["--area", *sorted({key for key, _ in wanted})]
    command += ["--notebook", *sorted({name for _, name in wanted})]
    ended = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(root)})
    if ended.returncode not in (0, 1) or not wanted <= written_in(out):
        raise RuntimeError(f"the pages of {root} could not be written: see above")


def read(folder: Path, name: tuple[str, str], asked: argparse.Namespace) -> list[Block] | None:
    """Return the blocks of a page, or nothing where there is none."""
    path = folder.joinpath(*name).with_suffix(".txt")
    if not path.exists():
        return None
    return blocks(path.read_text(encoding="utf-8"), asked.ignore, asked.ignore_section)


def compare(before: Path, after: Path, wanted: Names, asked: argparse.Namespace) -> int:
    """Print what differs page by page, then over all pages; return how many differ."""
    shared: dict[tuple, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    places = area_names(working_tree())
    differ = 0
    for key, name in sorted(wanted):
        old, new = read(before, (key, name), asked), read(after, (key, name), asked)
        if old is None or new is None:
            differ += 1
            print(f"{key} / {name}: the page {'came' if old is None else 'went'}")
            continue
        found = changes(old, new)
        if not found:
            continue
        differ += 1
        lines = lines_that_differ(old, new)
        print(f"{key} / {name}: {lines} {'line differs' if lines == 1 else 'lines differ'}")
        _print_changes(found, asked.all)
        for change in found:
            area = places.get(key, "")
            place = (name, _general(change.section, area), _general(change.where, area))
            shared[place][_general(change.what, area)].append(key)
    _print_shared(shared, asked.all)
    print(_in_short(differ, len(wanted)))
    return differ


def _in_short(differ: int, pages: int) -> str:
    if differ:
        return f"{differ} of {pages} pages {'differs' if differ == 1 else 'differ'}"
    return f"nothing differs in {pages} {'page' if pages == 1 else 'pages'}"


def _general(text: str, area: str) -> str:
    """Return a text as it may stand in the pages of other areas; a figure's title never does."""
    if text.startswith("figure “"):
        return "a figure"
    return text.replace(area, "[area]") if area else text


def _print_changes(found: Sequence[Change], everything: bool) -> None:
    section = None
    for change in found if everything else found[:SHOWN]:
        if change.section != section:
            section = change.section
            print(f"  under “{section}”" if section else "  before the first section")
        print(f"    {change.where}: {_cut(change.what, everything)}")
    if len(found) > SHOWN and not everything:
        print(f"    and {len(found) - SHOWN} more differences (--all shows them)")


def _cut(text: str, everything: bool) -> str:
    return text if everything or len(text) <= WIDE else f"{text[:WIDE]} … (--all shows the rest)"


def _print_shared(shared: dict[tuple, dict[str, list[str]]], everything: bool) -> None:
    """Print what differs in the same place of several pages, the most pages first."""
    counted = {
        place: len({key for keys in whats.values() for key in keys})
        for place, whats in shared.items()
    }
    several = sorted((-n, place) for place, n in counted.items() if n > 1)
    if several:
        print("\nThe same place in several pages")
    for n, place in several if everything else several[:SHARED]:
        name, section, where = place
        whats = shared[place]
        most = max(whats, key=lambda what: len(set(whats[what])))
        same = len(set(whats[most]))
        rest = "" if len(whats) == 1 else f" ({len(whats)} different changes; this one in {same})"
        print(
            f"  in {-n} pages of {name}, under “{section}”, {where}: {_cut(most, everything)}{rest}"
        )
    if len(several) > SHARED and not everything:
        print(f"  and {len(several) - SHARED} more places (--all shows them)")
    if several:
        print()


def arguments() -> argparse.ArgumentParser:
    """Return what the command understands."""
    about = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    several = {"nargs": "+", "action": "extend", "default": []}
    about.add_argument("revision", nargs="?", metavar="REV", help="branch, tag or commit")
    about.add_argument("--area", metavar="A", help="only these areas, or national", **several)
    about.add_argument("--notebook", metavar="N", help="only these notebooks", **several)
    about.add_argument("--before", type=Path, metavar="DIR", help="texts in place of REV")
    about.add_argument("--after", type=Path, metavar="DIR", help="texts in place of the tree")
    about.add_argument(
        "--ignore",
        metavar="REGEX",
        action="append",
        default=[],
        help="leave out lines of the texts that match, on both sides; may be repeated",
    )
    about.add_argument(
        "--ignore-section",
        metavar="NAME",
        action="append",
        default=[],
        help="leave out sections (##) whose name begins so; may be repeated",
    )
    about.add_argument(
        "--jobs", metavar="J", type=a_number, default=1, help="processes (default: 1)"
    )
    about.add_argument("--all", action="store_true", help="print every difference, whole")
    return about


def run(asked: argparse.Namespace) -> int:
    """Build what is not given, compare, and return the exit code."""
    if (asked.revision is None) == (asked.before is None):
        raise InputError("name a revision, or a folder of texts with --before")
    for pattern in asked.ignore:
        try:
            re.compile(pattern)
        except re.error as error:
            raise InputError(f"--ignore {pattern!r} is no pattern: {error}") from None
    tree = working_tree()
    with contextlib.ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="same-as-")))
        before, after = asked.before or folder / "before", asked.after or folder / "after"
        root = None if asked.before else unpack(asked.revision, tree, folder / "revision")
        old = made_by(root) if root else written_in(before)
        new = written_in(after) if asked.after else made_by(tree)
        wanted = asked_for(old | new, asked.area, asked.notebook)
        if root:
            print(f"pages of {asked.revision}", file=sys.stderr)
            build(root, wanted & old, before, asked.jobs)
        if not asked.after:
            print("pages of the working tree", file=sys.stderr)
            build(tree, wanted & new, after, asked.jobs)
        return 1 if compare(before, after, wanted, asked) else 0


def main(given: Sequence[str] | None = None) -> int:
    """Run the command, as given on the command line or here; return its exit code."""
    try:
        return run(arguments().parse_args(given))
    except (InputError, RuntimeError) as error:
        print(f"same_as: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

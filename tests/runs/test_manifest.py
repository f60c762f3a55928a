"""The manifest of a report: what was made of what; whoever changes a page is found out."""

import json
import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import DATA, ROOT, edit

from lgr_report.runs import crates, lock, manifest, provenance
from lgr_report.runs.records import Batch, Code, Environment, Job, Licence, Page, Published
from lgr_report.runs.stale import stale_jobs
from lgr_report.sources import library

DIGEST = "0" * 63 + "1"
HERE = Environment("CPython 3.11.7", "Linux x86_64", ("numpy 2.0", "pandas 2.2"))


def a_page(name="risks", **other) -> Page:
    about = {
        "key": "k" * 64,
        "parameters": {"area": "surrey", "draws": 10},
        "inputs": {"data/councils.csv": DIGEST, "requirements.lock": "2" * 64},
        "outputs": {f"{name}.html": ("3" * 64, 10), f"{name}.ipynb": ("4" * 64, 20)},
        "code": Code("c" * 40, False),
        "environment": HERE,
        "started": "2027-04-01T09:00:00+00:00",
        "ended": "2027-04-01T09:00:05+00:00",
    }
    return Page(name, "surrey", **(about | other))


# What is written can be read back

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=8)
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
)
PAGES = st.builds(
    Page,
    name=st.sampled_from(["county_report", "risks", "maturity"]),
    area=st.just("surrey"),
    key=st.none() | HASHES,
    parameters=st.dictionaries(WORDS, VALUES, max_size=3),
    inputs=st.dictionaries(WORDS, HASHES, max_size=4),
    outputs=st.just({}),
    code=st.builds(
        Code, st.none() | st.text("0123456789abcdef", min_size=40), st.none() | st.booleans()
    ),
    environment=st.builds(Environment, WORDS, WORDS, st.lists(WORDS, max_size=3).map(tuple)),
    started=st.just("2027-04-01T09:00:00+00:00"),
    ended=st.just("2027-04-01T09:00:05+00:00"),
    **{name: st.just(getattr(Page, name)) for name in manifest.HOW_IT_WENT},
)
LICENCES = st.builds(Licence, WORDS, WORDS, st.lists(WORDS, max_size=2).map(tuple))


def read_back(made, folder):
    (folder / manifest.FILE).write_text(manifest.text(made), encoding="utf-8")
    return manifest.read(type(made), folder)


def graph(made) -> dict[str, dict]:
    """Return the entities of the crate of a manifest, by their identifiers."""
    entities = json.loads(crates.text(made))["@graph"]
    assert len({entity["@id"] for entity in entities}) == len(entities)
    return {entity["@id"]: entity for entity in entities}


def a_batch(**other) -> Batch:
    about = {
        "outputs": {"index.html": (DIGEST, 5), "surrey/manifest.json": (DIGEST, 7)},
        "errors": {},
        "started": "2027-04-01T09:00:00+00:00",
        "ended": "2027-04-01T09:00:05+00:00",
        "code": Code("c", True),
        "environment": HERE,
        "tables": None,
        "inputs": {"lgr_report/": DIGEST},
        "asked": {"areas": ["surrey"]},
    }
    return Batch(**(about | other))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(PAGES, max_size=3, unique_by=lambda page: page.name),
    st.dictionaries(WORDS, HASHES, max_size=4),
    st.lists(LICENCES, max_size=2),
    HASHES,
)
def test_what_is_published_of_an_area_comes_back_as_it_was(
    tmp_path_factory, pages, inputs, licences, digest
):
    pages = [
        replace(page, inputs={**page.inputs, **inputs}, outputs={f"{page.name}.html": (digest, 7)})
        for page in pages
    ]
    before = Published("surrey", "Surrey", tuple(pages), tuple(licences))
    after = read_back(before, tmp_path_factory.mktemp("surrey"))
    assert after == before
    assert crates.text(after) == crates.text(before)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(WORDS, st.tuples(HASHES, st.integers(0, 10**9))),
    st.dictionaries(st.sampled_from(["surrey", "kent-medway"]), WORDS),
    st.none() | HASHES,
    st.dictionaries(st.sampled_from(["lgr_report/", "requirements.lock"]), HASHES),
    st.dictionaries(st.sampled_from(["areas", "draws"]), st.integers() | st.lists(WORDS)),
)
def test_a_batch_comes_back_as_it_was(tmp_path_factory, outputs, errors, valid, inputs, asked):
    before = Batch(outputs, errors, "a", "b", Code(None, None), HERE, valid, inputs, asked)
    after = read_back(before, tmp_path_factory.mktemp("outputs"))
    assert after == before
    assert crates.text(after) == crates.text(before)


def test_the_same_pages_give_the_same_bytes(tmp_path):
    pages, texts = [a_page("risks"), a_page("maturity")], set()
    for order in (pages, pages[::-1]):
        manifest.write_area(tmp_path, "surrey", "Surrey", order)
        texts.add(tuple(path.read_bytes() for path in sorted(tmp_path.iterdir())))
    assert len(texts) == 1


def test_what_all_pages_were_made_from_is_written_once():
    pages = (a_page("risks"), a_page("maturity", inputs={"data/councils.csv": DIGEST}))
    plain = json.loads(manifest.text(Published("surrey", "Surrey", pages)))
    assert plain["version"] == 1
    assert plain["inputs_of_all_pages"] == {"data/councils.csv": DIGEST}
    assert [page["inputs"] for page in plain["pages"]] == [{"requirements.lock": "2" * 64}, {}]


# What is no manifest of ours is told, and is no accident


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (None, "is missing"),
        ("{", "is damaged (JSONDecodeError: "),
        ("[]", "is damaged (TypeError: "),
        ("7", "is damaged (AttributeError: "),
        ('{"@graph": []}', "is damaged (KeyError: 'version')"),
        ('{"version": 1, "outputs": {}}', "is damaged (ValueError: Batch: asked, code, "),
        ('{"version": 2, "what": "nobody knows"}', "is of version 2, which this lgr-report cannot"),
        ("[" * 100_000, "is damaged (RecursionError: "),
    ],
)
def test_what_is_no_manifest_is_told(tmp_path, written, said):
    if written is not None:
        (tmp_path / manifest.FILE).write_text(written, encoding="utf-8")
    with pytest.raises(manifest.ManifestError) as error:
        manifest.read(Batch, tmp_path)
    assert str(error.value).startswith(said)
    assert str(error.value).endswith("build again with --force") or written is None
    assert manifest.last_batch(tmp_path) is None


def places(plain, path=()) -> list[tuple]:
    """Return the way to every value in plain JSON."""
    found = []
    for key, value in plain.items() if isinstance(plain, dict) else enumerate(plain):
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += places(value, (*path, key))
    return found


@pytest.mark.parametrize("made", [Published("surrey", "Surrey", (a_page(),)), a_batch()])
@given(choice=st.randoms(use_true_random=False), other=VALUES | st.lists(VALUES) | st.just({}))
def test_a_manifest_with_any_one_value_changed_is_read_or_is_damaged(
    tmp_path_factory, made, choice, other
):
    plain = json.loads(manifest.text(made))
    *way, last = choice.choice(places(plain))
    inside = plain
    for key in way:
        inside = inside[key]
    inside[last] = other
    folder = tmp_path_factory.mktemp("changed")
    (folder / manifest.FILE).write_text(json.dumps(plain), encoding="utf-8")
    try:
        after = manifest.read(type(made), folder)
    except manifest.ManifestError:
        return
    assert crates.text(after)


# The same as RO-Crate


def references(value) -> set[str]:
    if isinstance(value, dict):
        inner = {value["@id"]} if set(value) == {"@id"} else set()
        return inner.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_every_entity_that_a_manifest_names_is_described_in_it():
    area = Published("surrey", "Surrey", (a_page("risks"), a_page("maturity")))
    for made in (area, a_batch()):
        entities = graph(made)
        named = references(list(entities.values()))
        outside = {name for name in named if name.startswith(("http://schema", "https://w3id"))}
        assert named - outside <= set(entities)


@pytest.mark.parametrize("written", ["area", "batch"])
def test_another_library_reads_the_manifest(tmp_path, written):
    rocrate = pytest.importorskip("rocrate.rocrate")
    (tmp_path / "risks.html").write_text("risks", encoding="utf-8")
    if written == "area":
        page = a_page(outputs={"risks.html": provenance.of_file(tmp_path / "risks.html")})
        made = Published("surrey", "Surrey", (page,))
    else:
        made = a_batch(outputs={"surrey/manifest.json": (DIGEST, 7)})
        (tmp_path / "surrey").mkdir()
    (tmp_path / crates.FILE).write_text(crates.text(made), encoding="utf-8")
    read = rocrate.ROCrate(tmp_path)
    assert {entity.id for entity in read.get_entities()} == set(graph(made))
    assert read.metadata["conformsTo"] == crates.SPECIFICATION
    parts = [part.id for part in read.root_dataset["hasPart"]]
    assert parts == (["risks.html"] if written == "area" else ["surrey/"])
    action = read.root_dataset["mentions"][0]
    assert action.type == "CreateAction"
    assert [result.id for result in action["result"]] == parts
    assert action["instrument"]["name"] == "lgr-report"


def test_licences_are_those_of_the_data_package():
    entities = graph(Published("surrey", "Surrey", (a_page(),), provenance.licences()))
    (source,) = [e for e in entities.values() if e.get("name") == "data/councils.csv"]
    package = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    (about,) = [r for r in package["resources"] if r["path"] == "councils.csv"]
    assert entities[source["license"]["@id"]]["name"] == about["licenses"][0]["title"]
    assert source["license"] in entities["./"]["license"]


# What counts for a page


@pytest.fixture
def job(data, tmp_path):
    return Job(tiny.write(tmp_path, tiny.TITLE, name="risks"), "surrey", {"area": "surrey"})


def key_of(job, environment=HERE) -> str:
    return provenance.key(job, provenance.inputs(job), environment)


def test_a_key_is_the_same_for_the_same_things(job):
    assert key_of(job) == key_of(job)


def test_every_input_changes_the_key(job, data, tmp_path, monkeypatch):
    first = key_of(job)
    keys = [first]
    edit("risks", data, lambda r: r["risk_id"] == "CLGR7", likelihood="1")
    keys.append(key_of(job))
    (data / "council_shapes.geojson").write_text("{}", encoding="utf-8")
    keys.append(key_of(job))
    tiny.write(tmp_path, tiny.TITLE, "1", name="risks")
    keys.append(key_of(job))
    keys.append(key_of(Job(job.notebook, "surrey", {"area": "surrey", "draws": 5})))
    keys.append(key_of(replace(job, sibling_pages=("risks", "maturity"))))
    keys.append(key_of(job, environment=Environment("CPython 3.12.0", HERE.system, HERE.packages)))
    now = library.now()
    making = tuple((path, f"edited {digest}") for path, digest in now.files[provenance.MAKING])
    edited = library.Library({**now.files, provenance.MAKING: making})
    monkeypatch.setattr(library, "now", lambda: edited)
    keys.append(key_of(job))
    (tmp_path / "requirements.lock").write_text("numpy==1.0", encoding="utf-8")
    monkeypatch.setattr(provenance, "LOCK", tmp_path / "requirements.lock")
    keys.append(key_of(job))
    assert len(set(keys)) == len(keys)


def test_assessments_count_for_their_own_area_and_for_the_whole_country(job, data):
    norfolk = Job(job.notebook, "norfolk", {"area": "norfolk"})
    national = Job(job.notebook, "national", {})
    before = [key_of(one) for one in (job, norfolk, national)]
    folder = data / "assessments" / "surrey"
    folder.mkdir()
    (folder / "2027-04-01.toml").write_text("assessed", encoding="utf-8")
    (folder / "~$2027-04-01.xlsx").write_text("left by an editor", encoding="utf-8")
    after = [key_of(one) for one in (job, norfolk, national)]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True, False]
    assert not any("~" in name for name in provenance.inputs(job))


def test_the_environment_says_nothing_of_the_machine():
    said = repr(provenance.environment())
    assert os.uname().nodename not in said.replace("Linux", "")
    assert str(Path.home()) not in said and str(ROOT) not in said
    assert any(entry.startswith("pandas ") for entry in provenance.environment().packages)


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_commit_is_told_and_whether_anything_differs(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    assert provenance.code() == Code(None, None)
    git(tmp_path, "init", "--quiet")
    (tmp_path / "a").write_text("1", encoding="utf-8")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "--quiet", "-m", "a")
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert provenance.code() == Code(commit, False)
    (tmp_path / "b").write_text("new", encoding="utf-8")
    assert provenance.code() == Code(commit, True)
    (tmp_path / "inside").mkdir()
    monkeypatch.setattr(provenance, "ROOT", tmp_path / "inside")
    assert provenance.code() == Code(None, None)


def test_git_notes_once_what_it_would_read_for_every_page(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    provenance.refresh()  # no clone: nothing to note
    git(tmp_path, "init", "--quiet")
    (tmp_path / "a").write_text("1", encoding="utf-8")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "--quiet", "-m", "a")
    index = tmp_path / ".git" / "index"
    written = (tmp_path / "a").stat().st_mtime_ns
    # As in a fresh clone: git cannot tell whether the file changed after it was noted.
    os.utime(index, ns=(written, written))
    clean = provenance.code()
    assert not clean.modified
    assert index.stat().st_mtime_ns == written
    provenance.refresh()
    assert index.stat().st_mtime_ns > written
    assert provenance.code() == clean


# A folder of reports, made by hand


@pytest.fixture
def outputs(tmp_path):
    """Return an output folder with two published areas and the manifest of their batch."""
    folder = tmp_path / "outputs"
    for key in ("surrey", "norfolk"):
        (folder / key).mkdir(parents=True)
        files = {}
        for name in ("risks.html", "risks.ipynb"):
            path = folder / key / name
            path.write_text(f"{name} of {key}", encoding="utf-8")
            files[name] = provenance.of_file(path)
        manifest.write_area(folder / key, key, key.title(), [a_page(outputs=files)])
    (folder / "index.html").write_text("index", encoding="utf-8")
    (folder / "README.md").write_text("hello", encoding="utf-8")
    manifest.write(folder, provenance.now(), {}, {})
    return folder


def replace_text(path, old, new) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def said(outputs) -> list[str]:
    return manifest.problems(outputs)


def test_reports_that_nobody_touched_belong_to_their_manifests(outputs, command):
    assert said(outputs) == []
    code, out, err = command("verify", str(outputs))
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "norfolk: 2 files as made on 2027-04-01 by commit cccccccccccc"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            lambda o: (o / "surrey/risks.html").write_text("RISKS.html of surrey"),
            "surrey/risks.html: changed since it was made",
        ),
        (
            lambda o: (o / "surrey/risks.html").write_text("short"),
            "surrey/risks.html: 5 bytes, not 20",
        ),
        (lambda o: (o / "surrey/risks.ipynb").unlink(), "surrey/risks.ipynb: missing"),
        (
            lambda o: (o / "surrey/more.html").write_text("more"),
            "surrey/more.html: not in the manifest",
        ),
        (lambda o: (o / "index.html").write_text("INDEX"), "index.html: changed since it was made"),
        (lambda o: (o / "surrey/manifest.json").unlink(), "surrey/manifest.json: missing"),
        (
            lambda o: replace_text(o / "surrey/manifest.json", "risks", "RISKS"),
            "surrey/manifest.json: changed since it was made",
        ),
        (
            lambda o: (o / "manifest.json").write_text("{}"),
            "manifest.json: is damaged (KeyError: 'version'): build again with --force",
        ),
        (
            lambda o: replace_text(o / "surrey" / crates.FILE, "Surrey", "SURREY"),
            f"surrey/{crates.FILE}: not the one that manifest.json gives",
        ),
        (
            lambda o: (o / "surrey" / crates.FILE).unlink(),
            f"surrey/{crates.FILE}: not the one that manifest.json gives",
        ),
        (
            lambda o: replace_text(o / crates.FILE, "Last batch", "Best batch"),
            f"{crates.FILE}: not the one that manifest.json gives",
        ),
        (
            lambda o: (o / crates.FILE).unlink(),
            f"{crates.FILE}: not the one that manifest.json gives",
        ),
        (
            lambda o: (o / "surrey/more" / crates.FILE).mkdir(parents=True),
            "surrey/more: not in the manifest",
        ),
        (lambda o: (o / "kent").mkdir(), "kent/: no batch that ended has published it"),
    ],
)
def test_whatever_is_changed_is_found(outputs, command, change, found):
    change(outputs)
    assert found in said(outputs)
    assert not manifest.is_current(outputs) or "surrey/" in found
    code, out, err = command("verify", str(outputs))
    assert (code, out) == (1, "")
    assert found in err.splitlines()


def test_pages_swapped_between_areas_are_found(outputs):
    one, other = outputs / "surrey", outputs / "norfolk"
    one.rename(outputs / "x")
    other.rename(one)
    (outputs / "x").rename(other)
    assert [line.split(":")[0] for line in said(outputs)] == [
        "norfolk/manifest.json",
        "surrey/manifest.json",
    ]


def test_a_folder_where_nothing_was_built_is_told_in_one_line(command, tmp_path):
    code, out, err = command("verify", str(tmp_path))
    assert (code, out) == (2, "")
    assert err == f"lgr-report: {tmp_path / 'manifest.json'} is missing: nothing was built here\n"


def test_a_report_of_an_earlier_version_counts_as_having_no_manifest(outputs, tmp_path):
    (outputs / "surrey" / manifest.FILE).unlink()  # it had a crate only
    (outputs / manifest.FILE).unlink()
    jobs = {"surrey": (Job(tmp_path / "risks.ipynb", "surrey", {"area": "surrey"}),)}
    assert stale_jobs(jobs, outputs) == jobs
    assert not manifest.is_current(outputs)
    manifest.write(outputs, provenance.now(), {}, {})
    assert said(outputs) == ["surrey/: no batch that ended has published it"]


# One run at a time


def test_the_second_run_says_who_holds_the_folder(tmp_path):
    with lock.hold(tmp_path):
        with pytest.raises(lock.BusyError) as error, lock.hold(tmp_path):
            pass
        assert f"{tmp_path} is in use by process {os.getpid()} since" in str(error.value)
        assert f"{time.localtime().tm_year}" in str(error.value)
    with lock.hold(tmp_path):
        assert (tmp_path / lock.HOLDER).exists()
    assert not (tmp_path / lock.HOLDER).exists()


@pytest.mark.parametrize("left", ["", "{", "[]", '{"pid": "x", "since": "y"}', '{"pid": 1}'])
def test_a_holder_that_left_nothing_to_read_is_told_all_the_same(tmp_path, left):
    with lock.hold(tmp_path):
        (tmp_path / lock.HOLDER).write_text(left, encoding="utf-8")
        with (
            pytest.raises(lock.BusyError, match="another run that has only just begun"),
            lock.hold(tmp_path),
        ):
            pass

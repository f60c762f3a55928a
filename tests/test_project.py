"""The project's own files agree with one another, and none names where it was made."""

import os
import re
import subprocess
import tomllib

import pytest
import yaml
from plain import ROOT
from typer.testing import CliRunner

import lgr_report
from lgr_report import cli

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PAGES = [
    *(ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "packages/forked-kernels/README.md"),
    *sorted((ROOT / "docs").glob("*.md")),
]


def committed() -> list[str]:
    """Return the files that git tracks."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git clone: there is no list of committed files")
    listed = subprocess.run(
        ["git", "-c", "core.quotepath=off", "ls-files"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return listed.stdout.splitlines()


def name_of(requirement: str) -> str:
    """Return the normalised name of a requirement."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def test_conda_and_pip_users_get_the_same_packages():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    listed = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert f"python{PROJECT['requires-python']}" in listed
    assert "pip" in listed
    ours = ["--editable packages/forked-kernels", "--editable ."]
    assert pip[-2:] == ours
    packages = {e for e in [*listed, *pip] if not e.startswith(("python", "--")) and e != "pip"}
    assert packages == set(PROJECT["dependencies"])


def locked() -> dict[str, str]:
    """Return the entries of the lock file by name: version, marker and hashes of each."""
    entries = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    return {name_of(entry): entry for entry in entries}


def test_the_lock_pins_every_package_with_hashes():
    assert len(locked()) > 100
    for name, entry in locked().items():
        assert re.match(rf"{re.escape(name)}==\d[\w.!+]*( ;.*)? \\\n", entry), entry[:80]
        hashes = entry.splitlines()[1:]
        assert hashes
        assert all(re.match(r"    --hash=sha256:[0-9a-f]{64}( \\)?$", line) for line in hashes)


def test_the_lock_holds_every_package_that_the_project_names():
    named = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    assert {name_of(requirement) for requirement in named} <= set(locked())


def test_the_lock_names_no_place_to_fetch_from():
    assert "://" not in LOCK
    assert not re.search(r"^\s*(-i|--index-url|--extra-index-url|--find-links|-f) ", LOCK, re.M)


# Written in pieces, so that this file does not name them either.
PLACES = ["py" + "pi.org", "python" + "hosted.org", "/wo" + "rk/", "sha" + "red/", "/opt/" + "pypi"]


def test_no_committed_file_names_a_registry_or_the_place_where_it_was_made():
    found = []
    for name in committed():
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # a picture; a file that was removed and not yet committed
        found += [f"{name} holds {place}" for place in PLACES if place in text]
    assert found == []


def test_no_output_and_no_assessment_is_committed():
    names = committed()
    assert [name for name in names if name.startswith("outputs/")] == ["outputs/README.md"]
    kept = {"data/assessments/README.md", "data/assessments/schema.json"}
    assert {name for name in names if name.startswith("data/assessments/")} == kept


def test_the_citation_gives_the_version_of_the_library():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == lgr_report.__version__
    assert citation["license"] == PROJECT["license"] == "MIT"
    assert lgr_report.__version__ in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_make_command_that_the_pages_name_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"(?:^ {4}|`)make ([a-z-]+)", text, re.M))
    assert {"reports", "test"} <= named
    assert named <= targets
    told = set(re.findall(r'^\t@echo "make ([a-z-]+)', makefile, re.M))
    assert told == targets - {"help"}


def test_every_command_that_the_pages_name_exists():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"(?:^ {4}|`)lgr-report ([a-z]+)", text, re.M))
    assert {"areas", "build", "check"} <= named
    for name in named:
        assert CliRunner().invoke(cli.app, [name, "--help"]).exit_code == 0, name


def test_every_file_that_the_pages_link_to_exists():
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name} links to {link}"


@pytest.mark.parametrize(
    ("build", "verify", "subject"),
    [
        (0, 0, None),
        (1, 0, "lgr-report: 21 of 22 reports built"),
        (0, 1, "lgr-report: a report is not what its manifest says"),
    ],
)
def test_the_cron_line_mails_when_something_is_wrong(tmp_path, build, verify, subject):
    def program(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)

    clone, tools = tmp_path / "lgr-report", tmp_path / "bin"
    (clone / "outputs").mkdir(parents=True)
    program(
        clone / ".venv" / "bin" / "lgr-report",
        f'[ "$1" = verify ] && exit {verify}\necho "lgr-report: 21 of 22 reports built"\n'
        f"echo outputs/index.html\nexit {build}",
    )
    program(tools / "mail", f'printf "%s" "$2" > {tmp_path / "subject"}\ncat > /dev/null')
    (line,) = re.findall(
        r"^30 4 \* \* 1 +(.*)$", (ROOT / "deploy" / "crontab").read_text(encoding="utf-8"), re.M
    )
    env = {"HOME": str(tmp_path), "USER": "officer", "PATH": f"{tools}:/usr/bin:/bin"}
    subprocess.run(["/bin/sh", "-c", line], env=env, check=True)
    sent = tmp_path / "subject"
    assert (sent.read_text(encoding="utf-8") if sent.exists() else None) == subject
    # What it leaves beside the reports is none of them, and `lgr-report verify` passes it over.
    assert all(path.name.startswith(".") for path in (clone / "outputs").iterdir())


def test_the_scheduled_workflow_builds_proves_and_keeps(tmp_path):
    path = ROOT / ".github" / "workflows" / "reports.yml"
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow[True]["schedule"] and "workflow_dispatch" in workflow[True]  # "on" is true
    steps = workflow["jobs"]["build"]["steps"]
    (kept,) = (step for step in steps if step.get("uses", "").startswith("actions/cache/save"))
    assert (kept["if"], kept["with"]["path"]) == ("always()", "outputs")

    # A checkout, younger than the environment that comes from the cache.
    program = tmp_path / ".venv" / "bin" / "lgr-report"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$@" >> asked\n', encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / ".venv" / ".ready").touch()
    os.utime(tmp_path / ".venv" / ".ready", (0, 0))
    kernels = "packages/forked-kernels/pyproject.toml"
    (tmp_path / kernels).parent.mkdir(parents=True)
    for name in ("Makefile", "requirements.lock", "pyproject.toml", kernels):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "log.jsonl").write_text('{"event": "end"}\n', encoding="utf-8")
    given = {"AREAS": "surrey norfolk", "FORCE": "--force", "GITHUB_STEP_SUMMARY": "summary"}
    for step in steps:
        if "run" in step:
            command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
            subprocess.run(command, cwd=tmp_path, env=os.environ | given, check=True)
    asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    assert asked == ["build surrey norfolk --force", "verify outputs"]
    assert "end" in (tmp_path / "summary").read_text(encoding="utf-8")


def test_set_up_installs_the_package_of_kernels_and_its_tests_are_among_ours():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"pip install .* -e packages/forked-kernels -e \.$", makefile, re.M)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert "packages/forked-kernels/tests" in settings["pytest"]["ini_options"]["testpaths"]
    # What it needs is locked, as a part of what we need; it is no entry itself, and optional.
    package = ROOT / "packages" / "forked-kernels"
    about = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {name_of(requirement) for requirement in about["dependencies"]} <= set(locked())
    assert about["name"] not in {*locked(), *map(name_of, PROJECT["dependencies"])}
    assert (package / "LICENSE").exists() and about["license"] == PROJECT["license"]


def test_the_package_of_kernels_names_nothing_of_ours():
    for path in sorted((ROOT / "packages" / "forked-kernels").rglob("*.*")):
        if path.suffix in (".py", ".md", ".toml"):
            assert "lgr" not in path.read_text(encoding="utf-8").lower(), path


def test_the_continuous_check_runs_make_test():
    script = ROOT / ".ci" / "run"
    assert re.search(r"^make test$", script.read_text(encoding="utf-8"), re.M)
    assert script.stat().st_mode & 0o111


def test_the_test_command_runs_every_kind_of_test():
    style = ("ruff check", "ruff format --check", "lgr-report check")
    for command in (*style, "pytest", "--nbval", "--durations=10"):
        assert command in recipe("test")
    for command in (*style, "pytest"):
        assert command in recipe("check")


def recipe(target: str) -> str:
    """Return what make runs for a target, without set-up."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    needs, lines = re.search(rf"^{target}:(.*)\n((?:\t.*\n)+)", makefile, re.M).groups()
    return "".join(map(recipe, set(needs.split()) - {"$(READY)"})) + lines


def test_what_the_fast_check_runs_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.search(r"^FAST := ((?:.*\\\n)*.*)", makefile, re.M)[1].replace("\\\n", " ").split()
    assert named and all((ROOT / name).is_file() for name in named)
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert [one["entry"] for one in hook["hooks"]] == ["make check"]

"""The plan: checked before a kernel starts, and told in one sentence where it is wrong."""

import ast
import json

import pytest
import tiny
from plain import AREA_IDS

from lgr_report.runs import plan
from lgr_report.sources import areas


def test_by_default_every_area_notebook_runs_for_every_area():
    jobs = plan.jobs()
    assert [area for area in jobs if area != "national"] == AREA_IDS
    regional = [path.stem for path in plan.notebooks("area")]
    for area_id in AREA_IDS:
        assert [job.name for job in jobs[area_id]] == regional
        assert all(job.parameters == {"area": area_id} for job in jobs[area_id])
    assert [job.name for job in jobs["national"]] == [p.stem for p in plan.notebooks("national")]
    assert {"county_report", "risks", "maturity"} <= set(regional)
    assert "survey" in [job.name for job in jobs["national"]]


def test_naming_an_area_leaves_the_national_notebooks_out():
    assert list(plan.jobs(["norfolk"])) == ["norfolk"]


def test_the_notebooks_for_the_whole_country_can_be_named_alone():
    jobs = plan.jobs(["national"])
    assert list(jobs) == ["national"]
    assert [job.notebook for job in jobs["national"]] == plan.notebooks("national")
    assert all("area" not in job.parameters for job in jobs["national"])


def test_an_area_named_twice_runs_once():
    assert list(plan.jobs(["norfolk", "surrey", "norfolk"])) == ["norfolk", "surrey"]


def test_a_parameter_goes_to_the_notebooks_that_have_it():
    jobs = plan.jobs(["surrey"], ["risks", "maturity"], {"draws": 50})["surrey"]
    assert {job.name: dict(job.parameters) for job in jobs} == {
        "risks": {"area": "surrey", "draws": 50},
        "maturity": {"area": "surrey"},
    }


@pytest.mark.parametrize("area_id", ["surey", "../../etc", "", "*"])
def test_an_unknown_area_stops_the_plan(area_id):
    with pytest.raises(areas.UnknownAreaError):
        plan.jobs(["surrey", area_id])


def test_an_unknown_notebook_suggests_the_nearest():
    with pytest.raises(plan.ParameterError) as error:
        plan.jobs(["surrey"], ["maturty"])
    assert str(error.value).startswith("no notebook 'maturty': did you mean 'maturity'? there are")


def test_a_national_notebook_for_an_area_is_told_and_not_skipped():
    with pytest.raises(plan.ParameterError, match="survey: nothing to run for surrey"):
        plan.jobs(["surrey"], ["survey"])


def test_an_unknown_parameter_suggests_the_nearest():
    with pytest.raises(plan.ParameterError) as error:
        plan.jobs(["surrey"], ["risks"], {"drawz": 5})
    assert str(error.value) == (
        "no parameter 'drawz' in any of the notebooks: did you mean 'draws'? there are area, "
        "draws, seed"
    )


def notebook(name):
    return plan.NOTEBOOKS / f"{name}.ipynb"


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("risks", {"draws": "many"}, "parameter 'draws' of risks is int ("),
        ("risks", {"draws": 10.5}, "not float 10.5"),
        ("risks", {"draws": True}, "not bool True"),
        ("risks", {"seed": None}, "not NoneType None"),
        ("risks", {"area": ["surrey", "norfolk"]}, "not list ['surrey', 'norfolk']"),
        ("risks", {"area": 5}, "parameter 'area' of risks is str ("),
        ("survey", {"level": "0.9"}, "parameter 'level' of survey is float ("),
        ("survey", {"level": False}, "not bool False"),
        ("maturity", {"show_descriptors": 1}, "is bool ("),
        ("maturity", {"draws": 5}, "no parameter 'draws' in maturity: there are area"),
        ("risks", {"draws": -1}, "'draws' of risks lies between 2 and 1,000,000, not -1"),
        ("demand", {"draws": 10**9}, "lies between 2 and 10,000, not 1000000000"),
        ("survey", {"level": float("nan")}, "lies between 0.01 and 0.999, not nan"),
        ("survey", {"level": 1}, "lies between 0.01 and 0.999, not 1"),
    ],
)
def test_a_parameter_of_another_name_type_or_range_is_refused(name, parameters, said):
    with pytest.raises(plan.ParameterError) as error:
        plan.check_parameters(notebook(name), parameters)
    assert said in str(error.value)


@pytest.mark.parametrize("path", plan.notebooks(), ids=lambda path: path.stem)
def test_every_number_that_a_notebook_takes_has_a_range_that_holds_its_default(path):
    ranges = plan.declared(path).get("ranges", {})
    defaults = {
        name: ast.literal_eval(about["default"])
        for name, about in plan._parameters(path).items()
        if about["inferred_type_name"] in ("int", "float")
    }
    assert set(ranges) == set(defaults)
    given = {name: value for name, value in defaults.items() if value is not None}  # as assumed
    plan.check_parameters(path, given)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("risks", {"area": "surrey", "draws": 5, "seed": 0}),
        ("survey", {"level": 0.9}),
        ("survey", {"n_max": 36}),
        ("maturity", {"show_descriptors": False}),
    ],
)
def test_parameters_of_the_declared_types_are_taken(name, parameters):
    assert plan.check_parameters(notebook(name), parameters) is None


# Notebooks that are none, or not ours


@pytest.fixture
def suite(tmp_path, monkeypatch):
    """Return a folder of notebooks that stands in for ours, with one of them."""
    monkeypatch.setattr(plan, "NOTEBOOKS", tmp_path)
    tiny.write(tmp_path, tiny.TITLE, name="good")
    return tmp_path


def changed(path, change):
    """Change a notebook as JSON."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    change(whole)
    path.write_text(json.dumps(whole), encoding="utf-8")


def test_a_draft_beside_the_suite_is_left_out_and_named(suite):
    draft = tiny.write(suite, tiny.TITLE, name="Untitled")
    changed(draft, lambda nb: nb["metadata"].pop("lgr_report"))
    (suite / ".good.ipynb").write_text("a lock of an editor", encoding="utf-8")
    assert [path.stem for path in plan.notebooks()] == ["good"]
    assert plan.left_out() == [draft]
    assert [job.name for job in plan.jobs(["surrey"])["surrey"]] == ["good"]


def test_a_notebook_that_was_run_and_saved_is_named(suite):
    path = tiny.write(suite, tiny.TITLE, name="ran")
    assert plan.unclean() == []
    changed(path, lambda nb: nb["cells"][1].update(execution_count=1))
    assert plan.unclean() == [path]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"cells": [', "is no notebook (JSONDecodeError"),
        ("{}".encode("utf-16"), "it is not UTF-8: save it again as UTF-8"),
        (b"[]", "is no notebook (TypeError"),
        (b'{"cells": [], "metadata": []}', "its parts are not those of a notebook"),
        (b"", "is no notebook"),
    ],
)
def test_a_file_that_is_no_notebook_is_named_in_one_line(suite, command, content, says):
    (suite / "broken.ipynb").write_bytes(content)
    code, _, err = command("build", "surrey", "--outputs", str(suite / "outputs"))
    assert code == 2
    assert f"lgr-report: {suite / 'broken.ipynb'}" in err
    assert says in err
    assert len(err.splitlines()) == 1
    assert not (suite / "outputs").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda nb: nb["metadata"].pop("kernelspec"), "it names no kernel: open it in JupyterLab"),
        (lambda nb: nb["metadata"]["lgr_report"].pop("scope"), "must name a scope"),
        (lambda nb: nb["metadata"]["lgr_report"].update(figures="two"), "how many figures"),
        (lambda nb: nb["metadata"].update(lgr_report=[]), "must name a scope"),
    ],
)
def test_a_notebook_that_declares_itself_wrongly_is_named(suite, change, says):
    changed(suite / "good.ipynb", change)
    with pytest.raises(plan.NotebookError, match=r"good\.ipynb") as error:
        plan.jobs(["surrey"])
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("source", "says"),
    [("x = (1,", "cell 2, line 1: '(' was never closed"), ("if x:", "cell 2, line 1: expected")],
)
def test_an_unfinished_line_is_told_before_any_kernel_starts(suite, source, says):
    changed(suite / "good.ipynb", lambda nb: nb["cells"][1].update(source=source))
    with pytest.raises(plan.NotebookError) as error:
        plan.jobs(["surrey"])
    assert says in str(error.value)
    assert "restore the notebook (git checkout)" in str(error.value)


def test_a_magic_of_ipython_is_no_unfinished_line(suite):
    changed(suite / "good.ipynb", lambda nb: nb["cells"][2].update(source="%time x = 1"))
    assert [job.name for job in plan.jobs(["surrey"])["surrey"]] == ["good"]

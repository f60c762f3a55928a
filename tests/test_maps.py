"""Maps and demand charts: every area draws, and says in words what it shows."""

import json

import pytest
from plain import AREA_IDS, rows

from lgr_report.chapters import options
from lgr_report.chapters.demand import charts as demand_charts
from lgr_report.chapters.demand import study as demand_study
from lgr_report.chapters.options import maps
from lgr_report.core import divisions
from lgr_report.core.demand import of_england
from lgr_report.core.proposals import proposals
from lgr_report.runs.deliverables import is_empty
from lgr_report.sources import areas


@pytest.fixture(scope="module")
def demand():
    return of_england(100)


@pytest.mark.parametrize("area", AREA_IDS)
def test_the_map_of_councils_names_each_council_with_its_people(area):
    figure = maps.councils("the area", areas.councils(area))
    mine = [
        r
        for r in rows("councils")
        if r["area_id"] == area and r["council_type"] != "county" and r["in_invitation"] == "true"
    ]
    assert len(figure.picture.axes[0].texts) == len(mine)
    for row in mine:
        assert f"{row['council_name']} {int(row['population']):,}" in figure.alt
    assert figure.svg().startswith("<svg")


@pytest.mark.parametrize("area", AREA_IDS)
def test_every_proposal_has_a_map_that_says_whether_it_can_be_computed(area):
    bids = proposals(area)
    figure = maps.proposals("the area", areas.councils(area), bids)
    titles = ["".join(axes.get_title(loc="left").split()) for axes in figure.picture.axes]
    for bid, title in zip(bids, titles, strict=False):
        assert title.startswith("".join(bid.name.split()))
        assert ("notcomputable" in title) == (not bid.footprints)
        assert bid.name in figure.alt
        for name, _ in bid.footprints:
            assert name in figure.alt
    assert len(figure.table.frame) == len(bids)


@pytest.mark.parametrize("area", AREA_IDS)
def test_every_area_has_its_three_demand_charts(area, demand):
    here = divisions.of(area, demand, option_draws=2)
    study, local = options.study(here), demand_study(here)
    for figure in (
        demand_charts.councils(local),
        demand_charts.unitaries(local),
        options.charts.standing(study),
    ):
        assert not is_empty(figure.svg())
        assert figure.title
        assert len(figure.alt) > 40
        assert len(figure.table.frame)


def test_a_council_without_a_shape_is_named(data):
    path = data / "council_shapes.geojson"
    shapes = json.loads(path.read_text(encoding="utf-8"))
    shapes["features"] = [
        f for f in shapes["features"] if f["properties"]["gss_code"] != "E07000178"
    ]
    path.write_text(json.dumps(shapes), encoding="utf-8")
    with pytest.raises(KeyError, match=r"E07000178 in council_shapes\.geojson"):
        maps.councils("Oxfordshire", areas.councils("oxfordshire"))

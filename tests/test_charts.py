"""Charts: a title, words that hold the numbers, the same bytes each time, no trace left."""

import re
from functools import cache
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from plain import AREA_IDS, THREE, edit

from lgr_report.chapters import survey
from lgr_report.chapters.options import charts as options_charts
from lgr_report.page.figures import Figure
from lgr_report.risk import charts, exposure, maturity, residual
from lgr_report.sources import areas, proposals

# Figures are drawn by name only from tables as shipped, so the slow ones are made once an area.
studied = cache(lambda area_id, draws=200: exposure.study(area_id, draws, 1))
DRAW = {
    "sizes": lambda a: options_charts.proposal_sizes(proposals.unitaries(a)),
    "confidence": lambda _: survey.charts.confidence(survey.study().confidence),
    "heat map": lambda a: charts.heat_map(studied(a).ordered),
    "exposure": lambda a: charts.exposure(studied(a).ordered, areas.get(a).name),
    "stability": lambda a: charts.stability(studied(a).firm, studied(a).ordered),
    "maturity": lambda a: charts.maturity(maturity.computed(a), residual.view(a).assessed),
}


def drawn(area_id: str) -> dict[str, Figure]:
    """Return every figure of an area's county report."""
    return {name: draw(area_id) for name, draw in DRAW.items()}


def titles(figure: Figure) -> str:
    """Return the title that stands on the canvas, on one line."""
    return figure.picture.get_suptitle().replace("\n", " ")


@pytest.mark.parametrize("area_id", AREA_IDS)
def test_every_figure_of_every_area_has_a_title_and_words_with_its_numbers(area_id):
    figures = drawn(area_id)
    for name, figure in figures.items():
        assert titles(figure) == figure.title, name
        assert len(figure.alt) > 40
        assert not re.search(r"\bnan\b", figure.alt)
        assert "<NA>" not in figure.alt
        assert len(figure.table.frame)
        assert "Source: " in figure.picture.get_supxlabel().replace("\n", " ")
    known = proposals.unitaries(area_id).dropna(subset=["population"])
    for unitary in known.itertuples():
        assert f"{unitary.unitary_name} {unitary.population:,}" in figures["sizes"].alt
    for risk, value in studied(area_id).ordered["exposure"].dropna().items():
        assert re.search(rf"{risk} {value:.0f}[;.]", figures["exposure"].alt)
    for risk, row in studied(area_id).firm.query("touched").iterrows():
        ranks = f"{risk} median {row['median']:.0f}, from {row['low']:.0f} to {row['high']:.0f}"
        assert ranks in figures["stability"].alt
    for row in maturity.computed(area_id).dropna(subset=["level"]).itertuples():
        assert re.search(
            rf"{row.council_name}: [^;]*{row.name} {row.level}", figures["maturity"].alt
        )


def test_titles_state_findings_with_their_numbers():
    figures = drawn("surrey")
    sizes = proposals.unitaries("surrey")["population"]
    assert figures["sizes"].title == (
        f"Of {len(sizes)} proposed unitaries whose size can be computed, {(sizes > 500_000).sum()} "
        "have more than 500,000 people and none has 300,000 or fewer"
    )
    assert (sizes > 300_000).all()
    assert figures["confidence"].title.startswith("2 of 36 officers were confident")
    assert figures["heat map"].title == (
        "5 of 14 risks sit at likelihood 5, impact 5 and "
        "9 of 14 risks sit at likelihood 4, impact 5"
    )
    ordered = studied("surrey").ordered
    assert figures["exposure"].title == (
        f"Surrey: above the middle of England's authorities on {ordered['above'].sum()} of 6 "
        f"risks that public data rank, most on {ordered['exposure'].idxmax()}"
    )


def test_the_words_of_the_survey_chart_hold_every_bar_and_interval():
    alt = survey.charts.confidence(survey.study(0.8).confidence).alt
    for row in survey.study(0.8).confidence.itertuples(index=False):
        share = f"{row.percent}% ({row[3]} of 36, interval {row.low:.0f} to {row.high:.0f}%)"
        share += f", whatever the silent think {row.worst_low:.0f} to {row.worst_high:.0f}%"
        assert share in alt
    assert alt.count("label not given in the source") == 3
    assert alt.startswith("Bars, with 80% intervals: ")


def test_the_survey_chart_names_the_level_of_its_intervals():
    axes = survey.charts.confidence(survey.study(0.8).confidence).picture.axes[0]
    assert "lines are 80% Wilson intervals" in axes.get_xlabel()


def test_the_stability_chart_calls_firm_only_what_is_firm(data):
    order = exposure.study("surrey", 20).ordered
    moving = charts.stability(exposure.study("surrey", 300).firm, order)
    assert moving.title.startswith("No order is certain: ")
    assert "moved by up to 1 point either way," in moving.picture.get_supxlabel().replace("\n", " ")
    edit("assumptions", data, lambda r: r["assumption_id"] == "score_shift", value="0")
    still = charts.stability(exposure.study("surrey", 300).firm, order)
    assert still.title.startswith("The top is firm: ")
    assert "CLGR2, CLGR5 and CLGR3, the most often" in still.title
    assert "are there in 100% of draws" in still.title
    assert "moved by up to 0 points either way," in still.picture.get_supxlabel().replace("\n", " ")


def test_the_heat_map_writes_every_risk_into_its_cell(data):
    edit("risks", data, lambda r: r["risk_id"] == "CLGR6", likelihood="1", impact="2")
    figure = charts.heat_map(exposure.study("surrey", 20).ordered)
    written = {
        (int(text.get_position()[0] + 0.5), int(text.get_position()[1] + 0.5)): text.get_text()
        for text in figure.picture.axes[0].texts
    }
    assert written[1, 2] == "6"
    assert written[5, 5].split() == ["1", "2", "3", "4", "5"]
    assert written[4, 5].split() == ["7", "8", "9", "10", "11", "12", "13", "14"]
    assert "likelihood 1, impact 2: CLGR6" in figure.alt


def luminance(colour: object) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in mpl.colors.to_rgb(colour)
    ]
    return float(np.dot(parts, [0.2126, 0.7152, 0.0722]))


def test_the_risks_are_readable_on_every_band_of_the_heat_map(data):
    for k, risk in enumerate(("CLGR1", "CLGR6", "CLGR7", "CLGR8")):
        score = {"likelihood": str(k + 1), "impact": str(k + 1)}
        edit("risks", data, lambda r, risk=risk: r["risk_id"] == risk, **score)
    axes = charts.heat_map(exposure.study("surrey", 20).ordered).picture.axes[0]
    mesh = axes.collections[0]
    mesh.update_scalarmappable()
    for text, face in zip(axes.texts, mesh.get_facecolors(), strict=True):
        if text.get_text():
            dark, light = sorted([luminance(text.get_color()), luminance(face)])
            assert (light + 0.05) / (dark + 0.05) >= 4.5, text.get_text()


@pytest.mark.parametrize("name", DRAW)
def test_the_same_figures_give_the_same_bytes(name):
    first, again = (DRAW[name]("surrey") for _ in range(2))
    assert first.svg() == again.svg()
    root = ElementTree.fromstring(first.svg())
    assert root.get("width") == "576pt"
    said = " ".join(text for text in root.itertext())
    assert all(word in said for word in first.title.split())  # words stay words


def test_an_area_whose_proposals_cannot_be_computed_has_a_figure_that_says_so():
    split = proposals.unitaries("norfolk").query("proposal_id == 'norfolk-3'")
    assert split["population"].isna().all()
    figure = options_charts.proposal_sizes(split)
    assert figure.title == "The size of no proposed unitary can be computed"
    one = options_charts.proposal_sizes(proposals.unitaries("suffolk"))
    assert one.title == "The one proposed unitary whose size can be computed has 786,231 people"
    assert figure.alt.endswith(
        "No size is known. Not shown: 3 unitaries (they split a district, lie in another area, or "
        "their councils were not found)."
    )
    (label,) = [text.get_text() for text in figure.picture.axes[0].get_yticklabels()]
    assert f"({len(split)} split a district)" in " ".join(label.split())
    assert figure.svg().startswith("<svg")


def test_an_area_without_any_gap_says_none():
    known = exposure.study("surrey", 20).ordered
    known["exposure"] = known["exposure"].fillna(10)
    known[["low", "high"]] = known[["low", "high"]].fillna(10)
    assert charts.exposure(known, "Surrey").alt.endswith("Not ranked: none.")


def test_what_officers_assessed_is_in_the_picture_and_in_words():
    assessed = residual.view("surrey").assessed.astype({"level": "Int64"})
    assert charts.maturity(maturity.computed("surrey"), assessed).alt.endswith("nothing yet.")
    assessed.loc["M3", "level"] = 4
    figure = charts.maturity(maturity.computed("surrey"), assessed)
    assert figure.alt.endswith("Assessed by officers: Workforce stability 4.")
    labels = [text.get_text() for text in figure.picture.axes[0].get_legend().get_texts()]
    assert labels == ["Surrey (computed)", "assessed by officers"]


@pytest.mark.parametrize("area_id", THREE)
def test_authorities_are_told_apart_by_marker_and_not_by_colour_alone(area_id):
    axes = charts.maturity(
        maturity.computed(area_id), residual.view(area_id).assessed
    ).picture.axes[0]
    markers = [line.get_marker() for line in axes.lines]
    assert len(set(markers)) == len(markers) == len(areas.authorities(area_id))


def test_the_readers_own_matplotlib_settings_stay():
    mpl.rcParams["font.size"] = 7.5
    before = dict(mpl.rcParams)
    DRAW["exposure"]("surrey").svg()
    assert dict(mpl.rcParams) == before
    mpl.rcdefaults()


def test_a_figure_in_a_notebook_is_a_picture_with_alt_text_and_a_folded_table(monkeypatch):
    sent = []
    monkeypatch.setattr(
        "lgr_report.page.figures.display", lambda *args, **kwargs: sent.append((args, kwargs))
    )
    figure = survey.charts.confidence(survey.study().confidence)
    figure._ipython_display_()
    (bundle,), options = sent[0]
    assert bundle["image/svg+xml"] == figure.svg()
    assert bundle["text/plain"] == f"{figure.title}. {figure.alt}"
    assert options["metadata"]["image/svg+xml"]["alt"] == bundle["text/plain"]
    assert "<details>" in sent[1][0][0]._repr_html_()


def test_the_table_behind_a_figure_holds_what_is_drawn():
    frame = charts.exposure(exposure.study("surrey", 20).ordered, "Surrey").table.frame
    pd.testing.assert_series_equal(
        frame.set_index("risk_id")["exposure"].sort_index(),
        exposure.study("surrey", 20).ordered["exposure"].dropna().sort_index(),
    )


def test_a_bid_of_which_one_council_is_known_says_how_many_are_not():
    bids = proposals.unitaries("lancashire-blackburn-blackpool")
    shown = options_charts.proposal_sizes(bids.query("proposal_id == 'lancs-4-blackpool'"))
    (label,) = [text.get_text() for text in shown.picture.axes[0].get_yticklabels()]
    assert "(1 splits a district, 3 not found in this area)" in " ".join(label.split())
    assert "Not shown: 4 unitaries" in shown.alt

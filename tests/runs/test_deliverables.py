"""What an executed notebook must hold before it is published: what it declares, and no more."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from lgr_report.page.cells import SVG
from lgr_report.runs.deliverables import DeliverableError, check_deliverables


def executed(*outputs, figures=0, tables=0):
    return new_notebook(
        cells=[new_code_cell("", outputs=list(outputs))],
        metadata={"lgr_report": {"scope": "area", "figures": figures, "tables": tables}},
    )


BACKGROUND = '<path d="M 0 0 L 9 0 L 9 9 z"/>'
BLANK = f'<svg xmlns="http://www.w3.org/2000/svg">{BACKGROUND}</svg>'
LINE = BLANK.replace("</svg>", '<text x="1" y="1">a word</text></svg>')


def figure(alt="a figure", svg=LINE):
    metadata = {SVG: {"alt": alt}} if alt is not None else {}
    return new_output("display_data", {SVG: svg}, metadata=metadata)


TABLE = new_output("display_data", {"text/html": "<div><table></table></div>"})
WORDS = new_output("execute_result", {"text/markdown": "so", "text/plain": "<Markdown>"})
VALUE = new_output("execute_result", {"text/plain": "2"})
PICTURE = new_output("display_data", {"text/html": "<img src='x.png'>", "text/plain": "<HTML>"})
WIDGET = new_output("display_data", {"application/javascript": "1", "text/plain": "1"})
PRINTED = new_output("stream", name="stdout", text="hello")
WARNED = new_output("stream", name="stderr", text="DeprecationWarning")
FAILED = new_output("error", ename="ValueError", evalue="no", traceback=[])


def test_a_notebook_that_holds_what_it_declares_passes():
    nb = executed(WORDS, figure(), figure(), TABLE, figures=2, tables=1)
    assert check_deliverables(nb, "small") is None


def test_a_page_that_loops_over_chapters_may_hold_more_and_never_less():
    nb = executed(WORDS, figure(), figure(), TABLE, figures=1, tables=1)
    nb.metadata["lgr_report"]["at_least"] = True
    assert check_deliverables(nb, "report") is None
    nb.metadata["lgr_report"]["tables"] = 2
    with pytest.raises(DeliverableError, match="report: 1 tables, 2 declared"):
        check_deliverables(nb, "report")


@pytest.mark.parametrize(
    ("nb", "said"),
    [
        (executed(figures=1), "small: 0 figures, 1 declared"),
        (executed(figure()), "small: 1 figures, 0 declared"),
        (executed(tables=2), "small: 0 tables, 2 declared"),
        (executed(figure(None), figures=1), "small: 1 figures without alt text"),
        (executed(figure(""), figures=1), "small: 1 figures without alt text"),
        (executed(FAILED), "small: a cell ended in an error"),
        (executed(figure(svg=BLANK), figures=1), "small: 1 figures show nothing"),
        (executed(figure(svg="not a picture"), figures=1), "small: 1 figures show nothing"),
        (executed(WIDGET), "small: something undeclared was shown (application/javascript)"),
        (executed(WORDS, VALUE), "small: 1 outputs are no figure, no table and no words"),
        (executed(PICTURE, VALUE), "small: 2 outputs are no figure, no table and no words"),
        (executed(PRINTED), "small: something was printed to stdout"),
        (executed(PRINTED, WARNED), "small: something was printed to stderr and stdout"),
        (
            executed(figure(None), WARNED, figures=2),
            "small: 1 figures, 2 declared; 1 figures without alt text; something was printed to "
            "stderr",
        ),
    ],
)
def test_everything_that_is_missing_or_unexpected_is_told(nb, said):
    with pytest.raises(DeliverableError) as error:
        check_deliverables(nb, "small")
    assert str(error.value) == said

"""What a page must be before it is published: a good one passes, each broken one is told."""

import pandas as pd
import pytest
import tiny
from nbformat.v4 import new_code_cell, new_notebook, new_output

from lgr_report.page import pages
from lgr_report.page.cells import Table
from lgr_report.runs.deliverables import DeliverableError
from lgr_report.runs.page_checks import check_page
from lgr_report.runs.records import Job

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg"><text x="1" y="1">a word</text></svg>'
TABLE = Table(pd.DataFrame({"area": ["Kent", "Devon"], "cost": [1.5, 2.0]}), "Costs")


def page_of(table: Table) -> str:
    """Return the page of a notebook with a heading, a figure and a table, as it is published."""
    outputs = [
        new_output("display_data", {"text/markdown": "# Costs\n\nNone of it is nanotechnology."}),
        new_output("display_data", {pages.SVG: PICTURE}, metadata={pages.SVG: {"alt": "A word"}}),
        new_output("display_data", {"text/html": table._repr_html_()}),
    ]
    nb = new_notebook(cells=[new_code_cell("", outputs=outputs)])
    return pages.to_html(nb, "Costs", home="../index.html", others=[("risks.html", "Risks")])


@pytest.fixture(scope="module", params=["plain", "sortable"])
def good(request) -> str:
    return page_of(TABLE.sortable() if request.param == "sortable" else TABLE)


@pytest.fixture(scope="module")
def plain() -> str:
    return page_of(TABLE)


@pytest.fixture(scope="module")
def sortable() -> str:
    return page_of(TABLE.sortable())


def said(page: str, figures: int = 1) -> str:
    """Return what is wrong with a page."""
    with pytest.raises(DeliverableError) as error:
        check_page(page, "costs", figures)
    return str(error.value).removeprefix("costs: ")


def changed(page: str, old: str, new: str) -> str:
    """Return a page with something replaced that is there."""
    assert old in page
    return page.replace(old, new, 1)


def test_a_good_page_passes(good):
    assert check_page(good, "costs", figures=1) is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('lang="en-GB"', 'lang="de"', "no language is given"),
        (' lang="en-GB"', "", "no language is given"),
        ("<h1>Costs</h1>", "<h2>Costs</h2>", "0 headings of the first level"),
        ("<h1>Costs</h1>", "<h1>Costs</h1><h1>More</h1>", "2 headings of the first level"),
        ("<h1>Costs</h1>", "<h1>Prices</h1>", "its title is not its first heading"),
        ("<title>Costs</title>", "", "its title is not its first heading"),
        ('alt="A word"', 'alt=" "', "1 pictures without alt text"),
        (' alt="A word"', "", "1 pictures without alt text"),
        ("</body>", "<p id='x'></p><p id='x'></p></body>", "an identifier is there twice: x"),
        ("</body>", "<a href='#lost'>There</a></body>", "a link leads nowhere: lost"),
        (
            "</head>",
            "<link rel='stylesheet' href='https://x.org/a.css'></head>",
            "it holds <link>, rel of <link>",
        ),
        ("</body>", "<iframe></iframe><object></object></body>", "it holds <iframe>, <object>"),
        ("</body>", "<embed></body>", "it holds <embed>"),
        (
            "</head>",
            '<meta http-equiv="refresh" content="0; url=x.html"></head>',
            "it holds <meta> for refresh",
        ),
        ("</head>", "<base href='https://x.org/'></head>", "it holds <base>"),
        ("</body>", "<p onclick='x()'>a</p></body>", "it holds onclick of <p>"),
        ("</body>", "<p style='color:red'>a</p></body>", "it holds style of <p>"),
        ("</body>", "<a href='javascript:x()'>a</a></body>", "it holds a link to javascript:x()"),
        ("</body>", "<a href='file:///etc'>a</a></body>", "it holds a link to file:///etc"),
        ("</body>", "<form><input></form></body>", "it holds <form>, <input>"),
        ("</body>", "<svg></svg></body>", "it holds <svg>"),
        (
            "</body>",
            "<img src='https://x.org/a.png' alt='a'></body>",
            "it would load https://x.org/a.png",
        ),
        ("</style>", "b { background: url(a.png) }</style>", "it would load url(a.png)"),
    ],
)
def test_what_is_wrong_with_a_page_is_told(plain, old, new, told):
    assert said(changed(plain, old, new)) == told


@pytest.mark.parametrize(
    ("stray", "told"),
    [
        ("<p>Traceback (most recent call last)</p>", "Traceback"),
        ("<p>It grew by nan%.</p>", "nan%"),
        ("<p>It costs NaN pounds.</p>", "NaN"),
        ("<td>&lt;NA&gt;</td>", "<NA>"),
        ("<td>NaT</td>", "NaT"),
        ("<p>Between 1 and None, as ever.</p>", "None,"),
        ("<p>Kent (and None)</p>", "None)"),
        ("<p>Kent (None of it)</p>", "(None"),
        ("<span>It costs nan pounds.</span>", "nan"),
        ("<td><b> None </b></td>", "None"),
        ("<table><tr><th>None</th></tr></table>", "None"),
        ("<ul><li>None</li></ul>", "None"),
        ("<ul><li><p>None</p></li></ul>", "None"),
        ("<p>None</p>", "None"),
    ],
)
def test_a_value_that_was_given_no_word_is_told(plain, stray, told):
    page = changed(plain, "</body>", f"{stray}</body>")
    assert said(page) == f"a value was given no word: {told}"


def test_a_picture_that_did_not_reach_its_page_is_told(plain):
    assert said(plain, figures=2) == "1 pictures of 2 figures"


def test_a_script_where_no_table_is_to_be_sorted_is_told(plain):
    assert "1 scripts, 0 wanted" in said(changed(plain, "</body>", "<script>1</script></body>"))


def test_a_table_that_is_to_be_sorted_without_a_script_is_told(plain):
    marked = changed(plain, "</body>", "<div class='table sortable'></div></body>")
    assert said(marked) == "0 scripts, 1 wanted"


def test_another_script_than_ours_is_told(sortable):
    assert said(changed(sortable, "</script>", "alert(1)</script>")) == "a script is not ours"
    second = changed(sortable, "</body>", "<script>1</script></body>")
    assert said(second) == "2 scripts, 1 wanted"


def test_a_policy_that_does_not_fit_is_told(plain, sortable):
    told = "its policy does not say which scripts may run"
    assert said(changed(plain, "script-src 'none'", "script-src 'self'")) == told
    other = said(changed(plain, "Content-Security-Policy", "Content-Policy"))
    assert other == f"{told}; it holds <meta> for Content-Policy"
    start = sortable.index("script-src '") + len("script-src ")
    allowed = sortable[start : sortable.index("'", start + 1) + 1]
    assert said(changed(sortable, allowed, "'none'")) == told


def test_everything_that_is_wrong_is_told_at_once(plain):
    page = changed(changed(plain, ' lang="en-GB"', ""), 'alt="A word"', 'alt=""')
    assert said(page) == "no language is given; 1 pictures without alt text"


@pytest.mark.slow
def test_a_page_that_is_wrong_is_not_published(tmp_path):
    path = tiny.write(tmp_path, tiny.TITLE, "from lgr_report.page.cells import say\n\nsay('NaN')")
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    report = tiny.build((Job(path, "surrey", {}),), outputs)
    assert report.error == "DeliverableError: small: a value was given no word: NaN"
    assert not (outputs / "surrey").exists()

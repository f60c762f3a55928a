"""Numbers as sentences have them."""

import pytest

from lgr_report.page import phrases


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1st"), (2.4, "2nd"), (3, "3rd"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st")],
)
def test_ordinals(number, words):
    assert phrases.ordinal(number) == words

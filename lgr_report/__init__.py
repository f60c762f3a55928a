"""Reproduce the CCN/Newton findings on public data; write a risk report for each county area.

A figure travels one way: ``data/`` → `sources` → `models` → `risk` → `report` → notebook → page.
`runs` executes the notebooks and publishes; no package imports one that stands after it.
"""

__version__ = "0.1.0"

"""Demand: districts estimated and judged, and how unevenly options spread it."""

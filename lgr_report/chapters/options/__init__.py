"""Options: every contiguous way to divide an area, and where proposals stand."""

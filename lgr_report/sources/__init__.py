"""Figures as they come in: tables and their contract, areas, indicators, proposals, decisions."""

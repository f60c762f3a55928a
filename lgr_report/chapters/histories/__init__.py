"""Histories: what really happened in the reorganisations of 2019 to 2023."""

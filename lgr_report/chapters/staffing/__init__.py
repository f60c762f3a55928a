"""Senior staffing: how many directors and senior posts, at what cost?"""

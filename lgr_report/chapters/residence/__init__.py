"""Ordinary residence: whose care home caseload grows after vesting day?"""

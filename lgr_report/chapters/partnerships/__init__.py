"""Partnerships: how many care boards and police forces to work with?"""

"""Unit cost: does care cost more in small councils?"""

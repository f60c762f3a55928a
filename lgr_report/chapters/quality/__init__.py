"""Service quality: are small councils judged worse?"""

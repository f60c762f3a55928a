"""High needs: who inherits which deficit?"""

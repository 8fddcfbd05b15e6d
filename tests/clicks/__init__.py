"""Whole ways of a click, with real parts only."""

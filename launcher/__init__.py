"""Kitsu Launcher: a click in Kitsu opens the right application on the right file."""

__version__ = "0.1.0"

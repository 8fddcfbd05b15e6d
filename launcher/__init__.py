"""Kitsu Launcher: a click in Kitsu opens the right application on the right file."""

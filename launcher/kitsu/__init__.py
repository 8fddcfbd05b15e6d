"""Kitsu, the production tracker: logging in, and what it knows of tasks."""

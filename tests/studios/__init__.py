"""Ten studio files of very different studios, each with its clicks and what they would do on Linux, Windows and macOS.

In each folder: `studio.toml`, `clicks.toml`, and one text for each OS, which a test compares whole. After a change
that is meant, `python -m tests.studios.rehearsed` writes the texts anew: look at every line of the difference.
"""

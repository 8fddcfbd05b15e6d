"""Root's side of the clean Debians: making them, keeping them, and running them as machines of their own.

Standard library only, and nothing of pytest: tests/run starts `tests/support/root.py` with the system's Python.
"""

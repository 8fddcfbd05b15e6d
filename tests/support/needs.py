"""Marks for tests that need a program of the operating system."""

import shutil

import pytest


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip the test where one of the programs is not in PATH, naming those that are missing.

    `tests/run` installs them all when it is root; with CI=true a skip is a failure.
    """
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")

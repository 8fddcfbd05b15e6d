"""What benchmarks found, told at the end of a run: before pytest's own summary line, never asserted."""

from collections.abc import Callable

import pytest

LINES = pytest.StashKey[list[str]]()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Takes one line for the section "benchmarks"."""
    return request.config.stash.setdefault(LINES, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the lines, if there are any."""
    if lines := config.stash.get(LINES, []):
        terminalreporter.section("benchmarks (ratios within this run)")
        for line in lines:
            terminalreporter.write_line(line)

"""What every test stands on: the shared fixtures, and the rule that no test is skipped in silence."""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.support")
pytest_plugins = [f"tests.support.{path.stem}" for path in sorted(Path(__file__).with_name("support").glob("[!_]*.py"))]

ALL_MUST_RUN = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
"""On the machine that judges a change, a skipped test is a failed one."""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty `KITSU_LAUNCHER_HOME`, directly under /tmp: the path of a Unix socket must stay below 100 bytes."""
    for name in [name for name in os.environ if name.startswith("KITSU_LAUNCHER_")]:
        monkeypatch.delenv(name)
    folder = Path(tempfile.mkdtemp(prefix="kl-", dir="/tmp"))
    monkeypatch.setenv("KITSU_LAUNCHER_HOME", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a test's skip into a failure where all must run; an expected failure stays what it is."""
    report = yield
    if not hasattr(report, "wasxfail"):
        fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file that skips itself."""
    report = yield
    fail_if_skipped(report)
    return report


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Make a skipped report a failed one, with the reason it gave."""
    if ALL_MUST_RUN and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and with CI=true every test must run: {reason(report)}"


def reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a report says it was skipped."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List each test that did not run by its name: pytest's own summary folds them into numbers."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("not run on this machine")
        for report in skipped:
            terminalreporter.write_line(f"{report.nodeid}: {reason(report)}")

"""What is wrong in the files of the configuration, in their own words."""

from collections.abc import Sequence

from launcher.config.files import Source
from launcher.config.problems import Problem
from launcher.doctor.finding import Finding, bad, good, warning
from launcher.words import _, n_


def judge(problems: Sequence[Problem], sources: Sequence[Source], actions: int) -> list[Finding]:
    """All of it in one or two findings; with many files, which ones count."""
    errors = [str(one) for one in problems if not one.warning]
    warnings = [str(one) for one in problems if one.warning]
    found = []
    if errors:
        title = n_("The configuration has {n} error.", "The configuration has {n} errors.", len(errors))
        found.append(bad("studio", title, _("Correct it; `kitsu-launcher config check` tells it again."), errors))
    if warnings:
        title = n_("The configuration has {n} warning.", "The configuration has {n} warnings.", len(warnings))
        found.append(warning("studio", title, _("Look at what it says."), warnings))
    if not errors and not actions:
        found.append(
            warning(
                "studio", _("No actions are configured."), _("Add one to the studio file, then publish it in Kitsu.")
            )
        )
    counts = [f"{one.layer}: {one.path}" for one in sources if one.counts]
    title = n_("The configuration is right, with {n} action.", "The configuration is right, with {n} actions.", actions)
    return found or [good("studio", title, counts)]

"""Whether the applications are here that the studio's actions start."""

from collections.abc import Iterable, Mapping

from launcher.config.schema import AnyAction, App
from launcher.doctor.finding import Finding, good, warning
from launcher.plan.found import Candidates
from launcher.words import _

MOST_REASONS = 8


def wanted(actions: Mapping[str, AnyAction]) -> dict[tuple[str, ...], list[str]]:
    """The lists of applications of which each action needs one, with the titles of those actions."""
    lists: dict[tuple[str, ...], list[str]] = {}
    for action in actions.values():
        if names := tuple(getattr(action, "app", ())):
            lists.setdefault(names, []).append(action.title)
    return lists


def judge(
    actions: Mapping[str, AnyAction], apps: Mapping[str, App], found: Mapping[str, Candidates], settings: str
) -> list[Finding]:
    """One finding for each application that is missing, or one for all; `settings` is the person's own file."""
    findings, here = [], []
    for names, titles in wanted(actions).items():
        fits = [fit for name in names for fit in found[name].fits]
        if fits:
            here.append(f"{fits[0].label}: {fits[0].path}")
            continue
        findings.append(
            warning(
                "applications",
                _(
                    "{apps} is not installed here, so these actions cannot work: {actions}.",
                    apps=" / ".join(apps[name].title for name in names),
                    actions=", ".join(titles),
                ),
                _(
                    "Install it, or name its executable: on the dashboard's page of applications, or as {key} in"
                    " {file}.",
                    key=f"apps.{names[0]}.executable",
                    file=settings,
                ),
                _reasons(names, found),
            )
        )
    if here and not findings:
        findings.append(good("applications", _("All applications that actions start are here."), dict.fromkeys(here)))
    return findings


def _reasons(names: Iterable[str], found: Mapping[str, Candidates]) -> tuple[str, ...]:
    lines = [f"{no.path}: {no.reason}" for name in names for no in found[name].rejected]
    return tuple(lines[:MOST_REASONS])

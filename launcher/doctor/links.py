"""Whether `kitsu-launcher://` links reach us, and whether the daemon starts at login."""

from launcher import itself
from launcher.doctor.finding import Finding, Level, bad, good, of_error, warning
from launcher.errors import LauncherError
from launcher.system import Links, Shared
from launcher.system.here import autostart as here_autostart
from launcher.system.here import scheme
from launcher.words import _

REGISTER = _("Run `kitsu-launcher register`.")


def links(wanted: bool) -> Finding:
    """Read it from the desktop; `wanted` is whether the person wants links here at all. Blocks a little."""
    try:
        return judge_links(scheme.state(itself.link_handler()), scheme.registered() or "", wanted)
    except LauncherError as error:
        return of_error("links", error, Level.WARNING)


def judge_links(state: Links, command: str, wanted: bool) -> Finding:
    """Whom the desktop gives our links to; `command` is what opens them now."""
    details = (command,) if command else ()
    match state:
        case Links.HERE:
            return good("links", _("Links open here."), details)
        case _other if not wanted:
            return good("links", _("Links do not open here, as `desk.links` says."), details)
        case Links.ELSEWHERE:
            return warning(
                "links", _("Links are opened by another program or another installation."), REGISTER, details
            )
        case Links.NOWHERE:
            return warning("links", _("Nothing opens `kitsu-launcher://` links."), REGISTER, details)


def autostart() -> Finding:
    """Read it from the desktop. Blocks a little."""
    try:
        return judge_autostart(here_autostart.state())
    except LauncherError as error:
        return of_error("autostart", error, Level.WARNING)


def judge_autostart(state: bool | None) -> Finding:
    """Whether the daemon starts at login; None where nobody has decided."""
    if state:
        return good("autostart", _("It starts at login."))
    if state is False:
        return good("autostart", _("It does not start at login, as was chosen."))
    return warning(
        "autostart",
        _("It does not start at login: after a restart clicks reach nobody."),
        _("Switch it on in the icon's menu, or run `kitsu-launcher register`."),
    )


def for_everybody(opens: Shared, starts: Shared | None) -> list[Finding]:
    """What a package has registered for everybody: that links open, and that the daemon starts at login."""
    found = [_shared("links", opens, _("No package opens links for everybody."), _("Links open for everybody."))]
    if starts:
        missing, there = _("No package starts it at everybody's login."), _("It starts at everybody's login.")
        found.append(_shared("autostart", starts, missing, there))
    return found


def _shared(key: str, found: Shared, missing: str, there: str) -> Finding:
    if not found.place:
        cure = _("Install the package; without one each person runs `kitsu-launcher register`.")
        return bad(key, missing, cure)
    details = (found.place, found.program)
    if not found.runs:
        return bad(
            key, _("What is registered for everybody cannot be started."), _("Install the package again."), details
        )
    return good(key, there, details)

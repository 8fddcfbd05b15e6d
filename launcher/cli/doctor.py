"""`doctor`: everything that can be wrong here, each with its cure; the daemon is asked where one runs."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from launcher.model import Json
from launcher.words import _, n_

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers
    from launcher.doctor import Finding
    from launcher.errors import LauncherError

EXIT_CODES = _("""\
The text names no key, token or address of a person: it can be pasted into a ticket.

Exit codes: 0 nothing is broken (there may be warnings), 1 something is broken, 2 usage""")
SIGNS = {"good": "✓", "warning": "!", "bad": "✗"}
WORDS = {"good": _("good"), "warning": _("warning"), "bad": _("broken")}


def add(commands: "Subparsers") -> None:
    """How it is called."""
    parser = commands.add_parser(
        "doctor",
        help=_("tell what is wrong here, and what to do"),
        description=_(
            "Look at everything that can be wrong on this machine, and tell what to do. No daemon is started."
        ),
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help=_("print JSON for programs"))
    parser.add_argument(
        "--machine",
        action="store_true",
        help=_(
            "as root or SYSTEM: only what needs no session, so the package, the studio's files and browser policies"
        ),
    )
    parser.add_argument(
        "--feed", action="store_true", help=_("ask `studio.feed` for a newer version, though it was asked today")
    )
    parser.set_defaults(func=doctor)


def doctor(args: argparse.Namespace) -> int:
    """Look, print, and answer 1 where something is broken."""
    from launcher.cli.say import say_json

    if args.feed:
        _ask_again()
    findings = _machine() if args.machine else _session()
    if args.json:
        say_json(as_json(findings))
    else:
        print(_printable(text(findings, _system())))
    return 1 if any(finding.level == "bad" for finding in findings) else 0


def _ask_again() -> None:
    """Have the feed of newer versions asked, though that was done today; not where that cannot be noted."""
    import os
    import socket
    from contextlib import suppress

    from launcher.config import feed
    from launcher.config.load import load
    from launcher.errors import LauncherError
    from launcher.paths import folders, this_os

    home = folders()
    loaded = load(home, os=this_os(), hostname=socket.gethostname(), environ=os.environ, keep_copy=False)
    if told := loaded.config.studio.feed:
        with suppress(OSError, LauncherError):  # the finding about our folders tells it
            feed.forget_when(home, told)


def _machine() -> "tuple[Finding, ...]":
    import asyncio

    from launcher.doctor import look_at_machine
    from launcher.paths import folders

    return asyncio.run(look_at_machine(folders()))


def _session() -> "tuple[Finding, ...]":
    """What the running daemon finds; without one, what can be seen from here."""
    import asyncio
    import logging

    from launcher import knock
    from launcher.doctor import look_alone
    from launcher.paths import folders

    try:
        return told(knock.request("GET", "/door/findings", start=False))
    except knock.DoorError as error:
        # What would be logged is told as findings.
        logging.getLogger("launcher").addHandler(logging.NullHandler())
        return asyncio.run(look_alone(folders(), _trouble(error)))


def _trouble(error: "LauncherError") -> "LauncherError | None":
    """What is wrong with the door; that nobody runs is no fault of the door's."""
    return None if isinstance(error.__cause__, FileNotFoundError | ConnectionRefusedError) else error


def told(answer: Json) -> "tuple[Finding, ...]":
    """The daemon's answer. One of another version than ours was not restarted after an update."""
    from launcher import __version__
    from launcher.doctor import Finding, session

    assert isinstance(answer, dict)  # noqa: S101  # our own daemon's answer
    listed = answer["findings"]
    found = [Finding.from_json(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    running = str(answer["version"])
    if running != __version__:
        found = [one if one.key != "daemon" else session.old_daemon(running, __version__) for one in found]
    return tuple(found)


def as_json(findings: "Sequence[Finding]") -> dict[str, Json]:
    """All of it for programs."""
    from launcher import __version__
    from launcher.doctor import worst

    return {
        "version": __version__,
        "system": _system(),
        "level": worst(findings).value,
        "findings": [finding.as_json() for finding in findings],
    }


def text(findings: "Sequence[Finding]", system: str) -> str:
    """What is broken first, then warnings, then all that is good; each with its cure and what was looked at."""
    from launcher.cli.say import say

    lines = [say(system), ""]
    width = max((len(finding.key) for finding in findings), default=0)
    word = max(len(say(one)) for one in WORDS.values())
    indent = " " * (word + width + 6)
    for level in ("bad", "warning", "good"):
        for finding in findings:
            if finding.level == level:
                first = f"{SIGNS[level]} {say(WORDS[level]):{word}}  {finding.key:{width}}  "
                lines.append(f"{first}{say(finding.title)}")
                lines += [f"{indent}→ {say(finding.cure)}"] if finding.cure else []
                lines += [f"{indent}  {say(detail)}" for detail in finding.details]
    return "\n".join([*lines, "", _summary(findings)])


def _summary(findings: "Sequence[Finding]") -> str:
    from launcher.cli.say import say

    counted = [sum(finding.level == level for finding in findings) for level in ("bad", "warning")]
    if not any(counted):
        return say(_("All is well."))
    broken, warned = counted
    return " ".join(
        [
            say(n_("{n} thing is broken.", "{n} things are broken.", broken))
            if broken
            else say(_("Nothing is broken.")),
            *([say(n_("There is {n} warning.", "There are {n} warnings.", warned))] if warned else []),
        ]
    )


def _system() -> str:
    import platform

    from launcher import __version__

    return f"Kitsu Launcher {__version__}, {platform.platform()}, Python {platform.python_version()}"


def _printable(printed: str) -> str:
    """With plain signs where the terminal's encoding lacks ours, as on an old Windows."""
    import sys

    encoding = sys.stdout.encoding or "ascii"
    for sign, plain in (("✓", "+"), ("✗", "x"), ("→", ">"), ("…", "...")):
        try:
            sign.encode(encoding)
        except UnicodeEncodeError:
            printed = printed.replace(sign, plain)
    return printed.encode(encoding, "backslashreplace").decode(encoding)

"""`config keygen|sign|try`: what a TD does with a new studio file before it counts."""

import argparse
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.model import Json
from launcher.words import _, n_

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers

LAST = 20
MOST = 200
SIGNS = {"same": " ", "better": "+", "worse": "!", "other": "~", "left": "?"}
WORDS = {
    "same": _("same"),
    "better": _("better"),
    "worse": _("worse"),
    "other": _("other"),
    "left": _("not tried"),
}


def add(which: "Subparsers") -> None:
    """How they are called."""
    making = which.add_parser(
        "keygen",
        help=_("make a key that signs a studio file"),
        description=_("Make a private key that signs a studio file, and print the line that machines need of it."),
    )
    making.add_argument("path", nargs="?", metavar="PATH", type=Path, help=_("where; else in your own folder"))
    making.set_defaults(func=keygen)
    signing = which.add_parser(
        "sign",
        help=_("sign a studio file that machines fetch"),
        description=_("Check a studio file that machines fetch from an address, and write its signature beside it."),
    )
    signing.add_argument("file", metavar="FILE", type=Path)
    signing.add_argument("--key", metavar="PATH", type=Path, help=_("the private key; else the one in your own folder"))
    signing.set_defaults(func=sign)
    trying = which.add_parser(
        "try",
        help=_("tell what the last clicks would do under another studio file"),
        description=_(
            "Prepare this person's last clicks under the present studio file and under FILE, and tell where the plans"
            " differ. Nothing is started."
        ),
        epilog=_("Exit codes: 0 no click gets worse, 1 one does, 2 an error in FILE"),
    )
    trying.add_argument("file", metavar="FILE", type=Path)
    trying.add_argument(
        "--last", type=_count, default=LAST, metavar="N", help=_("how many clicks; {n} where it is not said", n=LAST)
    )
    trying.set_defaults(func=attempt)
    for command in (making, signing, trying):
        command.add_argument("--json", action="store_true", help=_("print JSON for programs"))


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MOST:
        raise argparse.ArgumentTypeError(f"from 1 to {MOST}")
    return number


def keygen(args: argparse.Namespace) -> int:
    """Write a private key, and print what `machine.toml` needs. Raises: ConfigError."""
    from launcher.cli.say import say, say_json
    from launcher.config import files, signing
    from launcher.paths import folders

    home = folders()
    path = args.path.absolute() if args.path else signing.private_key(home)
    public = signing.make_key(path)
    if args.json:
        say_json({"path": str(path), "key": public})
        return 0
    print(say(_("Wrote {path}, which only you can read.", path=path)))
    print(
        say(_("Who has it decides what everybody's clicks start: keep a copy in a safe place, and none on a server."))
    )
    print(say(_("Into {file} of every machine:", file=home.machine / files.MACHINE)))
    print(f'  key = "{public}"')
    return 0


def sign(args: argparse.Namespace) -> int:
    """Check a file and sign it. Raises: ConfigError."""
    from launcher.cli.say import say, say_json
    from launcher.config import signing
    from launcher.paths import folders, this_os

    key = args.key.absolute() if args.key else signing.private_key(folders())
    signed = signing.sign(args.file.absolute(), key, this_os(), socket.gethostname())
    if args.json:
        found: dict[str, Json] = {"signature": str(signed.path), "serial": signed.serial, "key": signed.key}
        say_json({**found, "already": signed.again})
    elif signed.again:
        print(say(_("{path} is this file's signature already, with serial {n}.", path=signed.path, n=signed.serial)))
    else:
        print(say(_("Wrote {path}, with serial {n}.", path=signed.path, n=signed.serial)))
        print(say(_("Put both files where they are fetched from, the signature first.")))
    return 0


def attempt(args: argparse.Namespace) -> int:
    """What the daemon finds; 1 where a click gets worse, 2 where the file has errors."""
    import sys

    from launcher.cli.say import say, say_json
    from launcher.knock import request

    wish: dict[str, Json] = {"path": os.path.abspath(args.file), "last": args.last}
    answer = request("POST", "/door/config/try", wish)
    assert isinstance(answer, dict)  # noqa: S101  # our own daemon's answer, of our own version
    errors = [str(line) for line in _list(answer["errors"])]
    clicks = [one for one in _list(answer["clicks"]) if isinstance(one, dict)]
    states = [str(one["state"]) for one in clicks]
    code = 2 if errors else 1 if "worse" in states else 0
    if args.json:
        say_json(answer)
    elif errors:
        print("\n".join(map(say, errors)), file=sys.stderr)
        print(say(n_("{n} error.", "{n} errors.", len(errors))), file=sys.stderr)
    else:
        for one in clicks:
            print("\n".join(_told(one)))
        print(_summary(states))
    return code


def _told(click: dict[str, Json]) -> list[str]:
    """One click: how it compares, what it was, and below it what differs or why it was not tried."""
    from launcher.cli.say import say

    state = str(click["state"])
    what = "  ".join(say(str(part)) for part in (click["action"], *_list(click["tasks"])[:3], click["person"]) if part)
    lines = [say(str(line)) for line in _list(click["diff"])]
    return [f"{SIGNS[state]} {say(WORDS[state])}  {what}", *(f"    {line}" for line in lines)]


def _summary(states: list[str]) -> str:
    from launcher.cli.say import say

    if not states:
        return say(_("No click of the last 30 days is known here, so nothing was tried."))
    counts = [f"{states.count(state)} {say(word)}" for state, word in WORDS.items() if state in states]
    return say(n_("{n} click: {counts}.", "{n} clicks: {counts}.", len(states), counts=", ".join(counts)))


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []

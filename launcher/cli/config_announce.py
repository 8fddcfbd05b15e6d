"""`config announce`: the signed document by which machines hear of a newer version of this program."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.words import _

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers


def add(which: "Subparsers") -> None:
    """How it is called."""
    parser = which.add_parser(
        "announce",
        help=_("write and sign what tells of a newer version"),
        description=_(
            "Write the document that `studio.feed` names, and its signature beside it. `doctor` then tells of the"
            " version; nothing ever installs itself."
        ),
    )
    parser.add_argument("file", metavar="FILE", type=Path, help=_("the document, as in kitsu-launcher.json"))
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", type=Path, help=_("files that hold the version"))
    parser.add_argument("--to", required=True, metavar="VERSION", help=_("the version, as in 1.2.0"))
    parser.add_argument("--page", required=True, metavar="URL", help=_("where people read more of it"))
    parser.add_argument("--date", metavar="DAY", help=_("the day, as in 2026-11-24; else today"))
    parser.add_argument("--key", metavar="PATH", type=Path, help=_("the private key; else the one in your own folder"))
    parser.add_argument("--json", action="store_true", help=_("print JSON for programs"))
    parser.set_defaults(func=announce)


def announce(args: argparse.Namespace) -> int:
    """Write and sign it, and say what to do next. Raises: ConfigError."""
    import datetime

    from launcher.cli.say import say, say_json
    from launcher.config import signing
    from launcher.config.announced import Release
    from launcher.paths import folders

    day = args.date or datetime.datetime.now(datetime.UTC).date().isoformat()
    packages = tuple(map(signing.package, args.packages))
    file = args.file.absolute()
    key = args.key.absolute() if args.key else signing.private_key(folders())
    signed = signing.announce(file, Release(args.to, day, args.page, packages), key)
    if args.json:
        say_json({"document": str(file), "signature": str(signed.path), "key": signed.key})
        return 0
    print(say(_("Wrote {path}", path=file)))
    print("  " + say(_("and {path}.", path=signed.path)))
    print(say(_("Put both where they are fetched from, the signature first. Into the studio file, once:")))
    print(f'  [studio.feed]\n  url = "https://…/{file.name}"\n  key = "{signed.key}"')
    return 0

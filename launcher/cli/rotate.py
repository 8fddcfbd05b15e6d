"""`actions publish --rotate`: another key for the actions, in studio file and Kitsu; the old one still counts."""

import argparse
import os
import socket
import sys
from typing import TYPE_CHECKING

from launcher.cli.actions import agreed, no_administrator, record, show
from launcher.errors import LauncherError
from launcher.model import Json
from launcher.words import _

if TYPE_CHECKING:
    from launcher.config.rotation import Rotation


def rotate(args: argparse.Namespace) -> int:
    """Show what changes in the studio file and in Kitsu, ask, and do it; or tell a person what to do, and answer 1.

    Raises: ConfigError, Refused, and whatever the daemon answers; before anything is written, unless it is said.
    """
    from launcher.cli.say import say, say_json
    from launcher.config import rotation
    from launcher.config.load import load
    from launcher.knock import request
    from launcher.paths import folders, this_os

    loaded = load(folders(), os=this_os(), hostname=socket.gethostname(), environ=os.environ, keep_copy=False)
    wanted, key = rotation.rotation(loaded), rotation.new_key()
    if wanted.change is None:
        return _by_hand(wanted, key, args)
    wish: dict[str, Json] = {"server": args.server, "prune": args.prune}
    before = record(request("POST", "/door/actions/publish", wish))
    if before["role"] != "admin":
        raise no_administrator(before)
    answer: dict[str, Json] = {**rotation.as_json(wanted), "written": False}
    if not args.json:
        print("\n".join(map(say, wanted.change.diff)))
        show(before)
        print(say(_("Each of these gets the new key in its address.")))
    if not args.yes and (args.json or not agreed(_("Replace the key like this? [y/N]"))):
        if args.json:
            say_json(answer)
        return 1
    rotation.write(wanted.change, key)
    published = _publish(wish, before)
    if args.json:
        say_json({**answer, "written": True, "published": published})
        return 0
    print(say(_("Wrote {path}, and the studio file names it first.", path=wanted.change.key_file)))
    print(say(_("Published in {server}.", server=published["server"])))
    print(say(_("The old key counts as long as {old} is in the studio file.", old=wanted.old)))
    print(say(_("`kitsu-launcher config check` tells when it is no longer used.")))
    return 0


def _publish(wish: dict[str, Json], before: dict[str, Json]) -> dict[str, Json]:
    """With the new key; only if nothing else has changed since it was shown.

    Raises: LauncherError, which says that both keys count meanwhile.
    """
    from launcher.knock import request

    try:
        now = record(request("POST", "/door/actions/publish", wish))
        if any(now[part] != before[part] for part in ("create", "remove", "left")):
            raise LauncherError(
                _("The actions have changed since the difference was shown."),
                next_step=_("Run `kitsu-launcher actions publish` again."),
            )
        return record(request("POST", "/door/actions/publish", {**wish, "agreed": now["fingerprint"]}))
    except LauncherError as error:
        told = _("The studio file has the new key, and Kitsu still has the old one; both count.")
        error.tried = (told, *error.tried)
        error.next_step = _("Run `kitsu-launcher actions publish` to go on.")
        raise


def _by_hand(wanted: "Rotation", key: str, args: argparse.Namespace) -> int:
    """What a person must do, where the studio file or the key cannot be changed from here."""
    from launcher.cli.say import say, say_json
    from launcher.config import rotation

    steps = [say(step) for step in rotation.by_hand(wanted, key)]
    if args.json:
        say_json({**rotation.as_json(wanted), "written": False, "by_hand": [*steps]})
        return 1
    print(say(_("This cannot be changed from here. What is to be done:")), file=sys.stderr)
    for number, step in enumerate(steps, 1):
        print(f"  {number}. {step}")
    return 1

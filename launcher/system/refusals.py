"""What no operating system's modules hand on: addresses that are none, programs that the system refused."""

from urllib.parse import urlsplit

from launcher.errors import LauncherError
from launcher.logs import capped, escaped
from launcher.words import _


class CannotStart(LauncherError):
    """The operating system refused to start a program."""

    code = "start"


class BatchFile(CannotStart):
    """A batch file of Windows that the studio does not allow, or that would be given more than plain characters."""

    code = "batch file"


class NotOpenable(LauncherError):
    """Something that must not be handed to the desktop: it might run it."""

    code = "open"


def not_an_argument(program: str) -> CannotStart:
    """For a NUL or a lone surrogate: the plan keeps them out, the operating system could not take them."""
    return CannotStart(
        _("{program} cannot be started: an argument holds a character that no program can be given.", program=program),
        tried=[program],
        next_step=_("Rename what the selection names in Kitsu, then click again."),
    )


def unseen(error: OSError) -> str:
    """Why nothing can be said of a file where a program should be."""
    return _("does not exist") if isinstance(error, FileNotFoundError) else _("cannot be read")


def check_url(url: str) -> None:
    """Whether an address is one that only a browser gets.

    Raises: NotOpenable for `file:`, `ms-msdt:` and all other schemes, for a user name in it, and for characters
    that do not belong into an address.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        good = False
    if not good or not url.isascii() or not url.isprintable() or " " in url:
        raise NotOpenable(
            _("{url!r} is not an address that may be opened.", url=capped(escaped(url), 200)),
            next_step=_("Check the action's `url` in the studio file: it must begin with https:// or http://."),
        )

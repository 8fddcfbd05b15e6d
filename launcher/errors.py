"""The base of every error that a person reads: what was wanted, what was tried, what to do next.

Subclasses live beside the code that raises them.
"""

from collections.abc import Iterable
from typing import ClassVar

from launcher.words import Words, _, joined


class LauncherError(Exception):
    """Something that was wanted did not happen. Browser tab, notice and terminal show the same words."""

    code: ClassVar[str] = "failed"
    """One stable word for programs, logs and tests."""
    exit_code: ClassVar[int] = 1
    """Of the command line: 1 failed, 2 usage or configuration, 3 refused, 4 not found here, 5 Kitsu away."""
    status: ClassVar[int] = 500
    """Of the HTTP answer, where the error is answered directly."""

    def __init__(self, problem: str, *, tried: Iterable[str] = (), next_step: str) -> None:
        super().__init__(problem)
        self.problem = problem
        """What was wanted and did not happen, a whole sentence."""
        self.tried = tuple(tried)
        """What was looked at, one line each: paths, versions, addresses."""
        self.next_step = next_step
        """What the reader can do now, a whole sentence."""

    def lines(self) -> list[str]:
        """The text of a terminal: the problem, then `tried` and `next` with aligned lines."""
        first, *others = self.tried or ("",)
        tried = [_("  tried  {line}", line=first), *(joined("", (" " * 9, line)) for line in others)]
        return [self.problem, *(tried if self.tried else ()), _("  next   {line}", line=self.next_step)]

    def __str__(self) -> str:
        """Those lines, in English: for logs."""
        return "\n".join(self.lines())


class NotFoundHere(LauncherError):
    """A file, an application or a record that this machine does not have."""

    code = "not-found"
    exit_code = 4
    status = 404


class Refused(LauncherError):
    """The request itself is not allowed; nothing was done."""

    code = "refused"
    exit_code = 3
    status = 403


SYSTEM = (
    _("No such file or directory"),
    _("Permission denied"),
    _("Operation not permitted"),
    _("No space left on device"),
    _("Disk quota exceeded"),
    _("Read-only file system"),
    _("Not a directory"),
    _("Is a directory"),
    _("File exists"),
    _("Too many levels of symbolic links"),
    _("File name too long"),
    _("Input/output error"),
    _("Stale file handle"),
    _("Connection refused"),
    _("Exec format error"),
    _("Argument list too long"),
    _("Invalid argument"),
)
"""What Linux and macOS say most; Windows says it in the person's language already."""


def system_says(error: OSError) -> Words:
    """The operating system's own words for an error."""
    return _(error.strerror or type(error).__name__)

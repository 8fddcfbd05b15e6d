r"""What a path may not be on Windows, told by its text alone: to look at `\\server\share` tells that server who she is.

Names from Kitsu are made harmless by `cleaning`; this holds the studio's own text, and whole paths that Kitsu keeps.
"""

from pathlib import PurePath, PureWindowsPath

from launcher.plan.cleaning import RESERVED
from launcher.words import _

FORBIDDEN = frozenset('<>:"|?*')
"""In a name; the colon would begin a stream."""


def why_not(path: PurePath, base: PurePath) -> str:
    r"""Why `path` may not be looked at below its root's place `base`, in plain words; empty where it may.

    A path of another OS is always fine here. `\\nas\prod\x` is so only below `\\nas\prod`.
    """
    if not isinstance(path, PureWindowsPath):
        return ""
    if path.drive.startswith(("\\\\?", "\\\\.")):
        return _("it bypasses Windows' own reading of names")
    if not path.is_relative_to(base):
        return _("it does not lie below {base}", base=str(base))
    for name in path.relative_to(base).parts:
        if name == "..":
            return _("it has a way up in it")
        if RESERVED.fullmatch(name.partition(".")[0].rstrip(" ")):
            return _("{name} is a device of Windows", name=repr(name))
        if name[-1] in ". ":
            return _("{name} ends with a dot or a blank, which Windows drops", name=repr(name))
        if not FORBIDDEN.isdisjoint(name):
            return _("{name} has a character that Windows does not allow", name=repr(name))
    return ""

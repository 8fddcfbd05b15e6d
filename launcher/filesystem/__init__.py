"""What each OS does with files in its own way: flags, folders of one's own, folders that are held open.

`posix` and `windows` have equal names. It lies below `paths`, which `system` stands on: hence not there.
"""

import sys

if sys.platform == "win32":
    from launcher.filesystem.windows import (
        AGAIN,
        APPEND,
        NEW,
        READ,
        SHARES,
        Folder,
        is_link,
        is_mine,
        is_share,
        led_to,
        make_private,
        old_file,
        replace,
        share_as,
        who_else_may_change,
    )
else:
    from launcher.filesystem.posix import (
        AGAIN,
        APPEND,
        NEW,
        READ,
        SHARES,
        Folder,
        is_link,
        is_mine,
        is_share,
        led_to,
        make_private,
        old_file,
        replace,
        share_as,
        who_else_may_change,
    )

__all__ = [
    "AGAIN",
    "APPEND",
    "NEW",
    "READ",
    "SHARES",
    "Folder",
    "is_link",
    "is_mine",
    "is_share",
    "led_to",
    "make_private",
    "old_file",
    "replace",
    "share_as",
    "who_else_may_change",
]

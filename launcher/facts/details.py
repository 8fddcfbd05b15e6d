"""What else is known of working files: time, size, owner. Read only for those who ask; each may go meanwhile."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from launcher.filesystem import SHARES, is_link
from launcher.plan.matching import Search, newest, revisions
from launcher.plan.needs import Detail
from launcher.system import Owner
from launcher.system.here import owner as owner_here

MOST = 1_000
"""Of one folder, the newest revisions. On a slow share each takes a millisecond, and a root has two seconds."""


def read(
    search: Search,
    names: Sequence[tuple[str, ...]],
    extent: Literal["newest", "all"],
    owner: Owner = owner_here,
) -> dict[tuple[str, ...], Detail]:
    """Those of the newest working file, or of all; none of what cannot be looked at."""
    if extent == "newest":
        file = newest(names, search)
        wanted = [file.path.relative_to(search.folder).parts] if file else []
    else:
        wanted = [levels for _revision, levels in revisions(names, search)[:MOST]]
    found = {}
    for levels in wanted:
        path = Path(search.folder, *levels)
        try:
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode) or is_link(path):
                if SHARES:
                    # Looking at what it leads to could log this person in to somebody else's machine.
                    continue
                status = os.stat(path)
        except OSError:
            continue
        found[levels] = _detail(path, status, owner, named=extent == "all")
    return found


def _detail(path: Path, status: os.stat_result, owner: Owner, *, named: bool) -> Detail:
    """Only a list shows names: who the owner is called may be a question to a server."""
    user = owner.of(path, status)
    return Detail(
        modified=status.st_mtime,
        size_bytes=None if stat.S_ISDIR(status.st_mode) else status.st_size,
        owner=owner.named(user) if named and user is not None else "",
        mine=None if user is None else user == owner.own(),
    )

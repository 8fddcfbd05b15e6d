"""What a studio file at an address may not say, if nobody has signed it: whatever decides which code runs. Pure.

Whoever holds the server, or an administrator's login there, could write such a file. So it may say which of the
programs that are known here opens which file of the studio, and nothing else of how they start.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import PureWindowsPath

from launcher.config.merge import Raw, leaves
from launcher.config.problems import Fault, KeyPath
from launcher.config.schema import App, Root
from launcher.config.sealed import Seal
from launcher.config.structure import KINDS
from launcher.model import OS
from launcher.words import _

FREE = {
    "apps": {"title", "version"},
    "roots": {"linux", "windows", "macos", "marker", "also"},
    "actions": {
        *("title", "kind", "entity_types", "task_types", "asset_types", "departments", "projects", "roles", "ajax"),
        *("app", "file", "new_file", "inside", "when", "when_missing", "open", "next_when", "selection", "limit"),
        *("folder", "url", "page"),
    },
}
"""Keys of these tables that need no signature. A list of what is allowed: a key of a later version is not in it."""
PLACES = ("linux", "windows", "macos", "also")
AUTOMOUNTED = re.compile(r"/+(net|Network/Servers)(/|$)")
"""Where automounters of Linux and macOS reach any host by its name (auto_master(5))."""
KNOWN = {
    section: {field.name for cls in classes for field in fields(cls)}
    for section, classes in {"apps": (App,), "roots": (Root,), "actions": tuple(KINDS.values())}.items()
}
"""Every key that there is; what is none is told as such."""
NOT_SIGNED = _("decides which code runs, so it needs the signature")
UNSIGNED = _("decides which code runs, and nobody has signed this file; let machine.toml name a key, and sign it")


def faults(table: Raw, seal: Seal, serial: int) -> Iterator[Fault]:
    """What is wrong in a file because it comes from an address; with a signature only its age and its keys."""
    if seal.open:
        yield from which_code_runs(table, UNSIGNED)
    elif serial < seal.floor:
        text = _(
            "is {serial}, and {floor} was in use here already: an older file counts no more", **_both(serial, seal)
        )
        yield Fault(("studio", "serial"), text)
    studio = table.get("studio")
    keys = studio.get("keys") if isinstance(studio, dict) else None
    for i, key in enumerate(keys if isinstance(keys, list) else ()):
        path = key.removeprefix("file:") if isinstance(key, str) and key.startswith("file:") else ""
        if path and not any(os.path(path).is_absolute() for os in OS):
            text = _('must be "env:NAME", or "file:" and a whole path: this file lies in no folder')
            yield Fault(("studio", "keys"), text, ("studio", "keys", i))


def _both(serial: int, seal: Seal) -> dict[str, int]:
    return {"serial": serial, "floor": seal.floor}


def which_code_runs(table: Raw, text: str) -> Iterator[Fault]:
    """Each place in a studio file that says which code runs, with what is to be told of it."""
    studio = table.get("studio")
    if isinstance(studio, dict) and "feed" in studio:
        # Whoever names the feed tells everybody where the next version is to be had.
        yield Fault(("studio", "feed"), text)
    yield from _below(table, (), text)
    projects = table.get("projects")
    for name, over in projects.items() if isinstance(projects, dict) else ():
        if isinstance(over, dict):
            yield from _below(over, ("projects", name), text)
    machines = table.get("machines")
    for i, over in enumerate(machines if isinstance(machines, list) else ()):
        if isinstance(over, dict):
            yield from _below(over, ("machines", i), text)


def _below(table: Raw, path: KeyPath, text: str) -> Iterator[Fault]:
    for section, free in FREE.items():
        entries = table.get(section)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if isinstance(entry, dict):
                yield from _entry(entry, (*path, section, name), free, KNOWN[section], text)


def _is_elsewhere(place: str) -> bool:
    """Whether a root's place names another machine, which need not be the studio's: only looking there tells Windows'
    answer to who she is (threats.md T18), and programs run what is in files of theirs. `/net` asks any NFS server.
    """
    return PureWindowsPath(place).drive.startswith("\\\\") or AUTOMOUNTED.match(place) is not None


def _entry(entry: Raw, path: KeyPath, free: set[str], known: set[str], text: str) -> Iterator[Fault]:
    """Of one root, application or action."""
    for key, value in entry.items():
        if key in PLACES and free is FREE["roots"]:
            for i, place in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(place, str) and _is_elsewhere(place):
                    yield Fault((*path, key), text, (*path, key, i) if isinstance(value, list) else ())
        elif key in free:
            for i, case in enumerate(value if key == "when" and isinstance(value, list) else ()):
                if isinstance(case, dict):
                    yield from _entry(case, (*path, key, i), free, {*known, *case}, text)
        elif key in known:
            for leaf in leaves({key: value}):
                yield Fault((*path, *leaf[:2]), text)

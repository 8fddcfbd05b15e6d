"""The first studio file: written once, with comments, so that a studio only fills in its own names."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from launcher import filesystem, paths
from launcher.config import files
from launcher.config.load import ConfigError
from launcher.paths import Folders
from launcher.words import _

KEY_BYTES = 24
"""192 bits; nobody guesses an action's URL."""
STARTER = """\
# The studio file of Kitsu Launcher: one file for everybody.
# `kitsu-launcher config check` tells every error in it; what you save counts from the next click on.

[studio]
name = "Our studio"
servers = ["https://kitsu.example.com"]   # where your people open Kitsu: change this first
keys = [KEY]               # what action URLs carry, so that no other page can use them

# [roots]                                 # one name, one place per OS; marker: a file that proves it is mounted
# prod = { linux = "/mnt/prod", windows = "P:/", macos = "/Volumes/prod", marker = ".prod" }

# [apps.blender]                          # refines what is known of Blender already; see `kitsu-launcher apps`
# version = ">=4.2,<5"                    # the newest that fits is taken
# env.PATH = { prepend = "{roots.prod}/bin" }

# [actions.open-in-blender]
# title = "Open in Blender"
# kind = "launch"
# app = "blender"
# file = "{roots.prod}/{project.name}/{entity.path}/{task_type.name|slug}/{entity.name}_v{revision:03}.blend"
# when_missing = "empty"                  # or "fail", or { copy = "{roots.prod}/templates/start.blend" }
# entity_types = ["asset", "shot"]
# open = "next-revision"                  # copies the newest to the next number first; "choose" lists them all
#
# [[actions.open-in-blender.when]]        # for some tasks otherwise: the first that is true of a task counts
# task_types = ["Concept"]
# app = "krita"
# file = "{roots.prod}/{project.name}/concept/{entity.name}_v{revision:03}.kra"

# [actions.open-folder]
# title = "Open folder"
# kind = "open"
# folder = "{roots.prod}/{project.name}/{entity.path}"

[actions.debug]                           # shows all that can be used in templates, for the selected tasks
title = "Launcher: debug"
kind = "page"
page = "debug"
"""


def place(folders: Folders, environ: Mapping[str, str]) -> Path:
    """Where a first studio file goes: where one is already looked for, for everybody if this user may write there.

    Raises: ConfigError if there is one already, or its place cannot be told.
    """
    places, _sources, problems = files.candidates(folders, environ)
    if not places:
        raise ConfigError(
            _("The place of the studio file cannot be told."),
            tried=[str(problem) for problem in problems],
            next_step=_("Repair that, or name a path: kitsu-launcher config init PATH."),
        )
    found = [place for place in places if isinstance(place, Path)]
    if not found:
        raise ConfigError(
            _("The studio file is at an address: {url}", url=str(places[0])),
            next_step=_("Change that one; or name a path: kitsu-launcher config init PATH."),
        )
    for path in found:
        _must_be_new(path)
    return found[0] if len(found) == 1 or _may_write(found[0].parent) else found[1]


def write(path: Path) -> Path:
    """Write the first studio file, and a random key beside it that only this user may read; answer the key's path.

    Raises: ConfigError if either cannot be written, or the studio file is there already: it is never overwritten.
    """
    _must_be_new(path)
    key = path.with_suffix(".key")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not key.exists():
            paths.write_atomically(key, f"{secrets.token_urlsafe(KEY_BYTES)}\n".encode())
        reference = json.dumps(f"file:{key.name}", ensure_ascii=False)
        with open(os.open(path, filesystem.NEW, 0o644), "wb") as opened:
            opened.write(STARTER.replace("KEY", reference, 1).encode())
    except (OSError, ValueError) as error:
        _must_be_new(path)  # somebody else may have made it in between
        raise ConfigError(
            _("{path} cannot be written.", path=path),
            tried=[str(error)],
            next_step=_("Name another place: kitsu-launcher config init PATH."),
        ) from error
    return key


def _must_be_new(path: Path) -> None:
    if os.path.lexists(path):
        raise ConfigError(
            _("There is a studio file already: {path}", path=path),
            next_step=_("Change that one; kitsu-launcher config check tells every error in it."),
        )


def _may_write(folder: Path) -> bool:
    """Whether this user may make files in a folder, which may still have to be made itself."""
    while not folder.exists():
        folder = folder.parent
    return os.access(folder, os.W_OK)

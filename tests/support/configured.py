"""A machine with configuration files, in a folder of the test's own, read by the real loader."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from launcher.config.load import Loaded, Watched, load
from launcher.model import OS
from launcher.paths import Folders

DESIGNED = """\
[studio]
name = "Lunar Pictures"
servers = ["https://kitsu.lunar.example"]     # short for [[studio.servers]] origins = [...], api = ".../api", insecure = false
keys = ["env:KITSU_LAUNCHER_KEY"]             # what action URLs carry as ?key=; "file:…"; two while rotating
null_origin = "key"                           # "refuse" once Kitsu's pages send Referrer-Policy: origin-when-cross-origin
requires = ">=0.1"                            # an older daemon says "update me" instead of listing unknown keys

[roots]                                       # one name, one place per OS
prod = { linux = "/mnt/prod", windows = "P:/", macos = "/Volumes/prod", marker = ".prod", run_scripts = false }

[apps.blender]                                # refines the catalogue's entry; a new name makes a new application
version = ">=4.2,<5"                          # the newest that fits; a working file's own version is respected
env.BLENDER_USER_SCRIPTS = "{roots.prod}/tools/blender"
env.PATH = { prepend = "{roots.prod}/bin" }   # set (plain string), prepend, append, unset

[actions.open-in-blender]
title = "Open in Blender"
kind = "launch"
app = "blender"                               # a list: the first that is installed
file = "{roots.prod}/{project.code|or:project.name}/{entity.path}/{task_type.name|slug}/{entity.name}_v{revision:03}.blend"
when_missing = { copy = "{roots.prod}/templates/{task_type.name|slug}.blend" }   # or "empty", "fail"
open = "newest"                               # "next-revision", "choose"
selection = "each"                            # "one" (default), "first", "each", "all"; limit = 5
entity_types = ["asset", "shot"]
task_types = ["Modeling", "Layout", "Animation"]
roles = ["user", "supervisor", "manager", "admin"]

[projects."Big Buck Bunny"]                   # by name, code or id; refines anything above
apps.blender.version = "==3.6.*"

[[machines]]                                  # by host name or OS: roots, env, args
match = { hostname = "review-*", os = "linux" }
apps.rv.args = ["-screen", "1"]
"""  # noqa: E501
"""design.md's example without the parts that are not built yet: `wrap`, `before`, `when`, and the kind `play`."""

KEY = "a-key-of-more-than-sixteen-characters"


@dataclass
class Machine:
    """The folders of one machine, and what to read them with."""

    home: Path
    os: OS = OS.LINUX
    hostname: str = "ws1.lunar.example"
    environ: dict[str, str] = field(default_factory=lambda: {"KITSU_LAUNCHER_KEY": KEY})

    @property
    def folders(self) -> Folders:
        return Folders(*(self.home / name for name in ("machine", "config", "state", "cache", "run")))

    @property
    def studio_file(self) -> Path:
        return self.home / "machine" / "studio.toml"

    @property
    def user_file(self) -> Path:
        return self.home / "config" / "config.toml"

    @property
    def last_good(self) -> Path:
        return self.home / "config" / "studio.last-good.toml"

    def write(self, studio: str | None = None, *, user: str | None = None, machine: str | None = None) -> "Machine":
        """Put texts into the files; None leaves a file as it is."""
        for path, text in (
            (self.studio_file, studio),
            (self.user_file, user),
            (self.home / "machine" / "machine.toml", machine),
        ):
            if text is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", errors="surrogateescape")
        return self

    def load(self) -> Loaded:
        return load(self.folders, os=self.os, hostname=self.hostname, environ=self.environ)

    def watched(self) -> Watched:
        return Watched(self.folders, os=self.os, hostname=self.hostname, environ=self.environ)

    def errors(self, studio: str | None = None, *, user: str | None = None) -> list[str]:
        """What is told of the files, with their folder left out: `studio.toml:3: studio: unknown key …`."""
        problems = self.write(studio, user=user).load().problems
        return [str(problem).replace(f"{self.home}{os.sep}", "") for problem in problems if not problem.warning]


@pytest.fixture
def configured(tmp_path: Path) -> Machine:
    """A machine without any configuration file yet."""
    return Machine(tmp_path)

"""`doctor --machine` as IT's tools run it: as root, in an empty environment, without a home or a session.

Real: the command as a process of its own, which proot lets see an /etc of the test's, and itself as root: a namespace
would do the same, but not within a chroot or a container.
"""

import grp
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.needs import needs

CODE = Path(__file__).parent.parent.parent
STUDIO = """
[studio]
servers = ["https://kitsu.lunar.example"]
keys = ["file:studio.key"]

[actions.debug]
title = "Debug"
kind = "page"
ajax = true
"""
pytestmark = needs("proot")


@dataclass
class Machine:
    """A machine whose /etc and /usr/local/share are folders of the test."""

    folder: Path

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    @property
    def studio(self) -> Path:
        return self.etc / "kitsu-launcher" / "studio.toml"

    def install(self) -> None:
        """What a package puts there, and the studio's files."""
        program = self.folder / "opt" / "kitsu-launcher-url"
        put(program, "#!/bin/sh\n", 0o755)
        applications = self.folder / "share" / "applications"
        put(applications / "kitsu-launcher-url.desktop", f"[Desktop Entry]\nExec={program} %u\n")
        put(self.etc / "xdg" / "autostart" / "kitsu-launcher.desktop", f"[Desktop Entry]\nExec={program} serve\n")
        put(self.studio, STUDIO)
        put(self.etc / "kitsu-launcher" / "studio.key", "0123456789abcdef0123456789abcdef")

    def doctor(self, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
        """`kitsu-launcher doctor --machine` as root there, with `env` as the whole environment."""
        values = {"PYTHONPATH": str(CODE), "PYTHONDONTWRITEBYTECODE": "1", **env}
        command = [sys.executable, "-P", "-m", "launcher", "doctor", "--machine", *options]
        inside = ["env", "-i", *(f"{name}={value}" for name, value in values.items()), *command]
        return subprocess.run(
            ["proot", "-0", "-b", f"{self.etc}:/etc", "-b", f"{self.folder}/share:/usr/local/share", *inside],
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def findings(self) -> tuple[int, dict[str, dict[str, Any]]]:
        """The exit code, and the findings by their key."""
        done = self.doctor("--json")
        assert done.stderr == ""
        return done.returncode, {one["key"]: one for one in json.loads(done.stdout)["findings"]}

    def files(self) -> list[Path]:
        return sorted(self.folder.rglob("*"))


def put(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Nothing is installed there yet; root's home is an empty folder."""
    one = Machine(tmp_path)
    for name in ("etc/xdg", "share", "root"):
        (tmp_path / name).mkdir(parents=True)
    put(one.etc / "passwd", f"root:x:0:0:root:{tmp_path}/root:/bin/sh\n")
    shutil.copy("/etc/group", one.etc / "group")
    return one


def test_a_machine_that_is_set_up_well_is_0_and_nothing_was_written(machine: Machine):
    machine.install()
    before = machine.files()

    code, found = machine.findings()

    assert code == 0
    assert list(found) == ["program", "links", "autostart", "studio", "owner", "browsers"]
    assert {found[key]["level"] for key in found if key != "browsers"} == {"good"}
    assert found["links"]["title"] == "Links open for everybody."
    assert found["autostart"]["title"] == "It starts at everybody's login."
    assert found["studio"]["details"] == ["studio: /etc/kitsu-launcher/studio.toml"]
    assert found["owner"]["title"] == "Nobody but root can change what clicks start."
    assert machine.files() == before
    assert list((machine.folder / "root").iterdir()) == []


def test_a_machine_without_anything_is_1(machine: Machine):
    code, found = machine.findings()

    assert code == 1
    assert [key for key in found if found[key]["level"] == "bad"] == ["links", "autostart", "studio"]
    assert "there is no studio file" in found["studio"]["details"][0]
    assert list((machine.folder / "root").iterdir()) == []


def test_an_error_in_the_studio_file_is_told_with_its_line(machine: Machine):
    machine.install()
    put(machine.studio, STUDIO.replace("kind", "kimd"))

    code, found = machine.findings()

    assert code == 1
    assert found["studio"]["title"].startswith("The configuration has ")
    assert found["studio"]["details"][0].startswith("/etc/kitsu-launcher/studio.toml:")


def test_a_file_that_everybody_may_change_is_told(machine: Machine):
    machine.install()
    machine.studio.chmod(0o666)

    code, found = machine.findings()

    assert code == 1
    assert found["owner"]["title"].startswith(
        "/etc/kitsu-launcher/studio.toml: everybody on this machine may change it"
    )
    assert found["owner"]["cure"] == "Let root own it, and nobody else write to it (chown root, chmod go-w)."


def test_a_folder_in_which_everybody_may_put_another_studio_file_is_told(machine: Machine):
    machine.install()
    shared = machine.folder / "share" / "studio"
    put(shared / "studio.toml", machine.studio.read_text())
    shared.chmod(0o777)
    put(machine.etc / "kitsu-launcher" / "machine.toml", f'studio = "{shared}/studio.toml"\n')

    code, found = machine.findings()

    assert code == 1
    assert found["owner"]["title"] == (f"{shared}: everybody on this machine may change it; chmod o-w it.")
    shared.chmod(0o1777)
    assert machine.findings()[1]["owner"]["level"] == "good"


def test_a_group_that_may_change_a_file_is_a_warning(machine: Machine):
    machine.install()
    others = {grp.getgrnam("users").gr_gid} if os.geteuid() == 0 else {*os.getgroups()} - {os.getegid()}
    if not others:
        pytest.skip("this user is in no other group, and only root gives a file to one")
    os.chown(machine.studio, -1, min(others))
    machine.studio.chmod(0o664)

    code, found = machine.findings()

    assert (code, found["owner"]["level"]) == (0, "warning")
    assert found["owner"]["title"] == "Its group may change /etc/kitsu-launcher/studio.toml."
    assert found["owner"]["cure"] == "Let root own it, and nobody else write to it (chown root, chmod go-w)."


def test_a_file_that_artists_cannot_read_is_a_warning(machine: Machine):
    machine.install()
    machine.studio.chmod(0o600)

    code, found = machine.findings()

    assert code == 0
    assert (found["owner"]["level"], found["owner"]["title"]) == (
        "warning",
        "Not everybody may read /etc/kitsu-launcher/studio.toml.",
    )


def test_a_missing_key_is_told_and_never_the_key(machine: Machine):
    machine.install()
    (machine.etc / "kitsu-launcher" / "studio.key").unlink()

    code, found = machine.findings()

    assert code == 1
    assert "studio.key cannot be read" in found["studio"]["details"][0]


def test_a_studio_file_on_a_share_that_root_cannot_see_is_a_warning(machine: Machine):
    machine.install()
    put(machine.etc / "kitsu-launcher" / "machine.toml", 'studio = "/mnt/prod/config/studio.toml"')

    code, found = machine.findings()

    assert code == 0
    assert found["studio"]["title"] == "The studio file cannot be seen from here: /mnt/prod/config/studio.toml."


def test_a_policy_that_blocks_kitsu_is_told(machine: Machine):
    """Where Chromium is installed; its folder of policies is the test's."""
    if not shutil.which("chromium", path="/usr/bin"):
        pytest.skip("not installed: chromium")
    machine.install()
    policy = machine.etc / "chromium" / "policies" / "managed" / "studio.json"
    put(policy, '{"LocalNetworkAccessBlockedForUrls": ["*"]}')
    code, _found = machine.findings()
    assert code == 1

    put(policy, '{"LocalNetworkAccessAllowedForUrls": ["https://kitsu.lunar.example"]}')

    done = machine.doctor("--json")
    titles = [one["title"] for one in json.loads(done.stdout)["findings"] if one["key"] == "browsers"]
    assert done.returncode == 0
    assert not any("Chromium" in title for title in titles)


def test_a_program_that_the_package_names_and_that_is_gone_is_told(machine: Machine):
    machine.install()
    (machine.folder / "opt" / "kitsu-launcher-url").unlink()

    code, found = machine.findings()

    assert code == 1
    assert found["links"]["title"] == "What is registered for everybody cannot be started."


def test_another_user_than_root_gets_the_same_answer(machine: Machine):
    """Real: a user that owns nothing, in an empty environment, on this machine as it is."""
    command = [sys.executable, "-P", "-m", "launcher", "doctor", "--machine", "--json"]
    env = ["env", "-i", f"PYTHONPATH={CODE}", "PYTHONDONTWRITEBYTECODE=1"]
    argv = ["proot", "-i", "65534:65534", *env, *command]

    done = subprocess.run(argv, cwd="/", capture_output=True, text=True, timeout=60, check=False)

    assert done.stderr == ""
    assert done.returncode in (0, 1)
    assert {"program", "links", "autostart"} <= {one["key"] for one in json.loads(done.stdout)["findings"]}


def test_the_text_for_people(machine: Machine):
    machine.install()

    done = machine.doctor()

    assert done.returncode == 0
    assert done.stdout.splitlines()[0].startswith("Kitsu Launcher ")
    assert "+ good" in done.stdout or "✓ good" in done.stdout


def test_a_wrong_option_is_2(machine: Machine):
    assert machine.doctor("--machines").returncode == 2

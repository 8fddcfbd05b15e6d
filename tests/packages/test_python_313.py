"""Debian 13's own Python: from 3.12 on asyncio kills the processes that it has started when a program ends cleanly.

What starts applications here must not do that. No test on Debian 12, whose Python is 3.11, could fail.
"""

import io
import re
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.debians import Debian, needs_root, opened
from tests.support.desktop import wait_until
from tests.support.requests import KEY
from tests.support.workplace import KITSU, PORT, Session, far_kitsu, make_person
from tests.support.workstation import click
from tests.support.zou import Zou

TOP = Path(__file__).parents[2]
TESTS = "tests/system/test_process.py"
"""How applications are started, watched and left alone; it needs nothing but pytest."""
ASYNCIO = """
import asyncio
async def main():
    child = await asyncio.create_subprocess_exec("sleep", "60")
    print(child.pid, flush=True)
asyncio.run(main())
"""
"""How it must not be done."""
PLATFORMS = ("manylinux_2_28", "manylinux_2_17", "manylinux2014", "manylinux_2_5", "manylinux1", "linux")
COMMAND = """#!/bin/sh
PYTHONPATH=/srv/kitsu-launcher exec /srv/venv/bin/python -P -m launcher "$@"
"""
STUDIO = f"""
[studio]
keys = ["file:studio.key"]
ca_file = "/etc/kitsu-launcher/authority.pem"
servers = [{{ origins = ["https://{KITSU}"], api = "https://{KITSU}" }}]
[apps.stays]
title = "Stays"
executable = "/bin/sleep"
argv = ["{{args}}"]
[actions.review]
title = "Stay"
kind = "launch"
app = "stays"
args = ["600"]
"""


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Debian]:
    """Debian 13 with its own Python, our sources, and a virtual environment with what they need from PyPI."""
    needs_root()
    with opened("trixie-python") as debian:
        debian.run("mkdir", "/srv/kitsu-launcher", "/srv/wheels")
        unpack(debian, "/srv/kitsu-launcher", TOP, "launcher", "tests", "pyproject.toml")
        unpack(debian, "/srv/wheels", wheels(debian, tmp_path_factory.mktemp("wheels")), ".")
        debian.run("python3", "-m", "venv", "/srv/venv")
        offline = ("--no-index", "--find-links", "/srv/wheels", "--quiet")
        debian.run("/srv/venv/bin/python", "-m", "pip", "install", *offline, *wanted())
        debian.write("/usr/local/bin/kitsu-launcher", COMMAND, mode="755")
        make_person(debian, "anna")
        yield debian


def wanted() -> list[str]:
    """What the program needs, and pytest."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    return [*project["dependencies"], "pytest", "pytest-asyncio"]


def wheels(debian: Debian, folder: Path) -> Path:
    """Downloaded out here, for the Python in there."""
    number = debian.run("python3", "-c", "import sys; print('%d%d' % sys.version_info[:2])").stdout.strip()
    kind = ["--only-binary", ":all:", "--python-version", number]
    kind += [word for tag in PLATFORMS for word in ("--platform", f"{tag}_x86_64")]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", str(folder)]
    done = subprocess.run([*pip, *kind, *wanted()], capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def unpack(debian: Debian, place: str, top: Path, *names: str) -> None:
    """Files of ours in the machine."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as packed:
        for name in names:
            packed.add(top / name, name, filter=lambda one: None if "__pycache__" in one.name else one)
    debian.run("tar", "-x", "--no-same-owner", "-C", place, input=archive.getvalue())


def alive(debian: Debian, pid: int) -> bool:
    """Whether a process runs."""
    return pid in {one.pid for one in debian.processes()}


def test_this_python_does_kill_what_asyncio_has_started(debian: Debian) -> None:
    """Real: Debian 13's Python; else the next test would prove nothing."""
    told = debian.run("/srv/venv/bin/python", "-c", ASYNCIO, check=False)

    assert debian.run("/srv/venv/bin/python", "-V").stdout.startswith("Python 3.13.")
    assert not alive(debian, int(told.stdout))


def test_our_own_tests_of_started_applications_pass_there(debian: Debian) -> None:
    """Real: pytest inside, with its Python, as an ordinary person."""
    pytest_line = ("-m", "pytest", "-q", "--noconftest", "-p", "no:cacheprovider", TESTS)
    done = debian.run(
        *("env", "-C", "/srv/kitsu-launcher", "/srv/venv/bin/python", "-B", *pytest_line),
        user="anna",
        env={"PYTHONPATH": "/srv/kitsu-launcher"},
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d{2} passed in", done.stdout, re.MULTILINE), done.stdout


def test_an_application_outlives_a_daemon_that_this_python_runs(debian: Debian, zou: Zou) -> None:
    """Real: the daemon from its sources, a browser's bytes, Zou by https, a started program; `quit`, then SIGTERM."""
    runtime = "/run/user/anna"
    debian.sh(f"mkdir -p /run/user; install -d -m 700 -o anna {runtime}")
    uid = int(debian.run("id", "-u", "anna").stdout)
    anna = Session(debian, "anna", uid, {"XDG_RUNTIME_DIR": runtime})
    debian.write("/etc/kitsu-launcher/studio.toml", STUDIO)
    debian.write("/etc/kitsu-launcher/studio.key", KEY)
    with far_kitsu(debian, zou.url) as kitsu:
        debian.write("/etc/kitsu-launcher/authority.pem", kitsu.authority.cert_pem.bytes())
        for ended in ("quit", "TERM"):
            with debian.started("kitsu-launcher", "serve", "--no-tray", user="anna", env=anna.env):
                wait_until(lambda: debian.listens(PORT), 20, "the daemon")
                account = zou.account("user")
                anna.launcher(
                    *("login", "--email", account.email, "--password-stdin"), input=account.password + "\n", check=True
                )
                launch = click(anna, zou, "Animation SH010" if ended == "quit" else "Animation SH020")
                assert launch["state"] == "running", launch
                (daemon,) = [one for one in debian.processes("-m launcher serve") if one.uid == uid]
                if ended == "quit":
                    anna.launcher("quit", check=True)
                else:
                    debian.sh(f"kill -TERM {daemon.pid}")
                wait_until(lambda one=daemon: not alive(debian, one.pid), 15, "the end of the daemon")

                (pid,) = [one["pid"] for one in launch["processes"]]
                assert alive(debian, pid)

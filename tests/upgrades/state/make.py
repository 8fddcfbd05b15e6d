"""Writes down what one version of this program leaves on a disk, for the tests of the next one.

Run by pytest in a checkout of the version whose state is wanted (0.1.0: commit 2ff4788), where the tests' own parts
are; FOLDER then has `state.tar.gz` and `logins.json`, which are kept here as VERSION.tar.gz and VERSION.json:

    git worktree add /tmp/old 2ff4788 && cd /tmp/old
    STATE=FOLDER python -m pytest -p no:cacheprovider …/tests/upgrades/state/make.py --rootdir . -c pyproject.toml \
        --confcutdir . -p tests.conftest
"""

import json
import os
import shutil
import signal
import tarfile
import time
from pathlib import Path

import keyring

from launcher.kitsu import tokens
from tests.support.desktop import wait_until
from tests.support.sample import Make, program

LEFT_OUT = ("run", "daemon.log", "start.log", "logs")


def test_make(make_studio: Make, secret_service: object) -> None:
    """Real: that version's daemon, gnome-keyring, the sample Kitsu, programs that end well, badly, and not at all."""
    folder = Path(os.environ["STATE"])
    bus = {name: os.environ[name] for name in ("DBUS_SESSION_BUS_ADDRESS",)}
    studio = make_studio(env={**bus, "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring"})
    text = (studio.home / "config" / "config.toml").read_text()
    (studio.home / "config" / "config.toml").write_text(f'# Hers.\n{text}desk.language = "fr"\n')
    done = studio.clicked(studio.ajax("open"), "done")
    title = studio.clicked(studio.ajax("title", studio.task("SH020")), "done")
    page = studio.clicked(studio.ajax("known"), "done")
    refused = studio.clicked(studio.ajax("nonsense"), "refused", "failed")
    program(studio.home / "notes", "#!/bin/sh\nexit 3\n")
    time.sleep(1)
    failed = studio.clicked(studio.ajax("title", studio.task("SH030")), "failed", "done")
    program(studio.home / "notes", "#!/bin/sh\nexec sleep 60\n")
    running = studio.clicked(studio.ajax("open", studio.task("SH030")), "running")
    wait_until(lambda: list(studio.home.glob("prod/**/*.kitsu-open")), 10, "a note")
    studio.daemon.process.send_signal(signal.SIGKILL)  # as it is after a power cut
    studio.daemon.process.wait(10)
    os.kill(running["processes"][0]["pid"], signal.SIGKILL)
    names = {"done": done, "title": title, "page": page, "refused": refused, "failed": failed, "running": running}
    _keep_logins(folder, studio.home, studio.host, {name: launch["id"] for name, launch in names.items()})
    with tarfile.open(folder / "state.tar.gz", "w:gz") as archive:
        for name in ("config", "state", "cache", "prod", "machine"):
            archive.add(studio.home / name, name, filter=lambda one: None if _left_out(one.name) else one)
    shutil.rmtree(studio.home / "prod")


def _left_out(name: str) -> bool:
    return bool({*Path(name).parts} & {*LEFT_OUT})


def _keep_logins(folder: Path, home: Path, host: str, launches: dict[str, str]) -> None:
    index = json.loads(keyring.get_password(tokens.SERVICE, tokens.INDEX) or "[]")
    entries = {tokens.INDEX: json.dumps(index)}
    for api, email in index:
        name = tokens._entry(api, email)
        entries[name] = keyring.get_password(tokens.SERVICE, name) or ""
    told = {"home": str(home), "host": host, "when": time.time(), "launches": launches, "keyring": entries}
    (folder / "logins.json").write_text(json.dumps(told, indent=1) + "\n")

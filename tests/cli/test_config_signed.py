"""`config keygen` and `config sign`, and the whole way of a signed studio file: TD, server, machine, daemon."""

import base64
import json
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.knock import Told
from tests.support.configured import Machine
from tests.support.daemon import Daemon
from tests.support.desktop import wait_until
from tests.support.requests import TASK
from tests.support.studio_server import PAGE, StudioServer, hang
from tests.test_config_cli import run

FILE = PAGE.format(name="Signed", serial=7) + '[apps.mpv]\nenv.A = "b"\n'


@pytest.fixture
def studio_toml(configured: Machine) -> Path:
    path = configured.home / "td" / "studio.toml"
    path.parent.mkdir()
    path.write_text(FILE)
    return path


def test_a_key_is_made_once_and_for_this_user_alone(configured: Machine):
    """Real: a process; texts whole. A second key never takes the place of the first."""
    done = run(configured, "keygen")
    path = configured.home / "config" / "studio-signing.pem"
    line = done.stdout.splitlines()[-1]

    assert done.stdout == (
        "Wrote config/studio-signing.pem, which only you can read.\n"
        "Who has it decides what everybody's clicks start: keep a copy in a safe place, and none on a server.\n"
        f"Into machine/machine.toml of every machine:\n{line}\n"
    )
    assert len(base64.b64decode(line.removeprefix('  key = "').removesuffix('"'))) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = path.read_bytes()
    again = run(configured, "keygen")
    assert (again.returncode, again.stdout, path.read_bytes()) == (2, "", first)
    assert again.stderr == (
        "There is something at config/studio-signing.pem already.\n"
        "  next   Name another place: kitsu-launcher config keygen PATH.\n"
    )


def test_a_key_somewhere_else_for_programs(configured: Machine):
    """Real: a process; and it follows no link that waits there."""
    there = configured.home / "td" / "key.pem"
    answer = json.loads(run(configured, "keygen", str(there), "--json").stdout)
    assert (answer["path"], len(base64.b64decode(answer["key"]))) == ("td/key.pem", 32)
    link = configured.home / "link.pem"
    link.symlink_to(configured.home / "target")
    assert run(configured, "keygen", str(link)).returncode == 2
    assert not (configured.home / "target").exists()


def test_signing_checks_writes_and_says_what_to_do(configured: Machine, studio_toml: Path):
    """Real: processes; openssl would take the same signature: it is plain Ed25519 over the file's bytes."""
    key = json.loads(run(configured, "keygen", "--json").stdout)["key"]
    done = run(configured, "sign", str(studio_toml))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "Wrote td/studio.toml.sig, with serial 7.\nPut both files where they are fetched from, the signature first.\n"
    )
    head, signature = studio_toml.with_name("studio.toml.sig").read_text().splitlines()
    assert head == "# Kitsu Launcher: signature of 'studio.toml', serial 7"
    assert stat.S_IMODE(studio_toml.with_name("studio.toml.sig").stat().st_mode) == 0o644
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(base64.b64decode(signature), FILE.encode())
    again = run(configured, "sign", str(studio_toml), "--json")
    assert json.loads(again.stdout) == {
        "signature": "td/studio.toml.sig",
        "serial": 7,
        "key": key,
        "already": True,
    }
    assert run(configured, "sign", str(studio_toml)).stdout == (
        "td/studio.toml.sig is this file's signature already, with serial 7.\n"
    )


def test_a_broken_file_is_not_signed(configured: Machine, studio_toml: Path):
    """Real: a process; every error with its line, also those that only a file at an address has."""
    run(configured, "keygen")
    studio_toml.write_text('[studio]\nnmae = "x"\nserial = 1\nkeys = ["file:studio.key"]\n[apps.mpv]\nvresion = "1"\n')
    done = run(configured, "sign", str(studio_toml))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "This file was not signed.\n"
        '  tried  td/studio.toml:2: studio: unknown key "nmae"; did you mean "name"?\n'
        '         td/studio.toml:4: studio.keys: must be "env:NAME", or "file:" and a whole path:'
        " this file lies in no folder\n"
        '         td/studio.toml:6: apps.mpv: unknown key "vresion"; did you mean "version"?\n'
        "  next   Correct it, then sign it again.\n"
    )
    assert not studio_toml.with_name("studio.toml.sig").exists()


@pytest.mark.parametrize(
    ("serial", "told"),
    [
        ("serial = 7\n", "td/studio.toml:3: studio.serial: must be more than 7, which is the last one that was signed"),
        ("serial = 6\n", "td/studio.toml:3: studio.serial: must be more than 7, which is the last one that was signed"),
        ("", "td/studio.toml:1: studio.serial: must be more than 7, which is the last one that was signed"),
        ('serial = "8"\n', 'td/studio.toml:3: studio.serial: must be a whole number, not "8"'),
    ],
)
def test_the_serial_must_rise(configured: Machine, studio_toml: Path, serial: str, told: str):
    """Real: processes. The signature that is there stays."""
    run(configured, "keygen")
    run(configured, "sign", str(studio_toml))
    signature = studio_toml.with_name("studio.toml.sig").read_bytes()
    studio_toml.write_text(FILE.replace("serial = 7\n", serial) + "# changed\n")

    done = run(configured, "sign", str(studio_toml))

    assert done.returncode == 2
    assert done.stderr.splitlines()[1] == f"  tried  {told}"
    assert studio_toml.with_name("studio.toml.sig").read_bytes() == signature


@pytest.mark.parametrize("content", [None, "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_signs_nothing(configured: Machine, studio_toml: Path, content: str | None):
    """Real: a process; nothing of the file is told."""
    key = configured.home / "key.pem"
    if content:
        key.write_text(content)
    done = run(configured, "sign", str(studio_toml), "--key", str(key))

    reason = "it is no private key, or it has a password" if content else "No such file or directory"
    assert (done.returncode, done.stderr) == (
        2,
        f"The key that signs cannot be used.\n  tried  key.pem: {reason}\n"
        "  next   Name it by --key; kitsu-launcher config keygen makes one.\n",
    )


def test_a_key_of_another_sort_is_none(configured: Machine, studio_toml: Path):
    """Real: openssl's own RSA key."""
    key = configured.home / "key.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-out", key], check=True, capture_output=True)
    done = run(configured, "sign", str(studio_toml), "--key", str(key))
    assert "  tried  key.pem: it is no Ed25519 key\n" in done.stderr


def known_actions(daemon: Daemon) -> str:
    """What a daemon knows, told by asking it for what it does not."""
    try:
        daemon.ask("POST", "/door/run", {"action": "nothing", "tasks": [TASK], "dry_run": True})
    except Told as error:
        return str(error)
    return ""


def test_from_the_key_to_the_click(
    home: Path, start_daemon: Callable[..., Daemon], studio_server: StudioServer, tmp_path: Path
):
    """Real: two processes, TLS, a server. What is signed counts by itself; what was tampered with is told."""
    (home / "machine").mkdir()
    (tmp_path / "studio.toml").write_text(FILE)
    daemon = start_daemon()
    key = json.loads(daemon.cli("config", "keygen", "--json").stdout)["key"]
    daemon.cli("config", "sign", str(tmp_path / "studio.toml"))
    daemon.stop()
    for name in ("studio.toml", "studio.toml.sig"):
        studio_server.files[f"/{name}"] = (tmp_path / name).read_bytes()
    (home / "machine" / "machine.toml").write_text(
        f'studio = "{studio_server.url}"\nca_file = "{studio_server.ca_file}"\nkey = "{key}"\n'
    )

    daemon = start_daemon()
    counts = home / "config" / "studio.remote.toml"
    wait_until(counts.exists, 10, "the copy")

    wait_until(lambda: "known actions: a\n" in known_actions(daemon), 10, "the action in the daemon")
    assert json.loads((home / "config" / "studio.serials.json").read_text()) == {f"{key} {studio_server.url}": 7}
    checked = daemon.cli("config", "check")
    assert checked.stdout.startswith(f"{studio_server.url} is right: 1 action, ")
    assert daemon.cli("actions").stdout.startswith("a  A  (page)\n")

    studio_server.files["/studio.toml"] += b"# tampered\n"
    checked = daemon.cli("config", "check", check=False)
    assert checked.returncode == 2
    lines = checked.stdout.splitlines()
    assert lines[0] == f"{studio_server.url}: is not signed by the key that machine.toml names"
    assert lines[1] == f"{studio_server.url}:8: apps.mpv.env.A: decides which code runs, so it needs the signature"
    assert lines[2].startswith(f"{home}/config/studio.last-good.toml: the configuration of ")
    assert daemon.cli("actions").stdout.startswith("a  A  (page)\n")
    assert "known actions: a\n" in known_actions(daemon)
    where = json.loads(daemon.cli("config", "where", "--json").stdout)
    assert [(one["layer"], one["path"], one["counts"]) for one in where] == [
        ("machine", f"{home}/machine/machine.toml", True),
        ("studio", studio_server.url, False),
        ("last good", f"{home}/config/studio.last-good.toml", True),
        ("user", f"{home}/config/config.toml", False),
    ]


def test_a_daemon_starts_and_clicks_go_on_while_the_server_hangs(
    home: Path, start_daemon: Callable[..., Daemon], studio_server: StudioServer
):
    """Real: a server that accepts and says nothing; the daemon's door is open long before it gives up."""
    (home / "machine").mkdir()
    (home / "machine" / "machine.toml").write_text(
        f'studio = "{studio_server.url}"\nca_file = "{studio_server.ca_file}"\n'
    )
    studio_server.special["/studio.toml"] = hang
    daemon = start_daemon()
    wait_until(lambda: studio_server.asked, 10, "the daemon's question")

    begin = time.monotonic()
    said = known_actions(daemon)

    assert time.monotonic() - begin < 2
    assert f"{studio_server.url}: has not been fetched yet" in said

"""`doctor` as a person runs it: the command as a process, a daemon, a sample Kitsu, and what can be wrong with each."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from launcher import __version__
from launcher.demo.kitsu import TOKEN
from launcher.demo.studio import EMAIL
from tests.support.daemon import Daemon
from tests.support.foreign import Foreign
from tests.support.requests import KEY
from tests.support.sample import Make, SampleStudio

KEYS = {
    "daemon",
    "port",
    "door",
    "folders",
    "links",
    "autostart",
    "tray",
    "keyring",
    "kitsu",
    "login",
    "clock",
    "studio",
    "applications",
    "roots",
    "browsers",
}


def doctor(env: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """The command, without a display or a session bus of the machine that runs the tests."""
    clean = {name: value for name, value in env.items() if name not in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
    return subprocess.run(
        [sys.executable, "-m", "launcher", "doctor", *options],
        env=clean,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def found(env: dict[str, str]) -> tuple[int, dict[str, dict[str, Any]]]:
    """Exit code and findings by key; of several with one key, the first."""
    done = doctor(env, "--json")
    assert done.stderr == ""
    told = json.loads(done.stdout)
    findings: dict[str, dict[str, Any]] = {}
    for one in told["findings"]:
        findings.setdefault(one["key"], one)
    assert told["level"] == ("bad" if done.returncode else told["level"])
    return done.returncode, findings


def at_its_port(studio: SampleStudio) -> None:
    """Make the port of this daemon the studio's: every test has a port of its own."""
    file = studio.home / "machine" / "studio.toml"
    file.write_text(file.read_text().replace("[studio]\n", f"[studio]\nport = {studio.port}\n"))


# -- with a daemon ---------------------------------------------------------------------------------------------------
def test_of_a_daemon_that_is_well_everything_is_told(sample_studio: SampleStudio):
    """Real: the daemon, its sample Kitsu, somebody logged in; no keyring, no desktop."""
    at_its_port(sample_studio)

    code, findings = found(sample_studio.daemon.env)

    assert code == 0
    assert set(findings) == KEYS
    assert {key for key in findings if findings[key]["level"] == "warning"} <= {
        "keyring",
        "links",
        "autostart",
        "tray",
    }
    assert findings["daemon"] == {
        "key": "daemon",
        "level": "good",
        "title": f"Kitsu Launcher {__version__} runs.",
        "cure": "",
        "details": [f"process {sample_studio.daemon.pid}"],
    }
    assert findings["port"]["title"] == f"Port {sample_studio.port} is ours."
    assert findings["kitsu"]["title"] == f"{sample_studio.origin} answers."
    assert findings["login"]["title"] == f"Mika Fox is logged in to {sample_studio.origin}."
    assert findings["keyring"]["title"] == (
        "Logins are kept in memory only, until Kitsu Launcher ends: this machine has no keyring."
    )
    assert findings["applications"]["details"] == [f"Notes: {sample_studio.home}/notes"]
    assert findings["roots"]["details"] == [f"prod: {sample_studio.home}/prod"]


def test_neither_text_nor_json_names_a_secret(sample_studio: SampleStudio):
    """Real: a studio with a key, a login with its token; also where the configuration is broken and Kitsu says no."""
    file = sample_studio.home / "machine" / "studio.toml"
    file.write_text(file.read_text() + f'\n[actions.x]\ntitel = "{KEY}"\n')

    texts = [doctor(sample_studio.daemon.env, *options).stdout for options in ((), ("--json",))]
    sample_studio.daemon.stop()
    texts += [doctor(sample_studio.daemon.env, *options).stdout for options in ((), ("--json",))]

    for text in texts:
        assert "studio" in text
        for secret in (KEY, TOKEN, EMAIL, EMAIL.partition("@")[0] + "@"):
            assert secret not in text


def test_the_text_tells_what_is_broken_first(sample_studio: SampleStudio):
    at_its_port(sample_studio)
    (sample_studio.prod / ".prod").unlink()

    done = doctor({**sample_studio.daemon.env, "PYTHONIOENCODING": "utf-8"})

    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[0].startswith(f"Kitsu Launcher {__version__}, ")
    place = f"{sample_studio.home}/prod"
    assert lines[2:5] == [
        f"✗ broken   roots         The root prod is not there: {place} has no .prod in it.",
        "                         → Mount it, or ask IT. Nothing is made in its place.",
        "                           its marker is .prod",
    ]
    assert lines[-1].startswith("1 thing is broken. There are ")


def test_a_terminal_without_our_signs_gets_plain_ones(sample_studio: SampleStudio):
    """Real: an encoding as old Windows terminals have."""
    done = doctor({**sample_studio.daemon.env, "PYTHONIOENCODING": "cp437", "PYTHONUTF8": "0"})

    assert "+ good" in done.stdout
    assert "✓" not in done.stdout


def test_a_kitsu_that_goes_away_is_told(make_studio: Make):
    studio = make_studio()
    file = studio.home / "machine" / "studio.toml"
    file.write_text(file.read_text().replace(studio.origin, "http://127.0.0.1:9"))

    code, findings = found(studio.daemon.env)

    assert code == 1
    assert findings["kitsu"]["title"] == "http://127.0.0.1:9/api cannot be reached: nothing listens there."
    assert "login" not in findings


def test_a_broken_studio_file_is_told_with_file_and_line(sample_studio: SampleStudio):
    file = sample_studio.home / "machine" / "studio.toml"
    file.write_text(file.read_text().replace('app = "notes"', 'app = "note"', 1))

    code, findings = found(sample_studio.daemon.env)

    assert code == 1
    assert findings["studio"]["level"] == "bad"
    assert findings["studio"]["details"][0].startswith(f"{file}:")


def test_an_application_that_is_missing_is_told(make_studio: Make):
    more = '[actions.comp]\ntitle = "Comp"\nkind = "launch"\napp = "gone"\n[apps.gone]\ntitle = "Gone"\n'
    studio = make_studio(more=f'{more}executable = "/HOME/gone"\n')

    code, findings = found(studio.daemon.env)

    assert code == 0
    assert findings["applications"] == {
        "key": "applications",
        "level": "warning",
        "title": "Gone is not installed here, so these actions cannot work: Comp.",
        "cure": "Install it, or name its executable: on the dashboard's page of applications, or as"
        f" apps.gone.executable in {studio.home}/config/config.toml.",
        "details": [f"{studio.home}/gone: does not exist"],
    }


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_another_user_who_holds_the_port_is_named(
    home: Path, start_daemon: Callable[..., Daemon], foreign: Foreign, host: str
):
    """Real: a second OS user; the daemon waits and says so."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    foreign.squat_tcp(host, port)
    daemon = start_daemon(port=port)

    code, findings = found(daemon.env)

    name = f"[{host}]" if ":" in host else host
    assert code == 1
    assert findings["port"]["title"] == f"Port {port} is taken on {host}; Kitsu Launcher needs it."
    assert findings["port"]["details"][0].startswith(f"{name}:{port}: held by a program of user ")


# -- without one -----------------------------------------------------------------------------------------------------
def test_without_a_daemon_it_looks_alone_and_writes_nothing(sample_studio: SampleStudio):
    """Real: the same machine; no daemon is started, and nothing made."""
    at_its_port(sample_studio)
    sample_studio.daemon.stop()
    before = sorted(sample_studio.home.rglob("*"))

    code, findings = found(sample_studio.daemon.env)

    assert code == 1
    assert [key for key in findings if findings[key]["level"] == "bad"] == ["daemon"]
    assert findings["daemon"]["title"].startswith("No daemon runs: ")
    assert findings["port"]["title"] == f"Port {sample_studio.port} is free."
    assert findings["door"]["title"] == "The private door is closed, as no daemon runs."
    assert sorted(sample_studio.home.rglob("*")) == before


def test_an_empty_home_stays_empty(home: Path):
    code, findings = found({**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"})

    assert code == 1
    assert findings["studio"]["level"] == "bad"
    assert list(home.iterdir()) == []


def test_a_program_of_hers_that_holds_the_port_is_named(home: Path):
    """Real: the commonest squatter is no attacker."""
    (home / "machine").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (home / "machine" / "studio.toml").write_text(f"[studio]\nport = {port}\n")
        code, findings = found(dict(os.environ))

    name = Path("/proc/self/comm").read_text().strip()
    assert code == 1
    assert findings["port"]["details"] == [f"127.0.0.1:{port}: held by {name}, process {os.getpid()}"]


def test_a_door_of_somebody_else_is_told(home: Path, foreign: Foreign):
    """Real: another user has made the folder of the private door."""
    home.chmod(0o777)
    foreign.squat_unix(home / "run", "door")

    code, findings = found(dict(os.environ))

    assert code == 1
    assert (findings["door"]["level"], findings["door"]["title"]) == ("bad", "The private door is not yours alone.")
    assert foreign.free() == b""


@contextmanager
def silent_door(home: Path, answer: bytes) -> Iterator[None]:
    """A door that takes a question and answers no HTTP."""
    (home / "run").mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(home / "run" / "door"))
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield


def test_a_door_that_answers_nonsense_is_told(home: Path):
    with silent_door(home, b"hello"):
        code, findings = found(dict(os.environ))

    assert code == 1
    assert (findings["door"]["level"], findings["door"]["title"]) == ("bad", "Kitsu Launcher did not answer.")


def test_a_daemon_of_another_version_is_told(home: Path):
    """Real: the answer of an older daemon, which an update did not end."""
    finding = {"key": "daemon", "level": "good", "title": "Kitsu Launcher 0.0.1 runs.", "cure": "", "details": []}
    body = json.dumps({"version": "0.0.1", "pid": 1, "findings": [finding]}).encode()
    with silent_door(home, b"HTTP/1.1 200 OK\r\n\r\n" + body):
        code, findings = found(dict(os.environ))

    assert code == 0
    assert findings["daemon"]["title"] == f"Kitsu Launcher 0.0.1 runs, and {__version__} is installed."
    assert findings["daemon"]["cure"] == "Run `kitsu-launcher quit`, then `kitsu-launcher`."


def test_a_folder_that_cannot_be_written_to_is_told(home: Path):
    """Real: a file in its place, which also root cannot write below."""
    (home / "state").write_text("")

    code, findings = found(dict(os.environ))

    assert code == 1
    assert findings["folders"]["title"] == f"{home}/state cannot be written to."

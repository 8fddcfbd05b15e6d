"""What starts at login, in a real Windows Python: the daemon again after a crash. Run by `test_under_wine`."""

import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from launcher import door, itself, knock
from launcher.demo.kitsu import SampleKitsu
from launcher.demo.once import click_each
from launcher.demo.show import served
from launcher.demo.stage import DEBUG, SAMPLE, lay
from launcher.demo.studio import EMAIL, PASSWORD, sample
from launcher.errors import LauncherError
from launcher.system.windows import signals

WITHIN_S = 10
RUNS_ALREADY = "Kitsu Launcher tourne déjà."


def unused() -> int:
    """A port that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pid(not_this: int = 0) -> int:
    """The daemon's process, once it answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            answer = knock.request("GET", "/door/ping", start=False)
            assert isinstance(answer, dict)
            if answer["pid"] != not_this and answer["port"]:
                return int(str(answer["pid"]))
        except LauncherError:
            pass
        time.sleep(0.05)
    raise AssertionError("no daemon answers")


def serve(log: Path, *options: str) -> "subprocess.Popen[bytes]":
    with log.open("ab") as file:
        return subprocess.Popen(
            itself.command("serve", "--no-tray", *options), stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )


def test_a_daemon_that_was_killed_comes_again_and_none_after_quit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: `serve --restart`, TerminateProcess, Windows' keyring, a click that starts a program; then `quit`."""
    monkeypatch.setenv(door.ENV_HOME, str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.Windows.WinVaultKeyring")
    studio, port = sample(), str(unused())
    with served(SampleKitsu(studio, [])) as host:
        lay(tmp_path, f"http://{host}", (SAMPLE, DEBUG))
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "config.toml").write_text('desk.language = "fr"\n')
        supervisor = serve(tmp_path / "first.log", "--restart", "--port", port)
        first = pid()
        login = {"server": f"http://{host}", "email": EMAIL, "password": PASSWORD}
        knock.request("POST", "/door/login", login, start=False)
        again = serve(tmp_path / "second.log", "--port", "0")
        assert again.wait(30) == 2
        assert (tmp_path / "second.log").read_text(encoding="utf-8").splitlines()[0] == RUNS_ALREADY

        os.kill(first, signal.SIGTERM)  # TerminateProcess
        began = time.monotonic()
        second = pid(not_this=first)
        outcomes = click_each(studio, host, int(port), (SAMPLE,))

        # What was started is watched for two seconds and a half.
        assert time.monotonic() - began < WITHIN_S + 2.5
        assert [outcome.happened for outcome in outcomes] == [True], outcomes
        assert second != first
        knock.request("POST", "/door/logout", {"server": f"http://{host}"}, start=False)
        knock.request("POST", "/door/quit", start=False)
        assert supervisor.wait(15) == 0
        time.sleep(2)  # longer than the first pause
        with pytest.raises(knock.DoorError):
            knock.request("GET", "/door/ping", start=False)


def test_windows_is_kept_waiting_while_the_console_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: the function that Windows calls, called as it does, by another thread."""
    monkeypatch.setattr(signals, "FINISH_S", 0.5)
    told: list[float] = []
    signals.when_told_to_end(lambda: told.append(time.monotonic()))
    handler = signals._kept.pop()
    for event, least, most in ((0, 0, 0.4), (signals.CLOSE, 0.5, 5), (signals.SHUTDOWN, 0.5, 5)):
        caller = threading.Thread(target=handler, args=(event,))
        began = time.monotonic()
        caller.start()
        caller.join(10)
        assert least <= time.monotonic() - began < most
        assert told.pop() - began < 0.4
    assert signals.library("kernel32").SetConsoleCtrlHandler(handler, False)

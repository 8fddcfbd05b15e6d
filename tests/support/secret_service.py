"""Keyrings for tests: a real Secret Service (gnome-keyring on its own bus), and one that lives in memory."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import jeepney.io.blocking
import jeepney.wrappers
import keyring
import keyring.backends.SecretService
import keyring.errors
import pytest
import secretstorage
from keyring.backend import KeyringBackend


class MemoryKeyring(KeyringBackend):
    """A keyring that lives in this process, so that tests do not meet those of the machine."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError(username)


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    """This process's keyring is one in memory."""
    before, own = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@pytest.fixture
def secret_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyringBackend]:
    """Real: gnome-keyring, unlocked, on a session bus of its own; this process's keyring is that one."""
    for program in ("dbus-daemon", "gnome-keyring-daemon"):
        if not shutil.which(program):
            pytest.skip(f"not installed: {program}")
    folder = Path(tempfile.mkdtemp(prefix="kl-keyring-", dir="/tmp"))
    env = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
        text=True,
    )
    assert bus.stdout
    env["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=env,
    )
    assert daemon.stdin
    daemon.stdin.write(b"secret of the test's keyring")
    daemon.stdin.close()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", env["DBUS_SESSION_BUS_ADDRESS"])
    before, real = keyring.get_keyring(), keyring.backends.SecretService.Keyring()
    try:
        _wait(env["DBUS_SESSION_BUS_ADDRESS"])
        keyring.set_keyring(real)
        yield real
    finally:
        keyring.set_keyring(before)
        for process in (daemon, bus):
            process.terminate()
            process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(address: str) -> None:
    """Until gnome-keyring answers on its bus and has unlocked its collection: before, it would ask at a screen.

    Nobody may be called by the name before ours has it: the bus would start a second one, which stays locked.
    """
    deadline = time.monotonic() + 30
    while True:
        try:
            with contextlib.closing(jeepney.io.blocking.open_dbus_connection(address)) as bus:
                owned = bus.send_and_get_reply(jeepney.message_bus.NameHasOwner("org.freedesktop.secrets")).body[0]
                if owned and not secretstorage.Collection(bus, "/org/freedesktop/secrets/aliases/default").is_locked():
                    return
        except (secretstorage.exceptions.SecretStorageException, OSError, jeepney.wrappers.DBusErrorResponse):
            # Whatever D-Bus says while nobody has the name, or the collection is not there yet.
            pass
        assert time.monotonic() < deadline, "gnome-keyring did not unlock its collection"
        time.sleep(0.05)

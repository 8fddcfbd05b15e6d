"""T26: a token is in the keyring or in memory, never in a file and never in a log."""

import importlib
import io
import logging
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest
from keyring.backend import KeyringBackend

from launcher.config.schema import Studio
from launcher.kitsu.accounts import Accounts
from tests.support.accounts import log_in, server
from tests.support.secret_service import MemoryKeyring
from tests.support.zou import Zou

TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """All that any logger of this process says, down to debug."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.setLevel(level)
    root.removeHandler(handler)


def files_with_a_token(*folders: Path) -> list[Path]:
    """Every file below that holds a JSON web token or the password."""
    files = [path for folder in folders for path in folder.rglob("*") if stat.S_ISREG(path.lstat().st_mode)]
    return [path for path in files if TOKEN.search(content := path.read_bytes()) or b"ArtistLab" in content]


async def a_day(accounts: Accounts, zou: Zou) -> None:
    """Log in, fail to log in, read, find, refresh, log out."""
    here = server(zou.url)
    person = await log_in(accounts, zou, "user")
    with pytest.raises(Exception, match="Wrong e-mail"):
        await accounts.login(here, "artist@studio.example", "ArtistLab!wrong")
    await accounts.tasks(here, person, list(zou.ids["tasks"].values())[:9])
    await accounts.find_task(here, person, "Lab Short/SQ01/SH010/Animation")
    client, _ = await accounts._ready(here, person)
    client._gazu.access_token = ""
    await accounts.who(here)
    await accounts.logout(here, None)


async def test_without_a_keyring_tokens_stay_in_memory_and_that_is_said(
    memory_keyring: MemoryKeyring,
    zou: Zou,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    everything_logged: io.StringIO,
) -> None:
    """Real: Zou; keyring's own backend for machines that have none. The whole home is searched afterwards."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    keyring.set_keyring(keyring.backends.fail.Keyring())
    accounts = Accounts(lambda: Studio(servers=(server(zou.url),)), {})

    person = await log_in(accounts, zou, "user")
    known = await accounts.people(server(zou.url))
    note = accounts.keyring_note()
    await a_day(accounts, zou)
    await accounts.close()

    assert known == (person,)
    assert note == "Logins are kept in memory only, until Kitsu Launcher ends: this machine has no keyring."
    assert files_with_a_token(tmp_path) == []
    assert not TOKEN.search(everything_logged.getvalue().encode())


async def test_a_real_keyring_holds_the_refresh_token_and_no_file_of_ours_does(
    secret_service: KeyringBackend, zou: Zou, tmp_path: Path, everything_logged: io.StringIO
) -> None:
    """Real: Zou, gnome-keyring (whose own file is encrypted)."""
    accounts = Accounts(lambda: Studio(servers=(server(zou.url),)), {})

    person = await log_in(accounts, zou, "user")
    kept = secret_service.get_password("kitsu-launcher", f"{person.email} {zou.url}") or ""
    await a_day(accounts, zou)
    await accounts.close()

    assert TOKEN.search(kept.encode())
    assert "ArtistLab" not in kept
    assert accounts.keyring_note() is None
    assert files_with_a_token(tmp_path) == []
    logged = everything_logged.getvalue()
    assert not TOKEN.search(logged.encode())
    assert "ArtistLab" not in logged
    assert secret_service.get_password("kitsu-launcher", f"{person.email} {zou.url}") is None


async def test_an_access_token_is_in_no_keyring(memory_keyring: MemoryKeyring, zou: Zou, tmp_path: Path) -> None:
    """Real: Zou; the keyring is one in memory, looked into."""
    accounts = Accounts(lambda: Studio(servers=(server(zou.url),)), {})
    person = await log_in(accounts, zou, "user")
    client, _ = await accounts._ready(server(zou.url), person)
    access = str(client._gazu.access_token)
    await accounts.close()

    assert access not in "".join(memory_keyring.entries.values())
    assert client.refresh_token in "".join(memory_keyring.entries.values())
    assert access not in " ".join(os.environ.values())


@pytest.mark.parametrize("system", ["linux", "macos", "windows"])
def test_no_application_inherits_a_token(system: str) -> None:
    """Real: what each OS's own module makes of the daemon's environment."""
    process = importlib.import_module(f"launcher.system.{system}.process")

    assert process.clean_environment({"KITSU_LAUNCHER_BOT_TOKEN": "eyJ.a.b", "HOME": "/x"}) == {"HOME": "/x"}

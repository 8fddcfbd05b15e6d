"""The keyring: a real one, none, one that hangs, one that others have written into."""

import threading
import time

import keyring
import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.backend import KeyringBackend

from launcher.kitsu import tokens
from launcher.kitsu.tokens import NoKeyring, Stored, Tokens
from launcher.model import Person
from tests.support.secret_service import MemoryKeyring

ZOE = Person("id-1", "zoë@studio.example", "Zoë", "Ní Bhriain", "supervisor")
ART = Person("id-2", "art@studio.example", "Art", "Ist", "user")
KITSU, OTHER = "https://kitsu.example/api", "https://other.example/api"
LOGINS = (Stored(KITSU, ZOE, "t" * 345), Stored(OTHER, ZOE, "u"), Stored(KITSU, ART, "v"))


async def round_trip() -> None:
    """One contract for each keyring: what was kept comes back, what was forgotten does not."""
    mine = Tokens()
    for one in LOGINS:
        await mine.save(one)
    await mine.save(Stored(KITSU, ART, "newer"))
    assert await Tokens().load() == (*LOGINS[:2], Stored(KITSU, ART, "newer"))
    await mine.delete(KITSU, ZOE.email)
    await mine.delete(KITSU, "nobody@studio.example")
    assert await Tokens().load() == (LOGINS[1], Stored(KITSU, ART, "newer"))
    assert mine.trouble is None


async def test_a_real_secret_service_keeps_logins(secret_service: KeyringBackend) -> None:
    """Real: gnome-keyring over D-Bus."""
    await round_trip()


async def test_any_keyring_keeps_logins(memory_keyring: MemoryKeyring) -> None:
    """The same contract with a keyring in memory."""
    await round_trip()


class _Plain(MemoryKeyring):
    """Stands for keyrings.alt's plaintext file."""


_Plain.__module__ = "keyrings.alt.file"


@pytest.mark.parametrize("backend", [keyring.backends.fail.Keyring(), keyring.backends.null.Keyring(), _Plain()])
async def test_a_keyring_that_keeps_nothing_or_a_plain_file_is_none(
    memory_keyring: MemoryKeyring, backend: KeyringBackend
) -> None:
    """Real: keyring's own fail and null backends; a class from the module of keyrings.alt's plain file."""
    keyring.set_keyring(backend)
    mine = Tokens()

    with pytest.raises(NoKeyring):
        await mine.save(LOGINS[0])

    assert mine.trouble == "this machine has no keyring"


class _Hangs(MemoryKeyring):
    def __init__(self, until: threading.Event) -> None:
        super().__init__()
        self.until = until

    def get_password(self, service: str, username: str) -> str | None:
        self.until.wait(20)
        return super().get_password(service, username)


async def test_a_keyring_that_hangs_is_given_up_and_used_again_once_it_answers(
    memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A keyring whose prompt waits for somebody, with a shorter patience."""
    monkeypatch.setattr(tokens, "PATIENCE_S", 0.2)
    unlocked = threading.Event()
    keyring.set_keyring(_Hangs(unlocked))
    mine = Tokens()
    begun = time.monotonic()

    with pytest.raises(NoKeyring):
        await mine.load()
    with pytest.raises(NoKeyring):
        await mine.load()
    assert time.monotonic() - begun < 2
    assert mine.trouble == "the keyring does not answer; perhaps it waits to be unlocked"
    unlocked.set()

    assert await mine.load() == ()
    assert mine.trouble is None


class _Breaks(MemoryKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("org.freedesktop.DBus.Error\nNoReply")


async def test_whatever_a_keyring_raises_is_told_in_one_line(memory_keyring: MemoryKeyring) -> None:
    """A backend that fails in a way of its own."""
    keyring.set_keyring(_Breaks())
    mine = Tokens()

    with pytest.raises(NoKeyring):
        await mine.load()

    assert mine.trouble == "the keyring refused: RuntimeError: org.freedesktop.DBus.Error NoReply"


@pytest.mark.parametrize(
    "index", ["", "{", "[" * 60_000, "7", '[["a"]]', "[[1,2]]", '[["https://kitsu.example/api","x"]]']
)
@pytest.mark.parametrize("entry", ["", "[]", '{"person": 3}', '{"person": {"id": 1}, "refresh_token": "t"}'])
async def test_what_others_wrote_into_the_keyring_is_no_login(
    memory_keyring: MemoryKeyring, index: str, entry: str
) -> None:
    """Entries of ours that are broken count as absent."""
    memory_keyring.entries["kitsu-launcher", "index"] = index
    memory_keyring.entries["kitsu-launcher", "x https://kitsu.example/api"] = entry

    assert await Tokens().load() == ()

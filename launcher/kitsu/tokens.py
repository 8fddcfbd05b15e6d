"""The refresh tokens in the OS's keyring, and nowhere else: never in a plain file."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, TypeVar

from launcher.model import Json, Person
from launcher.words import _

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "kitsu-launcher"
INDEX = "index"
"""The entry that lists the others: a keyring cannot be asked for all that it holds of a service."""
PATIENCE_S = 5
NO_KEYRING = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
"""Backends that keep nothing, or keep it in a file that others may read."""
T = TypeVar("T")


class NoKeyring(Exception):
    """The keyring cannot be used now; `reason` says why. Never leaves `kitsu`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Stored:
    """One login as the keyring holds it."""

    api: str
    person: Person
    refresh_token: str


class Tokens:
    """The keyring, asked from a thread: D-Bus may hang, and the person may be asked to unlock it."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        """Why the last attempt failed; None when it did not."""
        self._going: asyncio.Future[object] | None = None

    async def load(self) -> tuple[Stored, ...]:
        """Every login of this user.

        Raises: NoKeyring.
        """
        return await self._in_thread(_load)

    async def kept_by(self) -> str:
        """What keeps the logins, by its own name; it has just answered.

        Raises: NoKeyring.
        """
        return await self._in_thread(_asked)

    async def save(self, stored: Stored) -> None:
        """Keep one login; it replaces that of the same server and e-mail.

        Raises: NoKeyring.
        """
        await self._in_thread(lambda: _save(stored))

    async def delete(self, api: str, email: str) -> None:
        """Forget one login; none is no error.

        Raises: NoKeyring.
        """
        await self._in_thread(lambda: _delete(api, email))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Do it in a daemon thread: one that hangs must not keep the process from ending."""
        loop = asyncio.get_running_loop()
        if self._going and not self._going.done():
            await asyncio.wait([self._going], timeout=PATIENCE_S)
            if not self._going.done():
                raise self._no(_("the keyring does not answer; perhaps it waits to be unlocked"))
        future: asyncio.Future[T] = loop.create_future()
        threading.Thread(target=_answer, args=(work, loop, future), daemon=True, name="keyring").start()
        self._going = future  # type: ignore[assignment]  # only whether it is done is looked at
        done, _pending = await asyncio.wait([future], timeout=PATIENCE_S)
        if not done:
            raise self._no(_("the keyring did not answer within {n} s; perhaps it waits to be unlocked", n=PATIENCE_S))
        try:
            result = future.result()
        except Exception as error:  # keyring's backends raise whatever D-Bus, Windows or macOS made of it
            raise self._no(_reason(error)) from None
        self.trouble = None
        return result

    def _no(self, reason: str) -> NoKeyring:
        self.trouble = reason
        return NoKeyring(reason)


def _answer(work: Callable[[], T], loop: asyncio.AbstractEventLoop, future: "asyncio.Future[T]") -> None:
    def tell(result: T | None, error: Exception | None) -> None:
        if future.cancelled():
            return
        if error:
            future.set_exception(error)
            future.exception()  # nobody may wait any more: then it is not worth a complaint in the log
        else:
            future.set_result(result)  # type: ignore[arg-type]  # one of the two is None

    try:
        outcome: tuple[T | None, Exception | None] = (work(), None)
    except Exception as error:  # as above: told to whoever waits
        outcome = (None, error)
    if not loop.is_closed():
        loop.call_soon_threadsafe(tell, *outcome)


def _reason(error: Exception) -> str:
    if isinstance(error, NoKeyring):
        return error.reason
    return _(
        "the keyring refused: {fault}: {reason}", fault=type(error).__name__, reason=" ".join(str(error).split())[:120]
    )


def _keyring() -> "KeyringBackend":
    """The first backend that keeps secrets. Imported here: it costs 79 ms."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen = keyring.get_keyring()
    candidates = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    for backend in candidates:
        if not any(base.__module__.startswith(NO_KEYRING) for base in type(backend).__mro__):
            return backend
    raise NoKeyring(_("this machine has no keyring"))


def _asked() -> str:
    keyring = _keyring()
    keyring.get_password(SERVICE, INDEX)
    return str(keyring.name)


def _entry(api: str, email: str) -> str:
    return f"{email} {api}"


def _index(keyring: "KeyringBackend") -> list[tuple[str, str]]:
    listed = _json(keyring.get_password(SERVICE, INDEX))
    pairs = listed if isinstance(listed, list) else []
    return [(str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2]


def _json(text: str | None) -> Json:
    """What an entry holds; None when somebody else has written there."""
    try:
        value: Json = json.loads(text or "null")
    except (ValueError, RecursionError):
        return None
    return value


def _load() -> tuple[Stored, ...]:
    keyring = _keyring()
    found = ((api, _json(keyring.get_password(SERVICE, _entry(api, email)))) for api, email in _index(keyring))
    read = (_stored(api, entry) for api, entry in found if isinstance(entry, dict))
    return tuple(stored for stored in read if stored)


def _stored(api: str, entry: Mapping[str, Json]) -> Stored | None:
    person, refresh_token = entry.get("person"), entry.get("refresh_token")
    if not isinstance(person, dict) or not isinstance(refresh_token, str):
        return None
    fields = {name: person.get(name) for name in ("id", "email", "first_name", "last_name", "role")}
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    return Stored(api, Person(*texts.values()), refresh_token) if len(texts) == len(fields) else None


def _save(stored: Stored) -> None:
    keyring = _keyring()
    email = stored.person.email
    entry = json.dumps({"person": asdict(stored.person), "refresh_token": stored.refresh_token})
    keyring.set_password(SERVICE, _entry(stored.api, email), entry)
    index = _index(keyring)
    if (stored.api, email) not in index:
        keyring.set_password(SERVICE, INDEX, json.dumps([*index, (stored.api, email)]))


def _delete(api: str, email: str) -> None:
    from keyring.errors import PasswordDeleteError

    keyring = _keyring()
    left = [pair for pair in _index(keyring) if pair != (api, email)]
    with contextlib.suppress(PasswordDeleteError):  # it was not there
        keyring.delete_password(SERVICE, _entry(api, email))
    keyring.set_password(SERVICE, INDEX, json.dumps(left))

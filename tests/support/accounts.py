"""Accounts on the real Zou, for the tests of `launcher.kitsu`."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from launcher.config.schema import Server, Studio
from launcher.kitsu.accounts import Accounts
from launcher.model import Person
from launcher.paths import Folders
from tests.support.secret_service import MemoryKeyring
from tests.support.zou import Zou


def folders(base: Path) -> Folders:
    """Our folders below one of a test."""
    return Folders(base / "machine", base / "config", base / "state", base / "cache", base / "run")


def server(url: str, **more: Any) -> Server:
    """A configured Kitsu whose API is at `url` itself."""
    return Server(origins=(url,), api=url, insecure=url.startswith("http:"), **more)


@dataclass
class Api:
    """Zou's API asked directly, to prepare and to look."""

    url: str
    token: str = ""

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and JSON."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        wish = urllib.request.Request(f"{self.url}/{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(wish, timeout=20) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def done(self, method: str, path: str, body: object = None) -> Any:
        """The JSON of an answer that must be a success."""
        status, answer = self.ask(method, path, body)
        assert status < 300, (method, path, status, answer)
        return answer


def api_of(zou: Zou, key: str = "admin") -> Api:
    """Zou's API as one of the seeded people."""
    account = zou.account(key)
    login = Api(zou.url).done("POST", "auth/login", {"email": account.email, "password": account.password})
    return Api(zou.url, login["access_token"])


@pytest.fixture
def admin_api(zou: Zou) -> Api:
    """Real: Zou's API as its administrator."""
    return api_of(zou)


@dataclass
class Throwaway:
    """An account of one test only."""

    id: str
    email: str
    password: str = "ThrowLab!2026"


@contextmanager
def throwaway(admin: Api, role: str = "user") -> Iterator[Throwaway]:
    """An account that is removed again."""
    email = f"throw{time.time_ns()}@studio.example"
    person = admin.done(
        "POST", "data/persons", {"first_name": "Thro", "last_name": "Waway", "email": email, "role": role}
    )
    one = Throwaway(person["id"], email)
    passwords = {"password": one.password, "password_2": one.password}
    admin.done("POST", f"actions/persons/{one.id}/change-password", passwords)
    yield one
    admin.done("DELETE", f"data/persons/{one.id}?force=true")


@pytest.fixture
async def make_accounts(tmp_path: Path, zou: Zou) -> AsyncIterator[Callable[..., Accounts]]:
    """A way to make Accounts, as each new daemon does, that are closed at the test's end."""
    made: list[Accounts] = []
    studio = Studio(servers=(server(zou.url),))

    def make(**environ: str) -> Accounts:
        made.append(Accounts(lambda: studio, environ))
        return made[-1]

    yield make
    for accounts in made:
        await accounts.close()


@pytest.fixture
def accounts(make_accounts: Callable[..., Accounts], memory_keyring: MemoryKeyring) -> Accounts:
    """Nobody is logged in; the keyring is one in memory."""
    return make_accounts()


async def log_in(accounts: Accounts, zou: Zou, key: str) -> Person:
    """One of the seeded people logs in."""
    account = zou.account(key)
    return await accounts.login(server(zou.url), account.email, account.password)

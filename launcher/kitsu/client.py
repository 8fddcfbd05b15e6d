"""Requests to one Kitsu for one person. Imported late: gazu costs 60 ms, which no start of the daemon shall wait for.

gazu.aio makes the requests and refreshes tokens; what is around them is ours: no request leaves the configured
origin, every answer has a greatest size and a longest time, and whatever goes wrong is told in words.
"""

import asyncio
import contextlib
import json
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NoReturn, TypeVar

import aiohttp
import gazu.aio
import truststore
from gazu.exception import NotAuthenticatedException
from yarl import URL

from launcher.errors import LauncherError
from launcher.kitsu.answers import LoginError, code_failed, login_failed, single_sign_on, token
from launcher.kitsu.failures import CHECK_SERVER, KitsuError, away, logged_out, no_kitsu, refused
from launcher.model import Json
from launcher.words import _

LARGEST_BYTES = 32 * 1024 * 1024
"""Of one answer, unpacked."""
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3, sock_connect=3)
KEEP_ALIVE_S = 300
AT_ONCE = 8
"""Requests side by side; more are no faster (measured against Zou)."""
CHUNK = 50
"""Ids in one list request: gunicorn refuses request lines over 4094 bytes."""
APP_LOGIN = "auth/app-login/token"
T = TypeVar("T")


class Answer(Exception):
    """An answer outside 2xx, before it is known what it means. Never leaves this file."""

    def __init__(self, status: int, path: str, body: Json, location: str) -> None:
        super().__init__(status)
        self.status = status
        self.path = path
        self.body = body
        self.message = location
        if isinstance(body, dict):
            self.message = str(body.get("message", body.get("msg", "")))[:200]


class Response(aiohttp.ClientResponse):
    """An answer that is read only up to a size, and whose JSON is checked before anybody uses it."""

    async def read(self) -> bytes:
        """The body, unpacked.

        Raises: KitsuError over `LARGEST_BYTES`, also for a small body that unpacks to more.
        """
        if self._body is None:
            chunks, size = [], 0
            async for chunk in self.content.iter_any():
                chunks.append(chunk)
                size += len(chunk)
                if size > LARGEST_BYTES:
                    self.close()
                    raise too_large()
            self._body = b"".join(chunks)
        return self._body

    async def json(self, **options: object) -> Json:
        """The body as JSON.

        Raises: KitsuError if it is none, or too deep, or holds what JSON does not have.
        """
        body = await self.read()
        if "json" not in self.content_type:
            raise no_kitsu(
                str(self.url.origin()), _("{status} {type}, not JSON", status=self.status, type=self.content_type)
            )
        return decode(body)


def decode(body: bytes) -> Json:
    """Bytes from a server as JSON.

    Raises: KitsuError, for nesting that exhausts the stack, numbers of thousands of digits, NaN and half characters.
    """
    try:
        value: Json = json.loads(body, parse_constant=_no_number, parse_float=_finite)
        if b"\\ud" in body or b"\\uD" in body:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise KitsuError(
            _("Kitsu answered with something that is no JSON."),
            tried=[_("{n} bytes: {fault}", n=len(body), fault=type(error).__name__)],
            next_step=CHECK_SERVER,
        ) from error
    return value


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number without end")
    return value


def too_large() -> KitsuError:
    """The sentence for an answer over the limit."""
    return KitsuError(
        _("Kitsu answered with more than {n} MiB.", n=LARGEST_BYTES // 1024 // 1024),
        next_step=_("Select fewer tasks; if it happens with one, ask whoever looks after Kitsu."),
    )


def trust(ca_file: str) -> ssl.SSLContext:
    """TLS as this OS trusts, and the studio's own authority beside it. There is no way to turn checking off.

    Raises: KitsuError if `ca_file` cannot be read.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise KitsuError(
                _("The studio's certificate authority cannot be read."),
                tried=[f"{ca_file}: {error}"],
                next_step=_("Set studio.ca_file to a PEM file that everybody may read."),
            ) from error
    return context


class _Gazu(gazu.aio.AsyncKitsuClient):
    """gazu's client on our own session."""

    def __init__(self, api: str, session: aiohttp.ClientSession) -> None:
        super().__init__(api)
        self._ours = session

    @property
    def session(self) -> aiohttp.ClientSession:
        return self._ours

    async def refresh_access_token(self) -> dict[str, str]:
        """A new access token. gazu's own way would take whatever came as a token."""
        headers = {"Authorization": f"Bearer {self.refresh_token}"}
        async with self._ours.get(f"{self.host}/auth/refresh-token", headers=headers) as response:
            fresh = token(await response.json(), "access_token")
        self.access_token = fresh
        return {"access_token": fresh}


class Client:
    """One person's requests to one Kitsu."""

    def __init__(
        self, api: str, context: ssl.SSLContext | None, refresh_token: str = "", access_token: str = ""
    ) -> None:
        # gazu logs whole answers of failing servers: none of that may reach our log.
        logging.getLogger("gazu").setLevel(logging.CRITICAL + 1)
        self.api = api.rstrip("/")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context or True, keepalive_timeout=KEEP_ALIVE_S, limit=2 * AT_ONCE),
            timeout=TIMEOUT,
            response_class=Response,
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(_guard(URL(self.api)),),
        )
        self._gazu = _Gazu(self.api, self._session)
        if refresh_token:
            self._gazu.refresh_token = refresh_token
        if access_token:
            self._gazu.access_token = access_token
        self._refreshing = asyncio.Lock()
        self._places = asyncio.Semaphore(AT_ONCE)

    @classmethod
    async def connect(cls, api: str, ca_file: str, refresh_token: str = "", access_token: str = "") -> "Client":
        """A client of `api`; nothing is sent yet. Reading the OS's authorities takes a moment, so a thread does it."""
        context = await asyncio.to_thread(trust, ca_file) if api.startswith("https:") else None
        return cls(api, context, refresh_token, access_token)

    @property
    def refresh_token(self) -> str:
        return str(self._gazu.refresh_token or "")

    async def close(self) -> None:
        """Close the connections. gazu's own way of leaving would end the login at Kitsu too."""
        await self._session.close()

    # -- logging in --------------------------------------------------------------------------------------------------
    async def login(self, email: str, password: str, second: Mapping[str, str], *, has_page: bool = False) -> Json:
        """Log in and keep the tokens; what Kitsu knows of the person. `has_page`: the browser could log in instead.

        gazu's own login raises the same for every reason, so this asks by itself.
        Raises: LoginError, KitsuAway, KitsuError.
        """
        wish: dict[str, Json] = {"email": email, "password": password, **second}
        try:
            body = await self._ask(lambda: self._post("auth/login", wish))
        except Answer as answer:
            page = await self.single_sign_on() if answer.status in (400, 401) else ""
            error = login_failed(answer.status, answer.body, self.api, email, second, page, has_page)
            if isinstance(error, LoginError) and error.needs[:1] == ("email_otp",) and not second:
                with contextlib.suppress(Answer, LauncherError):  # the wish for a code is told all the same
                    await self._ask(lambda: gazu.aio.get("auth/email-otp", params={"email": email}, client=self._gazu))
            raise error from None
        return self._entered(body)

    async def login_by_code(self, code: str, verifier: str) -> Json:
        """As `login`, with the code that a page of Kitsu has given to the browser.

        Raises: LoginError, KitsuAway, KitsuError.
        """
        wish: dict[str, Json] = {"code": code, "code_verifier": verifier}
        try:
            body = await self._ask(lambda: self._post(APP_LOGIN, wish))
        except Answer as answer:
            raise code_failed(answer.status, answer.body, self.api) from None
        return self._entered(body)

    async def takes_codes(self) -> bool:
        """Whether this Kitsu knows `login_by_code`.

        Raises: KitsuAway, KitsuError.
        """
        try:
            await self._ask(lambda: self._post(APP_LOGIN, {}))
        except Answer as answer:
            if answer.status == 400:
                return True
            if answer.status in (404, 405):
                return False
            raise refused(answer.status, answer.message, self.api, answer.path) from None
        return True

    def _entered(self, body: Json) -> Json:
        """Keep the tokens of a login; what it tells of the person."""
        self._gazu.access_token = token(body, "access_token")
        self._gazu.refresh_token = token(body, "refresh_token")
        return body.get("user") if isinstance(body, dict) else None

    async def _post(self, path: str, wish: Json) -> Json:
        async with self._session.post(f"{self.api}/{path}", json=wish) as response:
            answer: Json = await response.json()
            return answer

    async def single_sign_on(self) -> str:
        """What this Kitsu calls its single sign-on; empty where it has none, or does not say."""
        try:
            return single_sign_on(await self._ask(lambda: gazu.aio.get("config", client=self._gazu)))
        except (Answer, LauncherError):
            return ""

    async def logout(self) -> None:
        """End the login at Kitsu: its refresh token counts no longer."""
        await self.get("auth/logout")

    # -- requests ----------------------------------------------------------------------------------------------------
    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """What Kitsu answers to a GET below its API.

        Raises: NotLoggedIn, Forbidden, Unknown, KitsuAway, KitsuError.
        """
        return await self._request(lambda: gazu.aio.get(path, params=dict(params or {}), client=self._gazu))

    async def post(self, path: str, data: dict[str, Json]) -> Json:
        """As `get`, with a body: something is made."""
        return await self._request(lambda: gazu.aio.post(path, data, client=self._gazu))

    async def put(self, path: str, data: dict[str, Json]) -> Json:
        """As `post`: something is changed."""
        return await self._request(lambda: gazu.aio.put(path, data, client=self._gazu))

    async def delete(self, path: str) -> None:
        """As `get`: something is removed."""
        await self._request(lambda: gazu.aio.delete(path, client=self._gazu))

    async def by_ids(self, kind: str, ids: Sequence[str], **params: str) -> list[Json]:
        """The rows of `data/KIND` with these ids, in no order; unknown ones are absent."""
        chunks = [ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)]
        wishes = [{"id": json.dumps(list(chunk), separators=(",", ":")), **params} for chunk in chunks]
        lists = await asyncio.gather(*(self.get(f"data/{kind}", wish) for wish in wishes))
        return [row for rows in lists if isinstance(rows, list) for row in rows]

    async def _request(self, request: Callable[[], Awaitable[T]]) -> T:
        async with self._places:
            try:
                await self._have_access()
                return await self._ask(request)
            except Answer as answer:
                raise refused(answer.status, answer.message, self.api, answer.path) from None
            except NotAuthenticatedException:
                raise logged_out(self.api, _("the token has expired")) from None

    async def _have_access(self) -> None:
        async with self._refreshing:
            if not self._gazu.access_token and self._gazu.refresh_token:
                await self._ask(self._gazu.refresh_access_token)

    async def _ask(self, request: Callable[[], Awaitable[T]]) -> T:
        try:
            return await request()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise away(error, self.api) from error


def _guard(api: URL) -> Callable[..., Awaitable[aiohttp.ClientResponse]]:
    """Keep every request at the origin of `api`, and turn each answer outside 2xx into `Answer`.

    Redirects are such answers too: none is followed. Only an expired access token is left to gazu, which refreshes it.
    """

    origin, base = api.origin(), api.path

    async def guard(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        if request.url.origin() != origin:
            raise no_kitsu(str(origin), _("a request was about to leave it"))
        response = await handler(request)
        if 200 <= response.status < 300:
            return response
        try:
            body = await response.json()
        except LauncherError:
            body = None
        refreshing = request.url.path.endswith(("/auth/refresh-token", "/auth/login"))
        expired = isinstance(body, dict) and body.get("message") == "Signature has expired"
        if response.status == 401 and expired and not refreshing:
            return response
        response.close()
        path = request.url.path.removeprefix(base).lstrip("/")
        raise Answer(response.status, path, body, response.headers.get("Location", "")[:200])

    return guard

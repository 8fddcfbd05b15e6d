"""Fetches a studio file that is at an address, in the background: no click and no start ever waits for it."""

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import truststore
from aiohttp import hdrs

from launcher import paths
from launcher.config import files, sealed
from launcher.config.sealed import Remote, Seal
from launcher.errors import LauncherError, system_says
from launcher.logs import event
from launcher.paths import Folders
from launcher.words import Words, _

EVERY_S = 600.0
SOON_S = 60.0
"""Until the next look, where something was wrong: text and signature may not have been put there at one moment."""
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3, sock_connect=3)
LARGEST_SIGNATURE = 4096
NONE = (403, 404, 410)
"""What servers answer for a file that is not there; some that keep files in buckets say 403."""
log = logging.getLogger("launcher.config")


class NotFetched(Exception):
    """It did not come. Never leaves this package."""

    def __init__(self, reason: Words) -> None:
        super().__init__(reason)
        self.reason = reason


async def follow(folders: Folders, environ: Mapping[str, str]) -> None:
    """Until it is cancelled: keep the copy fresh, wherever the studio file is then. On a disk nothing is to be done."""
    while True:
        remote = await asyncio.to_thread(files.remote, folders, environ)
        well = not remote or await refresh(remote)
        await asyncio.sleep(EVERY_S if well else SOON_S)


async def refresh(remote: Remote) -> bool:
    """Look once whether there is another file; whether all is well then. What is wrong is kept beside the copy.

    What came is kept as it came: whether it counts, and what counts instead, is told where it is loaded.
    """
    before = _copied(remote)
    reason: str = ""
    try:
        fresh = await _fetched(remote, before)
        after = await asyncio.to_thread(_keep, remote, before, fresh)
    except NotFetched as error:
        after, reason = before, error.reason
    except (OSError, LauncherError) as error:
        after, reason = before, system_says(error) if isinstance(error, OSError) else error.problem
    try:
        await asyncio.to_thread(_keep_trouble, remote, reason)
    except (OSError, LauncherError) as error:
        log.warning(event("not written", path=remote.trouble, error=error))
    if reason:
        log.warning(event("studio file not fetched", url=remote.url, reason=reason))
    return not reason and after is not None and _counts(remote, after)


Copied = tuple[bytes, dict[str, str]]
"""A text, and what is noted of it: signature, etag, modified."""


def _copied(remote: Remote) -> Copied | None:
    try:
        found = sealed.unstamped(remote.copy.read_bytes(), sealed.FETCHED_FROM)
    except OSError:
        return None
    return (found[0], found[2]) if found and found[1] == remote.url else None


def _counts(remote: Remote, copied: Copied) -> bool:
    return Seal(remote, copied[1].get("signature", "")).wrong(copied[0]) is None


def _keep(remote: Remote, before: Copied | None, fresh: Copied | None) -> Copied | None:
    """Put what is new in the old one's place, whole or not at all. Raises: OSError, FolderError."""
    if fresh and fresh != before:
        paths.private_folder(remote.folder)
        text, notes = fresh
        paths.write_atomically(remote.copy, sealed.stamped(text, sealed.FETCHED_FROM, remote.url, notes))
    return fresh or before


def _keep_trouble(remote: Remote, reason: str) -> None:
    if reason:
        paths.private_folder(remote.folder)
    sealed.keep_trouble(remote, reason, time.time())


async def _fetched(remote: Remote, before: Copied | None) -> Copied | None:
    """Text and notes as they are there now; None where nothing has changed. Raises: NotFetched."""
    async with session_of(remote.ca_file, TIMEOUT) as session:
        # Only what counts is asked for by its age: what does not is fetched again, signature and all.
        known = before[1] if before and _counts(remote, before) else {}
        asked = {hdrs.IF_NONE_MATCH: known.get("etag"), hdrs.IF_MODIFIED_SINCE: known.get("modified")}
        headers = {str(name): value for name, value in asked.items() if value}
        status, text, told = await get(session, remote.url, files.MOST_BYTES, headers)
        if status == 304 and known:
            return None
        if status != 200:
            raise NotFetched(_("{url} answered {status}", url=remote.url, status=status))
        notes = {"etag": told.get(hdrs.ETAG, "")[:1000], "modified": told.get(hdrs.LAST_MODIFIED, "")[:100]}
        if remote.key:
            notes["signature"] = await signature_of(session, remote.url)
    return text, {name: value for name, value in notes.items() if value}


@asynccontextmanager
async def session_of(ca_file: str, patience: aiohttp.ClientTimeout) -> AsyncIterator[aiohttp.ClientSession]:
    """What asks: TLS as this OS and `ca_file` trust; nothing packed, since a small answer could unpack to a disk full;
    no cookies, no proxy's credentials. Raises: NotFetched."""
    context = await asyncio.to_thread(_tls, ca_file)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context),
        timeout=patience,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={hdrs.ACCEPT_ENCODING: "identity"},
    ) as session:
        yield session


async def signature_of(session: aiohttp.ClientSession, url: str) -> str:
    """The detached signature of what is at an address; empty where there is none. Raises: NotFetched."""
    beside = f"{url}.sig"
    status, signature, _headers = await get(session, beside, LARGEST_SIGNATURE, {})
    if status != 200 and status not in NONE:
        raise NotFetched(_("{url} answered {status}", url=beside, status=status))
    return sealed.signature_in(signature) if status == 200 else ""


async def get(
    session: aiohttp.ClientSession, url: str, most: int, headers: Mapping[str, str]
) -> tuple[int, bytes, Mapping[str, str]]:
    """Status, body up to `most` bytes, and headers of one answer. Raises: NotFetched."""
    try:
        async with session.get(url, headers=headers, allow_redirects=False) as answer:
            if answer.status in (301, 302, 303, 307, 308):
                to = answer.headers.get(hdrs.LOCATION, "")[:200]
                raise NotFetched(_("{url} sends us elsewhere, which is not followed: {to}", url=url, to=ascii(to)))
            if answer.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
                raise NotFetched(_("{url} answers with something packed", url=url))
            body = b""
            async for part in answer.content.iter_any():
                body += part
                if len(body) > most:
                    raise NotFetched(_("{url} is larger than {most:,} bytes", url=url, most=most))
            return answer.status, body, answer.headers
    except TimeoutError as error:
        raise NotFetched(_("{url} did not answer in time", url=url)) from error
    except aiohttp.ClientConnectorCertificateError as error:
        reason = getattr(error.certificate_error, "verify_message", "") or type(error.certificate_error).__name__
        raise NotFetched(_("the certificate of {url} is not trusted: {reason}", url=url, reason=reason)) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise NotFetched(_("{url} cannot be reached: {reason}", url=url, reason=_reason(error))) from error


def _reason(error: Exception) -> str:
    """In few words; the operating system's own where they are its."""
    inner = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return system_says(inner) if isinstance(inner, OSError) and inner.strerror else type(error).__name__


def _tls(ca_file: str) -> ssl.SSLContext:
    """TLS as this OS trusts, and the private authority of `machine.toml` beside it. Raises: NotFetched."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise NotFetched(_("{path}: the authority's file cannot be read", path=ca_file)) from error
    return context

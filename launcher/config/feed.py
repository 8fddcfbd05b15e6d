"""Whether there is a newer version of this program, as the studio's feed tells: asked seldom, kept, judged each time.

Nothing is ever downloaded or installed from there (threats.md T37): what comes of it is one sentence with a link. What
is kept is the document as it came, with its signature, so that it counts only as long as the key does.
"""

import asyncio
import base64
import json
import logging
import time
from dataclasses import dataclass, replace

import aiohttp

from launcher import paths
from launcher.config import announced, fetch, sealed
from launcher.config.announced import NoRelease, Release
from launcher.config.schema import Feed
from launcher.errors import LauncherError, system_says
from launcher.logs import event
from launcher.paths import Folders
from launcher.words import _, packed, unpacked

KEPT = "feed.json"
EVERY_S = 86_400.0
TIMEOUT = aiohttp.ClientTimeout(total=5, connect=3, sock_connect=3)
"""For the document, and as long again for its signature."""
log = logging.getLogger("launcher.config")


@dataclass(frozen=True, slots=True)
class Heard:
    """What one feed has told so far."""

    asked: float = 0.0
    """When it was asked last, in seconds since 1970; 0 for never."""
    text: bytes = b""
    """The document of the highest version that was ever told here; empty where there was none."""
    signature: str = ""
    trouble: str = ""
    """Why the last answer does not count; empty where it does."""
    release: Release | None = None
    """What the document says; None where there is none that counts."""


def heard(folders: Folders, feed: Feed) -> Heard:
    """What is known of a feed. Nobody is asked. Takes 30 ms where there is something: the signature is checked."""
    kept = sealed.noted(folders.state / KEPT)
    asked, signature = kept.get("asked"), kept.get("signature")
    if kept.get("of") != _name(feed) or not isinstance(asked, int | float) or not isinstance(signature, str):
        return Heard()
    try:
        text = base64.b64decode(str(kept.get("text")), validate=True)
        found = Heard(float(asked), text, signature, unpacked(kept.get("trouble")))
        return replace(found, release=_judged(feed, text, signature)) if text else found
    except NoRelease:
        return replace(found, text=b"", signature="")
    except (ValueError, TypeError, OverflowError):
        return Heard()


def forget_when(folders: Folders, feed: Feed) -> None:
    """Let it be asked again, though it was asked today; what it told stays. Raises: OSError, FolderError."""
    before = heard(folders, feed)
    if before.asked:
        _keep(folders, feed, replace(before, asked=0.0))


async def ask(folders: Folders, feed: Feed, ca_file: str) -> Heard:
    """What is known of a feed, asked anew where that was not done for a day. Takes ten seconds at most.

    That it was asked is written down first: where that cannot be, nobody is asked.
    """
    before, now = await asyncio.to_thread(heard, folders, feed), time.time()
    if 0 <= now - before.asked < EVERY_S:
        return before
    before = replace(before, asked=now)
    try:
        await asyncio.to_thread(_keep, folders, feed, before)
        after = await _asked(feed, ca_file, before)
        await asyncio.to_thread(_keep, folders, feed, after)
    except OSError as error:
        return replace(before, trouble=_("{path}: {reason}", path=folders.state / KEPT, reason=system_says(error)))
    except LauncherError as error:
        return replace(before, trouble=error.problem)
    return after


async def _asked(feed: Feed, ca_file: str, before: Heard) -> Heard:
    """What one answer makes of what was known."""
    try:
        text, signature = await _fetched(feed, ca_file)
        found = await asyncio.to_thread(_judged, feed, text, signature)
    except fetch.NotFetched as error:
        return _troubled(before, feed, error.reason)
    except NoRelease as error:
        return _troubled(before, feed, _("{url}: {reason}", url=feed.url, reason=error.text))
    if before.release and found.older_than(before.release):
        values = {"url": feed.url, "old": found.version, "new": before.release.version, "day": before.release.date}
        told = _(
            "{url} tells of {old}, and {new} of {day} was told here already: an older answer counts no more", **values
        )
        return _troubled(before, feed, told)
    return Heard(before.asked, text, signature, "", found)


def _troubled(before: Heard, feed: Feed, trouble: str) -> Heard:
    log.warning(event("feed not believed", url=feed.url, reason=trouble))
    return replace(before, trouble=trouble)


async def _fetched(feed: Feed, ca_file: str) -> tuple[bytes, str]:
    """The document and its signature as they came. Raises: NotFetched."""
    async with fetch.session_of(ca_file, TIMEOUT) as session:
        status, text, _headers = await fetch.get(session, feed.url, announced.MOST_BYTES, {})
        if status != 200:
            raise fetch.NotFetched(_("{url} answered {status}", url=feed.url, status=status))
        return text, await fetch.signature_of(session, feed.url)


def _judged(feed: Feed, text: bytes, signature: str) -> Release:
    """What a document says, once it is known that the feed's key has signed it: not before. Raises: NoRelease."""
    if not signature:
        raise NoRelease(
            _("it has no signature at {url}; kitsu-launcher config announce makes one", url=f"{feed.url}.sig")
        )
    if not sealed.verified(text, signature, sealed.public_key(feed.key) or b""):
        raise NoRelease(_("it is not signed by the key that studio.feed names"))
    return announced.release(text)


def _keep(folders: Folders, feed: Feed, found: Heard) -> None:
    """Raises: OSError, FolderError."""
    kept = {
        "of": _name(feed),
        "asked": found.asked,
        "text": base64.b64encode(found.text).decode(),
        "signature": found.signature,
        "trouble": packed(found.trouble),
    }
    paths.private_folder(folders.state)
    paths.write_atomically(folders.state / KEPT, json.dumps(kept).encode())


def _name(feed: Feed) -> str:
    """With the key: what another key has signed is another feed's."""
    return f"{feed.key} {feed.url}"

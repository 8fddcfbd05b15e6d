"""A studio file that comes from an address: where its copy lies here, who has signed it, and how old it may be.

Here nothing is asked of a network: `fetch` does that, and leaves a copy. A copy is one file, so that text and
signature never belong to two moments: the text as it came, then lines of ours that TOML takes for comments.
"""

import base64
import binascii
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from launcher import paths
from launcher.words import Words, _, packed, unpacked

COPY, TROUBLE, SERIALS = "studio.remote.toml", "studio.remote.json", "studio.serials.json"
FETCHED_FROM = "\n# Fetched from "
NOTES_BYTES = 20_000
"""The most that we write below a text."""
KEY_BYTES, SIGNATURE_BYTES = 32, 64
DAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))


@dataclass(frozen=True, slots=True)
class Remote:
    """A studio file at an address, as `machine.toml` or the variable names it."""

    url: str
    folder: Path
    """The person's own, where the copy is kept."""
    key: bytes = b""
    """The Ed25519 public key that must have signed it; empty where the machine names none."""
    ca_file: str = ""
    """A PEM file of a private authority, trusted beside those of the operating system."""

    def __str__(self) -> str:
        return self.url

    @property
    def copy(self) -> Path:
        """What came last."""
        return self.folder / COPY

    @property
    def trouble(self) -> Path:
        """Why nothing came since."""
        return self.folder / TROUBLE


@dataclass(frozen=True, slots=True)
class Seal:
    """By what right a text from an address counts."""

    remote: Remote
    signature: str = ""
    """Base64, as it came; empty for none."""
    floor: int = 0
    """The highest serial of a signed file that was in use here."""
    tried: bool = False
    """Not there yet: judged as if it were signed where it must be."""

    def wrong(self, text: bytes) -> Words | None:
        """Why a text does not count as signed by the machine's key; None where it does, or where none must sign."""
        if not self.remote.key or self.tried:
            return None
        if not self.signature:
            return _("has no signature at {url}; kitsu-launcher config sign makes one", url=f"{self.remote}.sig")
        if verified(text, self.signature, self.remote.key):
            return None
        return _("is not signed by the key that machine.toml names")

    @property
    def open(self) -> bool:
        """Whether anybody who holds the server may have written it: it may not say which code runs."""
        return not self.remote.key


# -- keys and signatures ---------------------------------------------------------------------------------------------
def public_key(text: str) -> bytes | None:
    """An Ed25519 public key from its Base64; None where it is none."""
    found = _bytes(text)
    return found if found is not None and len(found) == KEY_BYTES else None


def verified(text: bytes, signature: str, key: bytes) -> bool:
    """Whether this key has signed exactly this text."""
    # Imported late: only a studio whose file comes from an address needs it, and it costs 30 ms.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    found = _bytes(signature)
    if found is None or len(found) != SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(found, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def signature_in(content: bytes) -> str:
    """The Base64 in a `.sig` file, whose lines with # are for people; what is none is left for `verified` to refuse."""
    lines = content.decode("ascii", "replace").splitlines()
    return "".join(line.strip() for line in lines if not line.lstrip().startswith("#"))


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return None


# -- copies ----------------------------------------------------------------------------------------------------------
def stamped(text: bytes, head: str, place: str, notes: Mapping[str, str]) -> bytes:
    """A copy: the text, where it is from, and what else must be known of it. Lines of the text keep their numbers."""
    lines = [quote(place, errors="surrogateescape"), *(f"# {name} {quote(value)}" for name, value in notes.items())]
    return text + f"{head}{chr(10).join(lines)}\n".encode()


def unstamped(copy: bytes, head: str) -> tuple[bytes, str, dict[str, str]] | None:
    """What `stamped` made: text, place and notes; None for anything else. Only the last such lines are ours."""
    text, sep, ours = copy.rpartition(head.encode())
    if not sep:
        return None
    first, *others = ours.decode("ascii", "replace").splitlines() or [""]
    notes = (line.removeprefix("# ").partition(" ") for line in others)
    return text, unquote(first.strip(), errors="surrogateescape"), {name: unquote(value) for name, _sep, value in notes}


# -- serials ---------------------------------------------------------------------------------------------------------
def floor(remote: Remote) -> int:
    """The highest serial that was in use here, of files from this address by this key; 0 where there was none."""
    return _serials(remote.folder / SERIALS).get(_name(remote), 0)


def raise_floor(remote: Remote, serial: int) -> None:
    """From now on, nothing older counts. Raises: OSError."""
    known = _serials(remote.folder / SERIALS)
    if serial > known.get(_name(remote), 0):
        text = json.dumps({**known, _name(remote): serial}, indent=1)
        paths.write_atomically(remote.folder / SERIALS, text.encode())


def _name(remote: Remote) -> str:
    """With the key: what another key has signed counts no longer, so its serials may begin anew."""
    return f"{base64.b64encode(remote.key).decode()} {remote.url}"


def _serials(path: Path) -> dict[str, int]:
    found = noted(path)
    return {name: value for name, value in found.items() if type(value) is int}


# -- trouble ---------------------------------------------------------------------------------------------------------
def trouble(remote: Remote) -> tuple[str, float] | None:
    """Why this address could not be read the last time, and since when (seconds since 1970); None where it could."""
    found = noted(remote.trouble)
    since, reason = found.get("since"), found.get("reason")
    if found.get("url") != remote.url or not isinstance(since, int | float) or not reason:
        return None
    try:
        return unpacked(reason), float(since)
    except (TypeError, OverflowError):
        return None


def keep_trouble(remote: Remote, reason: str, now: float) -> None:
    """Keep why it could not be read, or with an empty reason that it could. Raises: OSError."""
    before = trouble(remote)
    if not reason:
        remote.trouble.unlink(missing_ok=True)
    elif not before or before[0] != reason:
        since = before[1] if before else now
        text = json.dumps({"url": remote.url, "reason": packed(reason), "since": since})
        paths.write_atomically(remote.trouble, text.encode())


def moment(seconds: float) -> Words:
    """A time as people say it: `Monday 09:12`."""
    then = time.localtime(seconds)
    return _("{day} {time}", day=DAYS[then.tm_wday], time=time.strftime("%H:%M", then))


def noted(path: Path) -> dict[str, object]:
    """A small file of ours; empty where it is away, or holds something else."""
    try:
        found = json.loads(path.read_bytes()[:100_000])
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}

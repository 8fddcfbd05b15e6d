"""Addresses in the configuration: of a Kitsu server, and of pages that an action opens. Pure."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from launcher.words import Words, _

DEFAULT_PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"(?!-)[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.ASCII)
WRITTEN_OUT = re.compile(r"https?://(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?", re.ASCII)


class AddressError(ValueError):
    """An address that cannot stand where it stands."""

    def __init__(self, text: Words) -> None:
        super().__init__(text)
        self.text = text
        """What people read: what is wrong with it, as the rest of a sentence that it begins."""


def origin(text: str, *, insecure: bool) -> str:
    """`scheme://host[:port]` as browsers write it in `Origin`: small letters, without the scheme's own port.

    Raises: AddressError for anything more than an origin (a path, a user name), or `http` where it may not be.
    """
    scheme, host, rest = _parts(text, insecure)
    if rest:
        raise AddressError(_("must be only scheme, host and port, without a path"))
    return f"{scheme}://{host}"


def api(text: str, *, insecure: bool) -> str:
    """An address under which the API answers: an origin and a path, without a slash at its end.

    Raises: AddressError as `origin`, but a path may follow.
    """
    scheme, host, rest = _parts(text, insecure)
    return f"{scheme}://{host}{rest}"


def https(text: str) -> str:
    """An address that is only ever asked by https, written as `api` writes it.

    Raises: AddressError as `api`; with advice of its own for `http`, which no setting allows here.
    """
    if urlsplit(text[:8]).scheme == "http":
        raise AddressError(_("must begin with https://: on the way, anybody could change it"))
    return api(text, insecure=False)


def login_page(text: str, origins: Sequence[str], *, insecure: bool) -> str:
    """The address of a page on one of a Kitsu's origins; empty where there is none.

    Raises: AddressError as `api`, or when it is elsewhere: only Kitsu's own pages may give out codes of its logins.
    """
    if not text:
        return ""
    scheme, host, rest = _parts(text, insecure)
    if f"{scheme}://{host}" not in origins:
        raise AddressError(_("must be a page of this Kitsu, at one of its origins"))
    return f"{scheme}://{host}{rest}"


def _parts(text: str, insecure: bool) -> tuple[str, str, str]:
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise AddressError(_("must be plain ASCII; write an international name as xn--…"))
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise AddressError(_("is no address")) from error
    host = (url.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    if url.scheme not in DEFAULT_PORTS or not HOST.fullmatch(host):
        raise AddressError(_("must be an address that begins with https:// and a host"))
    if "@" in url.netloc:
        raise AddressError(_("must not carry a user name or a password"))
    if "?" in text or "#" in text:
        raise AddressError(_("must end before ? and #"))
    if port == 0:
        raise AddressError(_("must not name port 0"))
    if url.scheme == "http" and not insecure:
        raise AddressError(_("is not encrypted; write https://, or say insecure = true for this server"))
    at_port = "" if port in (None, DEFAULT_PORTS[url.scheme]) else f":{port}"
    return url.scheme, host + at_port, url.path.rstrip("/")


def has_written_host(literal: str, more_follows: bool) -> bool:
    """Whether an address's literal beginning holds its whole host, so that no value from Kitsu can change it."""
    match = WRITTEN_OUT.match(literal)
    if not match:
        return False
    after = literal[match.end() :]
    return after[:1] in ("/", "?", "#") if after or more_follows else True

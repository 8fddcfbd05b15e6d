"""Why Kitsu could not be reached or said no, each in its own sentence. Pure: the requests are made in `client`."""

import ssl
from collections.abc import Iterable

import aiohttp

from launcher.errors import LauncherError, NotFoundHere, Refused

CERTIFICATE_FAULTS = {
    9: ("its certificate is not valid yet", "Check this machine's clock; else ask IT to look at Kitsu's certificate."),
    10: ("its certificate has expired", "Ask IT to renew Kitsu's certificate; check this machine's clock too."),
    18: ("its certificate is signed by itself", "Ask IT for the authority's PEM file and set studio.ca_file to it."),
    23: ("its certificate has been revoked", "Do not log in; ask IT what happened to Kitsu's certificate."),
    62: ("its certificate belongs to another host", "Use the host name that the certificate names, or ask IT."),
    64: ("its certificate does not name this address", "Use the host name that the certificate names, or ask IT."),
}
"""OpenSSL's codes (x509_vfy.h): what is wrong, and what to do."""
UNKNOWN_AUTHORITY = (
    "nobody that this machine trusts has signed its certificate",
    "Install the studio's authority on this machine, or set studio.ca_file to its PEM file.",
)
"""Codes 2, 19, 20 and 21: the chain does not end at a trusted authority."""


class KitsuError(LauncherError):
    """Kitsu answered, but with something that cannot be used."""

    code = "kitsu"
    status = 502


class KitsuAway(LauncherError):
    """Kitsu did not answer at all."""

    code = "kitsu-away"
    exit_code = 5
    status = 502


class NotLoggedIn(LauncherError):
    """Nobody is logged in here who could ask, or the login counts no longer."""

    code = "login"
    exit_code = 3
    status = 403


class Forbidden(Refused):
    """Kitsu lets this person not do that."""

    code = "forbidden"


class Unknown(NotFoundHere):
    """Kitsu has nothing at that address."""

    code = "unknown"


def away(error: Exception, api: str) -> LauncherError:
    """The sentence for a request that got no answer; `error` is what aiohttp raised."""
    what, then = _reason(error)
    return KitsuAway(f"{api} cannot be reached: {what}.", tried=[f"{api}: {_short(error)}"], next_step=then)


def _reason(error: Exception) -> tuple[str, str]:
    network = "Check the network and the VPN; ask whether Kitsu is down."
    address = "Check studio.servers in the studio file."
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        code = getattr(error.certificate_error, "verify_code", 20)
        return CERTIFICATE_FAULTS.get(code, UNKNOWN_AUTHORITY)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "no such host is known", f"{network[:-1]}, or correct studio.servers."
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return _tls(error)
    if isinstance(error, TimeoutError):
        return "it did not answer in time", network
    if isinstance(error, aiohttp.ClientConnectorError):
        if isinstance(error.os_error, ConnectionResetError | ConnectionAbortedError):
            return _tls(error)
        refused = isinstance(error.os_error, ConnectionRefusedError)
        return ("nothing listens there" if refused else "there is no way to it"), network
    if isinstance(
        error,
        aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError | ConnectionResetError | aiohttp.ClientOSError,
    ):
        return "it hung up before it answered", network
    if isinstance(error, aiohttp.InvalidURL):
        return "that is no address", address
    return "what it answered is not HTTP", f"{address[:-1]}; perhaps it must be https."


def _tls(error: Exception) -> tuple[str, str]:
    text = str(error)
    if any(word in text for word in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "wrong version")):
        return "it does not speak TLS", "Check the port in studio.servers; only http may answer there."
    return "it broke off the TLS handshake", "Ask IT which TLS versions and certificates Kitsu's web server asks for."


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else f"{text[:160]}…"


def wrong_type(field: str, wanted: str) -> KitsuError:
    """Something in Kitsu's answer has a type that it never has."""
    return KitsuError(
        f"Kitsu answered with {field} that is not {wanted}.",
        next_step="Check that studio.servers names a Kitsu; if it does, report this with Kitsu's version.",
    )


def no_kitsu(api: str, seen: str) -> KitsuError:
    """What answers there is something else, most often the web page instead of the API."""
    return KitsuError(
        f"{api} is not the address of Kitsu's API.",
        tried=[f"{api}: {seen}"],
        next_step='Check studio.servers; the API mostly is at ORIGIN/api, and `api = "…"` sets another address.',
    )


def refused(status: int, message: str, api: str, path: str) -> LauncherError:
    """The sentence for an answer outside 2xx to anything but a login."""
    tried = [f"{api}/{path}: {status} {message}".rstrip()]
    if status in (401, 422):
        return logged_out(api, _why_out(message), tried)
    if status == 403:
        return Forbidden(
            "Kitsu does not allow this.",
            tried=tried,
            next_step="Ask the production's manager or a Kitsu administrator for the right to do it.",
        )
    if status == 404:
        return Unknown("Kitsu does not know this.", tried=tried, next_step="Reload Kitsu's page and select again.")
    if 300 <= status < 400:
        return no_kitsu(api, f"{status}, it sends us elsewhere: {message}")
    if status >= 500:
        return KitsuAway(
            f"{api} has an error of its own.",
            tried=tried,
            next_step="Try again in a minute; if it stays, ask whoever looks after Kitsu.",
        )
    return KitsuError("Kitsu did not accept the request.", tried=tried, next_step="Report this with Kitsu's version.")


def _why_out(message: str) -> str:
    if "expired" in message:
        return "the login has expired; Kitsu's lasts 15 days"
    if "revoked" in message:
        return "the login was ended, or the account was closed"
    if "not verify" in message:
        return "the account was closed"
    return "Kitsu does not know the login any more"


def logged_out(api: str, why: str, tried: Iterable[str] = ()) -> NotLoggedIn:
    """A login that counts no longer."""
    return NotLoggedIn(
        f"You are not logged in to {api} any more: {why}.",
        tried=tried,
        next_step="Run `kitsu-launcher login`, then try again.",
    )

"""Why Kitsu could not be reached or said no, each in its own sentence. Pure: the requests are made in `client`."""

import ssl
from collections.abc import Iterable

import aiohttp

from launcher.errors import LauncherError, NotFoundHere, Refused
from launcher.words import _

CERTIFICATE_FAULTS = {
    9: (
        _("its certificate is not valid yet"),
        _("Check this machine's clock; else ask IT to look at Kitsu's certificate."),
    ),
    10: (
        _("its certificate has expired"),
        _("Ask IT to renew Kitsu's certificate; check this machine's clock too."),
    ),
    18: (
        _("its certificate is signed by itself"),
        _("Ask IT for the authority's PEM file and set studio.ca_file to it."),
    ),
    23: (_("its certificate has been revoked"), _("Do not log in; ask IT what happened to Kitsu's certificate.")),
    62: (
        _("its certificate belongs to another host"),
        _("Use the host name that the certificate names, or ask IT."),
    ),
    64: (
        _("its certificate does not name this address"),
        _("Use the host name that the certificate names, or ask IT."),
    ),
}
"""OpenSSL's codes (x509_vfy.h): what is wrong, and what to do."""
UNKNOWN_AUTHORITY = (
    _("nobody that this machine trusts has signed its certificate"),
    _("Install the studio's authority on this machine, or set studio.ca_file to its PEM file."),
)
"""Codes 2, 19, 20 and 21: the chain does not end at a trusted authority."""
CHECK_SERVER = _("Check that studio.servers names a Kitsu; if it does, report this with Kitsu's version.")
"""What to do about an answer that no Kitsu gives."""


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


class LoginOver(NotLoggedIn):
    """Kitsu says that the login was ended, or that its person's account was closed: it tells these two not apart.

    Measured with Zou 1.0.97: somebody who is deactivated gets "Token has been revoked" for all data and for a new
    token, and "The server could not verify that you are authorized…" where she asks who she is; so does somebody who
    was deleted, and who has logged out.
    """


class Forbidden(Refused):
    """Kitsu lets this person not do that."""

    code = "forbidden"


class Unknown(NotFoundHere):
    """Kitsu has nothing at that address."""

    code = "unknown"


def away(error: Exception, api: str) -> LauncherError:
    """The sentence for a request that got no answer; `error` is what aiohttp raised."""
    what, then = _reason(error)
    return KitsuAway(
        _("{api} cannot be reached: {reason}.", api=api, reason=what), tried=[f"{api}: {_short(error)}"], next_step=then
    )


def _reason(error: Exception) -> tuple[str, str]:
    network = _("Check the network and the VPN; ask whether Kitsu is down.")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        code = getattr(error.certificate_error, "verify_code", 20)
        return CERTIFICATE_FAULTS.get(code, UNKNOWN_AUTHORITY)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        then = _("Check the network and the VPN; ask whether Kitsu is down, or correct studio.servers.")
        return _("no such host is known"), then
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return _tls(error)
    if isinstance(error, TimeoutError):
        return _("it did not answer in time"), network
    if isinstance(error, aiohttp.ClientConnectorError):
        if isinstance(error.os_error, ConnectionResetError | ConnectionAbortedError):
            return _tls(error)
        refused = isinstance(error.os_error, ConnectionRefusedError)
        return (_("nothing listens there") if refused else _("there is no way to it")), network
    if isinstance(
        error,
        aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError | ConnectionResetError | aiohttp.ClientOSError,
    ):
        return _("it hung up before it answered"), network
    if isinstance(error, aiohttp.InvalidURL):
        return _("that is no address"), _("Check studio.servers in the studio file.")
    return _("what it answered is not HTTP"), _("Check studio.servers in the studio file; perhaps it must be https.")


def _tls(error: Exception) -> tuple[str, str]:
    text = str(error)
    if any(word in text for word in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "wrong version")):
        return _("it does not speak TLS"), _("Check the port in studio.servers; only http may answer there.")
    then = _("Ask IT which TLS versions and certificates Kitsu's web server asks for.")
    return _("it broke off the TLS handshake"), then


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else f"{text[:160]}…"


def wrong_type(field: str, wanted: str) -> KitsuError:
    """Something in Kitsu's answer has a type that it never has."""
    return KitsuError(
        _("Kitsu answered with {field} that is not {wanted}.", field=field, wanted=wanted),
        next_step=CHECK_SERVER,
    )


def no_kitsu(api: str, seen: str) -> KitsuError:
    """What answers there is something else, most often the web page instead of the API."""
    return KitsuError(
        _("{api} is not the address of Kitsu's API.", api=api),
        tried=[_("{place}: {seen}", place=api, seen=seen)],
        next_step=_('Check studio.servers; the API mostly is at ORIGIN/api, and `api = "…"` sets another address.'),
    )


def refused(status: int, message: str, api: str, path: str) -> LauncherError:
    """The sentence for an answer outside 2xx to anything but a login."""
    tried = [f"{api}/{path}: {status} {message}".rstrip()]
    if status in (401, 422):
        over = "revoked" in message or "not verify" in message
        return logged_out(api, _why_out(message), tried, LoginOver if over else NotLoggedIn)
    if status == 403:
        return Forbidden(
            _("Kitsu does not allow this."),
            tried=tried,
            next_step=_("Ask the production's manager or a Kitsu administrator for the right to do it."),
        )
    if status == 404:
        again = _("Reload Kitsu's page and select again.")
        return Unknown(_("Kitsu does not know this."), tried=tried, next_step=again)
    if 300 <= status < 400:
        return no_kitsu(api, _("{status}, it sends us elsewhere: {place}", status=status, place=message))
    if status >= 500:
        return KitsuAway(
            _("{api} has an error of its own.", api=api),
            tried=tried,
            next_step=_("Try again in a minute; if it stays, ask whoever looks after Kitsu."),
        )
    report = _("Report this with Kitsu's version.")
    return KitsuError(_("Kitsu did not accept the request."), tried=tried, next_step=report)


def _why_out(message: str) -> str:
    if "expired" in message:
        return _("the login has expired; Kitsu's lasts 15 days")
    if "revoked" in message:
        return _("the login was ended, or the account was closed")
    if "not verify" in message:
        return _("the account was closed")
    return _("Kitsu does not know the login any more")


def logged_out(api: str, why: str, tried: Iterable[str] = (), sort: type[NotLoggedIn] = NotLoggedIn) -> NotLoggedIn:
    """A login that counts no longer."""
    return sort(
        _("You are not logged in to {api} any more: {reason}.", api=api, reason=why),
        tried=tried,
        next_step=_("Log in again on the dashboard's page Account or by `kitsu-launcher login`, then try again."),
    )

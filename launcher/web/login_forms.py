"""Pure: what a login's forms send, and the addresses of a login by the browser (PKCE)."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from launcher.errors import LauncherError, Refused
from launcher.kitsu.answers import SECOND_FACTORS, LoginError
from launcher.model import Click, Person
from launcher.whose import PersonAway, person
from launcher.words import Words, _

LONGEST = 1000
"""Characters of a password, or of an e-mail."""
LONGEST_CODE = 64
BACK = "/login/back"
CODE = re.compile(r"[A-Za-z0-9._~-]{1,256}", re.ASCII)
FACTOR_NAMES: Mapping[str, Words] = {
    "totp": _("Code of the authenticator app"),
    "email_otp": _("Code from the e-mail"),
    "recovery_code": _("Recovery code"),
}
"""What a field is called in which a second factor is typed."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed to log in."""

    email: str
    password: str = field(repr=False)
    second: Mapping[str, str] = field(repr=False)
    """The second factor by its kind; empty where none was typed."""


def first(fields: Mapping[str, str]) -> Typed:
    """E-mail and password.

    Raises: LoginError when one is missing, or is longer than any.
    """
    email, password = fields.get("email", "").strip(), fields.get("password", "")
    if not email or not password:
        raise LoginError(_("E-mail or password is missing."), next_step=_("Type both, then log in."))
    if max(len(email), len(password)) > LONGEST:
        raise LoginError(_("E-mail or password is too long."), next_step=_("Type them again."))
    return Typed(email, password, {})


def second(fields: Mapping[str, str], email: str, password: str, needs: tuple[str, ...]) -> Typed:
    """The second factor, beside what was typed before.

    Raises: LoginError when it is missing; it may still be typed then.
    """
    kind, code = fields.get("kind", needs[0]), "".join(fields.get("code", "").split())
    if kind not in needs or kind not in SECOND_FACTORS or not 0 < len(code) <= LONGEST_CODE:
        raise LoginError(_("The code is missing."), needs=needs, next_step=_("Type it, then log in."))
    return Typed(email, password, {kind: code})


# -- by the browser --------------------------------------------------------------------------------------------------
def challenge(verifier: str) -> str:
    """What Kitsu may know of the verifier before the code is redeemed (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def page_address(login_page: str, port: int, verifier: str, state: str) -> str:
    """Where the browser goes to log in by Kitsu's own page; it comes back to `BACK` with a code and `state`."""
    back = f"http://127.0.0.1:{port}{BACK}"
    wish = urlencode({"code_challenge": challenge(verifier), "redirect_uri": back, "state": state})
    return f"{login_page}{'&' if '?' in login_page else '?'}{wish}"


def returned(query: str) -> tuple[str, str]:
    """Code and state with which Kitsu's page sends the browser back.

    Raises: Refused when the query holds anything else.
    """
    pairs = parse_qsl(query[:2000], keep_blank_values=True)
    given = dict(pairs)
    if len(pairs) != 2 or set(given) != {"code", "state"} or not all(map(CODE.fullmatch, given.values())):
        raise Refused(
            _("Kitsu's page came back with something other than a login."),
            next_step=_("Log in again; if it stays, ask whoever looks after Kitsu to update its login page."),
        )
    return given["code"], given["state"]


# -- whose login -----------------------------------------------------------------------------------------------------
def somebody_else(click: Click, entered: Person) -> LauncherError | None:
    """Why a click does not go on though somebody has just logged in; None where it is hers."""
    try:
        person(click, (entered,))
    except PersonAway:
        return LoginError(
            _("{name} is logged in now, but this click is of {email}.", name=entered.name, email=click.person_email),
            next_step=_(
                "Log in as {email} too, or log in to Kitsu as {name}.", email=click.person_email, name=entered.name
            ),
        )
    return None

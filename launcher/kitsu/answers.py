"""What Kitsu answers to a login, told in plain words. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from launcher.errors import LauncherError
from launcher.kitsu.failures import CHECK_SERVER, KitsuError, no_kitsu, refused
from launcher.model import Json
from launcher.words import Words, _

SECOND_FACTORS = ("totp", "email_otp", "recovery_code")
"""Those that can be typed; a security key (fido) needs a browser."""
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,8192}", re.ASCII)
FACTOR_TITLES: Mapping[str, Words] = {
    "totp": _("the code of the authenticator app"),
    "email_otp": _("the code from the e-mail"),
    "recovery_code": _("a recovery code"),
    "fido": _("a security key"),
}


@dataclass(frozen=True, slots=True)
class Ways:
    """How people may log in to one Kitsu, beside e-mail and password."""

    by_browser: bool
    """By a page of its own, in the browser where they are logged in already."""
    single_sign_on: str
    """What its single sign-on is called; empty where it has none."""


class LoginError(LauncherError):
    """Kitsu did not let this person in."""

    code = "login"
    exit_code = 3
    status = 403

    def __init__(self, problem: str, *, needs: tuple[str, ...] = (), next_step: str) -> None:
        super().__init__(problem, next_step=next_step)
        self.needs = needs
        """Second factors, any one of which would do; empty when another try needs something else."""


class NotActive(LoginError):
    """The password was right, and the account is closed."""


class SecondFactor(LoginError):
    """The password was right, and something more is needed: no fault of anybody's."""


def login_failed(
    status: int,
    body: Json,
    api: str,
    email: str,
    given: Mapping[str, str],
    single_sign_on: str,
    has_page: bool = False,
) -> LauncherError:
    """Why a login failed; `body` is None when the answer was no JSON.

    `given` are the second factors that were sent; `single_sign_on` is the name of the studio's login page, or empty;
    `has_page` says whether the browser could log in instead.
    """
    if not isinstance(body, dict):
        return no_kitsu(api, _no_json(status)) if status < 500 else refused(status, "", api, "auth/login")
    if body.get("missing_OTP"):
        return _missing(body, email)
    if body.get("wrong_OTP"):
        return _wrong(given)
    if body.get("too_many_failed_login_attemps"):
        return LoginError(_("Too many wrong tries."), next_step=_("Wait a minute, then log in again."))
    if body.get("unactive"):
        return NotActive(
            _("The account {email} is not active.", email=email),
            next_step=_("Ask a Kitsu administrator to activate it."),
        )
    message = str(body.get("message", body.get("msg", "")))[:200].rstrip(".")
    if body.get("default_password"):
        return LoginError(
            _("{email} still has its first password.", email=email),
            next_step=_("Log in to Kitsu and choose your own."),
        )
    if status == 400 and "password" in message:
        return LoginError(_("Wrong e-mail or password."), next_step=_again(single_sign_on, has_page))
    if status in (400, 401):
        said = _("Kitsu refused the login: {message}.", message=message or status)
        return LoginError(said, next_step=_again(single_sign_on, has_page))
    if status == 404:
        return no_kitsu(api, f"404 {message}")
    return refused(status, message, api, "auth/login")


def _again(single_sign_on: str, has_page: bool) -> str:
    if not single_sign_on:
        return _("Try again; Kitsu's login page can send a new password.")
    if has_page:
        return _("This Kitsu logs people in by {name}: log in by the browser instead.", name=single_sign_on)
    return no_page(single_sign_on)


def no_page(single_sign_on: str) -> Words:
    """Why nobody may be able to log in here: Kitsu has single sign-on, and no page that logs us in by the browser."""
    return _(
        "This Kitsu logs people in by {name}, and has no page by which the browser could log Kitsu Launcher in: "
        "ask whoever looks after Kitsu to install one (packaging/zou-plugin), or set a password of its own in your "
        "Kitsu profile and log in with that.",
        name=single_sign_on,
    )


def _no_json(status: int) -> Words:
    return _("{status}, and no JSON", status=status)


def code_failed(status: int, body: Json, api: str) -> LauncherError:
    """Why a login with the browser's code failed."""
    if not isinstance(body, dict) and status < 500:
        return no_kitsu(api, _no_json(status))
    message = str(body.get("message", body.get("msg", "")))[:200] if isinstance(body, dict) else ""
    if status in (404, 405):
        return no_codes()
    if status in (400, 401):
        return LoginError(
            _("Kitsu did not take the browser's code: it works once, within a minute."),
            next_step=_("Log in by the browser again, or with e-mail and password."),
        )
    return refused(status, message, api, "auth/app-login/token")


def no_codes() -> LoginError:
    """This Kitsu is too old for the login by the browser."""
    return LoginError(
        _("This Kitsu does not know the login by the browser."),
        next_step=_("Log in with e-mail and password; a newer Kitsu knows it."),
    )


def _missing(body: Mapping[str, Json], email: str) -> LauncherError:
    enabled = body.get("two_factor_authentication_enabled")
    kinds = [kind for kind in enabled if isinstance(kind, str)] if isinstance(enabled, list) else []
    preferred = body.get("preferred_two_factor_authentication")
    kinds.sort(key=lambda kind: (kind == "recovery_code", kind != preferred))
    # A code by e-mail is sent only to those who prefer it.
    kinds = [kind for at, kind in enumerate(kinds) if kind != "email_otp" or at == 0]
    needs = tuple(kind for kind in kinds if kind in SECOND_FACTORS)
    factors = _any_of([FACTOR_TITLES.get(kind, _("another second factor")) for kind in kinds])
    if not needs:
        return LoginError(
            _("{email} needs {factors}, which cannot be given here.", email=email, factors=factors),
            next_step=_("Add an authenticator app or recovery codes in your Kitsu profile, then log in with that."),
        )
    return SecondFactor(
        _("{email} also needs {factors}.", email=email, factors=factors),
        needs=needs,
        next_step=_("Give it, and log in again."),
    )


def _any_of(factors: Sequence[Words]) -> Words:
    if not factors:
        return _("a second factor")
    *before, last = factors
    return _("{one} or {other}", one=_any_of(before), other=last) if before else last


def _wrong(given: Mapping[str, str]) -> LauncherError:
    if "recovery_code" in given:
        return LoginError(
            _("Kitsu does not know this recovery code."),
            needs=("recovery_code",),
            next_step=_("Use another one: each works once."),
        )
    # Kitsu gives recovery codes to everybody who has a second factor.
    needs = tuple(kind for kind in SECOND_FACTORS if kind in given or kind == "recovery_code")
    return LoginError(
        _("Wrong code of the second factor."),
        needs=needs,
        next_step=_("Wait for the next code and check this machine's clock; a recovery code works too."),
    )


def single_sign_on(config: Json) -> str:
    """What `GET /config` calls the studio's single sign-on; empty where there is none."""
    if not isinstance(config, dict):
        return ""
    for kind, title in (("saml", "SAML"), ("oidc", "OpenID Connect")):
        if config.get(f"{kind}_enabled") is True:
            name = config.get(f"{kind}_idp_name")
            return name[:80] if isinstance(name, str) and name else title
    return ""


def token(body: Json, field: str) -> str:
    """A token of a login's answer.

    Raises: KitsuError if there is none.
    """
    value = body.get(field) if isinstance(body, dict) else None
    if not isinstance(value, str) or not TOKEN.fullmatch(value):
        raise KitsuError(
            _("Kitsu answered the login without {field}.", field=field.replace("_", " ")),
            next_step=CHECK_SERVER,
        )
    return value

"""Kitsu's answers to a login in plain words. Pure: what no test account of Zou can be made to answer."""

from typing import Any

import pytest

from launcher.kitsu.answers import LoginError, login_failed, single_sign_on

API = "https://kitsu.example/api"


def told(status: int, body: Any, sso: str = "", **given: str) -> Any:
    return login_failed(status, body, API, "zoe@studio.example", given, sso)


@pytest.mark.parametrize(
    ("enabled", "preferred", "needs", "problem"),
    [
        (
            ["recovery_code", "totp"],
            "totp",
            ("totp", "recovery_code"),
            "the code of the authenticator app or a recovery code",
        ),
        (
            ["totp", "email_otp"],
            "email_otp",
            ("email_otp", "totp"),
            "the code from the e-mail or the code of the authenticator app",
        ),
        (["email_otp", "totp"], "totp", ("totp",), "the code of the authenticator app"),
        (["fido", "recovery_code"], "fido", ("recovery_code",), "a security key or a recovery code"),
        (["telepathy", "totp"], None, ("totp",), "another second factor or the code of the authenticator app"),
    ],
)
def test_a_missing_second_factor_names_those_that_would_do(
    enabled: list[str], preferred: str | None, needs: tuple[str, ...], problem: str
) -> None:
    """Values in, values out: the preferred one first, recovery codes last."""
    body = {"missing_OTP": True, "two_factor_authentication_enabled": enabled}
    error = told(400, {**body, "preferred_two_factor_authentication": preferred})

    assert isinstance(error, LoginError)
    assert error.needs == needs
    assert error.problem == f"zoe@studio.example also needs {problem}."


@pytest.mark.parametrize(
    ("enabled", "what"),
    [(["fido"], "a security key"), ([], "a second factor"), ("x", "a second factor"), ([7], "a second factor")],
)
def test_a_second_factor_that_cannot_be_typed_says_what_to_do(enabled: Any, what: str) -> None:
    """Values in, the text whole."""
    error = told(400, {"missing_OTP": True, "two_factor_authentication_enabled": enabled})

    assert error.needs == ()
    assert str(error) == (
        f"zoe@studio.example needs {what}, which cannot be given here.\n"
        "  next   Add an authenticator app or recovery codes in your Kitsu profile, then log in with that."
    )


@pytest.mark.parametrize(
    ("given", "needs"),
    [
        ({"totp": "1"}, ("totp", "recovery_code")),
        ({"email_otp": "1"}, ("email_otp", "recovery_code")),
        ({"recovery_code": "1"}, ("recovery_code",)),
        ({}, ("recovery_code",)),
    ],
)
def test_a_wrong_second_factor_may_be_given_again(given: dict[str, str], needs: tuple[str, ...]) -> None:
    """Values in, values out."""
    assert told(400, {"wrong_OTP": True}, **given).needs == needs


@pytest.mark.parametrize(
    ("status", "body", "code", "problem"),
    [
        (400, {"login": False, "message": "Wrong email or password."}, "login", "Wrong e-mail or password."),
        (401, {"unactive": True}, "login", "The account zoe@studio.example is not active."),
        (400, {"too_many_failed_login_attemps": True}, "login", "Too many wrong tries."),
        (400, {"default_password": True, "token": "t"}, "login", "zoe@studio.example still has its first password."),
        (409, {"login": False}, "kitsu", "Kitsu did not accept the request."),
        (401, {}, "login", "Kitsu refused the login: 401."),
        (404, {"message": "404 Not Found"}, "kitsu", f"{API} is not the address of Kitsu's API."),
        (404, None, "kitsu", f"{API} is not the address of Kitsu's API."),
        (405, [], "kitsu", f"{API} is not the address of Kitsu's API."),
        (302, None, "kitsu", f"{API} is not the address of Kitsu's API."),
        (500, None, "kitsu-away", f"{API} has an error of its own."),
        (503, {"message": "no"}, "kitsu-away", f"{API} has an error of its own."),
        (429, {"message": "slow down"}, "kitsu", "Kitsu did not accept the request."),
    ],
)
def test_each_answer_has_its_sentence(status: int, body: Any, code: str, problem: str) -> None:
    """Values in, values out."""
    error = told(status, body)

    assert (error.code, error.problem) == (code, problem)


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({"saml_enabled": True, "saml_idp_name": "Okta"}, "Okta"),
        ({"saml_enabled": True, "saml_idp_name": ""}, "SAML"),
        ({"oidc_enabled": True, "oidc_idp_name": 7}, "OpenID Connect"),
        ({"saml_enabled": False, "oidc_enabled": False}, ""),
        ({"saml_enabled": "yes"}, ""),
        (None, ""),
        ([], ""),
    ],
)
def test_a_studios_own_login_page_is_known_by_the_configuration(config: Any, name: str) -> None:
    """Values in, values out."""
    assert single_sign_on(config) == name

"""What a login's forms send, and the addresses of a login by the browser. Values in, values out."""

import pytest

from launcher.errors import Refused
from launcher.kitsu.answers import LoginError
from launcher.model import Click, Person, Sender
from launcher.web.login_forms import challenge, first, page_address, returned, second, somebody_else

ADA = Person("a1", "ada@studio.example", "Ada", "Lovelace", "user")


def test_e_mail_and_password_are_taken_as_they_are():
    typed = first({"email": " ada@studio.example\t", "password": " two words "})

    assert (typed.email, typed.password, typed.second) == ("ada@studio.example", " two words ", {})
    assert "two words" not in repr(typed)


def test_a_code_may_be_typed_with_blanks():
    typed = second({"kind": "totp", "code": " 123 456 "}, "a@b.example", "secret", ("totp", "recovery_code"))

    assert typed.second == {"totp": "123456"}
    assert (typed.email, typed.password) == ("a@b.example", "secret")


@pytest.mark.parametrize(
    "fields",
    [{}, {"code": ""}, {"kind": "fido", "code": "1"}, {"kind": "email_otp", "code": "1"}, {"code": "1" * 65}],
)
def test_a_code_that_is_missing_is_asked_for_again(fields: dict[str, str]):
    with pytest.raises(LoginError) as caught:
        second(fields, "a@b.example", "secret", ("totp",))

    assert caught.value.needs == ("totp",)
    assert str(caught.value) == "The code is missing.\n  next   Type it, then log in."


def test_the_challenge_is_that_of_rfc_7636():
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    ("page", "begins"),
    [
        ("https://kitsu.example/login", "https://kitsu.example/login?code_challenge="),
        ("https://kitsu.example/?p=1", "https://kitsu.example/?p=1&code_challenge="),
    ],
)
def test_the_verifier_stays_here_and_the_rest_goes_along(page: str, begins: str):
    address = page_address(page, 24517, "v" * 64, "the-state")

    assert address.startswith(begins)
    assert address.endswith("&redirect_uri=http%3A%2F%2F127.0.0.1%3A24517%2Flogin%2Fback&state=the-state")
    assert "v" * 64 not in address


def test_code_and_state_come_back():
    assert returned("code=abc-_.~1&state=xyz") == ("abc-_.~1", "xyz")
    assert returned("state=xyz&code=abc") == ("abc", "xyz")
    with pytest.raises(Refused) as caught:
        returned("error=access_denied&state=xyz")
    assert str(caught.value) == (
        "Kitsu's page came back with something other than a login.\n"
        "  next   Log in again; if it stays, ask whoever looks after Kitsu to update its login page."
    )


def test_whose_login_it_was():
    click = Click("a", (), Sender.FORM, person_id="b1", person_email="bob@studio.example")

    assert somebody_else(Click("a", (), Sender.FORM, person_email="ADA@studio.example"), ADA) is None
    assert somebody_else(Click("a", (), Sender.FORM, person_id="a1", person_email="old@x.example"), ADA) is None
    assert somebody_else(Click("a", (), Sender.LINK), ADA) is None
    assert str(somebody_else(click, ADA)) == (
        "Ada Lovelace is logged in now, but this click is of bob@studio.example.\n"
        "  next   Log in as bob@studio.example too, or log in to Kitsu as Ada Lovelace."
    )

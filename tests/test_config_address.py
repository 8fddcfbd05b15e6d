"""Addresses: what a server's origin and API may be, and which address an action may open."""

import pytest

from launcher.config.address import AddressError, api, has_written_host, origin


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://kitsu.lunar.example", "https://kitsu.lunar.example"),
        ("https://kitsu.lunar.example/", "https://kitsu.lunar.example"),
        ("HTTPS://Kitsu.Lunar.Example", "https://kitsu.lunar.example"),
        ("https://kitsu.lunar.example:443", "https://kitsu.lunar.example"),
        ("https://kitsu.lunar.example:8443", "https://kitsu.lunar.example:8443"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://[::1]:8080", "https://[::1]:8080"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(written: str, meant: str) -> None:
    """Real: the function alone, it is pure."""
    assert origin(written, insecure=False) == meant


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("http://kitsu.lan", "is not encrypted; write https://, or say insecure = true for this server"),
        ("https://kitsu.example/kitsu", "must be only scheme, host and port, without a path"),
        ("https://me:secret@kitsu.example", "must not carry a user name or a password"),
        ("https://@kitsu.example", "must not carry a user name or a password"),
        ("https://kitsu.example?x", "must end before ? and #"),
        ("https://kitsu.example#", "must end before ? and #"),
        ("https://kitsu.example:0", "must not name port 0"),
        ("https://kitsu.example:99999", "is no address"),
        ("https://[::1", "is no address"),
        ("https://bücher.example", "must be plain ASCII; write an international name as xn--…"),
        ("https://kitsu.example\\@evil.example", "must be plain ASCII; write an international name as xn--…"),
        ("https://kitsu .example", "must be plain ASCII; write an international name as xn--…"),
        ("https://kitsu.example\n", "must be plain ASCII; write an international name as xn--…"),
        ("ftp://kitsu.example", "must be an address that begins with https:// and a host"),
        ("kitsu.example", "must be an address that begins with https:// and a host"),
        ("https://", "must be an address that begins with https:// and a host"),
        ("https://*.example", "must be an address that begins with https:// and a host"),
        ("https://-kitsu.example", "must be an address that begins with https:// and a host"),
        ("null", "must be an address that begins with https:// and a host"),
        ("", "must be an address that begins with https:// and a host"),
    ],
)
def test_what_is_more_or_less_than_an_origin_says_why(written: str, text: str) -> None:
    """Real: the function alone, it is pure."""
    with pytest.raises(AddressError) as raised:
        origin(written, insecure=False)
    assert str(raised.value) == text


def test_an_unencrypted_server_counts_where_the_file_says_so() -> None:
    """Real: the function alone, it is pure."""
    assert origin("http://127.0.0.1:80", insecure=True) == "http://127.0.0.1"


def test_an_api_may_have_a_path() -> None:
    """Real: the function alone, it is pure."""
    assert api("https://kitsu.example/zou/api/", insecure=False) == "https://kitsu.example/zou/api"


@pytest.mark.parametrize(
    ("literal", "more", "fits"),
    [
        ("https://wiki.example/", True, True),
        ("https://wiki.example:8443?page=", True, True),
        ("https://wiki.example#", True, True),
        ("http://[::1]/", True, True),
        ("https://wiki.example", False, True),
        ("https://wiki.example", True, False),
        ("https://wiki.example.", True, False),
        ("https://wiki.example:", True, False),
        ("https://wiki.example@", True, False),
        ("https://wiki.example\\", True, False),
        ("https://user@wiki.example/", True, False),
        ("https://", True, False),
        ("javascript:alert(1)", False, False),
        ("file:///etc/passwd", False, False),
        ("ms-msdt:/id", False, False),
        ("//wiki.example/", False, False),
        ("", True, False),
    ],
)
def test_no_value_from_kitsu_can_reach_the_host(literal: str, more: bool, fits: bool) -> None:
    """Real: the function alone, it is pure. `more` says whether a value follows the literal beginning."""
    assert has_written_host(literal, more) is fits

"""T30: bodies that are too large, packed, or not what they say."""

import gzip
import json

import pytest

from tests.support.gate import Gate
from tests.support.requests import AJAX_BODY, AJAX_FIELDS, FORM_BODY, FORM_TYPE, IDS, TASK, ajax, form


async def test_one_byte_too_many(gate: Gate) -> None:
    """Real: bytes on a socket; with a length, and in pieces without one."""
    large = FORM_BODY + b"&x=" + b"y" * (65_537 - len(FORM_BODY) - 3)
    chunked = form(gate.port)(Transfer_Encoding="chunked", body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(large), large))
    chunked.length = None

    assert (await gate.send(form(gate.port)(body=large[:-1]))).status == 303
    assert (await gate.send(ajax(gate.port)(body=b" " * 65_537))).status == 413
    assert (await gate.send(chunked)).status == 413
    refused = await gate.send(form(gate.port)(body=large))
    assert (refused.status, refused.headers["Location"]) == (303, "/refused/size")
    assert len(gate.clicks) == 1


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity", "x"])
async def test_a_packed_body(gate: Gate, encoding: str) -> None:
    """Real: bytes on a socket; good and bad gzip, a bomb."""
    for body in (gzip.compress(AJAX_BODY), b"\x1f\x8bnonsense", gzip.compress(b" " * 50_000_000)[:60_000], AJAX_BODY):
        answer = await gate.send(ajax(gate.port)(Content_Encoding=encoding, body=body))
        # What aiohttp itself cannot unpack ends in its parser.
        assert answer.status in ((400, 415) if encoding == "br" else (415,))
    assert gate.clicks == []


@pytest.mark.parametrize("charset", ["zzz", "utf-16", "latin-1", "\ud800", "utf-7", "idna", "rot13"])
async def test_another_charset(gate: Gate, charset: str) -> None:
    """Real: bytes on a socket. Python knows more charsets than anybody should ask for."""
    answer = await gate.send(ajax(gate.port)(Content_Type=f"application/json; charset={charset}"))

    assert answer.status in (400, 415)
    assert (await gate.send(form(gate.port)(Content_Type=f"{FORM_TYPE}; charset={charset}"))).status in (400, 415)
    assert gate.clicks == []


@pytest.mark.parametrize(
    "body",
    [
        b"selection=%ff",
        b"\xff\xfe",
        f"selection={TASK}&selection={TASK}".encode(),
        "&".join([f"selection={TASK}", *(f"f{n}=" for n in range(16))]).encode(),
    ],
)
async def test_a_form_that_cannot_be_read(gate: Gate, body: bytes) -> None:
    """Real: bytes on a socket."""
    assert (await gate.send(form(gate.port)(body=body))).status == 400
    assert gate.clicks == []


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"selection": ' + b"9" * 60_000 + b"}",
        b'{"selection": NaN}',
        b"\xff",
        b'{"selection": [], "selection": []}',
        json.dumps({**AJAX_FIELDS, **{f"f{n}": 1 for n in range(10)}}).encode(),
    ],
)
async def test_json_that_cannot_be_read(gate: Gate, body: bytes) -> None:
    """Real: bytes on a socket."""
    assert (await gate.send(ajax(gate.port)(body=body))).status == 400
    assert gate.clicks == []


@pytest.mark.parametrize("id", [*IDS, "", None, 7, "\ud800", "49e61584-c7c4-48e5-ab28-9972cedd9fe"])
async def test_ids_that_are_none(gate: Gate, id: object) -> None:
    """Real: bytes on a socket."""
    answer = await gate.send(ajax(gate.port)(body=json.dumps({**AJAX_FIELDS, "selection": [id]}).encode()))

    assert answer.status == 422
    assert gate.clicks == []

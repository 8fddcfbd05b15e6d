"""T30: bodies that are too large, packed, or not what they say."""

import gzip
import json
import socket
import time

import pytest

from launcher.web.guard import LINES_A_MINUTE
from tests.support.gate import Gate
from tests.support.requests import AJAX_BODY, AJAX_FIELDS, FORM_BODY, FORM_TYPE, IDS, TASK, ajax, form
from tests.support.sample import SampleStudio


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


def test_no_bad_body_leaves_a_trace_at_a_whole_daemon(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets; her Kitsu's own origin. A form is told on a page of its own, JSON at once."""
    ajax, form = sample_studio.ajax(), sample_studio.form(key="", origin=sample_studio.origin)
    attempts = [
        (413, ajax(body=b" " * 65_537)),
        (415, ajax(Content_Encoding="gzip", body=gzip.compress(AJAX_BODY))),
        (415, ajax(Content_Encoding="gzip", body=b"\x1f\x8bnonsense")),
        (415, ajax(Content_Type="application/json; charset=zzz")),
        (400, ajax(body=b"[" * 60_000)),
        (400, ajax(body=b"\xff")),
        (400, ajax(body=b'{"selection": [], "selection": []}')),
        (400, ajax(body=b'{"selection": ' + b"9" * 60_000 + b"}")),
        (415, form(Content_Encoding="gzip")),
        (413, form(body=b"x" * 65_537)),
        *((422, ajax(body=json.dumps({**AJAX_FIELDS, "selection": [id]}).encode())) for id in (*IDS, "", 7, "\ud800")),
    ]
    with sample_studio.untouched():
        for status, request in attempts:
            sample_studio.refused(request, status)

    for body in (b"selection=%ff", b"\xff\xfe", b"selection=a&selection=b", b"a=&" * 17):
        launch = sample_studio.clicked(form(body=body))
        assert (launch["state"], launch["error"]["code"]) == ("refused", "body")
    assert sample_studio.notes() == []
    assert not sample_studio.log_lines(" ERROR ")
    assert sample_studio.clicked(sample_studio.form())["state"] == "done"


def test_bodies_that_are_broken_after_their_refusal_fill_no_log(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets; what any page may send. aiohttp reads what is left of a refused body, and unpacks it."""
    for _ in range(30):
        sample_studio.refused(sample_studio.form(key="")(Content_Encoding="gzip", body=b"\x1f\x8bnonsense"), 415)

    assert len(sample_studio.log_lines("refused payload ")) == LINES_A_MINUTE
    assert not sample_studio.log_lines(" ERROR ")
    sample_studio.daemon.stop()
    assert "Traceback" not in sample_studio.daemon.process.stderr.read()


@pytest.mark.parametrize("ajax", [False, True])
def test_who_leaves_in_the_middle_of_a_body_leaves_no_launch_and_no_line(
    sample_studio: SampleStudio, ajax: bool
) -> None:
    """Real: daemon, sockets."""
    raw = (sample_studio.ajax() if ajax else sample_studio.form()).raw()

    def said() -> list[str]:
        """What a daemon has to say of requests and clicks, beside how it begins."""
        return (
            sample_studio.log_lines(" refused ") + sample_studio.log_lines("launch=") + sample_studio.log_lines(" ERR")
        )

    with sample_studio.untouched():
        for _ in range(10):
            with socket.create_connection(("127.0.0.1", sample_studio.port), timeout=5) as connection:
                connection.sendall(raw[:-10])
                time.sleep(0.02)
        sample_studio.refused(sample_studio.form(key="wrong"))

    (line,) = said()
    assert " refused key " in line

"""T1: a form of any web page."""

import os

import pytest

from tests.support.gate import Gate
from tests.support.requests import KEY, form
from tests.support.sample import SampleStudio


@pytest.mark.parametrize("origin", ["null", "https://evil.test", None])
@pytest.mark.parametrize("query", ["", "?key=", "?key=wrong", f"?key=x&key={KEY}", f"?key={KEY}&key={KEY}"])
async def test_a_form_without_a_right_key_is_refused(
    gate: Gate, caplog: pytest.LogCaptureFixture, origin: str | None, query: str
) -> None:
    """Real: the guard on a socket."""
    answer = await gate.send(form(gate.port, origin=origin)(target="/run/open-in-blender" + query))

    assert answer.status == 403
    assert gate.clicks == []
    (line,) = [record.getMessage() for record in caplog.records if record.name == "launcher.web"]
    assert line.startswith("refused key " if origin == "null" else "refused origin ")


@pytest.mark.parametrize("origin", ["https://evil.test", None])
async def test_a_right_key_does_not_help_a_foreign_origin(gate: Gate, origin: str | None) -> None:
    """Real: the guard on a socket."""
    answer = await gate.send(form(gate.port, origin=origin))

    assert (answer.status, answer.headers["Location"]) == (303, "/refused/origin")
    assert gate.clicks == []


def test_none_of_them_leaves_a_trace_at_a_whole_daemon(sample_studio: SampleStudio) -> None:
    """Real: a daemon of its own process with somebody logged in; a click that would work but for origin and key."""
    codes = {"null": "key", "https://evil.test": "origin", None: "origin"}
    requests = [
        (code, sample_studio.form()(target=f"/run/open{query}", Origin=origin))
        for origin, code in codes.items()
        for query in ("", "?key=wrong", f"?key=x&key={KEY}")
    ]
    with sample_studio.untouched():
        for _, request in requests:
            sample_studio.refused(request)

    lines = sample_studio.log_lines(" refused ")
    # Of one code five lines are written in a minute.
    assert len(lines) == 3 + 5
    own = f"127.0.0.1:{sample_studio.port}"
    assert lines[0].partition(" refused ")[2] == f"key origin='null' host='{own}' peer={os.getuid()}"
    assert lines[-1].partition(" refused ")[2] == f"origin origin='' host='{own}' peer={os.getuid()}"

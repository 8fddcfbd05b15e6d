"""T1: a form of any web page."""

import pytest

from tests.support.gate import Gate
from tests.support.requests import KEY, form


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

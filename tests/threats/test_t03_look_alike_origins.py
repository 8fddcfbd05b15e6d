"""T3: an origin that looks like Kitsu's."""

import pytest

from tests.support.gate import Gate
from tests.support.requests import KITSU, ajax, form, preflight

LOOK_ALIKES = [
    "https://kitsu.studio.test.evil.test",
    "http://kitsu.studio.test",
    "https://kitsu.studio.test:8443",
    "https://kitsu.studio.test:443",
    "https://kitsu.studio.test.",
    "HTTPS://kitsu.studio.test",
    "https://KITSU.studio.test",
    "https://kitsu.studio.test/",
    "https://u@kitsu.studio.test",
    "https://kitsu.studio.test, https://evil.test",
    "https://kіtsu.studio.test",
    "http://careless.test",
]


@pytest.mark.parametrize("origin", LOOK_ALIKES)
async def test_only_the_exact_origin_counts(gate: Gate, origin: str) -> None:
    """Real: the guard on a socket. The last but one has a Cyrillic letter, the last is http that nobody meant."""
    assert (await gate.send(form(gate.port, origin=origin, key=None))).status == 403
    assert (await gate.send(ajax(gate.port, origin=origin, key=None))).status == 403
    answer = await gate.send(preflight(gate.port, origin=origin))
    assert answer.status == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert gate.clicks == []


@pytest.mark.parametrize("origins", [[KITSU, KITSU], [KITSU, "https://evil.test"], ["null", KITSU]])
async def test_two_origins_are_none(gate: Gate, origins: list[str]) -> None:
    """Real: the guard on a socket."""
    answer = await gate.send(ajax(gate.port, key=None)(Origin=origins))

    assert answer.status == 400
    assert gate.clicks == []

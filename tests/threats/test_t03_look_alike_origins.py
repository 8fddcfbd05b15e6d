"""T3: an origin that looks like Kitsu's."""

import pytest

from tests.support.gate import Gate
from tests.support.requests import KITSU, ajax, form, preflight
from tests.support.sample import SampleStudio

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


def test_no_look_alike_leaves_a_trace_at_a_whole_daemon(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets; her Kitsu's own origin, changed a little each time, with a right key beside."""
    host, _, port = sample_studio.host.partition(":")
    alike = [
        f"https://{host}:{port}",
        f"http://{host}:{port}.evil.test",
        f"http://{host}",
        f"http://{host}.:{port}",
        f"HTTP://{host}:{port}",
        f"http://localhost:{port}",
        f"http://[::ffff:{host}]:{port}",
        f"http://u@{host}:{port}",
        f"http://{host}:{port}/",
    ]
    with sample_studio.untouched():
        for origin in alike:
            sample_studio.refused(sample_studio.form(key="", origin=origin))
            sample_studio.refused(sample_studio.ajax(origin=origin))
        for origins in ([sample_studio.origin] * 2, ["null", sample_studio.origin]):
            sample_studio.refused(sample_studio.ajax(key="")(Origin=origins), 400)

    assert len(sample_studio.log_lines("refused origin ")) == 5
    assert len(sample_studio.log_lines("refused duplicate ")) == 2
    assert sample_studio.clicked(sample_studio.ajax(key=""))["state"] == "done"

"""T8: a name of the attacker's that leads to 127.0.0.1."""

import pytest

from tests.support.gate import Gate
from tests.support.requests import KITSU, Request, ajax, form, visit
from tests.support.sample import SampleStudio

FOREIGN = [
    "evil.test:{port}",
    "127.0.0.1",
    "localhost",
    "127.0.0.1:80",
    "127.0.0.1:{port}@x",
    "x@127.0.0.1:{port}",
    "LOCALHOST:{port}",
    "localhost.:{port}",
    "127.0.0.1.:{port}",
    "127.1:{port}",
    "2130706433:{port}",
    "0.0.0.0:{port}",
    "[::]:{port}",
    "[::ffff:127.0.0.1]:{port}",
    "::1:{port}",
    "127.0.0.1:{port}, evil.test",
    "127.0.0.1:0{port}",
    "",
]


@pytest.mark.parametrize("host", FOREIGN)
async def test_a_foreign_host_is_refused(gate: Gate, host: str, caplog: pytest.LogCaptureFixture) -> None:
    """Real: the guard on a socket. Kitsu's own requests, with a right key, and every page."""
    name = host.format(port=gate.port)
    for request in (form(gate.port), ajax(gate.port), visit(gate.port, "/"), visit(gate.port, "/healthz")):
        assert (await gate.send(request(Host=name))).status in (400, 403)

    assert gate.clicks == []
    assert {record.getMessage().split()[1] for record in caplog.records if record.name == "launcher.web"} <= {"host"}


async def test_a_page_of_the_attackers_name_is_not_same_origin(gate: Gate) -> None:
    """Real: the guard on a socket. Such a page's Origin is its Host (Chromium, Firefox)."""
    name = f"evil.test:{gate.port}"

    assert (await gate.send(form(gate.port)(Host=name, Origin=f"http://{name}"))).status == 403


async def test_a_request_without_a_host_is_refused(gate: Gate) -> None:
    """Real: HTTP/1.0 and 1.1 without Host; aiohttp itself would say that it is 127.0.0.1."""
    old = form(gate.port)(Host=None)
    old.version = "HTTP/1.0"

    assert (await gate.send(old)).status == 403
    assert (await gate.send(form(gate.port)(Host=None))).status in (400, 403)
    assert gate.clicks == []


async def test_two_hosts_are_refused(gate: Gate) -> None:
    """Real: aiohttp's parser, or the guard."""
    own = f"127.0.0.1:{gate.port}"

    for hosts in ([own, own], [own, "evil.test"], ["evil.test", own]):
        assert (await gate.send(form(gate.port)(Host=hosts))).status in (400, 403)
    assert gate.clicks == []


@pytest.mark.parametrize("authority", ["127.0.0.1:{port}", "evil.test", "kitsu.studio.test"])
async def test_an_absolute_target_is_refused(gate: Gate, authority: str) -> None:
    """Real: the guard on a socket. aiohttp takes the host of such a target for the request's."""
    place = authority.format(port=gate.port)
    request: Request = ajax(gate.port, origin=KITSU)

    assert (await gate.send(request(target=f"http://{place}/run/open-in-blender"))).status == 403
    assert (await gate.send(request(target=f"//{place}/run/open-in-blender"))).status in (403, 404)
    assert gate.clicks == []


def test_no_foreign_host_leaves_a_trace_at_a_whole_daemon(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets, both addresses; a right key, her Kitsu's own origin, and each page."""
    launch = sample_studio.clicked(sample_studio.form())
    pages = ["/", "/healthz", launch["url"], f"{launch['url']}.json", "/static/kitsu.js"]
    requests = [sample_studio.form(), sample_studio.ajax(), *map(sample_studio.page, pages)]
    with sample_studio.untouched():
        for name in FOREIGN:
            for request in requests:
                for host in ("127.0.0.1", "::1"):
                    answer = sample_studio.send(request(Host=name.format(port=sample_studio.port)), host)
                    assert answer.status in (400, 403)
                    assert launch["id"] not in answer.text
        old = sample_studio.form()(Host=None)
        old.version = "HTTP/1.0"
        sample_studio.refused(old)

    assert {line.partition(" refused ")[2].split()[0] for line in sample_studio.log_lines(" refused ")} == {"host"}
    for host, name in (("127.0.0.1", "localhost"), ("::1", "[::1]")):
        assert sample_studio.send(sample_studio.page("/")(Host=f"{name}:{sample_studio.port}"), host).status == 200

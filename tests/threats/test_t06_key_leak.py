"""T6: a studio's key must be found nowhere: not in a page, an address, the history, a Referer, a log or the journal."""

import importlib
import logging
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import BrowserContext, expect

from launcher import logs
from tests.support.face import Face, needs_chromium
from tests.support.requests import FORM_FIELDS, KEY, ajax, form, own_page, visit
from tests.support.sample import Make


@pytest.mark.parametrize("selection", [FORM_FIELDS["selection"], "", "nonsense"])
async def test_after_a_right_key_the_address_holds_none(face: Face, selection: str):
    """Real: the socket. Of a click that is done, and of one that is refused."""
    body = form(face.port).body.replace(FORM_FIELDS["selection"].encode(), selection.encode())

    answer = await face.send(form(face.port)(body=body))

    assert answer.status == 303
    assert KEY not in str(answer.headers) + answer.text
    assert "?" not in answer.headers["Location"]


async def test_no_answer_shows_the_key_nor_do_log_and_journal(face: Face, home: Path, caplog: pytest.LogCaptureFixture):
    """Real: the sockets, the journal, the daemon's log file, and every file below its home."""
    handler = logs.to_file(home / "daemon.log")
    caplog.set_level(logging.DEBUG)
    stolen = form(face.port).body + f"&key={KEY}".encode()
    try:
        target = (await face.send(form(face.port)(body=stolen))).headers["Location"]
        answers = [
            await face.send(ajax(face.port)),
            await face.send(form(face.port)(Sec_Fetch_Dest="iframe")),
            await face.send(form(face.port)(Origin="https://evil.test")),
            await face.send(form(face.port)(Host="evil.test")),
            await face.send(visit(face.port, f"/run/open-in-blender?key={KEY}")),
            await face.send(visit(face.port, f"/nothing?key={KEY}")),
            await face.send(visit(face.port, target)),
            await face.send(own_page(face.port, "GET", f"{target}.json")),
            await face.ask("GET", "/door/launches"),
        ]
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    face.launches.close()

    assert all(KEY not in answer.text + str(answer.headers) for answer in answers)
    assert KEY not in caplog.text
    written = [path for path in home.rglob("*") if path.is_file()]
    assert len(written) >= 3
    assert [path for path in written if KEY.encode() in path.read_bytes()] == []


@needs_chromium
async def test_the_browser_keeps_the_key_neither_in_its_history_nor_in_a_referer(
    face: Face, context: BrowserContext, aiohttp_server
):
    """Real: Chromium posts the form from a page of another origin, and follows."""
    form_page = f"""<form method="post" action="http://127.0.0.1:{face.port}/run/open-in-blender?key={KEY}">
    <input name="personid" value="{FORM_FIELDS["personid"]}">
    <input name="selection" value="{FORM_FIELDS["selection"]}"><button>Open</button></form>"""

    async def kitsu(request: web.Request) -> web.Response:
        # As an https Kitsu looks to http://127.0.0.1: its origin is hidden.
        return web.Response(text=form_page, content_type="text/html", headers={"Referrer-Policy": "no-referrer"})

    app = web.Application()
    app.router.add_get("/", kitsu)
    server = await aiohttp_server(app)
    seen: list[tuple[str, str]] = []
    context.on("request", lambda request: seen.append((request.url, request.headers.get("referer", ""))))
    page = await context.new_page()
    await page.goto(str(server.make_url("/")))

    await page.get_by_role("button").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Log in to Kitsu")

    (launch,) = face.launches.recent()
    assert page.url == face.url(launch)
    carrying = [url for url, _ in seen if KEY in url]
    assert len(carrying) == 1, "only the click itself"
    assert [referer for _, referer in seen if KEY in referer] == []
    await page.go_back()
    await page.go_forward()
    assert page.url == face.url(launch)
    assert len(face.launches.recent()) == 1


@needs_chromium
async def test_a_page_that_stands_at_an_address_with_a_key_takes_it_away(face: Face, context: BrowserContext):
    """Real: Chromium. A key pasted into the address bar shows an error page, whose address loses it."""
    page = await context.new_page()

    await page.goto(f"http://127.0.0.1:{face.port}/run/open-in-blender?key={KEY}")

    await expect(page.get_by_role("heading", level=1)).to_contain_text("unknown part")
    assert page.url == f"http://127.0.0.1:{face.port}/run/open-in-blender"
    assert KEY not in await page.content()


@pytest.mark.parametrize("system", ["linux", "macos", "windows"])
def test_no_application_inherits_the_key(system: str) -> None:
    """Real: what each OS's own module makes of the daemon's environment."""
    process = importlib.import_module(f"launcher.system.{system}.process")

    given = process.clean_environment({"KITSU_LAUNCHER_KEY": KEY, "KITSU_LAUNCHER_CONFIG": f"/x?key={KEY}", "A": "1"})

    assert given == {"A": "1"}


OTHER = "another-key-of-the-studio"


def test_nor_does_it_where_the_key_is_in_a_variable_of_another_name(make_studio: Make) -> None:
    """Real: a daemon with two keys in its environment; what it gives to an application, and to `shell`."""

    def named(home: Path) -> None:
        file = home / "machine" / "studio.toml"
        file.write_text(file.read_text().replace('"env:KITSU_LAUNCHER_KEY"', '"env:PIPELINE_KEY", "env:KL"'))

    studio = make_studio(env={"PIPELINE_KEY": KEY, "KL": OTHER, "PIPELINE": "stays"}, before=named)

    assert studio.clicked(studio.form())["state"] == "done"

    (note,) = studio.notes()
    wish = {"action": "open", "tasks": [studio.task()], "server": studio.origin}
    for given in (note["env"], studio.daemon.ask("POST", "/door/shell", wish)["environment"]):
        assert given["PIPELINE"] == "stays"
        assert not {KEY, OTHER} & set(given.values())

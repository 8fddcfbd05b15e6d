"""T31: a name from Kitsu is shown and never obeyed; pages tell other pages nothing."""

import json

import pytest
from aiohttp import web
from playwright.async_api import BrowserContext

from launcher.errors import LauncherError
from launcher.model import Plan, Sender, State
from launcher.web import pages
from tests.support.face import EVIL, Face, needs_chromium, plan, task
from tests.support.requests import FORM_BODY, FORM_FIELDS, KITSU, Request, form, own_page, visit
from tests.support.sample import SampleStudio

PAYLOADS = [
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{ 7 * 7 }}{% raw %}",
    "</title><svg onload=alert(1)>",
    "\u202e\u200b\x1b]0;x\x07",
    EVIL,
]
OURS = ["/static/kitsu.js", "/static/login.js"]
"""The scripts of a launch's page."""


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("state", [State.PREPARING, State.ASKS, State.FAILED, State.RUNNING])
async def test_a_name_in_every_place_of_a_launch_s_page_is_text(face: Face, payload: str, state: State):
    """Real: the socket. Title, tasks, reasons, plan, error, server and page of Kitsu."""
    launch = face.launch(payload, (payload,))
    face.launches.update(launch, plan=plan(), lines=(payload,), waiting_for=payload if state is State.PREPARING else "")
    error = LauncherError(payload, tried=[payload], next_step=payload)
    if state is State.ASKS:
        face.launches.ask(launch, [payload])
    elif state is not State.PREPARING:
        face.launches.update(launch, state=state, error=error)

    page = await face.send(visit(face.port, launch.url))
    told = json.loads((await face.send(own_page(face.port, "GET", f"{launch.url}.json"))).body)["page"]

    for text in (page.text, told["status"], told["body"]):
        assert text.count("<script") == text.count('<script src="/static/')
        assert "<img src=x" not in text
        assert "<svg onload" not in text
        assert "{{" not in payload or "{{ 7 * 7 }}{% raw %}" in text
        assert not any(character in text for character in "\u202e\u200b\x1b\x07")


@needs_chromium
async def test_a_browser_runs_none_of_them(face: Face, context: BrowserContext):
    """Real: Chromium; names in the debug page's tree, in its actions, and in what the script puts in place."""
    alerts: list[str] = []
    for payload in PAYLOADS:
        page = await context.new_page()
        page.on("dialog", lambda dialog: alerts.append(dialog.message))
        await page.goto(face.url(face.debug([task(name=payload)], [(payload, payload, Plan(()))])))
        launch = face.launch(payload, (payload,))
        await page.goto(face.url(launch))
        face.launches.update(launch, state=State.FAILED, error=LauncherError(payload, next_step=payload))
        await page.get_by_text("What to do next").wait_for()
        assert await page.evaluate("[...document.scripts].map((script) => script.getAttribute('src'))") == OURS
        assert await page.title() != "owned"
        await page.close()

    assert alerts == []


@needs_chromium
async def test_the_policy_stops_what_an_escape_would_miss(face: Face, context: BrowserContext):
    """Real: Chromium. Markup is put into our own page by hand, and does nothing."""
    page = await context.new_page()
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text))
    await page.goto(face.url(face.in_state(State.FAILED, LauncherError("No.", next_step="Go."))))

    await page.evaluate(
        """() => { const main = document.querySelector('main');
        main.innerHTML = '<img src="x" onerror="window.owned = 1"><style>body{color:red}</style>';
        const script = document.createElement('script'); script.textContent = 'window.owned = 2'; main.append(script);
        const far = document.createElement('script'); far.src = 'https://evil.test/x.js'; main.append(far); }"""
    )
    await page.wait_for_timeout(300)

    assert await page.evaluate("window.owned") is None
    assert sum("Content Security Policy" in text for text in blocked) >= 3


async def test_the_debug_page_shows_the_click_without_key_and_cookie(face: Face):
    """Real: the socket; a form with a field named key, and a Cookie header of a Kitsu on the same host."""
    stolen = FORM_BODY + b"&key=field-key&token=field-token&cookie=field-cookie"
    answer = await face.send(form(face.port, "debug")(body=stolen, Cookie="access_token_cookie=jwt-of-kitsu"))
    (launch,) = face.launches.recent()
    assert answer.status == 303
    assert launch.click.sender is Sender.FORM
    assert dict(launch.click.received) == FORM_FIELDS

    shown = face.debug([task()])
    page = await face.send(visit(face.port, shown.url)(Cookie="access_token_cookie=jwt-of-kitsu"))

    for secret in ("field-key", "field-token", "field-cookie", "jwt-of-kitsu", "access_token_cookie"):
        assert secret not in page.text
        assert secret not in str(launch.public())


async def test_whoever_asks_wrongly_is_told_the_same(face: Face):
    """Real: the socket. No page can tell from it which version answers, or whether a launch is there."""
    launch = face.in_state(State.FAILED, LauncherError("No.", next_step="Go."))
    evil = {"Host": f"127.0.0.1:{face.port}", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    targets = [launch.url, f"{launch.url}.json", f"/launches/{'0' * 32}", "/", "/healthz", "/static/kitsu.css"]

    answers = [await face.send(Request("GET", target, {**evil, "Sec-Fetch-Dest": "image"})) for target in targets]

    assert {(answer.status, answer.body) for answer in answers} == {(403, answers[0].body)}
    assert "Server" not in answers[0].headers


@needs_chromium
async def test_another_page_reads_and_embeds_nothing(face: Face, context: BrowserContext, aiohttp_server):
    """Real: Chromium, a page of another origin on this machine that tries script, style, picture and fetch."""
    app = web.Application()

    async def evil(request: web.Request) -> web.Response:
        return web.Response(text="<p>evil</p>", content_type="text/html")

    app.router.add_get("/", evil)
    server = await aiohttp_server(app)
    page = await context.new_page()
    await page.goto(str(server.make_url("/")))
    launch = face.in_state(State.FAILED, LauncherError("No.", next_step="Go."))

    results = await page.evaluate(
        """async ([base, launch]) => {
        const load = (tag, name, url) => new Promise((done) => {
          const element = document.createElement(tag);
          element.onload = () => done('loaded'); element.onerror = () => done('stopped');
          if (tag === 'link') element.rel = 'stylesheet';
          element[name] = url; document.head.append(element);
        });
        const get = (url) => fetch(url, { credentials: 'include' }).then(() => 'read', () => 'stopped');
        return [
          await load('script', 'src', base + 'static/kitsu.js'), await load('link', 'href', base + 'static/kitsu.css'),
          await load('img', 'src', base + 'favicon.ico'), await get(base + 'healthz'), await get(launch + '.json'),
        ]; }""",
        [face.url(), face.url(launch)],
    )

    assert results == ["stopped"] * 5


def test_the_headers_are_these():
    """Whole, so that a change is seen."""
    assert pages.HEADERS == {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        ),
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


async def test_a_page_of_kitsu_that_is_no_path_becomes_no_link(face: Face):
    """Real: the socket. `javascript:` as the page that was clicked on."""
    for page in ("javascript:alert(1)", "//evil.test/x", "https://evil.test/x", "\\\\evil.test"):
        body = FORM_BODY.replace(FORM_FIELDS["currentpath"].replace("/", "%2F").encode(), page.encode())
        assert page.encode() in body
        answer = await face.send(visit(face.port, (await face.send(form(face.port)(body=body))).headers["Location"]))
        links = [part.split('"')[0] for part in answer.text.split('href="')[1:]]

        assert [link for link in links if not link.startswith(("/static/", f"{KITSU}/"))] == []


def test_names_in_kitsu_are_text_on_a_whole_daemons_pages(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu; the debug page, a question and an error of a shot that is called so."""
    for payload in PAYLOADS:
        task = sample_studio.shot(payload)
        forms = [
            sample_studio.form("known", task),
            sample_studio.form("title", task)(Sec_Fetch_User=None),
            sample_studio.form("title", task, sample_studio.task()),
        ]
        for request in forms:
            launch = sample_studio.clicked(request, "done", "asks", "refused")
            page = sample_studio.send(sample_studio.page(launch["url"]))
            told = json.loads(sample_studio.send(own_page(sample_studio.port, "GET", f"{launch['url']}.json")).body)
            for text in (page.text, told["page"]["status"], told["page"]["body"]):
                assert text.count("<script") == text.count('<script src="/static/')
                assert not any(markup in text for markup in ("<img src=x", "<svg onload", "\u202e", "\x1b"))
            if launch["state"] == "asks":
                sample_studio.daemon.ask("POST", f"/door/launches/{launch['id']}/answer", {"yes": False})
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]

"""T1, T4, T8, T9 and T31 by a browser: a page of another origin tries all that a page can, and starts nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from playwright.async_api import BrowserContext, Error, async_playwright

from tests.support.browsers import PROGRAMS, sandbox
from tests.support.face import needs_chromium
from tests.support.sample import Make, SampleStudio

pytestmark = needs_chromium
ALLOWING = ("--host-resolver-rules=MAP evil.test 127.0.0.1", "--disable-features=LocalNetworkAccessChecks")
"""`evil.test` is the attacker's name, which leads here; Local Network Access is off, as in Firefox and by policy."""

PAGE = """<!doctype html><meta name="referrer" content="POLICY"><title>evil</title>
<form id="form" method="post" action="TARGET">INPUTS<button>Win a prize</button></form>
<form id="plain" method="post" enctype="text/plain" action="TARGET">
<input name='{"selection":["TASK"],"x":"' value='"}'></form>
<form id="parts" method="post" enctype="multipart/form-data" action="TARGET">INPUTS</form>
<form id="get" method="get" action="TARGET"><input name="task" value="TASK"></form>
<script>
const base = "http://127.0.0.1:PORT", target = "TARGET", body = new URLSearchParams(BODY);
const loads = (element, key, url) => new Promise((done) => {
  element.onload = () => done("loaded"); element.onerror = () => done("error");
  element[key] = url; document.head.append(element);
});
const opens = (thing) => new Promise((done) => {
  thing.onopen = () => done("open"); thing.onerror = () => done("error");
});
const asks = (url, options) => fetch(url, options).then((answer) => answer.type);
const tries = {
  blind: () => asks(target, { method: "POST", mode: "no-cors", body, credentials: "include" }),
  cors: () => asks(target, { method: "POST", body }),
  json: () => asks(target, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }),
  text: () => asks(target, { method: "POST", mode: "no-cors", body: '{"selection":["TASK"]}' }),
  get: () => asks(`${base}/run/title?task=TASK`, { mode: "no-cors" }),
  quit: () => asks(`${base}/door/quit`, { method: "POST", mode: "no-cors" }),
  health: () => asks(`${base}/healthz`),
  name: () => asks(target.replace("127.0.0.1", "localhost"), { method: "POST", mode: "no-cors", body }),
  six: () => asks(target.replace("127.0.0.1", "[::1]"), { method: "POST", mode: "no-cors", body }),
  zero: () => asks(target.replace("127.0.0.1", "0.0.0.0"), { method: "POST", mode: "no-cors", body }),
  beacon: async () => { navigator.sendBeacon(target, body); return "error"; },
  image: () => loads(new Image(), "src", `${base}/favicon.ico`),
  script: () => loads(document.createElement("script"), "src", `${base}/static/kitsu.js`),
  socket: () => opens(new WebSocket(target.replace("http:", "ws:"))),
  events: () => opens(new EventSource(`${base}/`)),
};
async function attack() {
  const told = {};
  for (const [name, attempt] of Object.entries(tries)) {
    told[name] = await Promise.race([attempt().catch(() => "error"), new Promise((d) => setTimeout(d, 3000, "late"))]);
  }
  for (const element of document.querySelectorAll("form")) {
    const frame = document.createElement("iframe");
    frame.name = `in-${element.id}`;
    document.body.append(frame);
    element.target = frame.name;
    element.submit();
  }
  const sandboxed = document.createElement("iframe");
  sandboxed.sandbox = "allow-scripts allow-forms";
  sandboxed.srcdoc = document.getElementById("form").outerHTML + "<script>document.forms[0].submit()<" + "/script>";
  document.body.append(sandboxed);
  await new Promise((done) => setTimeout(done, 700));
  return told;
}
</script>"""
Attack = Callable[[SampleStudio, str], Awaitable[tuple[BrowserContext, str]]]


@pytest.fixture
async def attack() -> AsyncIterator[Attack]:
    """`await attack(studio, policy)`: Chromium, and the address of the page above, which has a key of last year."""
    runners: list[web.AppRunner] = []

    async def begin(studio: SampleStudio, policy: str) -> tuple[BrowserContext, str]:
        click = studio.form("title")
        fields = dict(parse_qsl(click.body.decode()))
        inputs = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items())
        target = f"http://127.0.0.1:{studio.port}/run/title" + ("?key=of-last-year-1234567" if studio.key else "")
        html = PAGE.replace("TARGET", target).replace("INPUTS", inputs).replace("TASK", studio.task())
        html = html.replace("PORT", str(studio.port)).replace("POLICY", policy).replace("BODY", json.dumps(fields))

        async def page(request: web.Request) -> web.Response:
            return web.Response(text=html, content_type="text/html")

        app = web.Application()
        app.router.add_get("/", page)
        runners.append(web.AppRunner(app))
        await runners[-1].setup()
        await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
        return await browser.new_context(), f"http://evil.test:{runners[-1].addresses[0][1]}/"

    async with async_playwright() as playwright:
        path = f"/usr/bin/{PROGRAMS['chromium']}"
        browser = await playwright.chromium.launch(executable_path=path, args=[*sandbox(), *ALLOWING])
        yield begin
        await browser.close()
    for runner in runners:
        await runner.cleanup()


@pytest.mark.parametrize("policy", ["unsafe-url", "no-referrer"])
async def test_without_the_key_nothing_that_a_page_can_do_leaves_a_trace(
    make_studio: Make, attack: Attack, policy: str
) -> None:
    """Real: Chromium, daemon, sample Kitsu. With no-referrer the page's origin is hidden, as an https Kitsu's is."""
    studio = await asyncio.to_thread(make_studio)
    context, address = await attack(studio, policy)

    with studio.untouched():
        page = await context.new_page()
        await page.goto(address)
        told = await page.evaluate("attack()")
        for form in ("form", "plain", "parts", "get"):
            await page.goto(address)
            await page.evaluate(f"{form}.removeAttribute('target'), {form}.submit()")
            await page.wait_for_url("http://127.0.0.1:*/**")
        await page.goto(address)
        await page.get_by_role("button").click()
        await page.wait_for_url("http://127.0.0.1:*/**")
        assert await page.title() == "This request is not allowed."

    assert set(told.values()) == {"error"}, told
    assert len(studio.log_lines(" refused ")) <= 5 * len({line.split()[4] for line in studio.log_lines(" refused ")})


async def test_without_keys_a_hidden_origin_only_asks(make_studio: Make, attack: Attack) -> None:
    """Real: Chromium, daemon, sample Kitsu; a studio that has set no keys."""
    studio = await asyncio.to_thread(make_studio, keyed=False)
    context, address = await attack(studio, "no-referrer")
    page = await context.new_page()
    await page.goto(address)
    with studio.untouched():
        assert set((await page.evaluate("attack()")).values()) == {"error"}

    await page.goto(address)
    await page.evaluate("form.submit()")
    await page.wait_for_url("**/launches/*")

    (launch,) = await asyncio.to_thread(studio.launches)
    assert (await asyncio.to_thread(studio.settled, launch["id"]))["state"] == "asks"
    assert studio.notes() == []


async def test_a_name_of_the_attackers_that_leads_here_is_not_our_page(
    sample_studio: SampleStudio, attack: Attack
) -> None:
    """Real: Chromium at http://evil.test:PORT/, which is the daemon's own address: a rebound name."""
    context, _ = await attack(sample_studio, "unsafe-url")
    launch = await asyncio.to_thread(sample_studio.clicked, sample_studio.form("title")(Sec_Fetch_User=None))
    page = await context.new_page()

    with sample_studio.untouched():
        for path in ("/", launch["url"], f"{launch['url']}.json", "/healthz"):
            answer = await page.goto(f"http://evil.test:{sample_studio.port}{path}")
            assert answer
            assert answer.status == 403
            assert launch["id"] not in await answer.text()
        for wish in (f"{launch['url']}/answer", "/run/title", "/door/quit"):
            try:
                status = await page.evaluate(f"fetch('{wish}', {{method: 'POST', body: 'a=b'}}).then((a) => a.status)")
            except Error:
                continue
            assert status == 403


async def test_a_page_that_opened_ours_cannot_look_into_it(sample_studio: SampleStudio, attack: Attack) -> None:
    """Real: Chromium. The offer's page, opened as a window: its opener keeps no hand on it."""
    context, address = await attack(sample_studio, "unsafe-url")
    page = await context.new_page()
    await page.goto(address)

    with sample_studio.untouched():
        async with context.expect_page() as opening:
            await page.evaluate(
                f"window.ours = window.open('http://127.0.0.1:{sample_studio.port}/run/title?task={sample_studio.task()}')"
            )
        ours = await opening.value
        await ours.wait_for_load_state()
        assert "1 task?" in await ours.title()
        seen = await page.evaluate("[window.ours.closed, window.ours.length]")
        await page.evaluate("window.ours.location = 'about:blank'")
        await ours.wait_for_timeout(300)

    assert seen == [True, 0]
    assert "/run/title" in ours.url
    assert await ours.evaluate("window.opener") is None

"""A click that waits for a login, and every way in: Zou, the sample Kitsu, our pages, Chromium, Zou's plugin."""

import html
import re
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from playwright.async_api import Browser, BrowserContext, Page, expect

from launcher.config.schema import Server
from launcher.demo.studio import EMAIL, PASSWORD
from launcher.model import State
from tests.kitsu.test_accounts import with_second_factor
from tests.support.accounts import Api, api_of, throwaway
from tests.support.face import at_home, cookie, needs_chromium
from tests.support.logins import Desk
from tests.support.requests import visit
from tests.support.second_zou import second_zou, zou_with_plugin
from tests.support.zou import Zou

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
"""Without a window Chromium calls itself HeadlessChrome, to which Zou gives no cookie."""


def zou_of(desk: Desk) -> Server:
    return desk.face.parts.loaded().config.studio.servers[0]


# -- whose click -----------------------------------------------------------------------------------------------------
async def test_a_click_waits_for_exactly_its_person(zou_desk: Desk, zou: Zou):
    """Real: Zou, the sample Kitsu, the port, a started process. Another person's login and one elsewhere do nothing."""
    artist, teammate = zou.account("user"), zou.account("teammate")
    await zou_desk.face.parts.accounts.login(zou_of(zou_desk), teammate.email, teammate.password)
    launch = await zou_desk.click(artist.email, artist.id, zou.task("Animation SH010"))
    await zou_desk.waits(launch)
    hers = await zou_desk.mika()
    await zou_desk.waits(hers)

    await zou_desk.log_in(hers, email=EMAIL, password=PASSWORD)
    await zou_desk.settled(hers, State.DONE)
    await zou_desk.log_in(launch, email=teammate.email, password=teammate.password)
    page = await zou_desk.page(launch)
    assert f"Zoë Ní Bhriain is logged in now, but this click is of {artist.email}." in page
    assert f"Log in as {artist.email} too, or log in to Kitsu as Zoë Ní Bhriain." in page
    assert launch.waiting_for == zou.url
    await zou_desk.log_in(launch, email=artist.email, password=artist.password)

    await zou_desk.settled(launch, State.DONE)
    assert launch.person == "Art Ist"
    people = [one.name for one in await zou_desk.face.parts.accounts.people(zou_of(zou_desk))]
    assert people == ["Art Ist", "Zoë Ní Bhriain"]


async def test_two_persons_on_two_kitsus_each_use_their_own_login(zou_desk: Desk, zou: Zou):
    """Real: Zou, the sample Kitsu, the port. Nobody is asked twice."""
    artist = zou.account("user")
    await zou_desk.face.parts.accounts.login(zou_of(zou_desk), artist.email, artist.password)
    servers = zou_desk.face.parts.loaded().config.studio.servers
    await zou_desk.face.parts.accounts.login(servers[1], EMAIL, PASSWORD)

    first = await zou_desk.click(artist.email, artist.id, zou.task("Animation SH010"))
    second = await zou_desk.mika()

    await zou_desk.settled(first, State.DONE)
    await zou_desk.settled(second, State.DONE)
    assert (first.person, second.person) == ("Art Ist", "Mika Fox")
    account = html.unescape((await zou_desk.face.send(at_home(zou_desk.face, "/account", cookie(zou_desk.face)))).text)
    assert account.index(zou.url) < account.index("Art Ist") < account.index(servers[1].origins[0])
    assert account.index(servers[1].origins[0]) < account.index("Mika Fox")


# -- ways in ---------------------------------------------------------------------------------------------------------
async def test_a_second_factor_is_asked_for_on_the_page(zou_desk: Desk, zou: Zou, admin_api: Api):
    """Real: Zou with an authenticator app: a wrong code, the right one. The password is typed once and shown never."""
    with throwaway(admin_api) as one:
        app, _recovery = with_second_factor(zou, one)
        launch = await zou_desk.click(one.email, one.id, zou.task("Animation SH010"))
        await zou_desk.waits(launch)
        await zou_desk.log_in(launch, email=one.email, password=one.password)
        asked = await zou_desk.page(launch)
        await zou_desk.log_in(launch, kind="totp", code="000000")
        wrong = await zou_desk.page(launch)
        code = app.now()
        await zou_desk.log_in(launch, kind="totp", code=f"{code[:3]} {code[3:]}")
        await zou_desk.settled(launch, State.FAILED, State.DONE)

    assert f"{one.email} also needs the code of the authenticator app or a recovery code." in asked
    assert 'class="problem"' not in asked
    assert f"Second step for {one.email}." in wrong
    assert "Wrong code of the second factor." in wrong
    assert one.password not in asked + wrong
    assert launch.person == "Thro Waway" or launch.error  # in the team of no production: Kitsu shows no task


async def test_a_recovery_code_does_and_another_account_may_be_chosen_instead(zou_desk: Desk, zou: Zou, admin_api: Api):
    """Real: Zou. What was typed is forgotten with the account."""
    with throwaway(admin_api) as one:
        _app, recovery = with_second_factor(zou, one)
        launch = await zou_desk.click(one.email, one.id, zou.task("Animation SH010"))
        await zou_desk.waits(launch)
        await zou_desk.log_in(launch, email=one.email, password=one.password)
        await zou_desk.log_in(launch, again="yes")
        begun_anew = await zou_desk.page(launch)
        await zou_desk.log_in(launch, email=one.email, password=one.password)
        await zou_desk.log_in(launch, kind="recovery_code", code=recovery[0])
        people = await zou_desk.face.parts.accounts.people(zou_of(zou_desk))

    assert 'name="password"' in begun_anew
    assert [person.email for person in people] == [one.email]


async def test_an_inactive_account_and_a_locked_one_are_told(zou_desk: Desk, zou: Zou, admin_api: Api):
    """Real: Zou locks an account after five wrong passwords."""
    gone = zou.account("inactive")
    launch = await zou_desk.click(gone.email, gone.id, zou.task("Animation SH010"))
    await zou_desk.waits(launch)
    await zou_desk.log_in(launch, email=gone.email, password=gone.password)
    inactive = await zou_desk.page(launch)
    with throwaway(admin_api) as one:
        for _ in range(6):
            await zou_desk.log_in(launch, email=one.email, password="not it")
        locked = await zou_desk.page(launch)

    assert f"The account {gone.email} is not active." in inactive
    assert "Too many wrong tries." in locked
    assert "Wait a minute, then log in again." in locked


async def test_a_kitsu_that_is_away_is_told_and_the_e_mail_stays(zou_desk: Desk, zou: Zou, unused_tcp_port: int):
    """Real: a port where nothing listens."""
    nowhere = f"http://127.0.0.1:{unused_tcp_port}"
    zou_desk.write((nowhere, nowhere, ""))
    launch = await zou_desk.click("ana@studio.example", "", zou.task("Animation SH010"))
    await zou_desk.waits(launch)

    await zou_desk.log_in(launch, email="ana@studio.example", password="x")

    page = await zou_desk.page(launch)
    assert f"{nowhere} cannot be reached: nothing listens there." in page
    assert 'value="ana@studio.example"' in page


# -- by the browser --------------------------------------------------------------------------------------------------
def link(page: str) -> str:
    """Where a page's button "Log in with Kitsu" leads."""
    found = re.search(r'<a class="button main" href="([^"]*)" rel="noreferrer">Log in with Kitsu</a>', page)
    assert found, page
    return html.unescape(found[1])


async def coded(zou: Zou, address: str, key: str = "user") -> str:
    """What Kitsu's page sends the browser back with, for one of the seeded people: path and query."""
    wish = parse_qs(urlsplit(address).query)
    code = api_of(zou, key).done("POST", "auth/app-login/code", {"code_challenge": wish["code_challenge"][0]})["code"]
    return f"/login/back?{urlencode({'code': code, 'state': wish['state'][0]})}"


async def test_the_browser_logs_in_and_the_click_goes_on_in_the_same_tab(zou_desk: Desk, zou: Zou):
    """Real: Zou's app-login; the page between is Zou's answer alone. The address back is good once."""
    artist = zou.account("user")
    zou_desk.write((zou.url, zou.url, f'login_page = "{zou.url}/page"'))
    launch = await zou_desk.click(artist.email, artist.id, zou.task("Animation SH010"))
    await zou_desk.waits(launch)
    address = link((await zou_desk.face.send(visit(zou_desk.face.port, launch.url))).text)
    target = await coded(zou, address)

    answer = await zou_desk.face.send(visit(zou_desk.face.port, target))
    again = await zou_desk.face.send(visit(zou_desk.face.port, target))

    assert address.startswith(f"{zou.url}/page?code_challenge=")
    assert parse_qs(urlsplit(address).query)["redirect_uri"] == [f"http://127.0.0.1:{zou_desk.face.port}/login/back"]
    assert (answer.status, answer.headers["Location"]) == (303, launch.url)
    await zou_desk.settled(launch, State.DONE)
    assert launch.person == "Art Ist"
    assert again.status == 403


async def test_a_code_that_kitsu_does_not_take_is_told_on_the_click_s_page(zou_desk: Desk, zou: Zou):
    """Real: Zou burns a code that another login's verifier tries."""
    artist = zou.account("user")
    zou_desk.write((zou.url, zou.url, f'login_page = "{zou.url}/page"'))
    launch = await zou_desk.click(artist.email, artist.id, zou.task("Animation SH010"))
    await zou_desk.waits(launch)
    address = link((await zou_desk.face.send(visit(zou_desk.face.port, launch.url))).text)
    state = parse_qs(urlsplit(address).query)["state"][0]

    answer = await zou_desk.face.send(visit(zou_desk.face.port, f"/login/back?code=stolen&state={state}"))

    page = await zou_desk.page(launch)
    assert answer.headers["Location"] == launch.url
    assert "Kitsu did not take the browser's code: it works once, within a minute." in page
    assert launch.waiting_for


async def test_a_kitsu_with_single_sign_on_and_no_page_says_so_exactly(zou_desk: Desk, zou: Zou):
    """Real: a Zou whose environment has OIDC on."""
    artist = zou.account("user")
    with second_zou(OIDC_ENABLED="True", OIDC_IDP_NAME="Lunar ID") as url:
        zou_desk.write((url, url, ""))
        launch = await zou_desk.click(artist.email, artist.id, zou.task("Animation SH010"))
        await zou_desk.waits(launch)
        page = await zou_desk.page(launch)

    assert (
        "This Kitsu logs people in by Lunar ID, and has no page by which the browser could log Kitsu Launcher in: "
        "ask whoever looks after Kitsu to install one (packaging/zou-plugin), or set a password of its own in your "
        "Kitsu profile and log in with that."
    ) in page
    assert 'name="password"' in page


async def entered(browser: Browser, url: str, zou: Zou, key: str) -> BrowserContext:
    """A browser in which somebody is logged in to Zou by its cookie, as Kitsu's own page does it."""
    context = await browser.new_context(user_agent=USER_AGENT, viewport={"width": 1000, "height": 800})
    page = await context.new_page()
    await page.goto(f"{url}/plugins/kitsu_launcher/login")
    account = zou.account(key)
    status = await page.evaluate(
        """async ([email, password]) => (await fetch("/auth/login", { method: "POST",
            headers: { "Content-Type": "application/json" }, body: JSON.stringify({ email, password }) })).status""",
        [account.email, account.password],
    )
    assert status == 200
    await page.close()
    return context


@needs_chromium
async def test_zou_s_plugin_logs_us_in_by_the_browser_s_cookie(
    zou_desk: Desk, zou: Zou, chromium: Browser, tmp_path: Path
):
    """Real: the plugin, installed by `zou install-plugin`; Chromium with Zou's cookie; the click goes on in its tab."""
    artist = zou.account("user")
    with zou_with_plugin(tmp_path, zou_desk.face.port) as url:
        zou_desk.write((url, url, f'login_page = "{url}/plugins/kitsu_launcher/login"'))
        context = await entered(chromium, url, zou, "user")
        launch = await zou_desk.click(artist.email, artist.id, zou.task("Animation SH010"))
        await zou_desk.waits(launch)
        page = await context.new_page()
        await context.add_init_script("window.close = () => {}")
        await page.goto(zou_desk.face.url(launch))
        await page.get_by_role("link", name="Log in with Kitsu").click()
        await expect(page.locator("#who")).to_have_text(f"You are logged in to Kitsu as Art Ist ({artist.email}).")
        assert launch.waiting_for
        await held_back(page)
        await page.get_by_role("button", name="Log in as Art Ist").click()
        await page.wait_for_url(zou_desk.face.url(launch))
        await zou_desk.settled(launch, State.DONE)
        assert launch.person == "Art Ist"
        assert "code=" not in page.url

        await leads_nowhere_else(page, url, zou_desk)
        stranger = await chromium.new_context(user_agent=USER_AGENT)
        page = await stranger.new_page()
        await page.goto(f"{url}/plugins/kitsu_launcher/login?{wish(zou_desk.face.url() + 'login/back')}")
        await expect(page.locator("#said")).to_contain_text("You are not logged in to Kitsu in this browser.")
        await expect(page.get_by_role("button")).to_have_count(0)
        await stranger.close()
        await context.close()


async def held_back(page: Page) -> None:
    """The button is dead for a moment each time that the page comes to the front, so that no double click hits it."""
    go = page.get_by_role("button", name="Log in as Art Ist")
    await expect(go).to_be_enabled()
    await page.evaluate("dispatchEvent(new Event('focus'))")
    assert await go.is_disabled()
    await page.evaluate("document.querySelector('#go').click()")
    assert "plugins/kitsu_launcher/login" in page.url
    await expect(go).to_be_enabled()
    await expect(go).to_be_focused()


def wish(back: str) -> str:
    """A query of the plugin's page."""
    return urlencode({"code_challenge": "A" * 43, "redirect_uri": back, "state": "s" * 22}, quote_via=quote)


async def leads_nowhere_else(page: Page, url: str, desk: Desk) -> None:
    """The plugin's page offers nothing for any address but ours on this machine."""
    port = desk.face.port
    for back in (
        "https://evil.test/login/back",
        f"http://evil.test:{port}/login/back",
        f"http://127.0.0.1.evil.test:{port}/login/back",
        f"http://127.0.0.1:{port}@evil.test/login/back",
        f"http://127.0.0.1:{port + 1}/login/back",
        # Another user may hold it there, where this machine's daemon has IPv4 alone.
        f"http://[::1]:{port}/login/back",
        f"http://localhost:{port}/login/back",
        f"http://127.0.0.1:{port}/launches",
        f"https://127.0.0.1:{port}/login/back",
        "javascript:alert(1)",
        "",
    ):
        await page.goto(f"{url}/plugins/kitsu_launcher/login?{wish(back)}")
        await expect(page.locator("#said")).to_contain_text("Kitsu Launcher did not open this page.")
        await expect(page.get_by_role("button")).to_have_count(0)

"""Logging in on our own pages, from bytes to answers. The sample Kitsu answers; real ways in are in `tests/kitsu`."""

import asyncio
import base64
import dataclasses
import html
import json
import logging
import time
from urllib.parse import urlencode

import pytest

from launcher import trust
from launcher.demo.studio import EMAIL, PASSWORD
from launcher.model import Sender, State
from launcher.tray import TrayView
from launcher.trayside import TraySide
from launcher.web.login_steps import STEP_S, LoginExpired, Place, Steps
from tests.support.artist import STUDIO, TASKS
from tests.support.face import at_home, cookie, press
from tests.support.logins import Desk, value
from tests.support.requests import own_page, visit


async def test_a_waiting_click_s_page_asks_for_its_person_and_goes_on(fox_desk: Desk):
    """Real: the port, the sample Kitsu, a started process."""
    launch = await fox_desk.mika()
    await fox_desk.waits(launch)
    page = await fox_desk.page(launch)
    answer = await fox_desk.log_in(launch, email=EMAIL, password=PASSWORD)

    assert f"This click waits for {EMAIL} to log in to {fox_desk.servers[0]}; then it goes on by itself." in page
    assert f'name="email" value="{EMAIL}"' in page
    assert 'http-equiv="refresh"' not in page  # it would empty the form while she types
    assert (answer.status, answer.headers["Location"]) == (303, launch.url)
    await fox_desk.settled(launch, State.DONE)
    assert launch.person == "Mika Fox"


async def test_a_wrong_password_is_told_the_e_mail_stays_and_the_password_is_nowhere(
    fox_desk: Desk, caplog: pytest.LogCaptureFixture
):
    """Real: the port, the sample Kitsu, the log."""
    caplog.set_level(logging.DEBUG)
    launch = await fox_desk.mika()
    await fox_desk.waits(launch)

    answer = await fox_desk.log_in(launch, email="mika@elsewhere.example", password="not-the-password")

    page = await fox_desk.page(launch)
    assert answer.status == 303
    assert "Wrong e-mail or password." in page
    assert 'value="mika@elsewhere.example"' in page
    assert "not-the-password" not in page + caplog.text
    assert launch.waiting_for
    await fox_desk.log_in(launch, email=EMAIL, password=PASSWORD)
    await fox_desk.settled(launch, State.DONE)
    assert PASSWORD not in caplog.text


async def test_the_form_stays_the_same_while_the_page_is_asked_for_again(fox_desk: Desk):
    """Real: the port. What she types must not be replaced twice a second."""
    launch = await fox_desk.mika()
    await fox_desk.waits(launch)

    looks = [await fox_desk.face.send(own_page(fox_desk.face.port, "GET", f"{launch.url}.json")) for _ in range(3)]

    assert looks[0].body == looks[1].body == looks[2].body


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "E-mail or password is missing."),
        ({"email": EMAIL}, "E-mail or password is missing."),
        ({"email": EMAIL, "password": "x" * 1001}, "E-mail or password is too long."),
    ],
)
async def test_what_is_missing_is_told(fox_desk: Desk, fields: dict[str, str], problem: str):
    """Real: the port; Kitsu is not asked."""
    launch = await fox_desk.mika()
    await fox_desk.waits(launch)

    await fox_desk.log_in(launch, **fields)

    assert problem in await fox_desk.page(launch)


async def test_a_form_counts_once_and_only_for_its_own_click(fox_desk: Desk):
    """Real: the port."""
    first = await fox_desk.mika()
    await fox_desk.waits(first)
    fox_desk.face.launches._begun[False].clear()
    second = await fox_desk.click(EMAIL, STUDIO.person, TASKS[1])
    await fox_desk.waits(second)
    once = value(await fox_desk.page(first), "once")
    body = urlencode({"once": once, "email": EMAIL, "password": "wrong"}).encode()

    elsewhere = await fox_desk.face.send(own_page(fox_desk.face.port, "POST", f"{second.url}/login", body))
    good = await fox_desk.face.send(own_page(fox_desk.face.port, "POST", f"{first.url}/login", body))
    again = await fox_desk.face.send(own_page(fox_desk.face.port, "POST", f"{first.url}/login", body))

    assert [elsewhere.status, good.status, again.status] == [403, 303, 403]
    assert "This login was sent already, or is too old; nothing was done." in again.text


async def test_a_kitsu_that_is_too_old_for_its_own_page_says_so(fox_desk: Desk):
    """Real: the sample Kitsu, which answers 404 as old Kitsus do."""
    (origin,) = fox_desk.servers
    fox_desk.write((origin, f"{origin}/api", f'login_page = "{origin}/page"'))
    launch = await fox_desk.mika()
    await fox_desk.waits(launch)

    page = await fox_desk.page(launch)

    assert "This Kitsu does not know the login by the browser." in page
    assert "Log in with Kitsu" not in page
    assert 'name="password"' in page


async def test_a_click_that_waits_no_more_takes_no_login(fox_desk: Desk):
    """Real: the port."""
    launch = await fox_desk.mika()
    await fox_desk.waits(launch)
    once = value(await fox_desk.page(launch), "once")
    fox_desk.face.launches.update(launch, waiting_for="")
    body = urlencode({"once": once, "email": EMAIL, "password": PASSWORD}).encode()

    answer = await fox_desk.face.send(own_page(fox_desk.face.port, "POST", f"{launch.url}/login", body))

    assert answer.status == 403
    assert await fox_desk.face.parts.accounts.people(fox_desk.face.parts.loaded().config.studio.servers[0]) == ()


async def test_one_login_lets_every_waiting_click_of_hers_go_on(fox_desk: Desk):
    """Real: the port, the sample Kitsu."""
    first = await fox_desk.mika()
    second = await fox_desk.click(EMAIL, STUDIO.person, TASKS[1])
    await fox_desk.waits(first)
    await fox_desk.waits(second)

    await fox_desk.log_in(first, email=EMAIL, password=PASSWORD)

    await fox_desk.settled(first, State.DONE)
    await fox_desk.settled(second, State.DONE)


async def test_an_ajax_click_opens_its_page_once_however_often_others_log_in(fox_desk: Desk):
    """Real: the waiting; somebody else logs in twice."""
    run, click = fox_desk.face.parts.run, (await fox_desk.mika()).click
    launch = run.begin(dataclasses.replace(click, sender=Sender.AJAX), trust.Go())
    await fox_desk.waits(launch)
    for _ in range(2):
        run.logged_in()
        await fox_desk.face.launches.wait(launch, launch.version, 0.1)

    assert fox_desk.face.opened == [launch.id]


# -- on the dashboard ------------------------------------------------------------------------------------------------
async def test_the_page_of_accounts_leads_to_the_login_of_each_kitsu(fox_desk: Desk):
    """Real: the port, the sample Kitsu."""
    here = cookie(fox_desk.face)
    account = (await fox_desk.face.send(at_home(fox_desk.face, "/account", here))).text
    target = f"/account/login?{urlencode({'server': fox_desk.servers[0]})}"
    page = html.unescape((await fox_desk.face.send(at_home(fox_desk.face, target, here))).text)
    fields = {"server": fox_desk.servers[0], "once": value(page, "once"), "email": EMAIL, "password": PASSWORD}
    answer = await press(fox_desk.face, "/account/login", here, **fields)
    after = (await fox_desk.face.send(at_home(fox_desk.face, "/account", here))).text

    assert target.replace("%3A", ":").partition("=")[0] in account
    assert f"Log in to {fox_desk.servers[0]}" in page
    assert (answer.status, answer.headers["Location"]) == (303, "/account")
    assert f'<strong>Mika Fox</strong> <span class="quiet">{EMAIL}' in after


async def test_a_login_on_the_dashboard_that_fails_comes_back_to_its_form(fox_desk: Desk):
    """Real: the port, the sample Kitsu."""
    here = cookie(fox_desk.face)
    page = (await fox_desk.face.send(at_home(fox_desk.face, "/account/login", here))).text
    fields = {"server": fox_desk.servers[0], "once": value(page, "once"), "email": EMAIL, "password": "no"}

    answer = await press(fox_desk.face, "/account/login", here, **fields)
    again = await fox_desk.face.send(at_home(fox_desk.face, answer.headers["Location"], here))

    assert answer.status == 303
    assert "Wrong e-mail or password." in again.text
    assert f'value="{EMAIL}"' in again.text


async def test_an_unknown_kitsu_is_refused(fox_desk: Desk):
    """Real: the port."""
    here = cookie(fox_desk.face)

    answer = await fox_desk.face.send(at_home(fox_desk.face, "/account/login?server=https%3A%2F%2Fevil.test", here))

    assert answer.status == 403


async def test_the_end_of_a_login_by_the_browser_tells_nothing_of_a_person(fox_desk: Desk):
    """Real: the port. Any page may lead there."""
    answer = await fox_desk.face.send(visit(fox_desk.face.port, "/login/done"))

    assert answer.status == 200
    assert "You are logged in to Kitsu" in answer.text
    assert EMAIL not in answer.text


# -- where a login stands --------------------------------------------------------------------------------------------
PLACE = Place("https://kitsu.example", launch_id="a" * 32)


def test_a_step_is_good_for_ten_minutes():
    now = [0.0]
    steps = Steps(lambda: now[0])
    once = steps.at(PLACE, "a@b.example").once
    now[0] = STEP_S

    with pytest.raises(LoginExpired):
        steps.take(PLACE, once)
    assert steps.at(PLACE, "a@b.example").once != once


def test_while_kitsu_is_asked_a_second_press_does_nothing():
    steps = Steps(lambda: 0.0)
    step = steps.at(PLACE)
    steps.take(PLACE, step.once)

    with pytest.raises(LoginExpired):
        steps.take(PLACE, step.once)
    assert steps.at(PLACE) is step


def test_only_so_many_logins_at_a_time():
    steps = Steps(lambda: 0.0)
    for number in range(200):
        steps.at(Place("https://kitsu.example", launch_id=str(number)))

    assert len(steps._all) == 64


def test_nothing_secret_of_a_step_is_shown_by_its_repr():
    steps = Steps(lambda: 0.0)
    step = steps.at(PLACE)
    step.password = "hunter2"

    assert not [one for one in (step.password, step.once, step.state, step.verifier) if one in repr(steps)]


# -- the last day ----------------------------------------------------------------------------------------------------
def token(left_s: float) -> str:
    """A token as Kitsu makes them, that ends in so many seconds."""
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + left_s}).encode()).decode().rstrip("=")
    return f"e30.{claims}.x"


async def test_the_last_day_of_a_login_is_told_in_the_tray_and_on_the_page_of_accounts(fox_desk: Desk):
    """Real: the loop's half of the tray, the port. Only the token's end is made up."""
    accounts = fox_desk.face.parts.accounts
    (server,) = fox_desk.face.parts.loaded().config.studio.servers
    await accounts.login(server, EMAIL, PASSWORD)
    (login,) = accounts._logins.values()
    login.refresh_token = token(24 * 3600 + 0.5)
    shown = TrayView()
    side = TraySide(fox_desk.face.parts, shown)
    before = shown.snapshot().ending
    await asyncio.sleep(2)
    after = shown.snapshot().ending
    shown.press(f"login {server.origins[0]}")
    await asyncio.sleep(0.2)
    await side.close()
    page = (await fox_desk.face.send(at_home(fox_desk.face, "/account", cookie(fox_desk.face)))).text

    assert before == ()
    assert after == (("The login of Mika Fox ends in 23 hours: log in again.", server.origins[0]),)
    assert fox_desk.face.opened == [None]
    assert '<span class="note">The login of Mika Fox ends in 23 hours: log in again.</span>' in page

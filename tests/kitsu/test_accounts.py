"""Logging in and out, on a real Zou."""

import asyncio
import time
from collections.abc import Callable

import pyotp
import pytest

from launcher.config.schema import Studio
from launcher.errors import LauncherError, Refused
from launcher.kitsu.accounts import Accounts, KitsuAway, LoginError, NotLoggedIn
from launcher.model import Person
from tests.support.accounts import Api, Throwaway, log_in, server, throwaway
from tests.support.secret_service import MemoryKeyring
from tests.support.zou import Zou

ROLES = ["admin", "manager", "supervisor", "user", "teammate", "vendor", "client", "outsider"]


@pytest.mark.parametrize("key", ROLES)
async def test_everybody_logs_in_and_is_known_by_name_and_role(accounts: Accounts, zou: Zou, key: str) -> None:
    """Real: Zou, an account of each role."""
    person = await log_in(accounts, zou, key)

    account = zou.account(key)
    assert (person.id, person.email, person.role) == (account.id, account.email, account.role)
    assert await accounts.people(server(zou.url)) == (person,)


@pytest.mark.parametrize("email", ["artist@studio.example", "nobody@studio.example", "a'b\n@x"])
async def test_a_wrong_password_and_an_unknown_e_mail_read_alike(accounts: Accounts, zou: Zou, email: str) -> None:
    """Real: Zou, which does not tell them apart either."""
    with pytest.raises(LoginError) as caught:
        await accounts.login(server(zou.url), email, "not it")

    assert str(caught.value) == (
        "Wrong e-mail or password.\n  next   Try again; Kitsu's login page can send a new password."
    )
    assert caught.value.needs == ()
    assert await accounts.people(server(zou.url)) == ()


async def test_an_empty_e_mail_is_refused_in_kitsus_words(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou validates the form before it looks for the account."""
    with pytest.raises(LoginError) as caught:
        await accounts.login(server(zou.url), "", "")

    assert caught.value.problem == "Kitsu refused the login: Validation error."


async def test_an_inactive_account_is_told_so(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou, which says so only to the right password."""
    with pytest.raises(LoginError) as caught:
        await log_in(accounts, zou, "inactive")

    assert str(caught.value) == (
        "The account inactive@studio.example is not active.\n  next   Ask a Kitsu administrator to activate it."
    )


async def test_too_many_wrong_tries_lock_an_account_for_a_minute(accounts: Accounts, zou: Zou, admin_api: Api) -> None:
    """Real: Zou locks after five wrong passwords, then refuses the right one too."""
    with throwaway(admin_api) as one:
        for _ in range(5):
            with pytest.raises(LoginError):
                await accounts.login(server(zou.url), one.email, "not it")
        with pytest.raises(LoginError) as caught:
            await accounts.login(server(zou.url), one.email, one.password)

    assert str(caught.value) == "Too many wrong tries.\n  next   Wait a minute, then log in again."


def with_second_factor(zou: Zou, one: Throwaway) -> tuple[pyotp.TOTP, list[str]]:
    """Turn on the authenticator app of an account, as its profile page does: its codes and recovery codes."""
    login = Api(zou.url).done("POST", "auth/login", {"email": one.email, "password": one.password})
    own = Api(zou.url, login["access_token"])
    app = pyotp.TOTP(own.done("PUT", "auth/totp")["otp_secret"])
    return app, own.done("POST", "auth/totp", {"totp": app.now()})["otp_recovery_codes"]


async def test_a_second_factor_is_asked_for_and_then_lets_in(accounts: Accounts, zou: Zou, admin_api: Api) -> None:
    """Real: Zou with an authenticator app: no code, a wrong one, the right one, a recovery code, the same again."""
    here = server(zou.url)
    with throwaway(admin_api) as one:
        app, recovery = with_second_factor(zou, one)
        with pytest.raises(LoginError) as missing:
            await accounts.login(here, one.email, one.password)
        with pytest.raises(LoginError) as wrong:
            await accounts.login(here, one.email, one.password, totp="000000")
        by_app = await accounts.login(here, one.email, one.password, totp=app.now())
        by_recovery = await accounts.login(here, one.email, one.password, recovery_code=recovery[0])
        with pytest.raises(LoginError) as used:
            await accounts.login(here, one.email, one.password, recovery_code=recovery[0])

    assert str(missing.value) == (
        f"{one.email} also needs the code of the authenticator app or a recovery code.\n"
        "  next   Give it, and log in again."
    )
    assert missing.value.needs == ("totp", "recovery_code")
    assert str(wrong.value) == (
        "Wrong code of the second factor.\n"
        "  next   Wait for the next code and check this machine's clock; a recovery code works too."
    )
    assert (by_app.email, by_recovery.email) == (one.email, one.email)
    assert str(used.value) == ("Kitsu does not know this recovery code.\n  next   Use another one: each works once.")


async def test_a_login_survives_the_daemon_by_the_keyring(
    make_accounts: Callable[[], Accounts], memory_keyring: MemoryKeyring, zou: Zou
) -> None:
    """Real: Zou refreshes the access token that no keyring ever holds."""
    first = make_accounts()
    person = await log_in(first, zou, "user")

    later = make_accounts()

    assert await later.people(server(zou.url)) == (person,)
    assert len((await later.tasks(server(zou.url), person, [zou.task("Edit")])).found) == 1


async def test_several_people_on_one_kitsu_the_newest_first(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou; each asks with her own login."""
    artist = await log_in(accounts, zou, "user")
    outsider = await log_in(accounts, zou, "outsider")
    again = await log_in(accounts, zou, "user")

    assert await accounts.people(server(zou.url)) == (again, outsider)
    assert len((await accounts.tasks(server(zou.url), artist, [zou.task("Edit")])).found) == 1
    assert len((await accounts.tasks(server(zou.url), outsider, [zou.task("Edit")])).found) == 0


async def test_a_changed_role_and_name_are_known_at_the_first_use_of_a_daemons_life(
    make_accounts: Callable[[], Accounts], memory_keyring: MemoryKeyring, zou: Zou, admin_api: Api
) -> None:
    """Real: Zou, where an administrator changes both while no daemon runs."""
    here = server(zou.url)
    with throwaway(admin_api) as one:
        await make_accounts().login(here, one.email, one.password)
        admin_api.done("PUT", f"data/persons/{one.id}", {"role": "supervisor", "last_name": "Married"})

        (person,) = await make_accounts().people(here)

        assert (person.role, person.name) == ("supervisor", "Thro Married")
        assert '"role": "supervisor"' in memory_keyring.entries["kitsu-launcher", f"{one.email} {zou.url}"]


async def test_a_closed_account_is_told_at_the_next_use(accounts: Accounts, zou: Zou, admin_api: Api) -> None:
    """Real: Zou, where an administrator closes the account of somebody who is logged in here."""
    here = server(zou.url)
    with throwaway(admin_api) as one:
        person = await accounts.login(here, one.email, one.password)
        admin_api.done("PUT", f"data/persons/{one.id}", {"active": False})
        with pytest.raises(NotLoggedIn) as caught:
            await accounts.tasks(here, person, [zou.task("Edit")])
        ((_, reason),) = await accounts.who(here)

    assert caught.value.problem == f"You are not logged in to {zou.url} any more: the account was closed."
    assert caught.value.next_step == (
        "Log in again on the dashboard's page Account or by `kitsu-launcher login`, then try again."
    )
    assert isinstance(reason, NotLoggedIn)


async def test_a_login_that_was_ended_elsewhere_says_so(
    make_accounts: Callable[[], Accounts], memory_keyring: MemoryKeyring, zou: Zou
) -> None:
    """Real: Zou revokes the refresh token; a later daemon learns of it from Zou."""
    here = server(zou.url)
    first = make_accounts()
    person = await log_in(first, zou, "user")
    client, _ = await first._ready(here, person)
    await client.logout()

    later = make_accounts()
    assert await later.people(here) == (person,)
    with pytest.raises(NotLoggedIn) as caught:
        await later.tasks(here, person, [zou.task("Edit")])

    assert caught.value.problem == (
        f"You are not logged in to {zou.url} any more: the login was ended, or the account was closed."
    )


async def test_an_expired_access_token_is_refreshed_without_anybody_noticing(accounts: Accounts, zou: Zou) -> None:
    """Real: Zou judges a token that expired by its own clock, signed with Zou's own secret."""
    here = server(zou.url)
    person = await log_in(accounts, zou, "user")
    client, _ = await accounts._ready(here, person)
    old = expired(zou, str(client._gazu.access_token))
    client._gazu.access_token = old

    seen = await accounts.tasks(here, person, [zou.task("Edit")])

    assert len(seen.found) == 1
    assert client._gazu.access_token != old


def expired(zou: Zou, token: str) -> str:
    """The same token, expired an hour ago; Zou's library signs it."""
    import subprocess

    from tests.support.zou import cache_folder

    code = (
        "import jwt,json,sys,time\n"
        "secret=json.load(open(sys.argv[1]))['secret_key']\n"
        "old=jwt.decode(sys.argv[2],secret,algorithms=['HS256'])\n"
        "print(jwt.encode({**old,'iat':int(time.time())-7200,'exp':int(time.time())-3600},secret,'HS256'))"
    )
    python, state = cache_folder() / "venv/bin/python", cache_folder() / "state.json"
    return subprocess.run(
        [python, "-c", code, state, token], capture_output=True, text=True, check=True, timeout=30
    ).stdout.strip()


async def test_an_expired_refresh_token_asks_for_a_new_login(
    make_accounts: Callable[[], Accounts], memory_keyring: MemoryKeyring, zou: Zou
) -> None:
    """Real: Zou judges a refresh token that expired."""
    here = server(zou.url)
    first = make_accounts()
    person = await log_in(first, zou, "user")
    client, _ = await first._ready(here, person)
    key = ("kitsu-launcher", f"{person.email} {zou.url}")
    memory_keyring.entries[key] = memory_keyring.entries[key].replace(
        client.refresh_token, expired(zou, client.refresh_token)
    )

    later = make_accounts()
    with pytest.raises(NotLoggedIn) as caught:
        await later.tasks(here, person, [zou.task("Edit")])

    assert caught.value.problem == (
        f"You are not logged in to {zou.url} any more: the login has expired; Kitsu's lasts 15 days."
    )


async def test_clicks_at_the_same_moment_share_one_connection(
    make_accounts: Callable[[], Accounts], memory_keyring: MemoryKeyring, zou: Zou
) -> None:
    """Real: Zou, asked by a new daemon whose first clicks come all at once."""
    here = server(zou.url)
    person = await log_in(make_accounts(), zou, "user")
    later = make_accounts()

    seen = await asyncio.gather(*(later.tasks(here, person, [zou.task("Edit")]) for _ in range(5)))
    (login,) = later._logins.values()

    assert all(len(one.found) == 1 for one in seen)
    assert login.client is (await later._ready(here, person))[0]


async def test_logging_out_ends_it_here_and_at_kitsu(
    accounts: Accounts, memory_keyring: MemoryKeyring, zou: Zou
) -> None:
    """Real: Zou, asked with the token that was ours."""
    here = server(zou.url)
    person = await log_in(accounts, zou, "user")
    other = await log_in(accounts, zou, "outsider")
    client, _ = await accounts._ready(here, person)
    token = str(client._gazu.access_token)
    assert Api(zou.url, token).ask("GET", "auth/authenticated")[0] == 200

    gone = await accounts.logout(here, person.email)

    assert gone == (person,)
    assert Api(zou.url, token).ask("GET", "auth/authenticated")[0] == 401
    assert await accounts.people(here) == (other,)
    assert ("kitsu-launcher", f"{person.email} {zou.url}") not in memory_keyring.entries
    with pytest.raises(NotLoggedIn) as caught:
        await accounts.tasks(here, person, [zou.task("Edit")])
    assert caught.value.problem == f"Art Ist is not logged in to {zou.url} here."
    assert await accounts.logout(here, None) == (other,)
    assert await accounts.logout(here, None) == ()


async def test_who_logs_out_while_kitsu_is_asked_for_her_new_name_does_not_come_back(
    accounts: Accounts, memory_keyring: MemoryKeyring, zou: Zou, admin_api: Api
) -> None:
    """Real: Zou, asked who that is and answering while she logs out."""
    here = server(zou.url)
    with throwaway(admin_api) as one:
        await accounts.login(here, one.email, one.password)
        admin_api.done("PUT", f"data/persons/{one.id}", {"first_name": "Renamed"})

        asking = asyncio.create_task(accounts.who(here))
        await asyncio.sleep(0.001)
        out, _who = await asyncio.gather(accounts.logout(here, one.email), asking)

    assert [person.email for person in out] == [one.email]
    assert await accounts.people(here) == ()
    assert [key for key in memory_keyring.entries if one.email in key[1]] == []


async def test_logging_out_works_here_while_kitsu_is_away(
    make_accounts: Callable[[], Accounts], memory_keyring: MemoryKeyring, tmp_path: object, unused_tcp_port: int
) -> None:
    """Real: a port where nothing listens."""
    gone = server(f"http://127.0.0.1:{unused_tcp_port}")
    person = '{"id": "i", "email": "a@b.example", "first_name": "A", "last_name": "B", "role": "user"}'
    memory_keyring.entries["kitsu-launcher", "index"] = f'[["{gone.api}", "a@b.example"]]'
    memory_keyring.entries["kitsu-launcher", f"a@b.example {gone.api}"] = (
        f'{{"person": {person}, "refresh_token": "t"}}'
    )
    accounts = Accounts(lambda: Studio(servers=(gone,)), {})  # type: ignore[arg-type]

    known = await accounts.people(gone)
    with pytest.raises(KitsuAway) as caught:
        await accounts.tasks(gone, known[0], ["x"])
    out = await accounts.logout(gone, None)

    assert known == out == (Person("i", "a@b.example", "A", "B", "user"),)
    assert caught.value.problem == f"{gone.api} cannot be reached: nothing listens there."
    assert memory_keyring.entries == {("kitsu-launcher", "index"): "[]"}


async def test_a_bot_is_the_person_of_its_environment_and_cannot_be_logged_out(
    make_accounts: Callable[..., Accounts], memory_keyring: MemoryKeyring, zou: Zou, admin_api: Api
) -> None:
    """Real: a bot of Zou. Nothing of it is ever written into the keyring."""
    here = server(zou.url)
    body = {"first_name": "Farm", "last_name": "Bot", "email": f"bot{time.time_ns()}@studio.example"}
    body |= {"role": "manager", "is_bot": "true", "expiration_date": "2040-01-01"}
    bot = admin_api.done("POST", "data/persons", {**body, "is_bot": True})
    accounts = make_accounts(KITSU_LAUNCHER_BOT_TOKEN=bot["access_token"])
    (person,) = await accounts.people(here)
    out = await accounts.logout(here, None)
    admin_api.done("DELETE", f"data/persons/{bot['id']}?force=true")
    with pytest.raises(LauncherError) as caught:
        await accounts.tasks(here, person, [zou.task("Edit")])

    assert (person.name, person.role) == ("Farm Bot", "manager")
    assert out == ()
    assert caught.value.code == "login"
    assert memory_keyring.entries == {}


async def test_a_password_is_not_sent_in_clear_unless_the_studio_file_allows_it(
    memory_keyring: MemoryKeyring, zou: Zou, tmp_path: object
) -> None:
    """Real: Zou on http; only `insecure` differs from the other tests."""
    strict = server(zou.url)
    strict = type(strict)(origins=strict.origins, api=strict.api, insecure=False)
    accounts = Accounts(lambda: Studio(servers=(strict,)), {})  # type: ignore[arg-type]

    with pytest.raises(Refused) as caught:
        await accounts.login(strict, "artist@studio.example", "ArtistLab!2026")

    assert str(caught.value) == (
        f"{zou.url} is not encrypted.\n"
        "  next   Use https in studio.servers; `insecure = true` there allows http in a closed network."
    )

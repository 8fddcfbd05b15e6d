"""`login`, `logout` and `whoami` as a person and a program use them: a real daemon, a real Zou, a real terminal."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.kitsu.test_accounts import with_second_factor
from tests.support.accounts import Api, throwaway
from tests.support.daemon import Daemon
from tests.support.terminal import on_terminal
from tests.support.zou import Zou

Start = Callable[..., Daemon]
NOTE = "Logins are kept in memory only, until Kitsu Launcher ends: this machine has no keyring."


@pytest.fixture
def daemon(start_daemon: Start, home: Path, zou: Zou) -> Daemon:
    """Real: a daemon whose Kitsu is the real Zou; its machine has no keyring."""
    (home / "machine").mkdir()
    (home / "machine" / "studio.toml").write_text(
        f'[[studio.servers]]\norigins = ["{zou.url}"]\napi = "{zou.url}"\ninsecure = true\n'
    )
    return start_daemon()


def test_a_person_logs_in_is_shown_and_logs_out(daemon: Daemon, zou: Zou) -> None:
    """Real: the terminal does not show the password; every text whole."""
    account = zou.account("teammate")
    nobody = daemon.cli("whoami", check=False)
    seen = on_terminal(
        ["login"], daemon.env, [("E-mail:", account.email), (f"Password of {account.email}:", account.password)]
    )
    who = daemon.cli("whoami")
    out = daemon.cli("logout")
    again = daemon.cli("logout")

    assert (nobody.returncode, nobody.stdout) == (3, f"Nobody is logged in. Run `kitsu-launcher login`.\n{NOTE}\n")
    assert seen.text == (
        f"E-mail: {account.email}\nPassword of {account.email}: \n"
        f"Logged in to {zou.url} as Zoë Ní Bhriain <teammate@studio.example>.\n{NOTE}\n"
    )
    assert seen.exit_code == 0
    assert who.stdout == f"{zou.url}  Zoë Ní Bhriain <teammate@studio.example>  user\n{NOTE}\n"
    assert out.stdout == f"Logged out of {zou.url}: Zoë Ní Bhriain <teammate@studio.example>.\n"
    assert again.stdout == "Nobody was logged in.\n"
    assert account.password not in daemon.log()


def test_a_program_logs_in_by_standard_input_and_reads_json(daemon: Daemon, zou: Zou) -> None:
    """Real: no terminal; the password comes by a pipe."""
    account = zou.account("user")
    args = ["login", "--email", account.email, "--server", f"{zou.url}/", "--password-stdin", "--json"]
    logged_in = daemon.cli(*args, input=f"{account.password}\n")
    who = daemon.cli("whoami", "--json")
    out = daemon.cli("logout", "--email", account.email, "--json")

    person = {"server": zou.url, "name": "Art Ist", "email": account.email, "role": "user"}
    assert json.loads(logged_in.stdout) == {**person, "note": NOTE}
    told = json.loads(who.stdout)
    left = datetime.fromisoformat(told["logins"][0].pop("expires")) - datetime.now(UTC)
    assert timedelta(days=14) < left <= timedelta(days=15)
    assert told == {"logins": [{**person, "problem": None, "ends_soon": None}], "note": NOTE}
    assert json.loads(out.stdout) == [person]


@pytest.mark.parametrize(
    ("key", "password", "told"),
    [
        (
            "user",
            "wrong",
            "Wrong e-mail or password.\n  next   Try again; Kitsu's login page can send a new password.\n",
        ),
        (
            "inactive",
            None,
            "The account inactive@studio.example is not active.\n  next   Ask a Kitsu administrator to activate it.\n",
        ),
    ],
)
def test_a_login_that_fails_says_why_and_ends_with_3(
    daemon: Daemon, zou: Zou, key: str, password: str | None, told: str
) -> None:
    """Real: Zou's answer, on stderr."""
    account = zou.account(key)
    done = daemon.cli(
        "login", "--email", account.email, "--password-stdin", input=password or account.password, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (3, "", told)


def test_without_a_terminal_nothing_is_asked(daemon: Daemon) -> None:
    """Real: a pipe as standard input."""
    done = daemon.cli("login", input="", check=False)

    assert done.returncode == 2
    assert done.stderr == (
        "Something must be typed here, and there is no terminal.\n"
        "  next   Run it in a terminal; --email names the account.\n"
    )


def test_an_unknown_server_is_refused(daemon: Daemon, zou: Zou) -> None:
    """Real: the daemon's answer."""
    done = daemon.cli(
        "login",
        "--email",
        "a@b.example",
        "--server",
        "http://169.254.169.254",
        "--password-stdin",
        input="x",
        check=False,
    )

    assert done.returncode == 3
    assert "http://169.254.169.254" in done.stderr


def test_a_second_factor_is_asked_for_until_it_is_right(daemon: Daemon, zou: Zou, admin_api: Api) -> None:
    """Real: Zou with an authenticator app; a wrong code first, then a recovery code by its name."""
    with throwaway(admin_api) as one:
        app, recovery = with_second_factor(zou, one)
        prompts = [("Code of the authenticator app:", "000000"), ("Code of the authenticator app:", app.now())]
        by_app = on_terminal(
            ["login", "--email", one.email], daemon.env, [(f"Password of {one.email}:", one.password), *prompts]
        )
        by_recovery = on_terminal(
            ["login", "--email", one.email],
            daemon.env,
            [
                (f"Password of {one.email}:", one.password),
                ("Code of the authenticator app:", f"recovery_code {recovery[0]}"),
            ],
        )

    assert by_app.text.splitlines()[1:] == [
        f"{one.email} also needs the code of the authenticator app or a recovery code.",
        "  or: recovery_code CODE (Recovery code)",
        "Code of the authenticator app: 000000",
        "Wrong code of the second factor.",
        "  or: recovery_code CODE (Recovery code)",
        f"Code of the authenticator app: {prompts[1][1]}",
        f"Logged in to {zou.url} as Thro Waway <{one.email}>.",
        NOTE,
    ]
    assert (by_app.exit_code, by_recovery.exit_code) == (0, 0)


def test_three_wrong_codes_are_enough(daemon: Daemon, zou: Zou, admin_api: Api) -> None:
    """Real: Zou, which would lock the account after five."""
    with throwaway(admin_api) as one:
        with_second_factor(zou, one)
        typed = [("Code of the authenticator app:", f"00000{n}") for n in range(3)]
        seen = on_terminal(
            ["login", "--email", one.email], daemon.env, [(f"Password of {one.email}:", one.password), *typed]
        )

    assert seen.exit_code == 3
    assert seen.text.endswith(
        "Wrong code of the second factor.\n"
        "  next   Wait for the next code and check this machine's clock; a recovery code works too.\n"
    )


def test_a_click_that_waits_goes_on_after_the_login(daemon: Daemon, zou: Zou) -> None:
    """Real: a task is found by its path only once somebody is logged in."""
    account = zou.account("user")
    (daemon.home / "machine" / "studio.toml").open("a").write('[actions.debug]\ntitle = "Debug"\nkind = "page"\n')
    args = ["run", "debug", "--task", "Lab Short/SQ01/SH010/Animation", "--dry-run"]
    before = daemon.cli(*args, check=False)
    daemon.cli("login", "--email", account.email, "--password-stdin", input=account.password)
    after = daemon.cli(*args)

    assert before.returncode == 3
    assert before.stderr == (
        f"Nobody is logged in to {zou.url} here.\n  next   Run `kitsu-launcher login`, then try again.\n"
    )
    assert after.returncode == 0

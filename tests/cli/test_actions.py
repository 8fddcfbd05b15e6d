"""`actions` and `actions publish` as a person and a program use them: a real daemon and a real Zou."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.accounts import Api
from tests.support.daemon import Daemon
from tests.support.terminal import on_terminal
from tests.support.zou import Zou

Start = Callable[..., Daemon]
ACTIONS = """
[actions.open]
title = "Open folder"
kind = "open"
url = "https://wiki.example/{project.name}"
entity_types = ["shot", "asset"]
task_types = ["Animation"]
roles = ["user"]

[actions.debug]
title = "Debug"
kind = "page"
ajax = true
"""


@pytest.fixture
def daemon(start_daemon: Start, home: Path, zou: Zou) -> Daemon:
    """Real: a daemon whose Kitsu is the real Zou, with a key and two actions."""
    (home / "machine").mkdir()
    (home / "machine" / "studio.toml").write_text(
        f'[studio]\nkeys = ["env:KITSU_LAUNCHER_KEY"]\n'
        f'[[studio.servers]]\norigins = ["{zou.url}"]\napi = "{zou.url}"\ninsecure = true\n{ACTIONS}'
    )
    return start_daemon(env={"KITSU_LAUNCHER_KEY": "s3cret-key-of-the-studio"})


@pytest.fixture
def kitsu(admin_api: Api) -> Iterator[Api]:
    """Kitsu has no custom actions before and after."""

    def clean() -> None:
        for one in admin_api.done("GET", "data/custom-actions"):
            admin_api.done("DELETE", f"data/custom-actions/{one['id']}")

    clean()
    yield admin_api
    clean()


def log_in(daemon: Daemon, zou: Zou, key: str) -> None:
    account = zou.account(key)
    daemon.cli("login", "--email", account.email, "--password-stdin", input=account.password)


def names(kitsu: Api) -> set[tuple[str, str, bool]]:
    return {(one["name"], one["entity_type"], one["is_ajax"]) for one in kitsu.done("GET", "data/custom-actions")}


def test_the_list_says_what_each_action_takes_and_hides_the_key(daemon: Daemon) -> None:
    """The text whole. Real: the daemon is ended first, since the list needs none."""
    daemon.stop()

    assert daemon.cli("actions").stdout == (
        "open  Open folder  (open)\n"
        "  http://127.0.0.1:24517/run/open?key=…\n"
        "  entity types: shot, asset\n"
        "  task types: Animation\n"
        "  roles: user\n"
        "debug  Debug  (page, AJAX)\n"
        "  http://127.0.0.1:24517/run/debug?key=…\n"
    )
    assert (
        "http://127.0.0.1:24517/run/debug?key=s3cret-key-of-the-studio\n" in daemon.cli("actions", "--show-key").stdout
    )
    assert json.loads(daemon.cli("actions", "--json").stdout)[0] == {
        "name": "open",
        "title": "Open folder",
        "kind": "open",
        "url": "http://127.0.0.1:24517/run/open?key=…",
        "ajax": False,
        "entity_types": ["shot", "asset"],
        "task_types": ["Animation"],
        "roles": ["user"],
    }
    assert not daemon.door.exists() or daemon.process.poll() is not None


def test_without_actions_the_list_says_how_to_begin(daemon: Daemon, home: Path) -> None:
    """The text whole."""
    (home / "machine" / "studio.toml").write_text("")

    assert daemon.cli("actions").stdout == (
        "No actions are configured. `kitsu-launcher config init` writes an example.\n"
    )


def test_publishing_shows_the_difference_and_asks(daemon: Daemon, zou: Zou, kitsu: Api) -> None:
    """Real: a terminal; a no changes nothing, a yes does what was shown."""
    log_in(daemon, zou, "admin")
    declined = on_terminal(["actions", "publish"], daemon.env, [("Publish this? [y/N]", "")])
    assert names(kitsu) == set()
    agreed = on_terminal(["actions", "publish"], daemon.env, [("Publish this? [y/N]", "y")])
    nothing = daemon.cli("actions", "publish")

    shown = (
        "+ Open folder  shot  http://127.0.0.1:24517/run/open?key=…\n"
        "+ Open folder  asset  http://127.0.0.1:24517/run/open?key=…\n"
        "+ Debug  all  http://127.0.0.1:24517/run/debug?key=…  AJAX\n"
    )
    assert (declined.text, declined.exit_code) == (f"{shown}Publish this? [y/N] \n", 1)
    assert (agreed.text, agreed.exit_code) == (f"{shown}Publish this? [y/N] y\nPublished in {zou.url}.\n", 0)
    assert names(kitsu) == {("Open folder", "shot", False), ("Open folder", "asset", False), ("Debug", "all", True)}
    assert nothing.stdout.endswith("Nothing to do.\n")
    assert "s3cret" not in daemon.log()


def test_without_a_terminal_only_a_yes_publishes(daemon: Daemon, zou: Zou, kitsu: Api, home: Path) -> None:
    """Real: pipes. What is configured no longer goes only with --prune."""
    log_in(daemon, zou, "admin")
    asked = daemon.cli("actions", "publish", check=False, input="")
    first = daemon.cli("actions", "publish", "--yes", "--json")
    studio = home / "machine" / "studio.toml"
    studio.write_text(studio.read_text().partition("[actions.debug]")[0])
    left = daemon.cli("actions", "publish", "--yes")
    kept = names(kitsu)
    pruned = daemon.cli("actions", "publish", "--yes", "--prune")

    assert asked.returncode == 1
    assert asked.stdout.endswith("Nothing was published: give --yes where nobody can be asked.\n")
    answer = json.loads(first.stdout)
    assert (answer["written"], len(answer["create"]), answer["email"]) == (True, 3, zou.admin.email)
    assert "s3cret" not in first.stdout
    assert left.stdout.endswith(
        "configured no longer; --prune removes it\n"
        "  Open folder  shot  http://127.0.0.1:24517/run/open?key=…\n"
        "  Open folder  asset  http://127.0.0.1:24517/run/open?key=…\n"
        "Nothing to do.\n"
    )
    assert ("Debug", "all", True) in kept
    assert pruned.stdout.startswith("- Debug  all  http://127.0.0.1:24517/run/debug?key=…  AJAX\n")
    assert names(kitsu) == {("Open folder", "shot", False), ("Open folder", "asset", False)}


def test_who_may_not_publish_is_told_how_to_hand_it_on(daemon: Daemon, zou: Zou, kitsu: Api) -> None:
    """Real: a manager, whom Zou would refuse."""
    log_in(daemon, zou, "manager")
    done = daemon.cli("actions", "publish", "--yes", check=False)

    assert done.returncode == 3
    assert done.stdout.startswith("+ Open folder  shot")
    assert done.stderr == (
        "Only a Kitsu administrator can publish actions.\n"
        f"  tried  {zou.url}: manager@studio.example is manager\n"
        "  next   Log in as one, or give one what `kitsu-launcher actions --show-key` prints.\n"
    )
    assert names(kitsu) == set()


def test_an_administrator_publishes_even_when_somebody_else_logged_in_later(
    daemon: Daemon, zou: Zou, kitsu: Api
) -> None:
    """Real: two logins on one Kitsu."""
    log_in(daemon, zou, "admin")
    log_in(daemon, zou, "user")

    daemon.cli("actions", "publish", "--yes")

    assert len(names(kitsu)) == 3


def test_nobody_logged_in_is_told(daemon: Daemon, zou: Zou) -> None:
    """The text whole."""
    done = daemon.cli("actions", "publish", "--yes", check=False)

    assert done.returncode == 3
    assert done.stderr == (
        f"Nobody is logged in to {zou.url} here.\n"
        "  next   Run `kitsu-launcher login` with an administrator's account, then try again.\n"
    )

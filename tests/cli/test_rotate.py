"""`actions publish --rotate`: another key, while the old one still counts. A real daemon and a real Zou."""

import json
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from launcher.config.keys import fingerprint
from launcher.config.load import ConfigError, load
from launcher.config.rotation import new_key, rotation, unused, write
from launcher.journal import Came, Journal, Record, keys_seen
from launcher.model import OS, Sender, State
from tests.support.accounts import Api
from tests.support.configured import Machine
from tests.support.daemon import Daemon
from tests.support.desktop import wait_until
from tests.support.requests import form
from tests.support.terminal import on_terminal
from tests.support.zou import Zou

OLD = "the-old-key-of-the-studio"
STUDIO = """\
# Ours, with care.
[studio]
keys = ["file:studio.key"]   # what action URLs carry
[[studio.servers]]
origins = ["{url}"]
api = "{url}"
insecure = true

[actions.debug]              # see what is known
title = "Debug"
kind = "page"
"""


@pytest.fixture
def kitsu(admin_api: Api) -> Iterator[Api]:
    """Kitsu has no custom actions before and after."""

    def clean() -> None:
        for one in admin_api.done("GET", "data/custom-actions"):
            admin_api.done("DELETE", f"data/custom-actions/{one['id']}")

    clean()
    yield admin_api
    clean()


@pytest.fixture
def studio(home: Path) -> Path:
    """The studio file and its key, which a group may read."""
    path = home / "machine" / "studio.toml"
    path.parent.mkdir()
    path.with_name("studio.key").write_text(f"{OLD}\n")
    path.with_name("studio.key").chmod(0o640)
    return path


@pytest.fixture
def daemon(start_daemon: Callable[..., Daemon], studio: Path, zou: Zou, kitsu: Api) -> Daemon:
    """Real: a daemon whose Kitsu is the real Zou, an administrator logged in, and the action published."""
    studio.write_text(STUDIO.format(url=zou.url))
    daemon = start_daemon()
    daemon.cli("login", "--email", zou.admin.email, "--password-stdin", input=zou.admin.password)
    daemon.cli("actions", "publish", "--yes")
    return daemon


def key_in_kitsu(kitsu: Api) -> str:
    (action,) = kitsu.done("GET", "data/custom-actions")
    return parse_qs(urlsplit(action["url"]).query)["key"][0]


def click(daemon: Daemon, key: str) -> bytes:
    """A form as an https Kitsu's page sends it: with a hidden origin, so that only the key speaks for it."""
    sent = form(daemon.port, "debug", key=key)
    return daemon.send(sent(Connection="close").raw()).partition(b"\r\n")[0]


def test_the_new_key_is_published_and_the_old_button_still_works(
    daemon: Daemon, studio: Path, kitsu: Api, zou: Zou, home: Path
):
    """Real: a terminal, Zou, clicks with either key, the journal; the texts whole."""
    assert key_in_kitsu(kitsu) == OLD
    before = studio.read_text()
    declined = on_terminal(["actions", "publish", "--rotate"], daemon.env, [("Replace the key like this? [y/N]", "")])
    assert (declined.exit_code, studio.read_text(), key_in_kitsu(kitsu)) == (1, before, OLD)
    assert not studio.with_name("studio-2.key").exists()

    agreed = on_terminal(["actions", "publish", "--rotate"], daemon.env, [("Replace the key like this? [y/N]", "y")])

    url = "http://127.0.0.1:24517/run/debug?key=…"
    assert agreed.text == (
        f"--- {studio}\n+++ {studio}\n"
        "@@ -1,6 +1,6 @@\n"
        " # Ours, with care.\n"
        " [studio]\n"
        '-keys = ["file:studio.key"]   # what action URLs carry\n'
        '+keys = ["file:studio-2.key", "file:studio.key"]   # what action URLs carry\n'
        " [[studio.servers]]\n"
        f' origins = ["{zou.url}"]\n'
        f' api = "{zou.url}"\n'
        f"  Debug  all  {url}\n"
        "Each of these gets the new key in its address.\n"
        "Replace the key like this? [y/N] y\n"
        f"Wrote {studio.with_name('studio-2.key')}, and the studio file names it first.\n"
        f"Published in {zou.url}.\n"
        "The old key counts as long as file:studio.key is in the studio file.\n"
        "`kitsu-launcher config check` tells when it is no longer used.\n"
    )
    assert agreed.exit_code == 0
    new = studio.with_name("studio-2.key").read_text().strip()
    assert key_in_kitsu(kitsu) == new != OLD
    assert studio.read_text() == before.replace('["file:studio.key"]', '["file:studio-2.key", "file:studio.key"]')
    assert stat.S_IMODE(studio.with_name("studio-2.key").stat().st_mode) == 0o640

    assert click(daemon, OLD) == b"HTTP/1.1 303 See Other"
    assert click(daemon, new) == b"HTTP/1.1 303 See Other"
    assert click(daemon, "another-key-altogether") == b"HTTP/1.1 403 Forbidden"
    daemon.stop()
    seen = [record.key for record in Journal(home / "state").read(9, 0)]
    assert seen == [fingerprint(OLD), fingerprint(new)]
    written = [path for path in (home / "state").rglob("*") if path.is_file()]
    assert [path for path in written if OLD.encode() in path.read_bytes() or new.encode() in path.read_bytes()] == []

    assert daemon.cli("config", "check").stdout.count("studio.keys") == 0
    older(home, fingerprint(OLD), 15)
    told = daemon.cli("config", "check").stdout.splitlines()[0]
    day = time.strftime("%Y-%m-%d", time.localtime(time.time() - 15 * 86400))
    assert told == (
        f"{studio}:3: studio.keys: file:studio.key has come with no click here since {day}, and 1 click has come with"
        " file:studio-2.key: take it out, if the same is told on other machines"
    )


def older(home: Path, key: str, days: float) -> None:
    """Let the clicks with one key be so many days older, in the journal on disk."""
    with sqlite3.connect(home / "state" / "launches.sqlite") as connection:
        for id, text in connection.execute("SELECT id, record FROM launches").fetchall():
            if json.loads(text)["key"] == key:
                connection.execute("UPDATE launches SET created = created - ? WHERE id = ?", (days * 86400, id))
    connection.close()


def test_a_second_rotation_waits_for_the_end_of_the_first(daemon: Daemon, studio: Path, kitsu: Api):
    """Real: `--json --yes` as a program says it; nothing of a key in what it prints."""
    done = json.loads(daemon.cli("actions", "publish", "--rotate", "--yes", "--json").stdout)
    new = studio.with_name("studio-2.key").read_text().strip()
    assert (done["written"], done["new"], done["old"]) == (True, "file:studio-2.key", "file:studio.key")
    assert done["published"]["written"]
    assert new not in json.dumps(done)
    again = daemon.cli("actions", "publish", "--rotate", "--yes", check=False)
    assert again.returncode == 2
    assert again.stderr == (
        "The studio file has two keys already: one is being replaced.\n"
        f"  tried  {studio}:3: file:studio-2.key, file:studio.key\n"
        "  next   Take the old one out once it is no longer used: kitsu-launcher config check tells when.\n"
    )
    assert key_in_kitsu(kitsu) == new


def test_who_may_not_publish_changes_no_key(daemon: Daemon, studio: Path, kitsu: Api, zou: Zou):
    """Real: a manager; the studio file and Kitsu stay as they are."""
    daemon.cli("logout")
    account = zou.account("manager")
    daemon.cli("login", "--email", account.email, "--password-stdin", input=account.password)
    before = studio.read_text()
    done = daemon.cli("actions", "publish", "--rotate", "--yes", check=False)
    assert (done.returncode, studio.read_text(), key_in_kitsu(kitsu)) == (3, before, OLD)
    assert done.stderr.startswith("Only a Kitsu administrator can publish actions.\n")
    assert sorted(path.name for path in studio.parent.iterdir()) == ["studio.key", "studio.toml"]


# -- without a Kitsu -------------------------------------------------------------------------------------------------
def rotate(
    start_daemon: Callable[..., Daemon], text: str, studio: Path, env: dict[str, str] | None = None
) -> list[str]:
    """What is told where a program cannot do it; the key in it is left out."""
    studio.write_text(text)
    daemon = start_daemon(env=env)
    done = daemon.cli("actions", "publish", "--rotate", check=False)
    assert done.returncode == 1
    return [
        line.partition(": ")[0] if "key" in line.lower() and line[2] == "1" else line
        for line in (done.stdout + done.stderr).splitlines()
    ]


def test_for_a_key_in_the_environment_the_lines_are_told(start_daemon: Callable[..., Daemon], studio: Path):
    """The text whole."""
    text = '[studio]\nkeys = ["env:KITSU_LAUNCHER_KEY"]\n'
    assert rotate(start_daemon, text, studio, {"KITSU_LAUNCHER_KEY": OLD}) == [
        "  1. Set the environment variable KITSU_LAUNCHER_KEY_2 for everybody who clicks",
        f'  2. In {studio}: keys = ["env:KITSU_LAUNCHER_KEY_2", "env:KITSU_LAUNCHER_KEY"]',
        "  3. Then: kitsu-launcher actions publish",
        "This cannot be changed from here. What is to be done:",
    ]
    assert studio.read_text() == text


def test_of_a_file_that_is_written_in_a_way_of_its_own_the_lines_are_told(
    start_daemon: Callable[..., Daemon], studio: Path
):
    """Here the keys stand below a machine's table, so the studio file is left to its owner."""
    text = '[[machines]]\nmatch = { hostname = "*" }\nstudio.keys = ["file:studio.key"]\n'
    told = rotate(start_daemon, text, studio)
    assert told[:2] == [
        "  1. Write this key into studio-2.key, readable for everybody who clicks",
        f'  2. In {studio}: keys = ["file:studio-2.key", "file:studio.key"]',
    ]
    assert (studio.read_text(), studio.with_name("studio-2.key").exists()) == (text, False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_of_a_file_that_is_not_to_be_written_the_lines_are_told(start_daemon: Callable[..., Daemon], studio: Path):
    """Real: a folder without the right to write."""
    studio.write_text('[studio]\nkeys = ["file:studio.key"]\n')
    studio.parent.chmod(0o500)
    try:
        daemon = start_daemon()
        done = daemon.cli("actions", "publish", "--rotate", check=False)
        assert (done.returncode, done.stderr) == (1, "This cannot be changed from here. What is to be done:\n")
    finally:
        studio.parent.chmod(0o700)


@pytest.mark.parametrize(
    ("keys", "after"),
    [
        (
            'keys = [\n  "file:studio.key",  # of 2026\n]',
            'keys = [\n  "file:studio-2.key",\n  "file:studio.key",  # of 2026\n]',
        ),
        ("keys=['file:studio.key'] # one", 'keys=["file:studio-2.key", "file:studio.key"] # one'),
    ],
)
def test_comments_in_the_studio_file_stay(configured: Machine, keys: str, after: str):
    """Real: files on disk; the name of a key that is there already is left to that one."""
    configured.write(f"[studio]\n{keys}\nname = 'Ours' # quoted so\n")
    configured.studio_file.with_name("studio.key").write_text(OLD)
    wanted = rotation(configured.load())
    assert wanted.change
    assert wanted.change.after.decode() == f"[studio]\n{after}\nname = 'Ours' # quoted so\n"
    configured.studio_file.with_name("studio-2.key").write_text(OLD)
    assert rotation(configured.load()).reference == "file:studio-3.key"


@pytest.mark.parametrize("when", ["changed", "taken", "gone"])
def test_nothing_is_half_done(configured: Machine, when: str):
    """Real: files on disk: somebody else saved the studio file, made the new key, or removed the old one meanwhile."""
    configured.write('[studio]\nkeys = ["file:studio.key"]\n')
    old, new = (configured.studio_file.with_name(name) for name in ("studio.key", "studio-2.key"))
    old.write_text(OLD)
    change = rotation(configured.load()).change
    assert change
    if when == "changed":
        configured.studio_file.write_text("# theirs\n")
    elif when == "taken":
        new.write_text("theirs")
    else:
        old.unlink()
    before = configured.studio_file.read_text()

    with pytest.raises(ConfigError):
        write(change, new_key())

    assert configured.studio_file.read_text() == before
    assert (new.read_text() if new.exists() else None) == ("theirs" if when == "taken" else None)
    assert not [path for path in configured.studio_file.parent.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[studio]\n", "The studio file has no key that could be replaced."),
        ("[studio]\nnmae = 1\n", "The studio file is not in use as it stands, so its keys are not changed."),
    ],
)
def test_where_no_key_can_be_replaced_that_is_said(configured: Machine, text: str, told: str):
    """Real: the loader."""
    with pytest.raises(ConfigError) as caught:
        rotation(configured.write(text).load())
    assert caught.value.problem == told


# -- what the journal tells ------------------------------------------------------------------------------------------
DAY = 86400.0
NOW = 1_800_000_000.0


def seen(*times: float) -> Came:
    return Came(len(times), max(times), tuple(sorted(times)))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (seen(NOW - 1), None, ""),
        (None, None, ""),
        (seen(NOW - 9 * DAY), seen(NOW - 8 * DAY, NOW), ""),
        (None, seen(NOW - DAY, NOW), ""),
        (seen(NOW - 15 * DAY), seen(NOW - 9 * DAY), "1 click has come with file:new: take it out"),
        (None, seen(NOW - 15 * DAY, NOW), "1 click has come with file:new: take it out"),
        (seen(NOW - DAY), seen(*(NOW - i for i in range(20))), "20 clicks have come with file:new: take it out"),
        (seen(NOW - DAY), seen(*(NOW - i for i in range(19))), ""),
        (seen(NOW - DAY), seen(NOW - 2 * DAY), "file:old still comes with clicks here, the last on "),
    ],
)
def test_when_the_old_key_is_no_longer_used(configured: Machine, old: Came | None, new: Came | None, told: str):
    """Values in, values out; the configuration is a real one."""
    configured.write('[studio]\nkeys = ["file:new", "file:old"]\n')
    for name in ("new", "old"):
        configured.studio_file.with_name(name).write_text(f"key-number-{name}-of-ours")
    loaded = load(configured.folders, os=OS.LINUX, hostname="x", environ={})
    came = {fingerprint("key-number-new-of-ours"): new, fingerprint("key-number-old-of-ours"): old}

    problems = unused(loaded, {key: value for key, value in came.items() if value}, NOW)

    assert [problem.warning for problem in problems] == ([True] if told else [])
    assert all(told in problem.text and problem.line == 2 for problem in problems)


@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_a_journal_that_cannot_be_read_tells_nothing_and_stays(tmp_path: Path, content: bytes | None):
    """Real: files on disk; only looking changes none."""
    if content is not None:
        (tmp_path / "launches.sqlite").write_bytes(content)
    assert keys_seen(tmp_path) == {}
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([content] if content is not None else [])


def test_rows_of_other_sorts_count_for_nothing(tmp_path: Path):
    """Real: SQLite; rows that somebody has written, and those of an earlier version."""
    one = Journal(tmp_path)
    one.write(Record("a", 5.0, "x", Sender.FORM, (), None, "X", State.DONE, key="0a1b2c3d"))
    one.write(Record("b", 7.0, "x", Sender.FORM, (), None, "X", State.DONE, key="0a1b2c3d"))
    one.write(Record("c", 9.0, "x", Sender.FORM, (), None, "X", State.DONE))
    one.close()
    wait_until((tmp_path / "launches.sqlite").exists, 5, "the journal")
    with sqlite3.connect(tmp_path / "launches.sqlite") as connection:
        for number, row in enumerate(["x", "[1]", '{"key": 7}', "[" * 100_000]):
            connection.execute("INSERT INTO launches VALUES (?, 1.0, ?)", (f"r{number}", row))
    connection.close()

    assert keys_seen(tmp_path) == {"0a1b2c3d": Came(2, 7.0, (5.0, 7.0))}

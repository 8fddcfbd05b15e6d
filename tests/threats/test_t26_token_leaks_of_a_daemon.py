"""T26 and T6: token and key are found nowhere that outlives the daemon's memory, nor in anything it starts."""

from pathlib import Path

import pytest

from launcher.demo.kitsu import TOKEN
from launcher.demo.studio import PASSWORD
from tests.support.desktop import wait_until
from tests.support.sample import Make, SampleStudio

SECRETS = [TOKEN, PASSWORD]


def places(studio: SampleStudio) -> dict[str, bytes]:
    """Everything that the daemon leaves or shows: files, what its children got, command lines, answers."""
    found = {str(path): path.read_bytes() for path in studio.home.rglob("*") if path.is_file()}
    found |= {f"note {i}": repr(note).encode() for i, note in enumerate(studio.notes())}
    found["command line"] = Path(f"/proc/{studio.daemon.pid}/cmdline").read_bytes()
    for path in ("/door/launches", "/door/ping"):
        found[path] = repr(studio.daemon.ask("GET", path)).encode()
    for launch in studio.launches():
        found[launch["url"]] = studio.send(studio.page(launch["url"])).body
        found[f"log {launch['id']}"] = studio.daemon.cli("log", launch["id"][:8], check=False).stdout.encode()
    return found


def a_day(studio: SampleStudio) -> None:
    """Clicks of every sort, one that fails, one that asks, and a page that is opened in her browser."""
    for request in (
        studio.form(),
        studio.ajax("title"),
        studio.form("known"),
        studio.form("unknown"),
        studio.form("open", studio.task("SH010"), studio.task("SH020")),
        studio.ajax("title", "49e61584-c7c4-48e5-ab28-9972cedd9fea"),
    ):
        studio.clicked(request)
    studio.send(studio.form(origin="https://evil.test"))
    studio.send(b"GET /run/open?key=%b HTTP/1.1\r\n\r\n" % studio.key.encode())


def test_token_password_and_key_are_in_no_file_no_child_and_no_answer(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu, processes; a keyring that keeps nothing, so the token lives in memory alone."""
    a_day(sample_studio)

    found = places(sample_studio)
    sample_studio.daemon.stop()
    found["stderr"] = sample_studio.daemon.process.stderr.read().encode()

    assert len(sample_studio.notes()) == 2
    assert len(found) > 20
    leaks = [(place, secret) for place, text in found.items() for secret in SECRETS if secret.encode() in text]
    assert leaks == []
    assert [place for place, text in found.items() if sample_studio.key.encode() in text] == []


def test_after_a_restart_nobody_is_logged_in(sample_studio: SampleStudio) -> None:
    """Real: two daemons one after the other: without a keyring the token was nowhere."""
    sample_studio.restart()

    answer = sample_studio.send(sample_studio.form())

    launch = sample_studio.launched(answer)
    wait_until(
        lambda: "Log in to Kitsu" in sample_studio.send(sample_studio.page(f"/launches/{launch}")).text, 10, "it"
    )
    assert sample_studio.notes() == []


@pytest.mark.parametrize("person", ["", "mika@fox.example"])
def test_a_bots_token_reaches_no_child_and_no_file(make_studio: Make, person: str) -> None:
    """Real: daemon, sample Kitsu, processes. A browser's click is taken only for whom the bot stands for."""
    env = {"KITSU_LAUNCHER_BOT_TOKEN": TOKEN, **({"KITSU_LAUNCHER_PERSON": person} if person else {})}
    studio = make_studio(env=env, log_in=False)

    studio.daemon.cli("run", "open", "--task", studio.task())
    clicked = studio.clicked(studio.form("title"))

    assert clicked["state"] == ("done" if person else "refused")
    if not person:
        assert clicked["error"]["code"] == "person"
        assert "Mika Fox <mika@fox.example>: a bot" in clicked["error"]["tried"]
    assert len(studio.notes()) == (2 if person else 1)
    assert [place for place, text in places(studio).items() if TOKEN.encode() in text] == []
    assert not [name for note in studio.notes() for name in note["env"] if name.startswith("KITSU_LAUNCHER_")]


@pytest.mark.parametrize("person", ["somebody@else.example", "MIKA@fox.example.evil"])
def test_a_bot_takes_no_click_of_another_than_whom_it_stands_for(make_studio: Make, person: str) -> None:
    """Real: daemon, sample Kitsu. The click has the bot's own id and e-mail."""
    studio = make_studio(env={"KITSU_LAUNCHER_BOT_TOKEN": TOKEN, "KITSU_LAUNCHER_PERSON": person}, log_in=False)

    clicked = studio.clicked(studio.form("title"))

    assert (clicked["state"], clicked["error"]["code"]) == ("refused", "person")
    assert studio.notes() == []

"""T2: an insider has told the key to a foreign page."""

from dataclasses import replace

from launcher.trust import Ask, Go
from tests.support.gate import STUDIO, Gate
from tests.support.requests import form
from tests.support.sample import Make, SampleStudio

BARE = {"Sec_Fetch_Site": None, "Sec_Fetch_Mode": None, "Sec_Fetch_Dest": None, "Sec_Fetch_User": None}


async def test_with_a_pressed_button_it_goes(gate: Gate) -> None:
    """Real: the guard on a socket. Such a form cannot be told from that of an https Kitsu."""
    await gate.send(form(gate.port))

    assert gate.verdicts == [Go()]


async def test_without_a_pressed_button_it_asks(gate: Gate) -> None:
    """Real: the guard on a socket."""
    await gate.send(form(gate.port)(Sec_Fetch_User=None))

    assert isinstance(gate.verdicts[0], Ask)


async def test_without_fetch_metadata_it_is_refused(gate: Gate) -> None:
    """Real: the guard on a socket."""
    answer = await gate.send(form(gate.port)(**BARE))

    assert answer.status == 403
    assert gate.clicks == []


async def test_both_keys_count_while_they_rotate_and_afterwards_one(gate: Gate) -> None:
    """Real: the guard on a socket, with a configuration that changes."""
    old, new = STUDIO.keys
    assert [(await gate.send(form(gate.port, key=key))).status for key in (old, new)] == [303, 303]

    gate.rules = replace(gate.rules, keys=(new,))

    assert (await gate.send(form(gate.port, key=old))).status == 403
    assert len(gate.clicks) == 2


async def test_a_studio_whose_kitsu_shows_its_origin_takes_no_hidden_one(gate: Gate) -> None:
    """Real: the guard on a socket."""
    gate.rules = replace(gate.rules, null_origin="refuse")

    answer = await gate.send(form(gate.port))

    assert (answer.status, answer.headers["Location"]) == (303, "/refused/null")
    assert (await gate.send(form(gate.port, origin="https://kitsu.studio.test", key=None))).status == 303
    assert len(gate.clicks) == 1


def test_at_a_whole_daemon_it_starts_once_a_button_was_pressed_or_she_has_agreed(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets, sample Kitsu, processes."""
    launch = sample_studio.clicked(sample_studio.form())
    assert (launch["state"], len(sample_studio.notes())) == ("done", 1)

    asking = sample_studio.clicked(sample_studio.form("title")(Sec_Fetch_User=None))
    assert asking["question"]["reasons"] == [
        "The page that sent it hides its address, and nobody pressed a button there."
    ]
    assert len(sample_studio.notes()) == 1
    sample_studio.daemon.ask("POST", f"/door/launches/{asking['id']}/answer", {"yes": True})
    sample_studio.settled(asking["id"], "done")
    assert len(sample_studio.notes()) == 2

    with sample_studio.untouched():
        sample_studio.refused(sample_studio.form()(**BARE))


def test_a_whole_daemon_that_takes_no_hidden_origin_says_so_at_an_address_without_the_key(make_studio: Make) -> None:
    """Real: daemon, sockets."""
    studio = make_studio(studio='null_origin = "refuse"')
    with studio.untouched():
        answer = studio.refused(studio.form(), 303)
        page = studio.refused(studio.page(answer.headers["Location"]))

    assert answer.headers["Location"] == "/refused/null"
    assert "<h1>This studio takes no clicks from pages that hide their address.</h1>" in page.text
    assert len(studio.log_lines("refused null ")) == 1
    assert studio.clicked(studio.form(key="", origin=studio.origin))["state"] == "done"


def test_without_a_key_every_hidden_click_asks_at_a_whole_daemon(make_studio: Make) -> None:
    """Real: daemon, sockets, sample Kitsu."""
    studio = make_studio(keyed=False)

    launch = studio.clicked(studio.form())

    assert launch["question"]["reasons"] == [
        "The page that sent it hides its address, and this studio's actions have no key."
    ]
    assert studio.notes() == []

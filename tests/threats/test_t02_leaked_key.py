"""T2: an insider has told the key to a foreign page."""

from dataclasses import replace

from launcher.trust import Ask, Go
from tests.support.gate import STUDIO, Gate
from tests.support.requests import form

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

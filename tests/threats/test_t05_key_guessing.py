"""T5: guessing the key, and what guesses can break."""

import asyncio
import logging

import pytest

from launcher.web import guard
from tests.support.gate import Gate
from tests.support.requests import KEY, form, read_answer
from tests.support.sample import SampleStudio


@pytest.mark.parametrize("key", ["%", "%C3%A9", "%ff", "", "k" * 7_000, KEY[:-1], KEY + "0", KEY.upper()])
async def test_a_wrong_key_is_refused_whatever_it_is(gate: Gate, key: str) -> None:
    """Real: the guard on a socket."""
    answer = await gate.send(form(gate.port)(target=f"/run/open-in-blender?key={key}"))

    assert answer.status == 403
    assert gate.clicks == []


@pytest.mark.parametrize("key", ["é", "\x7f", "k" * 9_000])
async def test_a_key_that_no_address_can_hold_is_refused(gate: Gate, key: str) -> None:
    """Real: aiohttp's parser ends such a request before anybody sees it."""
    assert (await gate.send(form(gate.port)(target=f"/run/open-in-blender?key={key}"))).status == 400
    assert gate.clicks == []


async def test_10_000_guesses_lock_nobody_out_and_fill_no_log(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    """Real: 10 000 requests on one connection, then Kitsu's own."""
    request = form(gate.port)
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    with caplog.at_level(logging.INFO):
        for number in range(10_000):
            writer.write(request(target=f"/run/open-in-blender?key=guess-{number}").raw())
            assert (await read_answer(reader)).status == 403
    writer.close()

    assert len([record for record in caplog.records if "refused" in record.getMessage()]) <= guard.LINES_A_MINUTE + 1
    assert (await gate.send(form(gate.port))).status == 303
    assert len(gate.clicks) == 1


async def test_no_guess_stands_in_the_log(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    """Real: the guard on a socket. A wrong key is often last year's right one."""
    with caplog.at_level(logging.DEBUG):
        await gate.send(form(gate.port, key="hunter2"))
        await gate.send(form(gate.port, origin="https://evil.test"))

    assert "hunter2" not in caplog.text
    assert KEY not in caplog.text


def test_guesses_at_a_whole_daemon_leave_six_lines_and_her_click_works(sample_studio: SampleStudio) -> None:
    """Real: daemon, sockets."""
    odd = ["", "%", "%ff", "%C3%A9", "k" * 7_000, KEY[:-1], KEY.upper()]
    with sample_studio.untouched():
        for number in range(300):
            guess = odd[number] if number < len(odd) else f"guess-{number}"
            sample_studio.refused(sample_studio.form()(target=f"/run/open?key={guess}"))

    assert len(sample_studio.log_lines("refused key ")) == 5
    assert not sample_studio.log_lines("guess-")
    assert sample_studio.clicked(sample_studio.form())["state"] == "done"

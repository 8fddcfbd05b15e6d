"""The command line does what a click does, through the private door."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.studio import SAMPLE_ACTION, Studio
from tests.support.zou import Zou

PATH = "Lab Short/SQ01/SH010/Animation"
TV_PATH = "Lab TV/E01/SQ01/SH0010/Animation"


class Way:
    """A TCP port that leads to Zou, until it is cut."""

    def __init__(self, zou: Zou) -> None:
        self._zou = urlsplit(zou.url)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._server = self._do(asyncio.start_server(self._lead, "127.0.0.1", 0))
        self._writers: list[asyncio.StreamWriter] = []
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """Nobody listens there any more, and what was connected is not."""
        self._do(self._end())

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _end(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        zou_reader, zou_writer = await asyncio.open_connection(self._zou.hostname, self._zou.port)
        self._writers += [writer, zou_writer]
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(_pour(reader, zou_writer), _pour(zou_reader, writer))


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@pytest.fixture
def way_to_zou(zou: Zou) -> Iterator[Way]:
    """Real: TCP."""
    way = Way(zou)
    yield way
    way.cut()


def test_a_run_by_id_is_listed_shown_and_its_output_printed(studio: Studio):
    """Real: Zou, the daemon, the command line, a started program."""
    cli = studio.daemon.cli

    ran = json.loads(cli("run", "sample", "--task", studio.zou.task("Animation SH010"), "--json").stdout)

    assert (ran["state"], ran["person"], ran["tasks"]) == ("running", "Art Ist", ["SQ01/SH010/Animation"])
    (started,) = studio.answers()
    assert started["pid"] == ran["processes"][0]["pid"]
    (listed,) = json.loads(cli("launches", "--json").stdout)
    assert listed == {**ran, "version": listed["version"]}
    assert json.loads(cli("launches", ran["id"][:8], "--json").stdout)["id"] == ran["id"]
    assert cli("log", ran["id"][:8]).stdout == "the sample program says hello\n"
    assert studio.opened() == []


def test_paths_of_several_tasks_make_one_click(studio: Studio):
    """Real: Zou asked for paths, one of a TV show; the daemon, the command line, a started program."""
    studio.write(SAMPLE_ACTION + 'selection = "all"')

    studio.daemon.cli("run", "sample", "--task", PATH, "--task", TV_PATH)

    (process,) = studio.latest()["processes"]
    assert process["tasks"] == [studio.zou.task("Animation SH010"), studio.zou.task("TV Animation")]


def test_a_question_is_answered_by_yes_and_is_a_no_without_a_terminal(studio: Studio):
    """Real: Zou, the daemon, the command line, started programs."""
    studio.write(SAMPLE_ACTION + 'selection = "each"')
    command = ("run", "sample", "--task", PATH, "--task", TV_PATH)

    refused = studio.daemon.cli(*command, check=False)
    assert refused.returncode == 3
    assert "Nothing was started: the answer was no." in refused.stderr
    assert studio.applications() == []

    studio.daemon.cli(*command, "--yes")
    assert len(studio.answers(2)) == 2


def test_a_dry_run_for_programs_is_the_plan_with_its_question(studio: Studio):
    """Real: Zou, the daemon, the command line. Nothing is made or started."""
    studio.write(SAMPLE_ACTION + 'selection = "each"')

    planned = json.loads(
        studio.daemon.cli("run", "sample", "--task", PATH, "--task", TV_PATH, "--dry-run", "--json").stdout
    )

    assert planned["asks"] == ["opens 2 windows of Sample"]
    assert (planned["left_out"], planned["warnings"]) == ([], [])
    assert studio.applications() == []
    assert [path.name for path in studio.prod.iterdir()] == [".prod"]
    assert studio.daemon.ask("GET", "/door/launches") == []


def test_nobody_logged_in_ends_with_3_and_says_what_to_do(studio: Studio):
    """Real: Zou, the daemon, the command line."""
    studio.daemon.cli("logout")

    for by in (PATH, studio.zou.task("Animation SH010")):
        run = studio.daemon.cli("run", "sample", "--task", by, check=False)
        assert run.returncode == 3
        assert run.stderr == (
            f"Nobody is logged in to {studio.kitsu.origin} here.\n"
            "  next   Run `kitsu-launcher login`, then try again.\n"
        )
    assert studio.daemon.cli("whoami", check=False).returncode == 3


def test_a_missing_working_file_ends_with_4(studio: Studio):
    """Real: Zou, the daemon, the command line."""
    studio.write(SAMPLE_ACTION.replace('"empty"', '"fail"'))

    run = studio.daemon.cli("run", "sample", "--task", PATH, check=False)

    assert run.returncode == 4
    assert run.stderr.startswith("There is no working file of SQ01/SH010/Animation yet.\n  tried  ")


def test_kitsu_that_is_away_after_the_login_ends_with_5(studio: Studio, way_to_zou: Way):
    """Real: the daemon, logged in by a connection to Zou that is then cut: nobody listens there any more."""
    studio.write(SAMPLE_ACTION, api=way_to_zou.url)
    studio.login()
    studio.daemon.cli("run", "sample", "--task", TV_PATH)
    way_to_zou.cut()

    for by in (studio.zou.task("Animation SH010"), PATH):
        run = studio.daemon.cli("run", "sample", "--task", by, check=False)
        assert run.returncode == 5, run.stderr
        assert way_to_zou.url.partition("://")[2] in run.stderr

    launch = studio.wait(studio.click("sample", "Animation SH020"), "failed")
    assert launch["error"]["exit_code"] == 5

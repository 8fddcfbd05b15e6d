"""The demo by itself: one click for each action, and a look at what came of it."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from launcher.demo import clicks
from launcher.demo.stage import Offer
from launcher.demo.studio import EMAIL, Studio
from launcher.knock import request
from launcher.model import Json
from launcher.system.here import process as programs
from launcher.words import _

PATIENCE_S = 60
SETTLED_S = 2.5
"""A program that still runs this long after its start has really started."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one click."""

    action: str
    title: str
    sent: str
    state: str
    argv: list[str]
    file: str | None
    happened: bool
    why_not: str = ""

    def lines(self, say: Callable[[str], str]) -> Iterator[str]:
        """For a terminal; `say` puts a sentence into the person's language."""
        named = {"title": self.title, "sent": self.sent}
        yield say(_("{title} ({sent}): done", **named) if self.happened else _("{title} ({sent}): FAILED", **named))
        if self.argv:
            yield "  " + say(_("command: {command}", command=" ".join(map(repr, self.argv))))
        if self.file:
            yield "  " + say(_("file: {file}", file=self.file))
        if self.why_not:
            yield "  " + say(self.why_not)


def click_each(studio: Studio, host: str, port: int, offers: tuple[Offer, ...]) -> list[Outcome]:
    """Click every action once, on the first shot's task, and stop what was started."""
    return [_click(offer, _selection(studio, host), port) for offer in offers]


def as_json(outcomes: list[Outcome]) -> str:
    return json.dumps([asdict(outcome) for outcome in outcomes], indent=1, ensure_ascii=False)


def _selection(studio: Studio, host: str) -> clicks.Selection:
    task = next(row for row in studio.tables["tasks"].values() if row["name"] == "SH010 main")
    return clicks.Selection(host, studio.person, EMAIL, str(task["project_id"]), "shot", (str(task["id"]),))


def _click(offer: Offer, selection: clicks.Selection, port: int) -> Outcome:
    sent = "AJAX" if offer.ajax else "form"
    launch_id = _send(clicks.request(selection, offer.name, port, offer.ajax), port)
    if launch_id is None:
        refused = _("Kitsu Launcher refused the request.")
        return Outcome(offer.name, offer.title, sent, "refused", [], None, False, refused)
    launch = _follow(launch_id)
    try:
        shown = bool(offer.app) or _shows(launch_id, port, "SH010")
        return _outcome(offer, sent, launch, shown)
    finally:
        for process in _processes(launch):
            _end(process)


def _send(data: bytes, port: int) -> str | None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return clicks.launch_of(answer, answer.read())


def _follow(launch_id: str) -> dict[str, Json]:
    """The launch once it is settled: over, or running for a moment."""
    deadline, running_since = time.monotonic() + PATIENCE_S, None
    while True:
        launch = request("GET", f"/door/launches/{launch_id}", start=False)
        assert isinstance(launch, dict)  # noqa: S101  # our own daemon's answer
        now = time.monotonic()
        if launch["state"] == "running":
            running_since = running_since or now
        waits = launch["state"] == "preparing" or (running_since and now - running_since < SETTLED_S)
        if (launch["state"] != "running" and not waits) or not waits or now > deadline:
            return launch
        time.sleep(0.1)


def _shows(launch_id: str, port: int, wanted: str) -> bool:
    """Whether the launch's page, asked for as a browser's tab asks, names what was selected."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        tab = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "cross-site"}
        connection.request("GET", f"/launches/{launch_id}", headers=tab)
        answer = connection.getresponse()
        return answer.status == 200 and wanted in answer.read().decode()
    finally:
        connection.close()


def _outcome(offer: Offer, sent: str, launch: dict[str, Json], shown: bool) -> Outcome:
    processes = _processes(launch)
    argv = [str(item) for process in processes for item in _list(process.get("argv"))]
    file = next((str(process["file"]) for process in processes if process.get("file")), None)
    error = launch.get("error")
    why_not = str(error.get("problem")) if isinstance(error, dict) else ""
    happened = launch["state"] in ("running", "done") and bool(processes) == bool(offer.app) and shown
    return Outcome(offer.name, offer.title, sent, str(launch["state"]), argv, file, happened, why_not)


def _processes(launch: dict[str, Json]) -> list[dict[str, Json]]:
    return [process for process in _list(launch.get("processes")) if isinstance(process, dict)]


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _end(process: dict[str, Json]) -> None:
    """End what the demo itself started."""
    pid = process.get("pid")
    if isinstance(pid, int) and process.get("ended") is None:
        programs.end(pid)

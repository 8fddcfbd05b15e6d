"""From a click to the next revision, or to the one that she chooses, with a daemon, the sample Kitsu, real files."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.requests import own_page
from tests.support.sample import Make, SampleStudio

FILE = 'file = "{{roots.prod}}/{{entity.name}}_v{{revision:03}}_{{*}}.txt"'.replace("{{", "{").replace("}}", "}")
NEW = 'new_file = "{roots.prod}/{entity.name}_v{revision:03}_{person.initials}.txt"'
MORE = f"""
[actions.next]
title = "Next"
kind = "launch"
app = "notes"
{FILE}
{NEW}
open = "next-revision"

[actions.choose]
title = "Choose"
kind = "launch"
app = "notes"
{FILE}
{NEW}
open = "choose"
"""


@pytest.fixture
def studio(make_studio: Make) -> SampleStudio:
    return make_studio(more=MORE)


def put(studio: SampleStudio, *names: str) -> None:
    for name in names:
        (studio.prod / name).write_text(name)


def held(studio: SampleStudio) -> dict[str, str]:
    """The working files that there are, hidden ones too."""
    known = (".prod", "first.txt", ".kitsu-launcher.json")
    return {path.name: path.read_text() for path in sorted(studio.prod.iterdir()) if path.name not in known}


def argument(launch: dict[str, Any]) -> str:
    (process,) = launch["processes"]
    return Path(process["argv"][-1]).name


def once_of(page: str) -> str:
    return re.findall(r'name="once" value="([^"]+)"', page)[0]


def press(studio: SampleStudio, launch: str, task: str = "", once: str = "", **button: str) -> Any:
    """A button of the page of other revisions."""
    shown = studio.send(studio.page(f"/launches/{launch}/files"))
    fields = {"once": once or once_of(shown.text), "task": task or studio.task(), **button}
    return studio.send(own_page(studio.port, "POST", f"/launches/{launch}/files", urlencode(fields).encode()))


def test_a_click_makes_the_next_revision_and_opens_it(studio: SampleStudio) -> None:
    """Real: the daemon, the sample Kitsu, the disk, a started program."""
    put(studio, "SH010_v002_ab.txt", "SH010_v010_kd.txt", "SH010_v001_ab.txt")

    launch = studio.clicked(studio.form("next"))

    assert argument(launch) == "SH010_v011_mf.txt"
    assert held(studio)["SH010_v011_mf.txt"] == "SH010_v010_kd.txt"
    assert len(held(studio)) == 4


def test_simultaneous_clicks_make_one_revision_each_number_once(studio: SampleStudio) -> None:
    """Real: the same button pressed by form, by AJAX and by two terminals, all at one moment, in four threads."""
    put(studio, "SH010_v001_ab.txt")
    # Another choice is another wish: the same twice within two seconds would be one click.
    doors = [{"action": "next", "tasks": [studio.task()], "choose": choose} for choose in (None, "next")]
    clicks: list[Callable[[], str]] = [
        lambda: studio.launched(studio.send(studio.form("next"))),
        lambda: studio.launched(studio.send(studio.ajax("next"))),
        *(lambda wish=wish: str(studio.daemon.ask("POST", "/door/run", wish)["id"]) for wish in doors),
    ]
    launches: list[str] = []
    ready = threading.Barrier(len(clicks))

    def click(one: Callable[[], str]) -> None:
        ready.wait()
        launches.append(one())

    threads = [threading.Thread(target=click, args=(one,)) for one in clicks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    states = [studio.settled(launch, "done", "failed") for launch in launches]
    opened = sorted(argument(launch) for launch in states if launch["state"] == "done")
    assert len(set(launches)) == 4
    # Whoever was overtaken three times is told so; a number is never given twice, nor left out.
    assert {launch["error"]["code"] for launch in states if launch["error"]} <= {"taken"}
    assert opened == [f"SH010_v{number:03}_mf.txt" for number in range(2, 2 + len(opened))]
    assert len(opened) >= 2
    assert sorted(held(studio)) == ["SH010_v001_ab.txt", *opened]


def test_choose_lists_what_there_is_and_opens_what_she_chose(studio: SampleStudio) -> None:
    """Real: the question's page, its form's own fields."""
    put(studio, "SH010_v001_ab.txt", "SH010_v002_kd.txt")

    asks = studio.clicked(studio.form("choose"))

    assert asks["state"] == "asks"
    assert asks["question"]["choices"] == ["open", "next"]
    page = studio.send(studio.page(asks["url"])).text
    assert page.index("SH010_v002_kd.txt") < page.index("SH010_v001_ab.txt")
    assert "Which working file shall be opened?" in page
    body = urlencode({"once": once_of(page), "file": "SH010_v001_ab.txt", "answer": "open"}).encode()
    studio.send(own_page(studio.port, "POST", f"{asks['url']}/answer", body))
    assert argument(studio.settled(asks["id"], "done")) == "SH010_v001_ab.txt"
    assert len(held(studio)) == 2


def test_a_file_gone_since_the_listing_is_told_and_nothing_else_opened(studio: SampleStudio) -> None:
    put(studio, "SH010_v001_ab.txt", "SH010_v002_kd.txt")
    asks = studio.clicked(studio.form("choose"))
    once = once_of(studio.send(studio.page(asks["url"])).text)
    (studio.prod / "SH010_v002_kd.txt").unlink()

    body = urlencode({"once": once, "file": "SH010_v002_kd.txt", "answer": "next"}).encode()
    studio.send(own_page(studio.port, "POST", f"{asks['url']}/answer", body))

    failed = studio.settled(asks["id"])
    assert failed["error"]["problem"] == (
        "The working file SH010_v002_kd.txt of SQ010/SH010/Animation is not there any more."
    )
    assert sorted(held(studio)) == ["SH010_v001_ab.txt"]
    assert studio.notes() == []
    assert f'href="{asks["url"]}/files"' in studio.send(studio.page(asks["url"])).text


def test_every_launchs_page_leads_to_its_other_revisions(studio: SampleStudio) -> None:
    """Real: the list anew, a press on an older file, as it is and as the next."""
    put(studio, "SH010_v001_ab.txt")
    first = studio.clicked(studio.form("next"))
    assert f'href="{first["url"]}/files"' in studio.send(studio.page(first["url"])).text
    put(studio, "SH010_v007_by_a_colleague.txt")

    page = studio.send(studio.page(f"{first['url']}/files")).text
    names = re.findall(r'name="open" value="([^"]+)"', page)
    assert names == ["SH010_v007_by_a_colleague.txt", "SH010_v002_mf.txt", "SH010_v001_ab.txt"]
    opened = studio.settled(studio.launched(press(studio, first["id"], open="SH010_v001_ab.txt")))
    following = studio.settled(studio.launched(press(studio, first["id"], next="SH010_v001_ab.txt")))

    assert (argument(opened), argument(following)) == ("SH010_v001_ab.txt", "SH010_v008_mf.txt")
    assert held(studio)["SH010_v008_mf.txt"] == "SH010_v001_ab.txt"


def test_a_revision_that_is_taken_while_she_looks_is_not_overwritten(studio: SampleStudio) -> None:
    """Real: the file that somebody else makes between the list and the press."""
    put(studio, "SH010_v001_ab.txt")
    first = studio.clicked(studio.form("choose"))
    once = once_of(studio.send(studio.page(f"{first['url']}/files")).text)
    put(studio, "SH010_v002_mf.txt")

    answered = press(studio, first["id"], once=once, next="SH010_v001_ab.txt")

    assert argument(studio.settled(studio.launched(answered), "done")) == "SH010_v003_mf.txt"
    assert studio.launched(answered) == first["id"]
    assert held(studio) == {
        "SH010_v001_ab.txt": "SH010_v001_ab.txt",
        "SH010_v002_mf.txt": "SH010_v002_mf.txt",
        "SH010_v003_mf.txt": "SH010_v001_ab.txt",
    }


@pytest.mark.parametrize(
    "name",
    [
        "../first.txt",
        "first.txt",
        ".prod",
        "/etc/passwd",
        "SH010_v009_x.txt",
        "SH020_v001_x.txt",
        "",
        "a\0b",
        "x" * 2000,
    ],
)
def test_only_a_listed_name_is_taken(studio: SampleStudio, name: str) -> None:
    """Real: forms that no page of ours has; the other shot's file is there."""
    put(studio, "SH010_v001_ab.txt", "SH020_v001_x.txt")
    first = studio.clicked(studio.form("next"))
    before = held(studio)

    answer = press(studio, first["id"], open=name)

    if answer.status == 303:
        launch = studio.settled(studio.launched(answer))
        # An empty name is the newest.
        assert (launch["state"], name) == ("done", "") if not name else launch["error"]["code"] == "gone"
    else:
        assert answer.status == 422
    assert held(studio) == before


def test_the_page_takes_a_press_once_from_itself_alone(studio: SampleStudio) -> None:
    """Real: a press again, another launch's value, another page's request, another task."""
    put(studio, "SH010_v001_ab.txt", "SH020_v001_x.txt")
    first = studio.clicked(studio.form("next"))
    other = studio.clicked(studio.form("next", studio.task("SH020")))
    once = once_of(studio.send(studio.page(f"{first['url']}/files")).text)
    target = f"/launches/{first['id']}/files"
    fields = urlencode({"once": once, "task": studio.task(), "open": "SH010_v001_ab.txt"}).encode()
    good = own_page(studio.port, "POST", target, fields)

    foreign = own_page(studio.port, "POST", target, fields)
    foreign.headers["Origin"] = "https://evil.example"
    assert studio.send(foreign).status == 403
    framed = own_page(studio.port, "GET", target)
    assert studio.send(framed).status == 403
    assert press(studio, other["id"], once=once, open="SH020_v001_x.txt").status == 403
    # That used it up: only the page that was shown last counts.
    assert studio.send(good).status == 403
    assert press(studio, first["id"], task=studio.task("SH020"), open="SH020_v001_x.txt").status == 404
    again = once_of(studio.send(studio.page(target)).text)
    assert press(studio, first["id"], once=again, open="SH010_v001_ab.txt").status == 303
    assert press(studio, first["id"], once=again, open="SH010_v001_ab.txt").status == 403


def test_a_terminal_chooses_by_name(studio: SampleStudio) -> None:
    """Real: the private door as the command line asks it, a dry-run first."""
    put(studio, "SH010_v001_ab.txt", "SH010_v002_kd.txt")
    wish = {"action": "choose", "tasks": [studio.task()], "choose": "next", "file": "SH010_v001_ab.txt"}

    plain = studio.daemon.ask("POST", "/door/run", {**wish, "choose": None, "dry_run": True})
    dry = studio.daemon.ask("POST", "/door/run", {**wish, "dry_run": True})
    launch = studio.settled(studio.daemon.ask("POST", "/door/run", wish)["id"])

    assert plain["files"] == ["SH010_v002_kd.txt", "SH010_v001_ab.txt"]
    assert dry["lines"][1] == f"copy {studio.prod}/SH010_v001_ab.txt to {studio.prod}/SH010_v003_mf.txt"
    assert argument(launch) == "SH010_v003_mf.txt"


def test_a_scene_that_is_a_folder_gets_a_next_revision(make_studio: Make) -> None:
    """Real: a Harmony scene's shape; the program gets the new folder."""
    more = MORE.replace(".txt", "")
    studio = make_studio(more=more)
    scene = studio.prod / "SH010_v004_ab"
    (scene / "elements" / "Ink").mkdir(parents=True)
    (scene / "elements" / "Ink" / "Ink-1.tvg").write_text("ink")

    launch = studio.clicked(studio.form("next"))

    assert argument(launch) == "SH010_v005_mf"
    assert (studio.prod / "SH010_v005_mf" / "elements" / "Ink" / "Ink-1.tvg").read_text() == "ink"
    assert [path.name for path in studio.prod.iterdir() if path.name.startswith(".SH")] == []


def test_a_page_of_very_many_files_shows_the_newest_and_folds_the_rest(studio: SampleStudio) -> None:
    """Real: 5,000 files on the disk, the list and the search without a script."""
    put(studio, *(f"SH010_v{number:04}_ab.txt" for number in range(1, 5001)))
    first = studio.clicked(studio.form("choose"))

    page = studio.send(studio.page(f"{first['url']}/files")).text
    found = studio.send(studio.page(f"{first['url']}/files?q=v0042")).text

    before, _, fold = page.partition("<details")
    assert before.count('name="open"') == 200
    assert fold.count('name="open"') == 4800
    assert "4800 older ones" in fold
    assert re.findall(r'name="open" value="([^"]+)"', found) == ["SH010_v0042_ab.txt"]
    question = studio.send(studio.page(first["url"])).text
    assert question.count("<form") == 13
    assert "Show all 5000 working files" in question

"""The tray's menu and icon, from snapshots; its menu as D-Bus has it; snapshots handed from thread to thread."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import replace

import pytest

from launcher.icon import Sign
from launcher.model import State
from launcher.system import Item
from launcher.system.linux.dbusmenu import Changes, Menu, properties
from launcher.system.waking import woken
from launcher.tray import LoggedIn, OwnTask, Seen, Snapshot, TrayView, every, menu, sign, title
from launcher.words import _

KITSU = "https://kitsu.fox.example"
OTHER = "https://kitsu.owl.example"
MIKA = LoggedIn("Mika Fox", "mika@fox.example", KITSU)
ACTIONS = (("open", "Open in Blender"), ("folder", "Open the folder"))


def own_task(label: str = "SQ010/SH010/Animation", id: str = "t1") -> OwnTask:
    return OwnTask(label, id, "p1", KITSU, ACTIONS)


def seen(state: State, word: str, id: str = "a1", title: str = "Open in Blender", waits: bool = False) -> Seen:
    return Seen(id, title, "SQ010/SH010/Animation", state, word, waits)


def drawn(items: Iterable[Item], depth: int = 0) -> list[str]:
    """A menu as a person sees it, with what is pressed by each line."""
    lines = []
    for item in items:
        mark = {None: "", True: "[x] ", False: "[ ] "}[item.checked]
        lines.append(("    " * depth + mark + (item.text or "--") + (f" <{item.id}>" if item.id else "")).rstrip())
        lines += drawn(item.items, depth + 1)
    return lines


# -- the menu --------------------------------------------------------------------------------------------------------
def test_a_whole_menu() -> None:
    now = Snapshot(
        launches=(seen(State.RUNNING, "Running"), seen(State.FAILED, "Failed", "b2", "Play")),
        tasks=(own_task(), OwnTask("Fox/Modeling", "t2", "p1", KITSU, ())),
        people=(MIKA,),
        autostart=True,
    )

    assert drawn(menu(now)) == [
        "1 launch is running <dashboard>",
        "--",
        "My tasks",
        "    SQ010/SH010/Animation",
        "        Open in Blender <run open t1 p1 https://kitsu.fox.example>",
        "        Open the folder <run folder t1 p1 https://kitsu.fox.example>",
        "    Fox/Modeling",
        "        No action fits this task",
        "Last launches",
        "    Running: Open in Blender, SQ010/SH010/Animation <launch a1>",
        "    Failed: Play, SQ010/SH010/Animation <launch b2>",
        "Dashboard <dashboard>",
        "--",
        "Log out Mika Fox <logout mika@fox.example https://kitsu.fox.example>",
        "[x] Start at login <autostart>",
        "--",
        "Quit <quit>",
    ]
    assert sign(now) is Sign.BUSY
    assert title(now) == "Kitsu Launcher: 1 launch is running"


def test_all_is_well() -> None:
    now = Snapshot(people=(MIKA,), autostart=False)

    assert drawn(menu(now)) == [
        "All is well <dashboard>",
        "--",
        "My tasks",
        "    They are being read from Kitsu…",
        "Last launches",
        "    Nothing yet",
        "Dashboard <dashboard>",
        "--",
        "Log out Mika Fox <logout mika@fox.example https://kitsu.fox.example>",
        "[ ] Start at login <autostart>",
        "--",
        "Quit <quit>",
    ]
    assert sign(now) is Sign.WELL


def test_nobody_is_logged_in() -> None:
    now = Snapshot(logins=(KITSU,))

    assert drawn(menu(now))[:2] == ["Log in to Kitsu… <login https://kitsu.fox.example>", "--"]
    assert "My tasks" not in drawn(menu(now))
    assert sign(now) is Sign.NEEDS_YOU


def test_with_several_servers_each_is_named() -> None:
    now = Snapshot(people=(MIKA, replace(MIKA, server=OTHER)), logins=(OTHER,), away=(KITSU,))

    assert drawn(menu(now))[:2] == [
        "Log in to kitsu.owl.example… <login https://kitsu.owl.example>",
        "kitsu.fox.example does not answer <dashboard>",
    ]
    assert "Log out Mika Fox (kitsu.owl.example) <logout mika@fox.example https://kitsu.owl.example>" in drawn(
        menu(now)
    )


@pytest.mark.parametrize(
    ("now", "shown", "line"),
    [
        (Snapshot(away=(KITSU,)), Sign.AWAY, "Kitsu does not answer"),
        (Snapshot(launches=(seen(State.PREPARING, "Preparing"),)), Sign.BUSY, "1 launch is running"),
        (Snapshot(launches=(seen(State.ASKS, "Question"),)), Sign.NEEDS_YOU, "Answer: Open in Blender?"),
        (
            Snapshot(launches=(seen(State.PREPARING, "Waiting", waits=True),)),
            Sign.NEEDS_YOU,
            "Log in for: Open in Blender",
        ),
        (Snapshot(launches=(seen(State.DONE, "Done"),)), Sign.WELL, "All is well"),
        (Snapshot(launches=(seen(State.FAILED, "Failed"),)), Sign.WELL, "All is well"),
        (Snapshot(waiting="Port 24517 is taken."), Sign.NEEDS_YOU, "Port 24517 is taken."),
        (Snapshot(wrong=("Blender is not installed here.",)), Sign.NEEDS_YOU, "Blender is not installed here."),
        (Snapshot(failed="Starting at login could not be changed."), Sign.NEEDS_YOU, "Starting at login could not be"),
        (Snapshot(away=(KITSU,), logins=(OTHER,)), Sign.NEEDS_YOU, "Log in to kitsu.owl.example…"),
    ],
)
def test_the_first_line_and_the_icon_say_the_most_important(now: Snapshot, shown: Sign, line: str) -> None:
    assert sign(now) is shown
    assert menu(now)[0].text.startswith(line)
    assert title(now).startswith(f"Kitsu Launcher: {line}")


def test_a_login_that_ends_within_a_day_is_told_and_pressed() -> None:
    now = Snapshot(people=(MIKA,), ending=((_("The login of {name} ends within an hour.", name="Mika Fox"), KITSU),))

    assert sign(now) is Sign.NEEDS_YOU
    assert drawn(menu(now))[0] == "The login of Mika Fox ends within an hour. <login https://kitsu.fox.example>"


def test_while_the_port_is_somebody_elses_nothing_leads_to_its_pages() -> None:
    holder = "127.0.0.1:24517: held by a program of user otto"
    now = Snapshot(waiting="Port 24517 is taken.", holder=holder, people=(MIKA,), launches=(seen(State.DONE, "Done"),))

    assert drawn(menu(now)) == [
        "Port 24517 is taken.",
        "127.0.0.1:24517: held by a program of user otto",
        "--",
        "Last launches",
        "    Done: Open in Blender, SQ010/SH010/Animation",
        "Dashboard",
        "--",
        "Log out Mika Fox <logout mika@fox.example https://kitsu.fox.example>",
        "--",
        "Quit <quit>",
    ]


def test_more_than_twenty_tasks_lead_to_the_dashboard() -> None:
    now = Snapshot(people=(MIKA,), tasks=tuple(own_task(f"SH{n:03}/Animation", f"t{n}") for n in range(24)))

    lines = drawn(menu(now)[2].items)

    assert sum(line.startswith("SH") for line in lines) == 20
    assert lines[-2:] == ["--", "All 24 tasks… <dashboard>"]


def test_at_most_five_launches_are_listed() -> None:
    now = Snapshot(launches=tuple(seen(State.DONE, "Done", f"l{n}") for n in range(9)))

    assert [item.id for item in every(menu(now)) if item.id.startswith("launch")] == [f"launch l{n}" for n in range(5)]


def test_why_tasks_could_not_be_read_is_said_above_those_that_were() -> None:
    now = Snapshot(people=(MIKA,), tasks=(own_task(),), tasks_problem="Kitsu cannot be reached.")

    assert drawn(menu(now)[2].items)[:2] == ["Kitsu cannot be reached.", "SQ010/SH010/Animation"]


def test_names_are_harmless_and_bounded() -> None:
    odd = "SH010\n\x1b[31m\u202egnp\u202c & _x_" + "y" * 200
    now = Snapshot(
        people=(replace(MIKA, name=odd),), tasks=(own_task(odd),), launches=(seen(State.DONE, "Done", title=odd),)
    )

    texts = [item.text for item in every(menu(now))]

    assert all(text.isprintable() and len(text) <= 70 for text in texts)
    assert r"SH010\n\x1b[31m\u202egnp\u202c & _x_yyyyyyyyyyyyy…" in texts
    assert all(item.id.count(" ") <= 4 for item in every(menu(now)))


def test_ids_never_hold_a_name() -> None:
    """What is pressed is decided by ids alone: a name that looks like one presses nothing else."""
    now = Snapshot(people=(MIKA,), tasks=(own_task("quit"),), launches=(seen(State.DONE, "Done", title="quit"),))

    assert [item.id for item in every(menu(now)) if item.id == "quit"] == ["quit"]


def test_words_reach_the_person_in_her_language(monkeypatch: pytest.MonkeyPatch) -> None:
    french = {"All is well": "Tout va bien", "Kitsu Launcher: {state}": "Kitsu Launcher : {state}"}

    class Catalogue:
        def gettext(self, pattern: str) -> str:
            return french.get(pattern, pattern)

    monkeypatch.setattr("launcher.words._catalogue", lambda language: Catalogue() if language == "fr" else None)

    assert menu(Snapshot(language="fr"))[0].text == "Tout va bien"
    assert title(Snapshot(language="fr")) == "Kitsu Launcher : Tout va bien"


# -- as D-Bus has it -------------------------------------------------------------------------------------------------
def test_items_as_properties_of_dbusmenu() -> None:
    assert properties(Item("")) == {"type": ("s", "separator")}
    assert properties(Item("SH_010", "x")) == {"label": ("s", "SH__010")}
    assert properties(Item("Nothing yet")) == {"label": ("s", "Nothing yet"), "enabled": ("b", False)}
    assert properties(Item("On", "x", checked=True)) == {
        "label": ("s", "On"),
        "toggle-type": ("s", "checkmark"),
        "toggle-state": ("i", 1),
    }
    assert properties(Item("More", items=(Item("x"),))) == {
        "label": ("s", "More"),
        "children-display": ("s", "submenu"),
    }


def test_the_layout_of_a_menu() -> None:
    shown = Menu()
    shown.show((Item("More", items=(Item("Inner", "inner"),)), Item("Quit", "quit")))

    assert shown.layout(0, -1, ()) == (
        0,
        {"children-display": ("s", "submenu")},
        [
            (
                "(ia{sv}av)",
                (
                    1,
                    {"label": ("s", "More"), "children-display": ("s", "submenu")},
                    [("(ia{sv}av)", (2, {"label": ("s", "Inner")}, []))],
                ),
            ),
            ("(ia{sv}av)", (3, {"label": ("s", "Quit")}, [])),
        ],
    )
    assert shown.layout(0, 1, ("label",)) == (
        0,
        {},
        [("(ia{sv}av)", (1, {"label": ("s", "More")}, [])), ("(ia{sv}av)", (3, {"label": ("s", "Quit")}, []))],
    )
    assert shown.layout(99, -1, ()) is None


def test_a_line_that_is_still_shown_keeps_its_meaning() -> None:
    """A menu is open while it changes: what is pressed is what stood there."""
    shown = Menu()
    shown.show((Item("Open SH010", "run a"), Item("Quit", "quit")))
    first = [number for number, _ in shown.properties([], ()) if number]

    changes = shown.show((Item("Log in…", "login"), Item("Open SH020", "run b"), Item("Quit", "quit")))

    assert changes == Changes(parents=(0,))
    assert shown.revision == 2
    assert [shown.pressed(number) for number in first] == ["run a", "quit"]
    assert not shown.show((Item("Log in…", "login"), Item("Open SH020", "run b"), Item("Quit", "quit")))


def test_only_what_changed_is_told_anew() -> None:
    """LXQt closes an open menu whose whole list is told anew; her tasks arrive while she looks."""
    shown = Menu()
    shown.show((Item("All is well", "d"), Item("My tasks", items=(Item("They are read"),)), Item("Start", "a", False)))

    arrived = shown.show(
        (Item("All is well", "d"), Item("My tasks", items=(Item("SH010", "run"),)), Item("Start", "a", True))
    )
    busy = shown.show((Item("1 runs", "d"), Item("My tasks", items=(Item("SH010", "run"),)), Item("Start", "a", None)))

    assert arrived == Changes(parents=(2,), updated=((4, {"toggle-state": ("i", 1)}),))
    assert busy == Changes(updated=((1, {"label": ("s", "1 runs")}),), removed=((4, ["toggle-type", "toggle-state"]),))


def test_lines_of_one_name_have_numbers_of_their_own() -> None:
    shown = Menu()
    shown.show(
        (Item("Twin", items=(Item("Open", "run a"),)), Item("Twin", items=(Item("Open", "run b"),)), Item(""), Item(""))
    )

    numbers = [number for number, _ in shown.properties([], ())]

    assert len(set(numbers)) == 7
    assert {shown.pressed(number) for number in numbers} == {"", "run a", "run b"}


# -- handing over ----------------------------------------------------------------------------------------------------
def test_the_latest_snapshot_wins_and_the_same_one_wakes_nobody() -> None:
    view = TrayView()
    view.show(Snapshot(away=(KITSU,)))
    view.show(Snapshot(logins=(KITSU,)))
    assert view.changed.is_set()
    assert view.sign() is Sign.NEEDS_YOU
    view.changed.clear()

    view.show(Snapshot(logins=(KITSU,)))

    assert not view.changed.is_set()


def test_what_is_pressed_reaches_whoever_listens() -> None:
    view, heard = TrayView(), list[str]()
    view.press("quit")  # before anybody listens: nothing happens
    view.when_pressed(heard.append)

    view.press("dashboard")

    assert heard == ["dashboard"]


def test_a_change_and_the_end_wake_the_tray() -> None:
    """Real: threads and events."""
    changed, stop, woke = threading.Event(), threading.Event(), threading.Semaphore(0)

    with woken(changed, stop, woke.release):
        changed.set()
        assert woke.acquire(timeout=5)
        assert not changed.is_set()
        stop.set()
        assert woke.acquire(timeout=5)

    assert not [thread for thread in threading.enumerate() if thread.name == "tray"]


def test_words_that_are_shown_stay_whole_sentences() -> None:
    assert menu(Snapshot(waiting=_("Port {port} is taken.", port=1)))[0].text == "Port 1 is taken."


ENDS = """
import signal, threading
from launcher.system.linux import tray
from launcher.tray import TrayView

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())

def end():
    threading.Event().wait(3)  # until nothing but a signal can wake it
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    threading.Event().wait()

threading.Thread(target=end, daemon=True).start()
tray.run(TrayView(), stop)
print("ended")
"""


def test_a_signal_that_the_kernel_gave_to_another_thread_ends_the_tray() -> None:
    """Real: a process without bus and display, a signal sent to its second thread."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DBUS_", "DISPLAY", "XDG_"))}

    done = subprocess.run(
        [sys.executable, "-c", ENDS], env=env, capture_output=True, text=True, timeout=20, check=False
    )

    assert (done.stdout, done.stderr) == ("ended\n", "")

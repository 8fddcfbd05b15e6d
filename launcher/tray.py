"""The tray's icon and menu, from one immutable snapshot of the daemon. Pure, but for the view that hands it over.

`trayside` makes the snapshots in the loop's thread; `system/<os>/tray.py` shows them in the main thread.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from launcher.icon import Sign
from launcher.logs import capped, escaped
from launcher.model import State
from launcher.system import Item, Notice
from launcher.system.here import tray
from launcher.words import _, in_language, n_

MOST_TASKS = 20
"""Tasks in the menu; more are on the dashboard."""
MOST_LAUNCHES = 5
MOST_NOTICES = 10
"""Of those that an icon has not shown yet."""
LONGEST = 70
"""Characters of one line of the menu."""
LONGEST_NAME = 50
"""Characters of what somebody else has named, within a line."""
LONGEST_TITLE = 120
"""Of the icon's own words; Windows takes 127."""
BEGINS_S = 0.05
"""How often it is looked whether the daemon listens; that takes a moment, once."""
LINE = Item("")

OPENED = "opened"
"""Pressed when the menu is opened: its contents may be asked for then."""
DASHBOARD = "dashboard"
AUTOSTART = "autostart"
QUIT = "quit"
RUN, LAUNCH, LOGIN, LOGOUT = "run ", "launch ", "login ", "logout "
"""Ids that begin so name what they are about, separated by blanks; none of the parts can hold one."""
PAGES = (DASHBOARD, LAUNCH, LOGIN)
"""What is opened in the browser, from our port."""


@dataclass(frozen=True, slots=True)
class OwnTask:
    """One of the person's tasks, with the actions that fit it."""

    label: str
    id: str
    person_id: str
    server: str
    """Kitsu's origin."""
    actions: tuple[tuple[str, str], ...]
    """Name and title of each."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One launch, as the menu shows it."""

    id: str
    title: str
    tasks: str
    state: State
    outcome: str
    """How it stands or ended, in one or two words."""
    waits: bool = False
    """It waits for somebody to log in."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A person on one Kitsu."""

    name: str
    email: str
    server: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that the tray shows, at one moment."""

    language: str = "en"
    waiting: str = ""
    """Why the daemon does not listen yet; empty once it does."""
    holder: str = ""
    """Who holds the port meanwhile."""
    launches: tuple[Seen, ...] = ()
    """The newest first, all that are unfinished among them."""
    tasks: tuple[OwnTask, ...] | None = None
    """None until they have been asked for."""
    tasks_problem: str = ""
    """Why they could not be read."""
    people: tuple[LoggedIn, ...] = ()
    logins: tuple[str, ...] = ()
    """Origins of the Kitsus where nobody is logged in, or where the login counts no longer."""
    away: tuple[str, ...] = ()
    """Origins of the Kitsus that did not answer."""
    ending: tuple[tuple[str, str], ...] = ()
    """What to say of each login that ends within a day, and its Kitsu's origin."""
    failed: str = ""
    """Why what was pressed last did not happen."""
    wrong: tuple[str, ...] = ()
    """What else is wrong on this machine, a title each."""
    autostart: bool | None = None
    """Whether it starts at login; None where that cannot be told or changed."""


# -- the icon --------------------------------------------------------------------------------------------------------
def sign(now: Snapshot) -> Sign:
    """What the icon says: what needs her first, then whether Kitsu is there, then whether something runs."""
    said = (now.waiting, now.failed, now.wrong, now.logins, now.ending)
    if any(said) or any(_needs_her(seen) for seen in now.launches):
        return Sign.NEEDS_YOU
    if now.away:
        return Sign.AWAY
    return Sign.BUSY if _going(now) else Sign.WELL


def title(now: Snapshot) -> str:
    """The icon's name and the most important thing to say."""
    first = next(iter(_state(now)))
    said = in_language(_("Kitsu Launcher: {state}", state=first.text), now.language)
    return capped(escaped(said), LONGEST_TITLE)


def _needs_her(seen: Seen) -> bool:
    return seen.state is State.ASKS or seen.waits


def _going(now: Snapshot) -> int:
    return sum(seen.state in (State.PREPARING, State.RUNNING) for seen in now.launches)


# -- the menu --------------------------------------------------------------------------------------------------------
def menu(now: Snapshot) -> tuple[Item, ...]:
    """The whole menu, in the snapshot's language."""
    groups = (_state(now), _lists(now), _account(now), [Item(_("Quit"), QUIT)])
    items: list[Item] = []
    for group in groups:
        items += [LINE, *group] if items else [*group]
    return tuple(_said(item, now) for item in items)


def _state(now: Snapshot) -> Iterator[Item]:
    """How all stands, the most important first; what can be done about it is pressed."""
    everything = [*_wrong(now), *_asking(now), *_kitsu(now)]
    if count := _going(now):
        everything.append(Item(n_("{n} launch is running", "{n} launches are running", count), DASHBOARD))
    yield from everything or [Item(_("All is well"), DASHBOARD)]


def _wrong(now: Snapshot) -> Iterator[Item]:
    for line in (now.waiting, now.holder):
        if line:
            yield Item(line)
    if now.failed:
        yield Item(now.failed, DASHBOARD)
    for problem in now.wrong:
        yield Item(problem, DASHBOARD)


def _asking(now: Snapshot) -> Iterator[Item]:
    for seen in now.launches:
        if seen.state is State.ASKS:
            yield Item(_("Answer: {action}?", action=name(seen.title)), LAUNCH + seen.id)
        elif seen.waits:
            yield Item(_("Log in for: {action}", action=name(seen.title)), LAUNCH + seen.id)


def _kitsu(now: Snapshot) -> Iterator[Item]:
    several = len({*now.logins, *now.away, *(person.server for person in now.people)}) > 1
    for origin in now.logins:
        text = _("Log in to {server}…", server=_host(origin)) if several else _("Log in to Kitsu…")
        yield Item(text, LOGIN + origin)
    for said, origin in now.ending:
        yield Item(said, LOGIN + origin)
    for origin in now.away:
        text = _("{server} does not answer", server=_host(origin)) if several else _("Kitsu does not answer")
        yield Item(text, DASHBOARD)


def _lists(now: Snapshot) -> list[Item]:
    launches = tuple(_launch(seen) for seen in now.launches[:MOST_LAUNCHES]) or (Item(_("Nothing yet")),)
    lists = [Item(_("My tasks"), items=tuple(_tasks(now)))] if now.people and not now.waiting else []
    return [*lists, Item(_("Last launches"), items=launches), Item(_("Dashboard"), DASHBOARD)]


def _tasks(now: Snapshot) -> Iterator[Item]:
    if now.tasks_problem:
        yield Item(now.tasks_problem)
    if now.tasks is None:
        if not now.tasks_problem:
            yield Item(_("They are being read from Kitsu…"))
        return
    if not now.tasks and not now.tasks_problem:
        yield Item(_("Nothing is assigned to you"))
    for task in now.tasks[:MOST_TASKS]:
        about = f"{task.id} {task.person_id} {task.server}"
        actions = tuple(Item(name(said), f"{RUN}{action} {about}") for action, said in task.actions)
        yield Item(name(task.label), items=actions or (Item(_("No action fits this task")),))
    if len(now.tasks) > MOST_TASKS:
        yield LINE
        yield Item(n_("All {n} tasks…", "All {n} tasks…", len(now.tasks)), DASHBOARD)


def _launch(seen: Seen) -> Item:
    what = _("{action}, {tasks}", action=name(seen.title), tasks=name(seen.tasks)) if seen.tasks else name(seen.title)
    return Item(_("{outcome}: {what}", outcome=seen.outcome, what=what), LAUNCH + seen.id)


def _account(now: Snapshot) -> list[Item]:
    several = len({person.server for person in now.people}) > 1
    items = []
    for person in now.people:
        text = (
            _("Log out {name} ({server})", name=name(person.name), server=_host(person.server))
            if several
            else _("Log out {name}", name=name(person.name))
        )
        items.append(Item(text, f"{LOGOUT}{person.email} {person.server}"))
    if now.autostart is not None:
        items.append(Item(_("Start at login"), AUTOSTART, checked=now.autostart))
    return items or [Item(_("Nobody is logged in"))]


def name(text: str) -> str:
    """A name from elsewhere, harmless: what would not be seen is written out, and it is bounded."""
    return capped(escaped(text), LONGEST_NAME)


def _host(origin: str) -> str:
    return name(origin.partition("://")[2])


def _said(item: Item, now: Snapshot) -> Item:
    """An item as it is shown. As long as the port is somebody else's, nothing leads to pages there."""
    text = capped(escaped(in_language(item.text, now.language)), LONGEST)
    pressed = "" if now.waiting and item.id.startswith(PAGES) else item.id
    return Item(text, pressed, item.checked, tuple(_said(inner, now) for inner in item.items))


def every(items: Iterable[Item]) -> Iterator[Item]:
    """Every item of a menu, those of its submenus too, from the top to the bottom."""
    for item in items:
        yield item
        yield from every(item.items)


# -- handing it over -------------------------------------------------------------------------------------------------
class TrayView:
    """Hands snapshots from the loop's thread to the tray's, the latest wins; and what is pressed the other way."""

    def __init__(self, first: Snapshot | None = None) -> None:
        self.changed = threading.Event()
        self.begun = False
        """Whether the daemon listens: what shows the icon costs imports, which must not delay that."""
        self._latest = first or Snapshot()
        self._pressed: Callable[[str], None] = lambda item_id: None
        self._told: deque[Notice | str] = deque(maxlen=MOST_NOTICES)

    def show(self, snapshot: Snapshot) -> None:
        """Let this be shown. Never waits for the tray."""
        if snapshot != self._latest:
            self._latest = snapshot
            self.changed.set()

    def when_pressed(self, pressed: Callable[[str], None]) -> None:
        """Who is told, in the tray's thread, of what is pressed; it must not wait."""
        self._pressed, self.begun = pressed, True

    def snapshot(self) -> Snapshot:
        """The latest one."""
        return self._latest

    def sign(self) -> Sign:
        """What the icon says."""
        return sign(self._latest)

    def title(self) -> str:
        """The same in words."""
        return title(self._latest)

    def menu(self) -> tuple[Item, ...]:
        """The menu as it is now."""
        return menu(self._latest)

    def press(self, item_id: str) -> None:
        """Tell the loop. Returns at once."""
        self._pressed(item_id)

    def tell(self, notice: Notice) -> None:
        """Have the icon show a notice, where an icon does."""
        self._told.append(notice)
        self.changed.set()

    def untell(self, key: str) -> None:
        """Have it taken away, where it is the one that is shown."""
        self._told.append(key)
        self.changed.set()

    def told(self) -> Notice | str | None:
        """The next notice to be shown, or the key of one to be taken away; None when that was all."""
        with contextlib.suppress(IndexError):
            return self._told.popleft()
        return None


def run(view: TrayView, stop: threading.Event) -> None:
    """Show the icon until `stop` is set, once the daemon listens; without any panel, wait. In the main thread only."""
    while not view.begun and not stop.is_set():
        # No `stop.wait`: a signal's handler sets `stop` in this thread, and would wait for the lock that it holds.
        time.sleep(BEGINS_S)
    if not stop.is_set():
        tray.run(view, stop)

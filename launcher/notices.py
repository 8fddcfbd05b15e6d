"""What the desktop's notices say of a launch, and where its person is told of it. Pure: `noticeside` does it.

One way for each thing: what a page of the launch shows in front of her is told by that page, what she has to answer
opens its page, and all else is a notice. Where nothing shows notices, what has failed opens its page too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from launcher.launch import Launch
from launcher.logs import capped, escaped
from launcher.model import Sender, State
from launcher.system import Notice
from launcher.web.view import listed, shown, view
from launcher.words import _, in_language

LIVED_S = 5.0
"""An application that has run this long is open."""
SOON_S = 0.3
"""What is over sooner was never worth a notice that it begins."""
PAGE_S = 1.5
"""A page in front of her asks every half second: what it has not shown by then she does not see."""
BROWSER_S = 15.0
"""How long a browser may take to show a page that was opened in it."""
LONGEST_ACTION, LONGEST_TASKS = 28, 32
LONGEST_PROBLEM, LONGEST_NEXT = 140, 110
"""Characters. Windows takes 63 of a title and 255 of a text."""
READ = 2000
"""Characters of a text that are looked at at all."""
PAGES = (Sender.FORM, Sender.PAGE, Sender.LINK)
"""Their clicks have a tab with the launch's page."""
NOWHERE = (Sender.AJAX, Sender.TRAY)
"""After such a click nothing is to be seen."""


class Kind(StrEnum):
    """What there is to be told of a launch."""

    OPENING = "opening"
    OPENED = "opened"
    FAILED = "failed"
    CRASHED = "crashed"
    LOGIN = "login"
    QUESTION = "question"
    READ = "read"
    """Its outcome is something to read on its page."""


URGENT = (Kind.FAILED, Kind.CRASHED, Kind.LOGIN, Kind.QUESTION)


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody is told."""

    page: bool = False
    """Its page is opened at once."""
    notice: bool = False
    """A notice says it, unless the launch's page has shown it meanwhile."""
    after_s: float = 0.0
    """How long that page may take."""
    else_page: bool = False
    """Where there are no notices, its page is opened instead."""


def kind(launch: Launch, before: State | None, lived: bool) -> Kind | None:
    """What is to be told of a launch as it is now; None for nothing.

    `before`: the state that it had before its present one, None where that was another daemon's time.
    `lived`: its applications have run for `LIVED_S`.
    """
    if launch.doubted and not launch.processes:
        return None  # any page may have sent it: until she has said yes, only its own page tells
    if launch.error and launch.state is not State.PREPARING:
        if launch.state is State.REFUSED and before is State.ASKS:
            return None  # she said no, or let it be
        crashed = launch.error.code == "ended" and any(process.exit_code for process in launch.processes)
        return Kind.CRASHED if crashed else Kind.FAILED
    match launch.state:
        case State.PREPARING if launch.waiting_for:
            return Kind.LOGIN
        case State.PREPARING:
            return Kind.OPENING if launch.tasks and before is None else None
        case State.ASKS:
            return Kind.QUESTION
        case State.RUNNING if before is not None:
            return Kind.OPENED if lived else Kind.OPENING
        case State.DONE if before is not None and shown(launch):
            return Kind.READ
        case State.DONE if before is not None and launch.handed_to:
            return Kind.OPENED
        case _:
            return None


def way(launch: Launch, what: Kind) -> Way:
    """How her who made the click is told."""
    sender, early = launch.click.sender, launch.early and what is Kind.CRASHED
    begins = what in (Kind.OPENING, Kind.OPENED)
    if sender in NOWHERE:
        if what in (Kind.LOGIN, Kind.QUESTION):
            return Way(page=True, notice=True, after_s=BROWSER_S)
        if what is Kind.READ:
            return Way(page=True)
        return Way(notice=True, after_s=SOON_S if begins else 0, else_page=not begins and _unseen(launch))
    if sender in PAGES:
        slow = sender is Sender.LINK and launch.page_shown < 0
        seen_by = Way(notice=True, after_s=BROWSER_S if slow else PAGE_S, else_page=early)
        return Way() if what is Kind.READ else seen_by
    if sender is Sender.COMMAND:
        # A terminal tells all but what comes after its command has ended.
        return Way(notice=True, else_page=early) if what is Kind.CRASHED else Way()
    return Way() if begins or what is Kind.READ else Way(notice=True, after_s=PAGE_S, else_page=early)


def _unseen(launch: Launch) -> bool:
    """Whether nobody has seen anything of it: not even a window of an application."""
    return launch.early or not launch.processes


def on_page(launch: Launch) -> bool:
    """Whether its page shows it as it is now, and has not closed itself."""
    return launch.page_shown == launch.version and not launch.page_left


def notice(launch: Launch, what: Kind, language: str) -> Notice:
    """The notice, in the person's language. Names in it are Kitsu's: harmless and bounded."""
    return Notice(
        key=launch.id,
        title=_title(launch, what, language),
        text="\n".join(_lines(launch, what, language)),
        elsewhere=in_language(_("The dashboard of Kitsu Launcher tells more."), language),
        button=in_language(_("Show"), language),
        urgent=what in URGENT,
    )


def saying(key: str, lines: Sequence[str], language: str, *, leads: bool) -> Notice:
    """A notice of what is no launch's; `leads`: a click on it opens a page."""
    lengths = (LONGEST_PROBLEM, LONGEST_NEXT)
    return Notice(
        key=key,
        title="Kitsu Launcher",
        text="\n".join(_name(in_language(text, language), most) for text, most in zip(lines, lengths, strict=False)),
        elsewhere=in_language(_("`kitsu-launcher doctor` tells more."), language).replace("`", ""),
        button=in_language(_("Show"), language) if leads else "",
        urgent=True,
    )


def _title(launch: Launch, what: Kind, language: str) -> str:
    if what is Kind.LOGIN:
        return in_language(_("Log in to Kitsu"), language)
    action, tasks = _name(launch.title, LONGEST_ACTION), _name(in_language(listed(launch.tasks), language))
    return in_language(_("{what} – {tasks}", what=action, tasks=tasks), language) if tasks else action


def _lines(launch: Launch, what: Kind, language: str) -> list[str]:
    """One or two lines: what happens, and what to do."""
    action = _name(launch.title, LONGEST_ACTION)
    said: list[str]
    match what:
        case Kind.LOGIN:
            said = [_("{action}: it goes on once you have logged in.", action=action)]
        case Kind.QUESTION:
            said = [_("It asks something first. Nothing has been started yet.")]
        case Kind.OPENED if launch.state is State.DONE:
            said = [_("Opened in the running {app}.", app=_name(launch.handed_to, LONGEST_PROBLEM))]
        case Kind.OPENED:
            running = dict.fromkeys(process.application for process in launch.processes if process.ended is None)
            said = [_("{app} is open.", app=_name(", ".join(running), LONGEST_PROBLEM))]
        case Kind.FAILED if launch.error:
            said = [launch.error.problem, launch.error.next_step]
        case Kind.CRASHED if launch.error:
            said = [launch.error.problem]  # what it printed stands on its page
        case _:
            told = launch.plan.warnings[:1] if launch.plan and launch.plan.stays else ()
            said = [view(launch, 0).headline, *told]
    lengths = (LONGEST_PROBLEM, LONGEST_NEXT)
    return [
        _name(in_language(text, language).replace("`", ""), most) for text, most in zip(said, lengths, strict=False)
    ]


def _name(text: str, most: int = LONGEST_TASKS) -> str:
    """One line with nothing in it that hides or turns text."""
    return capped(escaped(text[:READ]), most)

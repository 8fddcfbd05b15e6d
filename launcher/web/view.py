"""What a launch's page says, for each state. Pure: templates lay it out, and translate."""

import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from launcher.launches import Launch, Process
from launcher.model import Json, ShowPage, Start, State
from launcher.words import _, n_

NAMED = 3
"""How many tasks a headline names before it counts the rest."""
LONGEST_TITLE = 160
LONGEST_NAME = 120
YOUNG_S = 120
"""A page that is loaded later than this after its click is looked at on purpose and does not close itself."""


@dataclass(frozen=True, slots=True)
class View:
    """The words of one launch's page, and how the page behaves."""

    title: str
    """Of the browser's tab: the state first, then the tasks. Cut to `LONGEST_TITLE` once it is translated."""
    mark: str
    """Names the colour and the sign: a state, or `login`."""
    word: str
    headline: str
    text: str
    subject: str
    """The selected tasks, shortened."""
    unfinished: bool
    """Whether the page should ask again."""
    refreshes: bool
    """Whether a browser without JavaScript should load it again: not while she reads a question, or logs in."""
    closes: bool
    """Whether the page should close itself once the launch has begun."""
    begun: bool
    """Whether all of it has been started."""
    stays: bool
    """Whether there is something to be read before it is closed."""
    document: ShowPage | None
    """Something to read on the page itself."""


def view(launch: Launch, age_s: float) -> View:
    """The page of a launch that began `age_s` seconds ago."""
    document = shown(launch)
    mark, word, headline, text = _words(launch, document)
    subject = listed(launch.tasks)
    begun = launch.state in (State.RUNNING, State.DONE)
    stays = bool(launch.plan and launch.plan.stays)
    title = _("{state}: {action}", state=word, action=launch.title) if launch.error else headline
    return View(
        title=_("{what} – {tasks}", what=title, tasks=subject) if subject else title,
        mark=mark,
        word=word,
        headline=headline,
        text=text,
        subject=subject,
        unfinished=launch.state in (State.PREPARING, State.ASKS, State.RUNNING),
        refreshes=mark == "preparing" or (launch.state is State.RUNNING and age_s < YOUNG_S),
        closes=document is None and launch.error is None and not stays and (not begun or age_s < YOUNG_S),
        stays=stays,
        begun=begun,
        document=document,
    )


def shown(launch: Launch) -> ShowPage | None:
    """What the launch shows on its own page, for a kind that is a page."""
    steps = launch.plan.steps if launch.plan and launch.state in (State.RUNNING, State.DONE) else ()
    return next((step for step in steps if isinstance(step, ShowPage)), None)


def listed(names: Iterable[str]) -> str:
    """Names for a headline: the first few, and how many more."""
    names = [name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…" for name in names]
    if len(names) <= NAMED:
        return ", ".join(names)
    first, more = ", ".join(names[:NAMED]), len(names) - NAMED
    return n_("{names} and {n} more", "{names} and {n} more", more, names=first)


def _applications(launch: Launch) -> str:
    """Which applications the plan starts, each once; empty when it starts none."""
    steps = launch.plan.steps if launch.plan else ()
    return ", ".join(dict.fromkeys(step.application for step in steps if isinstance(step, Start)))


def _words(launch: Launch, document: ShowPage | None) -> tuple[str, str, str, str]:
    """Mark, word, headline and sentence of a launch's state."""
    applications, title = _applications(launch), launch.title
    match launch.state:
        case State.PREPARING if launch.waiting_for:
            return ("login", _("Waiting"), _("Log in to Kitsu"), "")
        case State.PREPARING if launch.asking:
            asking = _("Asking {program} …", program=launch.asking)
            return ("preparing", _("Preparing"), asking, _("A program of your studio is asked first; it may say no."))
        case State.PREPARING:
            opening = _("Opening {app}", app=applications) if applications else _("Preparing: {action}", action=title)
            reading = _("Reading the selection from Kitsu and looking for its files.")
            return ("preparing", _("Preparing"), opening, reading)
        case State.ASKS if launch.plan and launch.plan.files:
            choose = _("Nothing has been started yet. Which working file shall be opened?")
            return ("asks", _("Question"), _("{action}?", action=title), choose)
        case State.ASKS:
            return ("asks", _("Question"), _("{action}?", action=title), _("Nothing has been started yet."))
        case State.REFUSED:
            return ("refused", _("Refused"), launch.error.problem if launch.error else _("Refused"), "")
        case State.FAILED:
            return ("failed", _("Failed"), launch.error.problem if launch.error else _("Failed"), "")
        case State.RUNNING | State.DONE if document:
            return ("done", _("Done"), title, "")
        case State.RUNNING if launch.error:
            # One of several applications has ended with an error, and the others run.
            return ("failed", _("Failed"), launch.error.problem, "")
        case State.RUNNING:
            opening = _("Opening {app}", app=applications or title)
            return ("running", _("Running"), opening, _("You can close this tab."))
        case State.DONE if launch.handed_to:
            return ("done", _("Done"), _("Opened in the running {app}", app=launch.handed_to), "")
        case State.DONE:
            ended = _("{app} has ended", app=applications) if applications else _("Done: {action}", action=title)
            return ("done", _("Done"), ended, "")


def grouped(leaves: Iterable[Mapping[str, Json]]) -> list[tuple[str, list[Mapping[str, Json]]]]:
    """The debug page's leaves by their group; those of one group stand together already."""
    return [(str(name), list(group)) for name, group in groupby(leaves, key=lambda leaf: leaf["group"])]


def ended(process: Process) -> str:
    """How a process ended, in words; a negative code is the signal that ended it."""
    match process.exit_code:
        case 0 if process.handed_over:
            return _("opened in the one that runs already")
        case None:
            return _("ended; its exit code is not known")
        case 0:
            return _("ended")
        case code if code > 0:
            return _("ended with exit code {code}", code=code)
        case code:
            known = {one.value: one.name for one in signal.Signals}
            return _("crashed with signal {n} ({name})", n=-code, name=known.get(-code, _("unknown")))

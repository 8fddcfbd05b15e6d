"""The doctor: looks at everything that can be wrong, and says what cures it.

Each subject has a file: it reads a little, and a pure function judges. The daemon looks at itself (the dashboard, the
icon and `kitsu-launcher doctor` show the same); without one the command line looks alone.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher import __version__, facts
from launcher.applications import Applications
from launcher.config.load import Loaded, load
from launcher.disks import Disks
from launcher.doctor import applications, browsers, kitsu, links, machine, newer, roots, session, studio
from launcher.doctor.finding import Finding, Level, of_error, unanswered, warning, worst
from launcher.doctor.safe import cleaned, cleaner
from launcher.errors import LauncherError
from launcher.kitsu.accounts import Accounts
from launcher.kitsu.tokens import NoKeyring
from launcher.listening import PortTaken
from launcher.paths import Folders, this_os
from launcher.plan.needs import Wanted
from launcher.system.here import places, policies
from launcher.system.here import tray as here_tray
from launcher.words import _

__all__ = ["Finding", "Level", "Patient", "look", "look_alone", "look_at_machine", "worst"]

PATIENCE_S = 5.0
"""For what the desktop or a disk is asked."""
MACHINE_PATIENCE_S = 20.0
SECRETS = ("KITSU_LAUNCHER_BOT_TOKEN", "KITSU_LAUNCHER_KEY")
log = logging.getLogger("launcher.doctor")


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at: one daemon, or this person's machine without one."""

    loaded: Loaded
    accounts: Accounts
    applications: Applications
    folders: Folders
    port: int
    taken: PortTaken | None
    """Who holds the port in our place."""
    running: bool
    """Whether this is a daemon."""
    icon: bool = False
    """Whether it wants to show an icon."""
    door: LauncherError | None = None
    """Why the daemon's private door does not answer."""


async def look(patient: Patient, *, ask: bool = False) -> tuple[Finding, ...]:
    """Everything, in the order in which it is to be cured. Takes as long as the slowest answer, 15 s at most.

    With `ask` the feed of newer versions is asked too, once a day; else what it told last is told again.
    """
    config, disks = patient.loaded.config, patient.applications.disks
    pid = os.getpid() if patient.running else None
    blocking: tuple[tuple[str, Callable[[], Finding | Sequence[Finding]]], ...] = (
        ("folders", lambda: session.folders(patient.folders)),
        ("links", lambda: links.links(config.desk.links)),
        ("autostart", links.autostart),
        ("tray", lambda: session.tray(here_tray.host(), running=patient.running, icon=patient.icon)),
        ("browsers", lambda: browsers.judge(config.actions, config.studio.servers, policies.browsers())),
    )
    found = await asyncio.gather(
        _known(
            session.daemon(pid, __version__),
            session.port(patient.port, patient.taken, config.studio.port, running=patient.running),
            session.door(patient.door, running=patient.running),
            *studio.judge(patient.loaded.problems, patient.loaded.sources, len(config.actions)),
        ),
        _looked("kitsu", kitsu.look(config.studio.servers, patient.accounts, config.studio.ca_file)),
        _looked("keyring", _keyring(patient.accounts)),
        _looked("roots", _roots(patient)),
        _looked("applications", _applications(patient)),
        _looked("version", newer.look(patient.folders, config.studio, ask=ask)),
        *(_looked(key, _asked(disks, key, work)) for key, work in blocking),
    )
    clean = cleaner([*config.studio.keys, *(os.environ.get(name, "") for name in SECRETS)], Path.home())
    return tuple(cleaned(one, clean) for some in found for one in some)


async def look_alone(folders: Folders, door: LauncherError | None = None) -> tuple[Finding, ...]:
    """As `look` with `ask`, where no daemon answers; `door` is what is wrong with its door.

    Of the person's it writes only what a feed of newer versions told, and when.
    """
    loaded = load(folders, os=this_os(), hostname=socket.gethostname(), environ=os.environ, keep_copy=False)
    accounts = Accounts(lambda: loaded.config.studio, os.environ)
    port = loaded.config.studio.port
    try:
        return await look(
            Patient(
                loaded=loaded,
                accounts=accounts,
                applications=Applications(folders, places, this_os()),
                folders=folders,
                port=port,
                taken=await asyncio.to_thread(session.taken, port),
                running=False,
                door=door,
            ),
            ask=True,
        )
    finally:
        await accounts.close()


async def look_at_machine(folders: Folders) -> tuple[Finding, ...]:
    """What needs no session, for IT: see `machine`."""

    def work() -> Sequence[Finding]:
        return machine.look(folders, this_os(), socket.gethostname())

    try:
        found: Sequence[Finding] = await Disks().ask("machine", work, MACHINE_PATIENCE_S)
    except TimeoutError:
        found = [unanswered("machine")]
    clean = cleaner((), Path.home())
    return tuple(cleaned(one, clean) for one in found)


async def _known(*found: Finding) -> Iterable[Finding]:
    return found


async def _looked(key: str, work: Awaitable[Finding | Sequence[Finding]]) -> Iterable[Finding]:
    """The findings of one subject; where looking itself fails, that is one."""
    try:
        found = await work
    except LauncherError as error:
        return (of_error(key, error),)
    except TimeoutError:
        return (unanswered(key),)
    except Exception:  # on a machine where something is broken, one look that fails must not hide the others
        log.exception("could not look at %s", key)
        return (
            warning(
                key,
                _("This could not be looked at: {what}.", what=key),
                _("Report it, with the end of the log daemon.log."),
            ),
        )
    return (found,) if isinstance(found, Finding) else found


async def _asked(
    disks: Disks, key: str, work: Callable[[], Finding | Sequence[Finding]]
) -> Finding | Sequence[Finding]:
    return await disks.ask(f"doctor.{key}", work, PATIENCE_S)


async def _keyring(accounts: Accounts) -> Finding:
    try:
        return session.keyring(await accounts.keyring(), "")
    except NoKeyring as error:
        return session.keyring("", error.args[0])  # `str` would leave it English


async def _roots(patient: Patient) -> Sequence[Finding]:
    config = patient.loaded.config
    wanted = Wanted(roots=roots.here(config.roots, this_os()))
    seen = await facts.read(wanted, patient.applications, config, patient.folders.launches, {}, this_os())
    return roots.judge(config.roots, seen.roots)


async def _applications(patient: Patient) -> Sequence[Finding]:
    config = patient.loaded.config
    names = {name for list_of_names in applications.wanted(config.actions) for name in list_of_names}
    found = await patient.applications.find_all({name: config.apps[name] for name in names})
    return applications.judge(config.actions, config.apps, found, str(patient.applications.settings))

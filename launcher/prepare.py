"""The reading half of a click's way: who asks for what on which tasks, under which rules, and what it would do.

Nothing here writes. A dry-run, the question and the real launch are prepared by the same code.
"""

import dataclasses
import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from launcher import execute, facts, logins, plan, whose
from launcher.applications import Applications
from launcher.config.load import Loaded
from launcher.config.schema import AnyAction, Config, PageAction, Server
from launcher.errors import LauncherError, NotFoundHere, Refused
from launcher.incoming import action_name, command, task_id
from launcher.kitsu.accounts import Accounts
from launcher.launches import Launches
from launcher.logins import Logins
from launcher.model import OS, Click, LeftOut, Person, Plan, Sender, Task
from launcher.paths import Folders
from launcher.plan import rules
from launcher.plan.page import debug
from launcher.plan.renamed import remembered
from launcher.plan.selection import label
from launcher.plan.settled import Settled
from launcher.words import _

MOST_TASKS = 500
"""The most tasks that one click may name."""


class UnknownAction(NotFoundHere):
    """A click names an action that the configuration does not have."""

    code = "action"


class Several(Refused):
    """The selection lies in productions that are configured differently."""

    code = "productions"


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known once Kitsu has answered: who, where, on which tasks, under which rules."""

    click: Click
    action: AnyAction
    config: Config
    server: Server
    person: Person
    tasks: tuple[Task, ...]
    left_out: tuple[LeftOut, ...]
    said: str = ""
    """With Kitsu away: the warning that tells since when all this may be out of date."""


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told while a click is prepared; nobody, for a dry-run."""

    waits: Callable[[str], None] | None = None
    """Somebody has to log in to this server first; without this ear that is an error."""
    knows: Callable[[str, tuple[str, ...]], None] = lambda person, tasks: None
    """Kitsu has answered: the person's name and the labels of the tasks, also of a click that will be refused."""


class TooLarge(Refused):
    """More tasks than any kind of action takes."""

    code = "limit"
    status = 422

    def __init__(self, count: int) -> None:
        super().__init__(
            _("{n} tasks are selected; one click takes at most {most}.", n=count, most=MOST_TASKS),
            next_step=_("Select fewer tasks and click again."),
        )


@dataclass(frozen=True, slots=True)
class Prepare:
    """What a click is prepared with. One for each daemon."""

    loaded: Callable[[], Loaded]
    accounts: Accounts
    applications: Applications
    launches: Launches
    folders: Folders
    hands: execute.Hands
    os: OS
    logins: Logins = dataclasses.field(default_factory=Logins)

    async def prepare(self, click: Click, launch_id: str, ears: Ears) -> Plan:
        """Exactly what a click would do.

        Raises: LauncherError of whichever part says no.
        """
        loaded = self.loaded()
        with placing(loaded):
            scene = await self._scene(loaded, click, ears)
            ears.knows(scene.person.name, tuple(map(label, scene.tasks)))
            made = await self._plan(scene, scene.action, launch_id)
        left_out = (*scene.left_out, *made.left_out)
        warnings = (*filter(None, (scene.said,)), *made.warnings, *map(str, loaded.problems))
        return dataclasses.replace(made, left_out=left_out, warnings=warnings, stays=made.stays or bool(scene.said))

    async def scene(self, click: Click) -> Scene:
        """What Kitsu and the configuration say of a click. Raises: LauncherError of whichever part says no."""
        return await self._scene(self.loaded(), click, Ears())

    async def _scene(self, loaded: Loaded, click: Click, ears: Ears) -> Scene:
        action = self._action(loaded, click.action)
        server = whose.server(click, loaded.config.studio.servers)
        if len(click.task_ids) > MOST_TASKS:
            raise TooLarge(len(click.task_ids))
        person = await logins.comes(self.logins, self.accounts, server, click, ears.waits)
        self.applications.ahead(loaded.config.apps[name] for name in rules.apps(action))
        seen = await self.accounts.tasks(server, person, click.task_ids)
        missing = tuple(
            LeftOut(id, _("unknown to Kitsu, or not visible to {name}", name=person.name)) for id in seen.missing
        )
        unseen = _("Kitsu is away, and {name} has not seen it here before", name=person.name)
        missing += tuple(LeftOut(id, unseen) for id in seen.unseen)
        if not seen.found:
            raise NotFoundHere(
                _("{action}: none of the selected tasks can be seen in Kitsu.", action=self._title(click.action)),
                tried=[_("{task}: {reason}", task=left.task, reason=left.reason) for left in missing],
                next_step=_("Reload Kitsu's page and select again, or ask to be added to the production's team."),
            )
        config = _one_configuration(loaded, seen.found)
        action, tasks = config.actions[action.name], seen.found
        # With Kitsu away nothing is known of previews: none is newer.
        if rules.wants_previews(action) and not seen.said:
            tasks = await self.accounts.previews(server, person, tasks)
        return Scene(click, action, config, server, person, tasks, missing, seen.said)

    async def _plan(self, scene: Scene, action: AnyAction, launch_id: str) -> Plan:
        if isinstance(action, PageAction):
            return await self._debug(scene, action, launch_id)
        settled = await self.settled(scene, action)
        wanted = plan.wanted(
            action, scene.tasks, scene.person, scene.config, self.os, scene.server, scene.click.choice, settled
        )
        wanted = remembered(wanted, self.launches.last_files(action.name, wanted.kins))
        folder = self.folders.launches / launch_id
        environ = self.hands.environment(scene.config.studio.keys)
        known = await facts.read(
            wanted, self.applications, scene.config, folder, environ, self.os, notes=self.hands.notes
        )
        return plan.plan(
            action,
            scene.tasks,
            scene.person,
            scene.config,
            known,
            self.os,
            scene.server,
            launch_id,
            scene.click,
            settled,
        )

    async def settled(self, scene: Scene, action: AnyAction) -> Mapping[str, Settled]:
        """What Kitsu itself names, where the action leaves its application or its file to it."""
        wishes = plan.of_kitsu(action, scene.tasks, scene.person, scene.config, self.os, scene.server)
        if not wishes:
            return {}
        return await self.accounts.own_files(scene.server, scene.person, wishes, scene.config, self.os)

    async def _debug(self, scene: Scene, action: PageAction, launch_id: str) -> Plan:
        """The debug page: what each other action would do is asked of the same code that would do it."""
        outcomes: list[tuple[str, str, Plan | LauncherError]] = []
        for other in scene.config.actions.values():
            if not isinstance(other, PageAction):
                outcome: Plan | LauncherError
                try:
                    outcome = await self._plan(scene, other, launch_id)
                except LauncherError as error:
                    outcome = _placed(error, self.loaded())
                outcomes.append((other.name, other.title, outcome))
        roots = {name: root.on(self.os) for name, root in scene.config.roots.items()}
        return debug(action, scene.tasks, scene.person, scene.server, roots, scene.click, outcomes)

    async def _command(self, action: str, tasks: Sequence[str], server: str | None) -> Click:
        """Paths become ids first: a click carries ids only."""
        paths = [task for task in tasks if not _is_id(task)]
        found: dict[str, str] = {}
        if paths:
            click = Click(action_name(action), (), Sender.COMMAND, server)
            chosen = whose.server(click, self.loaded().config.studio.servers)
            person = await logins.comes(self.logins, self.accounts, chosen, click, None)
            found = {path: await self.accounts.find_task(chosen, person, path) for path in paths}
        return command(action, [found.get(task, task) for task in tasks], server=server)

    def _title(self, action: str) -> str:
        found = self.loaded().config.actions.get(action)
        return found.title if found else action

    def _action(self, loaded: Loaded, name: str) -> AnyAction:
        actions = loaded.config.actions
        if name in actions:
            return actions[name]
        near = difflib.get_close_matches(name, actions, 1)
        known = _("known actions: {names}", names=", ".join(actions)) if actions else _("known actions: none")
        raise UnknownAction(
            _('No action is called "{name}" here.', name=name),
            tried=[known, *map(str, loaded.problems)],
            next_step=_(
                'Did you mean "{name}"? Publish the actions again: `kitsu-launcher actions publish`.', name=near[0]
            )
            if near
            else _("Add it to the studio file, or publish the actions again: `kitsu-launcher actions publish`."),
        )


def _one_configuration(loaded: Loaded, tasks: Iterable[Task]) -> Config:
    configs = {task.project.name: loaded.for_project(task.project) for task in tasks}
    first, *others = configs.values()
    if any(other != first for other in others):
        raise Several(
            _("The selected tasks belong to {n} productions that are configured differently.", n=len(configs)),
            tried=sorted(configs),
            next_step=_("Select tasks of one production and click again."),
        )
    return first


@contextmanager
def placing(loaded: Loaded) -> Iterator[None]:
    """Errors inside that are about a value of the configuration name its file and line too."""
    try:
        yield
    except LauncherError as error:
        raise _placed(error, loaded) from error


def _placed(error: LauncherError, loaded: Loaded) -> LauncherError:
    """An error about a value of the configuration also names its file and line."""
    key = getattr(error, "key", "")
    where = loaded.where(key) if key else ""
    if where and not any(line.startswith(where) for line in error.tried):
        error.tried = (f"{where}: {key}", *error.tried)
    return error


def _is_id(text: str) -> bool:
    try:
        task_id(text)
    except LauncherError:
        return False
    return True

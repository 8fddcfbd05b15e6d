"""The way of one click: `prepare` only reads, `carry_out` only writes.

A click that passed the sender's checks is a launch at once; all that follows is told on the launch.
"""

import asyncio
import dataclasses
import difflib
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

from launcher import execute, facts, logins, plan, trust, whose
from launcher.applications import Applications
from launcher.config.load import Loaded
from launcher.config.schema import AnyAction, Config, PageAction, Server
from launcher.errors import LauncherError, NotFoundHere, Refused
from launcher.incoming import action_name, command, task_id
from launcher.kitsu.accounts import Accounts
from launcher.launches import Launch, Launches
from launcher.logins import Logins
from launcher.mine import Mine, MyTasks
from launcher.model import OS, Choice, Click, LeftOut, Person, Plan, Sender, State, Task
from launcher.paths import Folders
from launcher.plan import rules
from launcher.plan.kitsus import Settled
from launcher.plan.page import debug, describe
from launcher.plan.renamed import remembered
from launcher.plan.selection import label
from launcher.words import _

MOST_TASKS = 500
"""The most tasks that one click may name."""
TRIES = 3
"""How often a click is prepared when others take what it was about to make."""
log = logging.getLogger("launcher.run")


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


@dataclass(frozen=True, slots=True)
class Run:
    """Does clicks. One for each daemon."""

    loaded: Callable[[], Loaded]
    accounts: Accounts
    applications: Applications
    launches: Launches
    folders: Folders
    hands: execute.Hands
    os: OS
    logins: Logins = dataclasses.field(default_factory=Logins)
    going: dict[str, asyncio.Task[None]] = dataclasses.field(default_factory=dict)
    my_tasks: MyTasks = dataclasses.field(default_factory=MyTasks)

    # -- what a face asks for ----------------------------------------------------------------------------------------
    def begin(self, click: Click, verdict: trust.Go | trust.Ask) -> Launch:
        """A launch at once; the rest goes on by itself. The same click pressed twice is the same launch."""
        asked = (verdict.reason,) if isinstance(verdict, trust.Ask) else ()
        launch = self.launches.begin(click, self._title(click.action), asked=asked, key=verdict.key)
        if launch.state is State.PREPARING and launch.id not in self.going:
            self._follow(launch, self._go(launch))
        return launch

    def refuse(self, action: str, sender: Sender, error: LauncherError) -> Launch:
        """A launch that is refused from the start: its page tells why, at an address without the key.

        It counts as doubted: what is no click of Kitsu uses up nothing of what Kitsu's clicks may.
        """
        click = Click(action=action, task_ids=(), sender=sender)
        launch = self.launches.begin(click, self._title(action), asked=(error.problem,))
        if launch.state is State.PREPARING:
            self.launches.update(launch, state=State.REFUSED, error=error)
        return launch

    async def answer(self, launch: Launch, once: str, reply: bool | Choice) -> None:
        """The answer to a launch's question, with its one-time value.

        Raises: Refused, when the value is wrong, used or too old, or the question has other answers.
        """
        _must_be_offered(launch, reply)
        self.launches.answer(launch, once)
        await self.decide(launch, reply)

    async def decide(self, launch: Launch, reply: bool | Choice) -> None:
        """As `answer`, for the private door, whose caller is this user."""
        if launch.state is not State.ASKS:
            raise Refused(_("This launch asks nothing any more."), next_step=_("Click the action again in Kitsu."))
        _must_be_offered(launch, reply)
        if reply is False:
            self.launches.update(launch, state=State.REFUSED, question=None, error=_declined())
            return
        made = launch.plan or await self._prepare(launch)
        agreed = (*launch.agreed, *launch.asked, *made.must_ask)
        self.launches.update(launch, state=State.PREPARING, question=None, agreed=agreed)
        if isinstance(reply, Choice):
            earlier = launch.click.choice
            # An answer about the file that she chose before is still about that one.
            file = reply.file or (earlier.file if earlier else "")
            reply = dataclasses.replace(reply, file=file, seen=agreed)
            self.launches.update(launch, click=dataclasses.replace(launch.click, choice=reply))
            self._follow(launch, self._go(launch))
        else:
            self._follow(launch, self._carry_out(launch, made))

    async def command(
        self,
        action: str,
        tasks: Sequence[str],
        *,
        server: str | None = None,
        yes: bool = False,
        choice: Choice | None = None,
    ) -> Launch:
        """A click of this user's own command line. Tasks are ids or paths such as `Project/SQ010/SH030/Animation`."""
        click = dataclasses.replace(await self._command(action, tasks, server), choice=choice)
        launch = self.launches.begin(click, self._title(action))
        if launch.state is State.PREPARING and launch.id not in self.going:
            self._follow(launch, self._go(launch, yes=yes))
        return launch

    def own(
        self, action: str, task_ids: Sequence[str], sender: Sender, *, person: Person, server: str | None = None
    ) -> Launch:
        """A click in this user's own tray or on her own pages."""
        click = dataclasses.replace(
            command(action, task_ids, server=server), sender=sender, person_id=person.id, person_email=person.email
        )
        return self.begin(click, trust.Go())

    async def rehearse(
        self,
        action: str,
        tasks: Sequence[str],
        *,
        server: str | None = None,
        choice: Choice | None = None,
        launch_id: str = "dry-run",
    ) -> Plan:
        """The plan of a click, and nothing else: no launch, no file, no process. `launch_id` stands in its paths."""
        click = dataclasses.replace(await self._command(action, tasks, server), choice=choice)
        return await self.prepare(click, launch_id, Ears())

    async def mine(self) -> list[Mine]:
        """The open tasks of everybody who is logged in here, each with the actions that take it.

        What could not be learned is absent; `Accounts.trouble` says why.
        """
        return await self.my_tasks.look(self.loaded(), self.accounts)

    def logged_in(self) -> None:
        """Somebody has logged in: clicks that wait for it go on."""
        self.logins.tell()

    async def warm(self) -> None:
        """What the first click would wait for: the login is known, Kitsu's door is open, applications are found."""
        config = self.loaded().config
        wanted = {name for action in config.actions.values() for name in rules.apps(action)}
        work = [self.accounts.people(server) for server in config.studio.servers]
        find = self.applications.find_all({name: config.apps[name] for name in wanted})
        for outcome in await asyncio.gather(*work, find, return_exceptions=True):
            if isinstance(outcome, LauncherError):
                log.info("not warm yet reason=%r", outcome.problem)
            elif isinstance(outcome, BaseException):
                raise outcome

    async def close(self) -> None:
        """Stop what is still being prepared; started applications are left alone."""
        await self.my_tasks.close()
        for task in tuple(self.going.values()):
            task.cancel()
        await asyncio.gather(*self.going.values(), return_exceptions=True)

    # -- prepare: only reads -----------------------------------------------------------------------------------------
    async def prepare(self, click: Click, launch_id: str, ears: Ears) -> Plan:
        """Exactly what a click would do.

        Raises: LauncherError of whichever part says no.
        """
        loaded = self.loaded()
        with self.placing():
            scene = await self._scene(loaded, click, ears)
            ears.knows(scene.person.name, tuple(map(label, scene.tasks)))
            made = await self._plan(scene, scene.action, launch_id)
        left_out = (*scene.left_out, *made.left_out)
        warnings = (*filter(None, (scene.said,)), *made.warnings, *map(str, loaded.problems))
        return dataclasses.replace(made, left_out=left_out, warnings=warnings, stays=made.stays or bool(scene.said))

    async def scene(self, click: Click) -> Scene:
        """What Kitsu and the configuration say of a click. Raises: LauncherError of whichever part says no."""
        return await self._scene(self.loaded(), click, Ears())

    @contextmanager
    def placing(self) -> Iterator[None]:
        """Errors inside that are about a value of the configuration name its file and line too."""
        loaded = self.loaded()
        try:
            yield
        except LauncherError as error:
            raise _placed(error, loaded) from error

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
        environ, notes = self.hands.environment(), self.hands.notes
        known = await facts.read(wanted, self.applications, scene.config, folder, environ, self.os, notes=notes)
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

    # -- carry out: only writes --------------------------------------------------------------------------------------
    async def _go(self, launch: Launch, yes: bool = False, tries: int = TRIES) -> None:
        """Prepare, then ask or do it. `yes` agrees to all but a question with several answers."""
        made = await self._prepare(launch)
        reasons = tuple(reason for reason in (*launch.asked, *made.must_ask) if reason not in launch.agreed)
        if reasons and (made.choices or not yes):
            self.launches.ask(launch, reasons, made.choices)
            return
        await self._carry_out(launch, made, yes, tries)

    async def _prepare(self, launch: Launch) -> Plan:
        def waits(server: str) -> None:
            self.launches.wait_for_login(launch, server)

        def knows(person: str, tasks: tuple[str, ...]) -> None:
            self.launches.update(launch, person=person, tasks=tasks, waiting_for="")

        # A terminal shows no page that waits: there the answer is to log in first.
        by_page = launch.click.sender is not Sender.COMMAND
        made = await self.prepare(launch.click, launch.id, Ears(waits if by_page else None, knows))
        self.launches.update(launch, plan=made, lines=describe(made))
        return made

    async def _carry_out(self, launch: Launch, made: Plan, yes: bool = False, tries: int = TRIES) -> None:
        try:
            await execute.carry_out(made, launch, self.launches, self.hands)
        except execute.Taken:
            if tries <= 1:
                raise
            # Somebody else was quicker: what is there now may be opened, or is to be asked about.
            await self._go(launch, yes, tries - 1)

    def _follow(self, launch: Launch, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._told(launch, work))
        self.going[launch.id] = task
        task.add_done_callback(lambda _: self._went(launch))

    def _went(self, launch: Launch) -> None:
        self.going.pop(launch.id, None)
        # What she has begun may have changed her tasks.
        self.my_tasks.forget()

    async def _told(self, launch: Launch, work: Coroutine[None, None, None]) -> None:
        """Whatever goes wrong is told on the launch; who listens to launches tells the person."""
        try:
            await work
            return
        except Refused as error:
            self.launches.update(launch, state=State.REFUSED, error=error, waiting_for="")
        except LauncherError as error:
            self.launches.update(launch, state=State.FAILED, error=error, waiting_for="")
        except Exception:  # a fault of ours must reach the artist's page too, not only the log
            log.exception("launch=%s failed unexpectedly", launch.id[:8])
            self.launches.update(launch, state=State.FAILED, error=_our_fault(launch, self.folders), waiting_for="")

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


class TooLarge(Refused):
    """More tasks than any kind of action takes."""

    code = "limit"
    status = 422

    def __init__(self, count: int) -> None:
        super().__init__(
            _("{n} tasks are selected; one click takes at most {most}.", n=count, most=MOST_TASKS),
            next_step=_("Select fewer tasks and click again."),
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


def _must_be_offered(launch: Launch, reply: bool | Choice) -> None:
    """Whether a question has this answer. "No" is one of every question."""
    choices = launch.plan.choices if launch.plan else ()
    if reply is False or (reply.how in choices if isinstance(reply, Choice) else not choices):
        return
    raise Refused(
        _("This question has other answers: {names}.", names=", ".join(choices or ("yes", "no"))),
        next_step=_("Answer on the launch's page, or by `kitsu-launcher run … --choose`."),
    )


def _declined() -> Refused:
    return Refused(
        _("Nothing was started: the answer was no."), next_step=_("Click the action again if you want it after all.")
    )


def _our_fault(launch: Launch, folders: Folders) -> LauncherError:
    where: PurePath = folders.logs / "daemon.log"
    return LauncherError(
        _("Something went wrong inside Kitsu Launcher."),
        tried=[f"{where}: launch={launch.id[:8]}"],
        next_step=_("Click again; if it happens again, send that log to whoever looks after Kitsu Launcher."),
    )

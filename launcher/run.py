"""The way of one click: it is a launch at once, is prepared (`prepare` only reads), asked about, and carried out.

All that follows the sender's checks is told on the launch.
"""

import asyncio
import dataclasses
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from launcher import execute, trust
from launcher.errors import LauncherError, Refused
from launcher.incoming import command
from launcher.launches import Launch
from launcher.mine import Mine, MyTasks
from launcher.model import Choice, Click, Person, Plan, Sender, State
from launcher.paths import Folders
from launcher.plan import rules
from launcher.plan.page import describe
from launcher.prepare import Ears, Prepare
from launcher.words import _

TRIES = 3
"""How often a click is prepared when others take what it was about to make."""
log = logging.getLogger("launcher.run")


@dataclass(frozen=True, slots=True)
class Run(Prepare):
    """Does clicks. One for each daemon."""

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

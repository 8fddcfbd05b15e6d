"""Who is logged in here, on which Kitsu, and what they may ask of it."""

import asyncio
import importlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.config.schema import Config, LaunchAction, Server, Studio
from launcher.errors import LauncherError
from launcher.kitsu import filetree, paths, publish, selection
from launcher.kitsu.answers import LoginError as LoginError
from launcher.kitsu.answers import Ways
from launcher.kitsu.failures import KitsuAway as KitsuAway
from launcher.kitsu.failures import KitsuError as KitsuError
from launcher.kitsu.failures import NotLoggedIn as NotLoggedIn
from launcher.kitsu.heard import Heard
from launcher.kitsu.kept import Shelf
from launcher.kitsu.lasting import expiry
from launcher.kitsu.people import Login, key_of, must_be_safe, person_of
from launcher.kitsu.reading import record
from launcher.kitsu.selection import Tasks, Vocabulary
from launcher.kitsu.tokens import NoKeyring, Stored, Tokens
from launcher.model import OS, Json, Person, Task
from launcher.plan.settled import Settled
from launcher.words import _

if TYPE_CHECKING:
    from launcher.kitsu.client import Client

ENV_BOT = "KITSU_LAUNCHER_BOT_TOKEN"
ENV_PERSON = "KITSU_LAUNCHER_PERSON"
ASK_KEYRING_AGAIN_S = 30
log = logging.getLogger("launcher.kitsu")


class Accounts:
    """Every login of this user. One for each daemon."""

    def __init__(self, servers: Callable[[], Studio], environ: Mapping[str, str], cache: Path | None = None) -> None:
        """`cache`: our own folder in which Kitsu's last answers are kept for when it is away; None keeps none."""
        self._studio = servers
        self._bot_token = environ.get(ENV_BOT, "").strip()
        self._bot_stands_for = environ.get(ENV_PERSON, "").strip()
        self._tokens = Tokens()
        self._logins: dict[tuple[str, str], Login] = {}
        self._loading = asyncio.Lock()
        self._loading_bot = asyncio.Lock()
        self._connecting = asyncio.Lock()
        self._asked_keyring = float("-inf")
        self._loaded = False
        self._shelf = Shelf(cache)
        self._heard = Heard(lambda api, email: self._shelf.wipe(key_of(api, email)))
        self.changes = 0
        """Grows whenever somebody logs in or out here."""

    # -- who is here -------------------------------------------------------------------------------------------------
    async def people(self, server: Server) -> tuple[Person, ...]:
        """Who is logged in on this Kitsu here; a bot comes first.

        With Kitsu away, people are as they were when it last told.
        Raises: KitsuAway, NotLoggedIn for a bot, of which nothing is known before Kitsu has told.
        """
        here = await self._all_here(server)
        await asyncio.gather(*(self._confirm(login) for login in here if not login.confirmed))
        return tuple(login.person for login in here)

    async def who(self, server: Server) -> tuple[tuple[Person, LauncherError | None], ...]:
        """As `people`, each asked of Kitsu now, with the reason where a login does not count.

        Raises: as `people`.
        """
        here = await self._all_here(server)
        reasons = await asyncio.gather(*(self._confirm(login) for login in here))
        return tuple((login.person, reason) for login, reason in zip(here, reasons, strict=True))

    async def _all_here(self, server: Server) -> list[Login]:
        await self._load()
        await self._load_bot(server)
        return self._here(server)

    def _here(self, server: Server) -> list[Login]:
        return [login for login in self._logins.values() if login.api == server.api]

    async def _load(self) -> None:
        """The keyring's logins, once; where it cannot be used it is asked again after a while."""
        async with self._loading:
            if self._loaded or time.monotonic() - self._asked_keyring < ASK_KEYRING_AGAIN_S:
                return
            self._asked_keyring = time.monotonic()
            try:
                found = await self._tokens.load()
            except NoKeyring as error:
                log.warning("keyring reason=%r", str(error))
                return
            for stored in found:
                key = key_of(stored.api, stored.person.email)
                self._logins.setdefault(key, Login(stored.api, stored.person, stored.refresh_token))
            self._loaded = True

    async def _load_bot(self, server: Server) -> None:
        """The bot of the environment, on the first Kitsu, and the person whose browser it serves."""
        if not self._bot_token or server not in self._studio().servers[:1]:
            return
        async with self._loading_bot:
            if not any(login.access_token for login in self._here(server)):
                await self._add_bot(server)

    async def _add_bot(self, server: Server) -> None:
        unknown = Person(id="", email="", first_name="Bot", last_name="", role="")
        bot = Login(server.api, unknown, access_token=self._bot_token)
        bot.person = replace(await self._ask_person(bot), is_bot=True)
        bot.confirmed = True
        others = {key: login for key, login in self._logins.items() if key != key_of(server.api, bot.person.email)}
        self._logins = {key_of(server.api, bot.person.email): bot}
        if self._bot_stands_for:
            # Without the bot's id: only the e-mail tells that a click is hers.
            hers = replace(bot.person, id="", email=self._bot_stands_for, is_bot=False)
            for_person = replace(bot, person=hers)
            self._logins[key_of(server.api, self._bot_stands_for)] = for_person
        self._logins.update((key, login) for key, login in others.items() if key not in self._logins)

    async def _ask_person(self, login: Login) -> Person:
        client = await self._client(login)
        with self._heard.asking(*login.key):
            return person_of(record(await client.get("auth/authenticated"), "authenticated").get("user"))

    async def _confirm(self, login: Login) -> LauncherError | None:
        """Names and role as they are now, or why not. A login that counts no longer stays: its user is told why."""
        try:
            person = await self._ask_person(login)
        except LauncherError as error:
            log.info("person not confirmed reason=%r", error.problem)
            return error
        login.confirmed = True
        known = self._logins.get(key_of(login.api, login.person.email)) is login
        # Who has logged out meanwhile does not come back.
        if person != login.person and not login.access_token and known:
            old, login.person = login.person, person
            self._logins.pop(key_of(login.api, old.email), None)
            self._logins[key_of(login.api, person.email)] = login
            if old.email != person.email:
                await self._forget(login.api, old.email)
            await self._keep(login)
        return None

    # -- logging in and out ------------------------------------------------------------------------------------------
    async def login(self, server: Server, email: str, password: str, **second: str) -> Person:
        """Log in. The password is forgotten at once; `second` is one of totp, email_otp, recovery_code.

        Raises: LoginError (its `needs` names second factors), KitsuAway, KitsuError.
        """
        has_page = bool(server.login_page)
        return await self._enter(server, email, lambda client: client.login(email, password, second, has_page=has_page))

    async def login_by_code(self, server: Server, code: str, verifier: str) -> Person:
        """Log in with the code that a page of Kitsu gave to the browser, bound to `verifier` (PKCE).

        Raises: LoginError, KitsuAway, KitsuError.
        """
        return await self._enter(server, "", lambda client: client.login_by_code(code, verifier))

    async def takes_codes(self, server: Server) -> bool:
        """Whether this Kitsu knows the login by the browser at all: old ones do not.

        Raises: KitsuAway, KitsuError.
        """
        nobody = Login(server.api, Person(id="", email="", first_name="", last_name="", role=""))
        client = await self._client(nobody)
        try:
            return await client.takes_codes()
        finally:
            await client.close()

    async def ways(self, server: Server) -> Ways:
        """How people may log in to this Kitsu: asked of it now.

        Raises: KitsuAway, KitsuError.
        """
        by_browser = bool(server.login_page) and await self.takes_codes(server)
        nobody = Login(server.api, Person(id="", email="", first_name="", last_name="", role=""))
        client = await self._client(nobody)
        try:
            return Ways(by_browser, await client.single_sign_on())
        finally:
            await client.close()

    async def _enter(self, server: Server, email: str, ask: "Callable[[Client], Awaitable[Json]]") -> Person:
        login = Login(server.api, Person(id="", email=email, first_name="", last_name="", role=""))
        client = await self._client(login)
        try:
            with self._heard.asking(*key_of(server.api, email)):
                login.person = person_of(await ask(client))
        except BaseException:  # a cancelled login, too, keeps no connection
            await client.close()
            raise
        login.refresh_token, login.confirmed = client.refresh_token, True
        key = key_of(server.api, login.person.email)
        old = self._logins.pop(key, None)
        if old and old.client:
            await old.client.close()
        # The newest login comes first: it is the one of command lines that name nobody.
        self._logins = {key: login, **self._logins}
        self._heard.forget(*key)
        self.changes += 1
        await self._keep(login)
        log.info("login email=%r role=%r", login.person.email, login.person.role)
        return login.person

    async def logout(self, server: Server, email: str | None) -> tuple[Person, ...]:
        """End the logins of one person, or of all, on one Kitsu; who that was. Local ones end even with Kitsu away."""
        await self._load()
        gone = []
        for login in self._here(server):
            if not login.access_token and email in (None, login.person.email):
                await self._end(login)
                gone.append(login.person)
        return tuple(gone)

    async def _end(self, login: Login) -> None:
        self._logins.pop(login.key, None)
        self._heard.forget(*login.key)
        self.changes += 1
        await self._forget(login.api, login.person.email)
        client = await self._client(login)
        try:
            await client.logout()
        except LauncherError as error:
            log.info("logout at Kitsu failed reason=%r", error.problem)
        await client.close()

    async def _keep(self, login: Login) -> None:
        if not login.refresh_token:
            return
        try:
            await self._tokens.save(Stored(login.api, login.person, login.refresh_token))
        except NoKeyring as error:
            log.warning("keyring reason=%r", str(error))

    async def _forget(self, api: str, email: str) -> None:
        self._shelf.wipe(key_of(api, email))
        try:
            await self._tokens.delete(api, email)
        except NoKeyring as error:
            log.warning("keyring reason=%r", str(error))

    def keyring_note(self) -> str | None:
        """What to tell where the keyring cannot be used; None where all is well."""
        reason = self._tokens.trouble
        if not reason:
            return None
        return _("Logins are kept in memory only, until Kitsu Launcher ends: {reason}.", reason=reason)

    async def keyring(self) -> str:
        """What keeps the logins, by its own name.

        Raises: NoKeyring, which says why nothing does.
        """
        return await self._tokens.kept_by()

    # -- how it stands -----------------------------------------------------------------------------------------------
    def trouble(self, server: Server) -> LauncherError | None:
        """Why this Kitsu's last answer could not be used: it is away, or a login counts no longer. None: all is well.

        Nothing is asked for it.
        """
        return self._heard.trouble(server.api)

    def expires(self, person: Person, server: Server) -> datetime | None:
        """When this login ends, whatever is done with it: Kitsu's last 15 days. None where that is not known."""
        login = self._logins.get(key_of(server.api, person.email))
        return expiry(login.refresh_token or login.access_token) if login else None

    def expiring(self, within_s: float) -> list[tuple[Person, Server, float]]:
        """The logins that end within so many seconds, and how many are left; below 0 it has ended. Soonest first.

        Of the logins that are known by now: the keyring is read when somebody first asks for `people`.
        """
        now, found = datetime.now(UTC), []
        for server in self._studio().servers:
            for login in self._here(server):
                end = expiry(login.refresh_token or login.access_token)
                if end and (left := (end - now).total_seconds()) <= within_s:
                    found.append((login.person, server, left))
        return sorted(found, key=lambda one: one[2])

    # -- asking ------------------------------------------------------------------------------------------------------
    async def tasks(self, server: Server, person: Person, ids: Sequence[str]) -> Tasks:
        """The tasks with these ids, as this person sees them; with Kitsu away, as she saw them last.

        Raises: NotLoggedIn, KitsuError; KitsuAway where she has seen none of them, or her login has ended.
        """
        client, vocabulary = await self._ready(server, person)
        try:
            with self._heard.asking(*key_of(server.api, person.email)):
                seen = await selection.tasks(client, vocabulary, ids)
        except KitsuAway as away:
            return await self._seen_last(server, person, ids, away)
        self._keep_answer(server, person, seen.found, seen.missing)
        return seen

    async def _seen_last(self, server: Server, person: Person, ids: Sequence[str], away: KitsuAway) -> Tasks:
        key, end = key_of(server.api, person.email), self.expires(person, server)
        if self._heard.is_out(*key) or (end and end < datetime.now(UTC)):
            raise away
        return await self._shelf.instead(key, person, ids, away)

    def _keep_answer(self, server: Server, person: Person, found: Sequence[Task], missing: Sequence[str] = ()) -> None:
        key = key_of(server.api, person.email)
        if key in self._logins:  # she may have logged out while Kitsu answered
            self._shelf.keep(key, person, found, missing)

    async def previews(self, server: Server, person: Person, tasks: Sequence[Task]) -> tuple[Task, ...]:
        """The same tasks, each with its `latest_preview`: for the actions whose rules ask for it.

        With Kitsu away they stay as they are: then None with a `latest_preview_id` means that it is not known.
        Raises: NotLoggedIn, KitsuError.
        """
        client, vocabulary = await self._ready(server, person)
        try:
            with self._heard.asking(*key_of(server.api, person.email)):
                return await selection.previews(client, vocabulary, tasks)
        except KitsuAway:
            return tuple(tasks)

    async def own_files(
        self, server: Server, person: Person, wishes: Sequence[tuple[Task, LaunchAction]], config: Config, os: OS
    ) -> Mapping[str, Settled]:
        """By task id: the application and the file that Kitsu itself names, for actions that leave it to Kitsu.

        Raises: KitsusOwn where that can be none here; NotLoggedIn, KitsuAway, KitsuError.
        """
        client, _vocabulary = await self._ready(server, person)
        try:
            with self._heard.asking(*key_of(server.api, person.email)):
                return await filetree.ask(client, wishes, config, os)
        except KitsuAway as error:
            raise filetree.away(error, wishes) from error

    async def my_tasks(self, server: Server, person: Person) -> tuple[Task, ...]:
        """The tasks that are assigned to this person and not done: the most urgent 200, then by name.

        Raises: NotLoggedIn, KitsuAway, KitsuError.
        """
        client, vocabulary = await self._ready(server, person)
        with self._heard.asking(*key_of(server.api, person.email)):
            found = await selection.mine(client, vocabulary)
        self._keep_answer(server, person, found)
        return found

    async def find_task(self, server: Server, person: Person, path: str) -> str:
        """The id of the task at `Project/[Episode/]Sequence/Shot/Task type` or `Project/Asset type/Asset/Task type`.

        Raises: NotFoundHere with the nearest names, NotLoggedIn, KitsuAway, KitsuError.
        """
        client, vocabulary = await self._ready(server, person)
        with self._heard.asking(*key_of(server.api, person.email)):
            return await paths.find(client, vocabulary, path)

    async def custom_actions(self, server: Server, person: Person) -> tuple[publish.Present, ...]:
        """Every custom action that Kitsu has, also those of other programs.

        Raises: NotLoggedIn, KitsuAway, KitsuError.
        """
        client, _ = await self._ready(server, person)
        return publish.present(await client.get("data/custom-actions"))

    async def publish(self, server: Server, person: Person, difference: publish.Difference) -> None:
        """Write a difference to Kitsu.

        Raises: Forbidden for everybody but administrators, NotLoggedIn, KitsuAway, KitsuError.
        """
        client, _ = await self._ready(server, person)
        await publish.write(client, difference)

    async def close(self) -> None:
        """Close every connection; logins stay."""
        clients = [login.client for login in self._logins.values() if login.client]
        await asyncio.gather(*(client.close() for client in clients), self._shelf.settled())

    async def _ready(self, server: Server, person: Person) -> tuple["Client", Vocabulary]:
        await self._load()
        login = self._logins.get(key_of(server.api, person.email))
        if not login:
            raise NotLoggedIn(
                _("{name} is not logged in to {server} here.", name=person.name, server=server.origins[0]),
                next_step=_("Log in on the dashboard's page Account or by `kitsu-launcher login`, then try again."),
            )
        client = await self._client(login)
        if not login.vocabulary:
            login.vocabulary = Vocabulary(client, bot=bool(login.access_token))
        return client, login.vocabulary

    async def _client(self, login: Login) -> "Client":
        """The connection of a login; made anew when the studio's authority has another file now."""
        studio = self._studio()
        must_be_safe(login.api, studio.servers)
        async with self._connecting:
            if login.client is None or login.ca_file != studio.ca_file:
                # Imported late and in a thread: gazu costs 60 ms.
                await asyncio.to_thread(importlib.import_module, "launcher.kitsu.client")
                from launcher.kitsu.client import Client

                if login.client:
                    await login.client.close()
                login.client = await Client.connect(login.api, studio.ca_file, login.refresh_token, login.access_token)
                login.ca_file, login.vocabulary = studio.ca_file, None
            return login.client

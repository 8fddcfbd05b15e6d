"""The private door's routes about Kitsu: logging in and out, who is here, publishing the actions. JSON."""

from aiohttp import web

from launcher import whose
from launcher.config.schema import Server
from launcher.kitsu import publish
from launcher.kitsu.accounts import Accounts, LoginError, NotLoggedIn
from launcher.kitsu.answers import SECOND_FACTORS
from launcher.model import Click, Json, Person, Sender
from launcher.web import language
from launcher.web.door import fields, flag, text
from launcher.web.login_shown import lasts
from launcher.web.parts import PARTS, Parts
from launcher.words import _

routes = web.RouteTableDef()


@routes.post("/door/login")
async def login(request: web.Request) -> web.Response:
    """Log somebody in; or which second factors would do, so that the terminal can ask for one."""
    parts, wish = request.app[PARTS], await fields(request)
    server = _server(parts, text(wish, "server", optional=True))
    second = {kind: text(wish, kind) for kind in SECOND_FACTORS if kind in wish}
    try:
        person = await parts.accounts.login(server, text(wish, "email"), text(wish, "password"), **second)
    except LoginError as error:
        if not error.needs:
            raise
        return web.json_response(
            {"needs": list(error.needs), "problem": language.say(error.problem), "next": language.say(error.next_step)}
        )
    parts.run.logged_in()
    return web.json_response({**_person(server, person), "note": parts.accounts.keyring_note()})


@routes.post("/door/logout")
async def logout(request: web.Request) -> web.Response:
    """End the login of one person, or of everybody on one Kitsu."""
    parts, wish = request.app[PARTS], await fields(request)
    server = _server(parts, text(wish, "server", optional=True))
    gone = await parts.accounts.logout(server, text(wish, "email", optional=True) or None)
    return web.json_response([_person(server, person) for person in gone])


@routes.get("/door/whoami")
async def whoami(request: web.Request) -> web.Response:
    """Everybody who is logged in here, on every Kitsu, as Kitsu knows them now."""
    parts = request.app[PARTS]
    logins: list[Json] = []
    for server in parts.loaded().config.studio.servers:
        for person, reason in await parts.accounts.who(server):
            said, soon = lasts(parts.accounts, server, person)
            end = parts.accounts.expires(person, server)
            logins.append(
                {
                    **_person(server, person),
                    "problem": language.say(reason.problem) if reason else None,
                    "expires": end.isoformat(timespec="seconds") if end else None,
                    "ends_soon": language.say(said) if soon else None,
                }
            )
    return web.json_response({"logins": logins, "note": parts.accounts.keyring_note()})


@routes.post("/door/actions/publish")
async def publish_actions(request: web.Request) -> web.Response:
    """What publishing would change; with `agreed`, the fingerprint of a difference that was shown, it is done."""
    parts, wish = request.app[PARTS], await fields(request)
    server = _server(parts, text(wish, "server", optional=True))
    config = parts.loaded().config
    wanted = publish.wanted(config.actions.values(), config.studio.port, config.studio.keys)
    person = await _publisher(parts.accounts, server)
    there = await parts.accounts.custom_actions(server, person)
    found = publish.difference(wanted, there, flag(wish, "prune"))
    if agreed := text(wish, "agreed", optional=True):
        publish.must_match(found, agreed)
        await parts.accounts.publish(server, person, found)
    return web.json_response({**publish.as_json(found), **_person(server, person), "written": bool(agreed)})


async def _publisher(accounts: Accounts, server: Server) -> Person:
    """Who publishes: an administrator where one is logged in, since Kitsu takes it from nobody else."""
    people = await accounts.people(server)
    if not people:
        raise NotLoggedIn(
            _("Nobody is logged in to {server} here.", server=server.origins[0]),
            next_step=_("Run `kitsu-launcher login` with an administrator's account, then try again."),
        )
    return next((person for person in people if person.role == "admin"), people[0])


def _server(parts: Parts, named: str) -> Server:
    """The Kitsu that a command names by its address or its host; the first where it names none."""
    click = Click(action="", task_ids=(), sender=Sender.COMMAND, server=named.rstrip("/") or None)
    return whose.server(click, parts.loaded().config.studio.servers)


def _person(server: Server, person: Person) -> dict[str, Json]:
    return {"server": server.origins[0], "name": person.name, "email": person.email, "role": person.role}

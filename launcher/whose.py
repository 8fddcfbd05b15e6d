"""Pure: of a finished click, which Kitsu and which person it is of. `trust` has judged its sender before."""

from collections.abc import Sequence

from launcher.config.schema import Server
from launcher.errors import Refused
from launcher.model import Click, Person, Sender
from launcher.trust import PUBLISH, counting
from launcher.words import _


class ServerRefused(Refused):
    """The click names a Kitsu that is not configured."""

    code = "server"


class PersonRefused(Refused):
    """The click is of nobody, or of somebody who is not logged in here."""

    code = "person"


class PersonAway(PersonRefused):
    """The click is of somebody who is not logged in here, and may go on once that person is."""


def server(click: Click, servers: tuple[Server, ...]) -> Server:
    """Which Kitsu a click means; the first one where it names none.

    Forms and AJAX name host and port without a scheme, links a whole origin.
    Raises: ServerRefused when it is none of the configured ones.
    """
    known = [(server, origin) for server in servers for origin in counting(server)]
    for configured, origin in known:
        if click.server is None or click.server in (origin, _authority(origin)):
            return configured
    if click.server is None:
        raise ServerRefused(
            _("No Kitsu is configured that may be used."),
            tried=[
                _("{origin}: http, without insecure = true", origin=origin)
                for server in servers
                for origin in server.origins
            ],
            next_step=_("Set studio.servers in the studio file; `kitsu-launcher config where` names the file."),
        )
    raise ServerRefused(
        _("The click comes from the Kitsu at {server}, which is not configured.", server=click.server),
        tried=[origin for _, origin in known],
        next_step=_("Add it to studio.servers in the studio file, an http address with insecure = true."),
    )


def person(click: Click, known: Sequence[Person]) -> Person | None:
    """Who of those that are logged in here has clicked; None when nobody is logged in.

    Anybody can send an id or an e-mail: this keeps people from using each other's login by mistake, and proves nothing.
    A bot is the person of the command line only; where it stands for somebody, that is one of `known` too.
    Raises: PersonAway when it is the click of somebody else, PersonRefused when it is of nobody, or of a bot.
    """
    named = click.person_email or click.person_id
    if click.sender in (Sender.FORM, Sender.AJAX) and not named:
        raise PersonRefused(_("This click does not say whose it is, and Kitsu's always do."), next_step=PUBLISH)
    if not known or click.sender is Sender.COMMAND:
        return known[0] if known else None
    people = [one for one in known if not one.is_bot]
    if not named and people:
        return people[0]
    email = (click.person_email or "").casefold()
    same_id = [one for one in people if one.id == click.person_id]
    if found := same_id or [one for one in people if email and one.email.casefold() == email]:
        return found[0]
    its_own = any(one.is_bot and (one.id == click.person_id or one.email.casefold() == email) for one in known)
    raise (PersonRefused if its_own else PersonAway)(
        _("This click is of {person}, who is not logged in here.", person=named)
        if named
        else _("This click is of somebody at a browser, who is not logged in here."),
        tried=[
            _("{person} <{email}>: a bot", person=one.name, email=one.email)
            if one.is_bot
            else _("{person} <{email}>: logged in here", person=one.name, email=one.email)
            for one in known
        ],
        next_step=_(
            "Log in with that account by `kitsu-launcher login`, or log in to Kitsu as the one who works here."
        ),
    )


def again(click: Click, name: str, known: Sequence[Person]) -> Person | None:
    """Who does an earlier click once more; None when nobody is logged in here.

    The journal of an earlier daemon keeps of the person only `name`, which may be several people's.
    Raises: Refused where it cannot be told which of them; PersonRefused, as `person` does.
    """
    named = [one for one in known if one.name == name]
    if len(named) == 1:
        return named[0]
    if named and not (click.person_id or click.person_email):
        raise Refused(
            _("Several people called {person} are logged in here.", person=name),
            tried=[one.email for one in named],
            next_step=_("Click the action again in Kitsu, or choose it beside the task."),
        )
    return person(click, known)


def _authority(origin: str) -> str:
    """Host and port as a browser's `window.location.host` has them: without the scheme's own port."""
    scheme, _, rest = origin.partition("://")
    return rest.removesuffix({"http": ":80", "https": ":443"}.get(scheme, " "))

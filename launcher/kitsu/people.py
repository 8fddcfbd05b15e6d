"""Who is logged in, as values: a `Person` of Kitsu's JSON, a login, and where a login may be sent. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.config.schema import Server
from launcher.errors import Refused
from launcher.kitsu.reading import record, text, text_or_empty
from launcher.model import Json, Person
from launcher.words import _

if TYPE_CHECKING:
    from launcher.kitsu.client import Client
    from launcher.kitsu.selection import Vocabulary

Key = tuple[str, str]
"""The API and the e-mail, in small letters, of one login."""


@dataclass(slots=True)
class Login:
    """One person on one Kitsu. The access token lives in `client`, in memory only."""

    api: str
    person: Person
    refresh_token: str = ""
    access_token: str = ""
    """Only a bot's, which has no other."""
    confirmed: bool = False
    """Whether Kitsu has told, in this daemon's life, who that is: names and role change."""
    ca_file: str = ""
    client: "Client | None" = None
    vocabulary: "Vocabulary | None" = None

    @property
    def key(self) -> Key:
        return key_of(self.api, self.person.email)


def key_of(api: str, email: str) -> Key:
    """What tells logins apart."""
    return api, email.casefold()


def person_of(user: Json) -> Person:
    """The person of a login's answer, or of `auth/authenticated`.

    Raises: KitsuError naming the first field that has a wrong type.
    """
    row, where = record(user, "user"), "user"
    return Person(
        id=text(row, "id", where),
        email=text(row, "email", where),
        first_name=text_or_empty(row, "first_name", where),
        last_name=text_or_empty(row, "last_name", where),
        role=text(row, "role", where),
    )


def must_be_safe(api: str, servers: Sequence[Server]) -> None:
    """A login goes only to configured servers, and unencrypted only where the studio file says so.

    Raises: Refused.
    """
    server = next((server for server in servers if server.api == api), None)
    if server and (api.startswith("https://") or (server.insecure and api.startswith("http://"))):
        return
    raise Refused(
        _("{api} is not encrypted.", api=api) if server else _("{api} is not a Kitsu of this studio.", api=api),
        next_step=_("Use https in studio.servers; `insecure = true` there allows http in a closed network.")
        if server
        else _("Add it to studio.servers in the studio file."),
    )

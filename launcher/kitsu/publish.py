"""The configured actions as Kitsu's custom actions: what would change, and changing it."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from launcher.config.schema import Action
from launcher.errors import LauncherError
from launcher.kitsu.reading import record, rows, text, text_or_empty
from launcher.model import Json
from launcher.words import _

if TYPE_CHECKING:
    from launcher.kitsu.client import Client

LONGEST_NAME = 80
LONGEST_URL = 400
OWN_HOSTS = ("127.0.0.1", "localhost", "::1")
KEY = re.compile(r"([?&]key=)[^&#]*")


class PublishError(LauncherError):
    """An action cannot be published as it is configured."""

    code = "publish"
    exit_code = 2
    status = 422


@dataclass(frozen=True, slots=True)
class Wanted:
    """One custom action as it should be."""

    name: str
    url: str
    entity_type: str
    """asset, shot, sequence, episode, edit, concept or all."""
    is_ajax: bool

    def row(self) -> dict[str, Json]:
        """As Kitsu takes it."""
        return {"name": self.name, "url": self.url, "entity_type": self.entity_type, "is_ajax": self.is_ajax}


@dataclass(frozen=True, slots=True)
class Present:
    """One custom action as Kitsu has it."""

    id: str
    action: Wanted


@dataclass(frozen=True, slots=True)
class Change:
    """One custom action that is ours and differs."""

    id: str
    before: Wanted
    after: Wanted


@dataclass(frozen=True, slots=True)
class Difference:
    """All that publishing would do. What is not ours is in none of these."""

    create: tuple[Wanted, ...] = ()
    update: tuple[Change, ...] = ()
    keep: tuple[Wanted, ...] = ()
    remove: tuple[Present, ...] = ()
    """Ours, and configured no longer; removed only on demand."""
    left: tuple[Present, ...] = ()
    """As `remove`, where that was not demanded."""

    @property
    def empty(self) -> bool:
        return not (self.create or self.update or self.remove)

    def fingerprint(self) -> str:
        """Equal for equal differences: what was agreed to is what is done."""
        return hashlib.sha256(repr((self.create, self.update, self.remove)).encode("utf-8", "replace")).hexdigest()


def address(action: str, port: int, keys: Sequence[str]) -> str:
    """What Kitsu calls for an action: on this machine, with the first key. 127.0.0.1 since `localhost` can be ::1."""
    url = f"http://127.0.0.1:{port}/run/{action}"
    return f"{url}?key={quote(keys[0], safe='')}" if keys else url


def masked(url: str) -> str:
    """An address without its key, for people and logs."""
    return KEY.sub(r"\1…", url)


def wanted(actions: Iterable[Action], port: int, keys: Sequence[str]) -> tuple[Wanted, ...]:
    """One custom action for each action and entity type; "all" for an action that takes every type.

    Raises: PublishError for a title over 80 characters or an address over 400, which Kitsu does not take.
    """
    made = tuple(
        Wanted(action.title, address(action.name, port, keys), kind, action.ajax)
        for action in actions
        for kind in action.entity_types or ("all",)
    )
    for one in made:
        if len(one.name) > LONGEST_NAME or len(one.url) > LONGEST_URL:
            raise _too_long(one)
    return made


def _too_long(one: Wanted) -> PublishError:
    name, tried = one.name[:LONGEST_NAME], [masked(one.url)[:LONGEST_URL]]
    if len(one.name) > LONGEST_NAME:
        told = _('The title of "{name}" has more than {n} characters; Kitsu takes no more.', name=name, n=LONGEST_NAME)
        return PublishError(told, tried=tried, next_step=_("Shorten the action's title."))
    told = _('The address of "{name}" has more than {n} characters; Kitsu takes no more.', name=name, n=LONGEST_URL)
    return PublishError(told, tried=tried, next_step=_("Shorten the action's name or studio.keys."))


def present(answer: Json) -> tuple[Present, ...]:
    """Kitsu's answer to `GET data/custom-actions`.

    Raises: KitsuError naming the first field that has a wrong type.
    """
    listed = (record(row, "custom_action") for row in rows(answer, "custom_actions"))
    return tuple(Present(text(row, "id", "custom_action"), _action(row)) for row in listed)


def _action(row: Mapping[str, Json]) -> Wanted:
    where = "custom_action"
    return Wanted(
        name=text(row, "name", where),
        url=text_or_empty(row, "url", where),
        entity_type=text_or_empty(row, "entity_type", where) or "all",
        is_ajax=row.get("is_ajax") is True,
    )


def own_action(url: str) -> str | None:
    """The action's name if the address is a launcher's own, on whatever port: `http://127.0.0.1:24517/run/NAME`."""
    try:
        parts = urlsplit(url)
        own = parts.scheme == "http" and parts.hostname in OWN_HOSTS and parts.port is not None
    except ValueError:
        return None
    _, run, name = parts.path.partition("/run/")
    return name if own and parts.username is None and run and parts.path == f"/run/{name}" and "/" not in name else None


def difference(wished: Sequence[Wanted], there: Iterable[Present], prune: bool) -> Difference:
    """What must change so that Kitsu has `wished`. Only what points at our own `/run/` address is ever touched.

    The same action is the one with the same `/run/NAME` and entity type, else the one with the same title and type:
    equal ones are found first, so that nothing is rewritten in a circle.
    """
    ours = [one for one in there if own_action(one.action.url) is not None]
    found: dict[Wanted, Present] = {}
    for same in (_equal, _same_address, _same_title):
        for want in wished:
            match = next((one for one in ours if want not in found and same(want, one.action)), None)
            if match:
                found[want] = match
                ours.remove(match)
    return Difference(
        create=tuple(want for want in wished if want not in found),
        update=tuple(Change(one.id, one.action, want) for want, one in found.items() if one.action != want),
        keep=tuple(want for want, one in found.items() if one.action == want),
        remove=tuple(ours) if prune else (),
        left=() if prune else tuple(ours),
    )


def _equal(want: Wanted, has: Wanted) -> bool:
    return want == has


def _same_address(want: Wanted, has: Wanted) -> bool:
    return want.entity_type == has.entity_type and own_action(want.url) == own_action(has.url)


def _same_title(want: Wanted, has: Wanted) -> bool:
    return want.entity_type == has.entity_type and want.name == has.name


def lines(found: Difference) -> list[str]:
    """The difference for people, one line each, without keys."""
    told = [f"+ {_told(one)}" for one in found.create]
    for change in found.update:
        told += [f"- {_told(change.before)}", _after(change)]
    told += [f"- {_told(one.action)}" for one in found.remove]
    told += [_("  {action}  configured no longer; --prune removes it", action=_told(one.action)) for one in found.left]
    told += [f"  {_told(one)}" for one in found.keep]
    return told


def _told(one: Wanted) -> str:
    return f"{one.name}  {one.entity_type}  {masked(one.url)}{'  AJAX' if one.is_ajax else ''}"


def _after(change: Change) -> str:
    same = change.before.url != change.after.url and masked(change.before.url) == masked(change.after.url)
    return _("+ {action}  another key", action=_told(change.after)) if same else f"+ {_told(change.after)}"


def as_json(found: Difference) -> dict[str, Json]:
    """The difference for programs, without keys, and the fingerprint that agrees to it."""
    return {
        "create": [_row(one) for one in found.create],
        "update": [{"before": _row(change.before), "after": _row(change.after)} for change in found.update],
        "remove": [_row(one.action) for one in found.remove],
        "keep": [_row(one) for one in found.keep],
        "left": [_row(one.action) for one in found.left],
        "lines": list(lines(found)),
        "empty": found.empty,
        "fingerprint": found.fingerprint(),
    }


def _row(one: Wanted) -> dict[str, Json]:
    return {**one.row(), "url": masked(one.url)}


def must_match(found: Difference, agreed: str) -> None:
    """What is done now must be what was shown.

    Raises: PublishError if Kitsu or the configuration has changed in between.
    """
    if found.fingerprint() != agreed:
        raise PublishError(
            _("The actions have changed since the difference was shown."),
            next_step=_("Run `kitsu-launcher actions publish` again."),
        )


async def write(client: "Client", found: Difference) -> None:
    """Make it so in Kitsu.

    Raises: Forbidden for everybody but administrators, NotLoggedIn, KitsuAway, KitsuError.
    """
    for one in found.create:
        await client.post("data/custom-actions", one.row())
    for change in found.update:
        await client.put(f"data/custom-actions/{change.id}", change.after.row())
    for gone in found.remove:
        await client.delete(f"data/custom-actions/{gone.id}")

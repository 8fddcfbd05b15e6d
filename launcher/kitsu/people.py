"""Kitsu's JSON about whoever is logged in becomes a `Person`. Pure."""

from launcher.kitsu.reading import record, text, text_or_empty
from launcher.model import Json, Person


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

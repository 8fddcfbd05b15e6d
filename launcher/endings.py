"""Tells by a notice that a login ends within a day: where no panel shows the icon, nothing else does before a click."""

import contextlib

from launcher.errors import LauncherError
from launcher.kitsu.lasting import TOLD_S, ending, next_look_s
from launcher.noticeside import NoticeSide
from launcher.web.parts import Parts


async def follow(parts: Parts, notices: NoticeSide) -> None:
    """Until it is cancelled: each login once. It looks again at what is known, and asks nobody."""
    logins, told = parts.run.logins, set[tuple[str, str]]()
    for server in parts.loaded().config.studio.servers:
        with contextlib.suppress(LauncherError):  # what is wrong is told by the icon and `doctor`
            await parts.accounts.people(server)
    while True:
        seen = logins.count
        known = [(left, server.origins[0], person) for person, server, left in parts.accounts.expiring(float("inf"))]
        for left, origin, person in known:
            about = (origin, person.id)
            if left > TOLD_S:
                told.discard(about)
            elif left > 0 and about not in told:
                told.add(about)
                notices.say(f"login {person.id} {origin}", ending(person.name, left), leads_to="/account")
        await logins.wait(seen, next_look_s(left for left, _origin, _person in known))

"""What is wrong now, on the dashboard and at the private door: what the doctor finds in this daemon."""

import os
from collections.abc import AsyncIterator

from aiohttp import web

from launcher import __version__, doctor
from launcher.doctor import Finding, Level, Patient
from launcher.web import language
from launcher.web.asked import Asked
from launcher.web.dashboard import Values, page
from launcher.web.parts import PARTS, Parts

routes = web.RouteTableDef()
KEPT_S = 30
"""How long findings count while a page is seen: each look asks Kitsu, the keyring and every root."""
PATIENCE_S = 8
"""For the page that shows all of them; what is slower comes with its next load."""
ELSEWHERE = frozenset({"daemon", "studio", "kitsu", "login", "links", "autostart", "version"})
"""What the first page says in its own words, beside what can be done about it there; a newer version is IT's business,
and stands on the page of help."""
TRAYS_OWN = frozenset({"daemon", "port", "studio", "kitsu", "login"})
"""What the icon's menu says in its own words."""
FINDINGS: web.AppKey[Asked[tuple[Finding, ...]]] = web.AppKey("findings", Asked)


def patient(parts: Parts) -> Patient:
    """This daemon, as the doctor looks at it."""
    return Patient(
        loaded=parts.loaded(),
        accounts=parts.accounts,
        applications=parts.applications,
        folders=parts.folders,
        port=parts.port,
        taken=parts.port_trouble,
        running=True,
        icon=parts.icon,
    )


@routes.get("/door/findings")
async def for_command(request: web.Request) -> web.Response:
    """Looked at anew for the command line, in the person's language."""
    found = await doctor.look(patient(request.app[PARTS]), ask=True)
    told = [language.translated(finding.as_json()) for finding in found]
    return web.json_response({"version": __version__, "pid": os.getpid(), "findings": told})


@routes.get("/state", allow_head=False)
async def state(request: web.Request) -> web.Response:
    """Everything that was looked at, what is good too."""
    asked = request.app[FINDINGS]
    await asked.look(patience_s=PATIENCE_S)
    found = sorted(asked.value or (), key=lambda finding: list(Level)[::-1].index(finding.level))
    values: Values = {"found": found, "error": asked.error, "asking": asked.asking and asked.value is None}
    return page(request, "state.html", values)


async def shown(request: web.Request) -> Values:
    """What the first page shows of it: what is not good, and is not told there already."""
    asked = request.app[FINDINGS]
    await asked.look(patience_s=0)
    wrong = [one for one in asked.value or () if one.level is not Level.GOOD and one.key not in ELSEWHERE]
    return {"findings": sorted(wrong, key=lambda finding: finding.level is not Level.BAD)}


async def broken(parts: Parts) -> tuple[str, ...]:
    """What the icon says of it: a title for each thing that is broken, and is not in its menu already."""
    found = await doctor.look(patient(parts))
    return tuple(one.title for one in found if one.level is Level.BAD and one.key not in TRAYS_OWN)


def add_findings(app: web.Application) -> None:
    """Give an application these routes, and the one question behind the pages."""

    async def look() -> tuple[Finding, ...]:
        return await doctor.look(patient(app[PARTS]))

    async def opened(app: web.Application) -> AsyncIterator[None]:
        yield
        await app[FINDINGS].close()

    app[FINDINGS] = Asked(look, KEPT_S)
    app.cleanup_ctx.append(opened)
    app.add_routes(routes)

"""The private door's route of `kitsu-launcher shell`: an application's whole environment, for a terminal of this user.

The only answer with an environment in it. It holds no token and no key: the plan's own, as the application gets it.
"""

import asyncio
import secrets

from aiohttp import web

from launcher.execute import write_context
from launcher.model import Json, RunBefore
from launcher.plan.staged import staged
from launcher.web.door import choice_of, fields, said, text, texts
from launcher.web.parts import PARTS

routes = web.RouteTableDef()


@routes.post("/door/shell")
async def shell(request: web.Request) -> web.Response:
    """Prepare a click as a dry-run does, write its context file and nothing else, and tell what would be started."""
    parts, wish = request.app[PARTS], await fields(request)
    action, server = text(wish, "action"), text(wish, "server", optional=True) or None
    launch_id = secrets.token_hex(16)  # as a launch's: the file is cleaned as theirs are
    plan = await parts.run.rehearse(
        action, texts(wish, "tasks"), server=server, choice=choice_of(wish), launch_id=launch_id
    )
    one = staged(plan, action)
    await asyncio.to_thread(write_context, one.context, parts.folders.state)
    start, base = one.start, parts.run.hands.environment()
    environment: dict[str, Json] = dict(sorted(start.env.items()))
    changes: dict[str, Json] = dict(sorted(start.environment_changes.items()))
    unset: list[Json] = [name for name in sorted(base) if name not in start.env]
    return said(
        {
            "application": start.application,
            "argv": list(start.argv),
            "wrapper": list(start.wrapper),
            "cwd": str(start.cwd),
            "environment": environment,
            "changes": changes,
            "unset": unset,
            "before": list(dict.fromkeys(step.name for step in plan.steps if isinstance(step, RunBefore))),
            "warnings": [*plan.warnings, *plan.must_ask],
        }
    )

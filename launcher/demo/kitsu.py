"""The sample Kitsu: as much of its API as the launcher asks for, and a page with the same buttons as Kitsu's.

`tests/demo/test_contract.py` holds the API against a real Zou.
"""

import json
from collections.abc import Mapping
from importlib import resources

from aiohttp import web

from launcher.demo.studio import EMAIL, PASSWORD, Row, Studio
from launcher.model import Json

TOKEN = "sample-access-token"  # noqa: S105  # of the sample studio only
SINGULAR = {
    "projects": "project",
    "task-types": "task_type",
    "entity-types": "entity_type",
    "task-status": "task_status",
}
"""Tables that a task's `/full` and the user's context show, and the key of one row."""


class SampleKitsu:
    """Answers like Kitsu for one person of one sample studio."""

    def __init__(self, studio: Studio, actions: list[tuple[str, str, bool]]) -> None:
        self.studio = studio
        self.actions = actions
        """Title, address and whether it is AJAX, of each action that the page offers."""

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self.page),
                web.get("/sample.js", _script),
                web.get("/api/", self.hello),
                web.get("/api/config", self.config),
                web.post("/api/auth/login", self.login),
                web.get("/api/auth/refresh-token", self.refresh),
                web.get("/api/auth/logout", self.logout),
                web.get("/api/auth/authenticated", self.authenticated),
                web.get("/api/data/user/context", self.context),
                web.get("/api/data/user/tasks", self.mine),
                web.get("/api/data/tasks/{id}/full", self.full),
                web.get("/api/data/{table}", self.rows),
                web.get("/api/data/{table}/{id}", self.one),
            ]
        )
        return app

    async def hello(self, _: web.Request) -> web.Response:
        return web.json_response({"api": "Zou", "version": "of the sample"})

    async def config(self, _: web.Request) -> web.Response:
        return web.json_response({"saml_enabled": False, "oidc_enabled": False, "enforce_2fa": False})

    async def login(self, request: web.Request) -> web.Response:
        said = await request.json()
        if (said.get("email"), said.get("password")) != (EMAIL, PASSWORD):
            return web.json_response({"login": False, "message": "Wrong email or password."}, status=400)
        return web.json_response(
            {
                "login": True,
                "user": self._me(),
                "organisation": {"name": "Fox Tales", "hours_by_day": 8},
                "access_token": TOKEN,
                "refresh_token": TOKEN,
            }
        )

    async def refresh(self, _: web.Request) -> web.Response:
        return web.json_response({"access_token": TOKEN})

    async def logout(self, _: web.Request) -> web.Response:
        return web.json_response({"logout": True})

    async def authenticated(self, request: web.Request) -> web.Response:
        return web.json_response({"authenticated": True, "user": self._me()}) if _knows(request) else _stranger()

    async def context(self, request: web.Request) -> web.Response:
        if not _knows(request):
            return _stranger()
        tables = self.studio.tables
        return web.json_response(
            {
                "projects": [{**row, "team": [self.studio.person]} for row in tables["projects"].values()],
                "task_types": list(tables["task-types"].values()),
                "asset_types": list(tables["entity-types"].values()),
                "task_status": list(tables["task-status"].values()),
                # Kitsu tells everybody's name to everybody, and nobody's e-mail.
                "persons": [{k: v for k, v in row.items() if k != "email"} for row in tables["persons"].values()],
                "departments": [],
                "custom_actions": [],
            }
        )

    async def mine(self, request: web.Request) -> web.Response:
        if not _knows(request):
            return _stranger()
        done = {key for key, status in self.studio.tables["task-status"].items() if status["is_done"]}
        return web.json_response(
            [task for task in self.studio.tables["tasks"].values() if task["task_status_id"] not in done]
        )

    async def full(self, request: web.Request) -> web.Response:
        if not _knows(request):
            return _stranger()
        task = self.studio.row("tasks", request.match_info["id"])
        entity = self.studio.row("entities", task["entity_id"]) if task else None
        if task is None or entity is None:
            return web.json_response({"error": True, "message": "404 Not Found"}, status=404)
        links = {"projects": task, "task-types": task, "task-status": task, "entity-types": entity}
        answer: Row = {**task, "entity": entity, "persons": [self._colleague()], "assigner": self._colleague()}
        for table, holder in links.items():
            answer[SINGULAR[table]] = self.studio.row(table, holder[f"{SINGULAR[table]}_id"])
        if parent := self.studio.row("entities", entity["parent_id"]):
            answer["sequence"] = parent
        return web.json_response(answer)

    async def rows(self, request: web.Request) -> web.Response:
        """A list, filtered by equality; `id` may be a JSON list."""
        if not _knows(request):
            return _stranger()
        rows = self.studio.tables.get(request.match_info["table"], {}).values()
        return web.json_response([row for row in rows if _fits(row, request.query)])

    async def one(self, request: web.Request) -> web.Response:
        if not _knows(request):
            return _stranger()
        row = self.studio.row(request.match_info["table"], request.match_info["id"])
        return web.json_response(row) if row else web.json_response({"error": True}, status=404)

    async def page(self, request: web.Request) -> web.Response:
        """Tasks to select, and a button for each action; `sample.js` sends what Kitsu sends."""
        data = {
            "person": {"id": self.studio.person, "email": EMAIL},
            "tasks": [self._line(task) for task in self.studio.tables["tasks"].values()],
            "actions": [{"title": title, "url": url, "ajax": ajax} for title, url, ajax in self.actions],
        }
        # "<" as an escape: a name can never end the element that the data stand in.
        text = _file("sample.html").replace("{data}", json.dumps(data).replace("<", "\\u003c"))
        return web.Response(text=text, content_type="text/html")

    def _me(self) -> Row:
        return self.studio.tables["persons"][self.studio.person]

    def _colleague(self) -> Row:
        return {key: value for key, value in self._me().items() if key != "departments"}

    def _line(self, task: Row) -> Row:
        entity = self.studio.row("entities", task["entity_id"]) or {}
        kind = self.studio.row("task-types", task["task_type_id"]) or {}
        parent = self.studio.row("entities", entity.get("parent_id")) or {}
        where = f"{parent['name']}/" if parent else ""
        return {
            "id": task["id"],
            "project": task["project_id"],
            "entity": f"{where}{entity['name']}",
            "type": kind["name"],
            "for": str(kind["for_entity"]).lower(),
        }


def _fits(row: Row, query: Mapping[str, str]) -> bool:
    for key, wanted in query.items():
        if key in row and row[key] != wanted and row[key] not in _listed(wanted):
            return False
    return True


def _listed(text: str) -> list[Json]:
    try:
        listed = json.loads(text)
    except ValueError:
        return []
    return listed if isinstance(listed, list) else []


def _knows(request: web.Request) -> bool:
    return request.headers.get("Authorization") == f"Bearer {TOKEN}"


def _stranger() -> web.Response:
    return web.json_response({"msg": "Missing Authorization Header"}, status=401)


async def _script(_: web.Request) -> web.Response:
    return web.Response(text=_file("sample.js"), content_type="text/javascript")


def _file(name: str) -> str:
    return (resources.files("launcher.demo") / "files" / name).read_text(encoding="utf-8")

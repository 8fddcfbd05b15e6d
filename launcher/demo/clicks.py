"""Kitsu's own bytes: what a browser sends for a custom action, written out by hand."""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlencode

HEADERS = (
    "Host: 127.0.0.1:{port}",
    "Connection: close",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    "Origin: {origin}",
    "Sec-Fetch-Site: same-site",
    "Accept-Language: en-US,en;q=0.9",
    "Content-Length: {length}",
)
FORM = (
    "Upgrade-Insecure-Requests: 1",
    "Content-Type: application/x-www-form-urlencoded",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-User: ?1",
    "Sec-Fetch-Dest: document",
)
AJAX = ("Content-Type: application/json", "Accept: */*", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty")


@dataclass(frozen=True, slots=True)
class Selection:
    """What Kitsu knows of one click."""

    host: str
    """Kitsu's host and port, without a scheme."""
    person_id: str
    person_email: str
    project_id: str
    entity_type: str
    task_ids: tuple[str, ...]


def request(selection: Selection, action: str, port: int, ajax: bool) -> bytes:
    """One whole HTTP request of one click."""
    body = (_json(selection) if ajax else _form(selection)).encode()
    values = {"port": port, "origin": f"http://{selection.host}", "length": len(body)}
    head = [f"POST /run/{action} HTTP/1.1", *(line.format(**values) for line in HEADERS), *(AJAX if ajax else FORM)]
    return "\r\n".join([*head, "", ""]).encode() + body


def _form(selection: Selection) -> str:
    return urlencode(
        {
            "personid": selection.person_id,
            "personemail": selection.person_email,
            "projectid": selection.project_id,
            "currentpath": "/my-tasks",
            "currentserver": selection.host,
            "selection": ",".join(selection.task_ids),
            "entitytype": selection.entity_type,
        }
    )


def _json(selection: Selection) -> str:
    fields = {
        "entitytype": selection.entity_type,
        "originurl": "/my-tasks",
        "originserver": selection.host,
        "selection": list(selection.task_ids),
        "productionid": selection.project_id,
        "userid": selection.person_id,
        "useremail": selection.person_email,
    }
    return json.dumps(fields, separators=(",", ":"))


def launch_of(answer: http.client.HTTPResponse, body: bytes) -> str | None:
    """The id of the launch that an answer names: the redirect of a form, the JSON of AJAX. None for a refusal."""
    if answer.status == 303:
        return (answer.getheader("Location") or "").rsplit("/", 1)[-1]
    if answer.status == 202:
        return str(json.loads(body)["launch"])
    return None

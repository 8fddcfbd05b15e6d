"""What becomes of errors, whatever they are."""

import json
import logging

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from launcher.errors import NotFoundHere
from launcher.web import pages
from launcher.web.app import tell


async def _client(handler) -> TestClient:
    app = web.Application(middlewares=[tell])
    app.router.add_get("/here", handler)
    app.router.add_get("/here.json", handler)
    app.on_response_prepare.append(pages.secure)
    client = TestClient(TestServer(app))
    await client.start_server()
    return client


async def _fault(request: web.Request) -> web.Response:
    raise ZeroDivisionError("a secret of the inside")


async def _absent(request: web.Request) -> web.Response:
    raise NotFoundHere("It is not here.", tried=["/opt"], next_step="Install it.")


async def _elsewhere(request: web.Request) -> web.Response:
    raise web.HTTPSeeOther("/there")


async def test_a_fault_of_ours_is_a_page_with_a_number_and_the_log_has_the_rest(caplog: pytest.LogCaptureFixture):
    """Real: aiohttp, the log."""
    client = await _client(_fault)

    response = await client.get("/here")
    text = await response.text()
    await client.close()

    (record,) = [record for record in caplog.records if record.name == "launcher.web"]
    number = record.getMessage().split("fault=")[1].split()[0]
    assert response.status == 500
    assert "<h1>Something went wrong inside Kitsu Launcher.</h1>" in text
    assert f"look for fault={number} in the log daemon.log" in text
    assert "secret" not in text
    assert "ZeroDivisionError" not in text
    assert record.levelno == logging.ERROR
    assert record.exc_info
    assert response.headers["Content-Security-Policy"] == pages.HEADERS["Content-Security-Policy"]


async def test_a_fault_is_json_for_a_program():
    """Real: aiohttp."""
    client = await _client(_fault)

    response = await client.get("/here.json")
    told = await response.json()
    await client.close()

    assert response.status == 500
    assert told["error"]["code"] == "fault"
    assert "secret" not in json.dumps(told)


async def test_an_error_of_ours_is_told_in_its_three_parts():
    """Real: aiohttp."""
    client = await _client(_absent)

    page, program = await client.get("/here"), await client.get("/here", headers={"Sec-Fetch-Dest": "empty"})
    text, told = await page.text(), await program.json()
    await client.close()

    assert (page.status, program.status) == (404, 404)
    assert "<h1>It is not here.</h1>" in text
    assert told == {
        "error": {
            "problem": "It is not here.",
            "tried": ["/opt"],
            "next": "Install it.",
            "code": "not-found",
            "exit_code": 4,
        }
    }


async def test_http_s_own_errors_are_pages_too():
    """Real: aiohttp's router."""
    client = await _client(_absent)

    gone, method = await client.get("/gone"), await client.post("/here")
    texts = [await gone.text(), await method.text()]
    await client.close()

    assert (gone.status, method.status) == (404, 405)
    assert "<h1>There is nothing at this address.</h1>" in texts[0]
    assert "<h1>This address does not answer such requests.</h1>" in texts[1]
    assert method.headers["Allow"] == "GET,HEAD"


async def test_a_redirect_is_no_error():
    """Real: aiohttp."""
    client = await _client(_elsewhere)

    response = await client.get("/here", allow_redirects=False)
    await client.close()

    assert (response.status, response.headers["Location"]) == (303, "/there")

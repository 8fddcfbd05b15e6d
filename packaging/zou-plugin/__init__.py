"""A plugin of Zou: the page by which a browser that is logged in to Kitsu logs Kitsu Launcher in (PKCE app-login).

It adds no right and keeps nothing. The page asks Zou's own `POST /auth/app-login/code` with the browser's cookie, once
its button is pressed, and sends the browser to Kitsu Launcher on the same machine.
"""

import os
from pathlib import Path

from flask import Response, render_template_string, send_from_directory
from flask.views import MethodView

PAGES = Path(__file__).parent / "pages"
PORT = os.environ.get("KITSU_LAUNCHER_PORT", "24517")
"""Where Kitsu Launcher listens on each workstation, as `studio.port` says: codes are sent nowhere else."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; form-action 'none'; base-uri 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Page(MethodView):
    """The page itself. Whoever is not logged in to Kitsu sees it too, and can do nothing there."""

    def get(self):
        text = (PAGES / "login.html").read_text(encoding="utf-8")
        return Response(render_template_string(text, port=PORT), mimetype="text/html", headers=HEADERS)


class Script(MethodView):
    """What the page's button does."""

    def get(self):
        return send_from_directory(PAGES, "login.js", mimetype="text/javascript")


class Style(MethodView):
    """How the page looks."""

    def get(self):
        return send_from_directory(PAGES, "login.css", mimetype="text/css")


routes = [("/login", Page), ("/login.js", Script), ("/login.css", Style)]

"""`kitsu-launcher` alone: the dashboard."""

import json
import urllib.request
from pathlib import Path

from tests.support.daemon import Daemon
from tests.support.desktop import wait_until

RECORDER = """#!/bin/sh
printf '%s\\n' "$1" >> "$(dirname "$0")/opened"
"""


def test_alone_it_opens_the_dashboard_by_an_entrance_that_is_good_once(start_daemon, home: Path):
    """Real: the command, a daemon, its pages; the browser is one that writes down what it is given."""
    (home / "config").mkdir()
    browser = home / "config" / "browser"
    browser.write_text(RECORDER)
    browser.chmod(0o755)
    (home / "config" / "config.toml").write_text(f"desk.browser = [{json.dumps(str(browser))}]\n")
    daemon: Daemon = start_daemon()

    done = daemon.cli()

    opened = home / "config" / "opened"
    wait_until(opened.exists, 10, "an address that is opened")
    url = opened.read_text().strip()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert url.startswith(f"http://127.0.0.1:{daemon.port}/enter/")
    tab = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    browsing = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browsing.open(urllib.request.Request(url, headers=tab), timeout=10) as answer:
        assert answer.geturl() == f"http://127.0.0.1:{daemon.port}/"
        assert "Overview" in answer.read().decode()

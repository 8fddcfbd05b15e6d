"""Gives one `kitsu-launcher://` URL to the running daemon, over the private door. It takes no option.

The desktop starts this for each link, so it imports next to nothing. It never uses the port: another may hold it.
Where no daemon runs, it becomes the command `open`, which starts one.
"""

import os
import sys

from launcher import door, itself, replacing

SCHEME = "kitsu-launcher://"
LONGEST = 8_000
"""Characters of a URL."""
PATIENCE_S = 10.0

HANDED, NOT_RUNNING, BAD_URL, NOT_OURS = 0, 1, 2, 3


def main(argv: list[str]) -> int:
    """Hand over the one URL in `argv`, and answer the exit code; what went wrong is one line on stderr.

    0 handed over, 1 no daemon answers, or could be started, 2 no such link, 3 the door is not this user's, and nothing
    was sent, or the daemon refuses.
    """
    if len(argv) != 1:
        return _fail(BAD_URL, f"takes exactly one link, not {len(argv)} arguments")
    url = argv[0]
    # The daemon knows the whole grammar; here only what could break the request itself.
    if not url.startswith(SCHEME) or len(url) > LONGEST or not all("!" <= c <= "~" and c not in '"\\' for c in url):
        return _fail(BAD_URL, f"not a link that it knows: {url[:80]!a}")
    try:
        status, body = door.ask(
            "POST", "/door/link", b'{"url": "' + url.encode("ascii") + b'"}', patience_s=PATIENCE_S, longest=65_536
        )
    except (ConnectionRefusedError, FileNotFoundError):
        return _start_one_for(url)
    except door.NotOurs as error:
        return _fail(NOT_OURS, str(error))
    except (OSError, ValueError) as error:
        return _fail(NOT_RUNNING, f"did not answer: {error}")
    return HANDED if 200 <= status < 300 else _told(status, body)


def _start_one_for(url: str) -> int:
    """Let the command line start a daemon and hand the link over; its exit code."""
    if replacing.under_way():
        return _fail(NOT_RUNNING, replacing.UPDATING)
    argv, env = itself.command("open", url), _environment()
    try:
        return _become(argv, env)
    except OSError as error:
        return _fail(NOT_RUNNING, f"could not be started: {argv[0]}: {error.strerror}")


def _become(argv: list[str], env: dict[str, str]) -> int:
    if sys.platform == "win32":
        # Its exec would end this process at once. Its arguments are joined to one line, and none holds a quote.
        return os.spawnve(os.P_WAIT, argv[0], [f'"{word}"' for word in argv], env)  # noqa: S606  # without a shell
    os.execve(argv[0], argv, env)  # noqa: S606  # without a shell


def _environment() -> dict[str, str]:
    """What the command line gets. Of `link.py`, which is started isolated, nothing by which Python finds its code.

    That of the program in which the link was clicked (Maya, Houdini…) is for that program's Python, and an empty part
    of its PYTHONPATH would be the folder that it works in.
    """
    env = itself.environment()
    if itself.FROZEN or not sys.flags.isolated:
        return env
    env = {name: value for name, value in env.items() if not name.startswith("PYTHON") or name.startswith("PYTHON_")}
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if os.path.basename(home) not in ("site-packages", "dist-packages"):
        env["PYTHONPATH"] = home  # a checkout, which Python does not find by itself
    return env


def _told(status: int, body: bytes) -> int:
    """Pass on the daemon's own error, in one line."""
    # Only now: json costs more than all the rest.
    import json

    try:
        error = json.loads(body)["error"]
        problem, code = str(error["problem"]), int(error["exit_code"])
    except (ValueError, TypeError, LookupError, RecursionError):
        problem, code = f"answered HTTP {status}", NOT_RUNNING
    return _fail(code if 0 < code < 10 else NOT_RUNNING, problem)


def _fail(code: int, text: str) -> int:
    line = "".join(c if c.isprintable() else " " for c in text)
    print(f"kitsu-launcher: {line[:300]}", file=sys.stderr)
    return code

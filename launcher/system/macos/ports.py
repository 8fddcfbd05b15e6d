"""Who holds a port on macOS: `lsof`, which names this user's own processes; of others' macOS tells nothing."""

import subprocess
import sys

from launcher.system import Holder

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

PATIENCE_S = 5


def holder(host: str, port: int) -> Holder | None:
    """Who listens there; None where that cannot be told."""
    try:
        done = subprocess.run(
            question(host, port), stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return told(done.stdout.decode(errors="replace"))


def question(host: str, port: int) -> list[str]:
    """What asks for who listens at an address."""
    address = f"[{host}]" if ":" in host else host
    return ["/usr/sbin/lsof", "-nP", f"-iTCP@{address}:{port}", "-sTCP:LISTEN", "-Fpc"]


def told(answer: str) -> Holder | None:
    """The first process of lsof's answer, one field a line, its kind before it."""
    fields: dict[str, str] = {}
    for line in answer.splitlines():
        fields.setdefault(line[:1], line[1:])
    return Holder(program=fields.get("c", ""), pid=int(fields["p"])) if fields.get("p", "").isdecimal() else None

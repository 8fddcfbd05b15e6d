"""T26 in the frozen build: a token is in the keyring, and nowhere else; the one-time address of the browser works once.

The bundle adds a loader, a temporary environment and a supervisor to what the daemon of the sources has.
"""

import json
import os
import re
import stat
from pathlib import Path

from keyring.backend import KeyringBackend

from launcher.demo.kitsu import TOKEN
from launcher.demo.studio import EMAIL, PASSWORD
from tests.support.desktop import wait_until
from tests.support.requests import Request
from tests.support.sample import Make, SampleStudio

PROGRAM = "kitsu-launcher"


def frozen_studio(frozen: Path, make_studio: Make, home: Path, keyring: bool = False) -> SampleStudio:
    """The frozen daemon, which looks for the machine's own keyring, or has none."""
    seeks = ["env", "-u", "PYTHON_KEYRING_BACKEND"] if keyring else []
    env = {"HOME": str(home), "TMPDIR": str(home / "tmp")}
    return make_studio(program=[*seeks, str(frozen / PROGRAM)], env=env, before=lambda home: (home / "tmp").mkdir())


def places(studio: SampleStudio) -> dict[str, bytes]:
    """Everything that the daemon leaves or shows: files, open files, what it was given and has given."""
    pid = studio.daemon.pid
    files = [path for path in studio.home.rglob("*") if stat.S_ISREG(path.lstat().st_mode)]
    found = {str(path): path.read_bytes() for path in files}
    found |= {f"note {i}": json.dumps(note).encode() for i, note in enumerate(studio.notes())}
    for name in ("cmdline", "environ"):
        found[name] = Path(f"/proc/{pid}/{name}").read_bytes()
    for number in os.listdir(f"/proc/{pid}/fd"):
        path = Path(f"/proc/{pid}/fd/{number}")
        if path.is_file():
            found[f"{number}: {path.readlink()}"] = path.read_bytes()
    return found


def leaks(studio: SampleStudio) -> list[str]:
    """Where a token, the password or the key of the studio is found."""
    secrets = [TOKEN.encode(), PASSWORD.encode()]
    found = places(studio)
    assert len(found) > 15
    assert len([name for name in found if name.startswith("note ")]) == 2
    bad = [name for name, text in found.items() if any(secret in text for secret in secrets)]
    # The key is in the daemon's own environment: the studio file says so. No file and no child has it.
    return bad + [name for name, text in found.items() if studio.key.encode() in text and name != "environ"]


def a_day(studio: SampleStudio) -> None:
    """Clicks from the browser and the command line, a login by hand, and pages."""
    studio.clicked(studio.form(), "done")
    studio.daemon.cli("run", "title", "--task", studio.task(), "--yes")
    studio.daemon.cli("login", "--email", EMAIL, "--password-stdin", input=f"{PASSWORD}\n")
    studio.daemon.cli("doctor", check=False)
    studio.clicked(studio.form("known"), "done")


def test_t26_without_a_keyring_a_token_is_nowhere(frozen: Path, make_studio: Make, home: Path) -> None:
    """Real: the frozen daemon, a sample Kitsu, processes; /proc."""
    studio = frozen_studio(frozen, make_studio, home)

    a_day(studio)

    assert leaks(studio) == []


def test_t26_the_frozen_daemon_finds_the_machines_keyring_and_leaves_the_token_there_alone(
    frozen: Path, make_studio: Make, home: Path, secret_service: KeyringBackend
) -> None:
    """Real: the frozen daemon, gnome-keyring, a sample Kitsu, processes; /proc."""
    studio = frozen_studio(frozen, make_studio, home, keyring=True)

    a_day(studio)

    kept = secret_service.get_password("kitsu-launcher", f"{EMAIL} {studio.origin}/api") or ""
    assert TOKEN in kept
    assert leaks(studio) == []


def test_t26_the_address_in_the_browsers_command_line_works_once(frozen: Path, make_studio: Make, home: Path) -> None:
    """Real: the frozen daemon, the command that is her browser; its address is in that program's argv for anybody."""
    studio = frozen_studio(frozen, make_studio, home)
    studio.daemon.cli()
    (address,) = wait_until(studio.opened, 20, "the dashboard")
    path = re.sub(r"^http://[^/]+", "", address)

    def entered() -> tuple[int, bool]:
        own = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        answer = studio.send(Request("GET", path, {"Host": f"127.0.0.1:{studio.port}", **own}))
        return answer.status, "Set-Cookie" in answer.headers

    assert [entered(), entered()] == [(303, True), (403, False)]

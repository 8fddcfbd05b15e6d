"""Links on a real desktop: xdg-open with its mime database, in a person's own home."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import launcher
from launcher.system.linux import autostart, scheme
from tests.support.desktop import wait_until
from tests.support.needs import needs
from tests.support.person import Person

TOP = Path(__file__).parents[2]
pytestmark = needs("xdg-open", "xdg-mime")


def test_a_link_reaches_the_running_daemon_which_asks(person: Person) -> None:
    """Real: the daemon registers itself at its start, xdg-open, hand-off, door, sample Kitsu, her answer, a program."""
    person.serve()
    wait_until(person.entry.exists, 10, "the registration")
    person.log_in()
    pid = person.pid()

    person.xdg_open(f"kitsu-launcher://run/open?server={person.origin}&task={person.task()}")

    launch = person.settled("asks")
    assert launch["question"]["reasons"] == ["It came as a link, which any page can open."]
    wait_until(person.opened, 10, "the page that asks")
    assert person.opened() == [f"http://127.0.0.1:{person.port}{launch['url']}"]
    assert person.notes() == []
    assert person.pid() == pid
    person.ask("POST", f"/door/launches/{launch['id']}/answer", {"yes": True})
    wait_until(person.notes, 20, "the program")


def test_a_link_starts_a_daemon_where_none_runs(person: Person) -> None:
    """Real: registered by the command, then xdg-open; a second link finds the same daemon."""
    assert person.cli("register").stdout == "Links open here now.\nIt starts at each login from now on.\n"
    assert person.pid() == 0

    person.xdg_open(f"kitsu-launcher://run/open?task={person.task()}")

    pid = person.pid()
    assert pid
    (launch,) = person.launches()
    wait_until(person.opened, 10, "its page")
    assert person.opened() == [f"http://127.0.0.1:{person.port}{launch['url']}"]
    person.xdg_open("kitsu-launcher://open")
    wait_until(lambda: len(person.opened()) == 2, 10, "the dashboard")
    assert person.opened()[1].startswith(f"http://127.0.0.1:{person.port}/enter/")
    assert person.pid() == pid
    assert person.notes() == []


def test_a_damaged_registration_is_repaired_at_the_next_start(person: Person) -> None:
    """Real: an update has moved the program; then a person who wants no links."""
    person.serve()
    wait_until(person.entry.exists, 10, "the registration")
    good = person.entry.read_text()
    assert f"Exec={sys.executable} -I -S {Path(launcher.__file__).with_name('link.py')} %u\n" in good
    person.cli("quit")
    person.entry.write_text(scheme.entry(["/opt/gone/kitsu-launcher-url"]))

    person.serve()

    wait_until(lambda: person.entry.read_text() == good, 10, "the repair")
    person.cli("quit")
    with open(person.home / ".config/kitsu-launcher/config.toml", "a") as file:
        file.write("desk.links = false\n")
    person.entry.unlink()
    person.serve()
    person.cli("quit")
    assert not person.entry.exists()


def test_register_and_unregister(person: Person) -> None:
    """Real: the commands twice each; texts and exit codes whole."""
    first, second = person.cli("register"), person.cli("register")
    assert (first.returncode, first.stdout) == (0, "Links open here now.\nIt starts at each login from now on.\n")
    assert (second.returncode, second.stdout) == (0, "Links opened here already.\nIt started at login already.\n")
    assert (person.home / ".config/autostart" / autostart.ENTRY).exists()

    third, fourth = person.cli("unregister"), person.cli("unregister")

    assert (third.returncode, third.stdout) == (
        0,
        "Links open here no more.\nNothing starts at login.\n"
        "The next start of the daemon registers links again, unless your config.toml says: desk.links = false\n",
    )
    assert (fourth.returncode, fourth.stdout) == (0, "No links of yours opened here.\nNothing starts at login.\n")
    assert not person.entry.exists()


def test_the_command_alone_shows_the_dashboard(person: Person) -> None:
    """Real: where none runs one is started, and the next start shows the dashboard of that one."""
    first = person.cli()
    pid = person.pid()
    second = person.cli()

    assert (first.returncode, first.stdout, second.returncode, second.stdout) == (0, "", 0, "")
    wait_until(lambda: len(person.opened()) == 2, 10, "the dashboard, twice")
    assert all(url.startswith(f"http://127.0.0.1:{person.port}/enter/") for url in person.opened())
    assert person.pid() == pid


@needs("gio")
def test_the_desktops_menu_shows_the_dashboard_of_the_running_daemon(person: Person) -> None:
    """Real: the entry that a package ships, as a desktop reads it (GLib), with this program in the package's place."""
    program = person.home / "kitsu-launcher"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m launcher "$@"\n')
    program.chmod(0o755)
    shipped = (TOP / "packaging/linux/kitsu-launcher.desktop").read_text()
    entry = person.home / "kitsu-launcher.desktop"
    entry.write_text(shipped.replace("Exec=/opt/kitsu-launcher/kitsu-launcher\n", f"Exec={program}\n"))
    person.serve()
    pid = person.pid()

    subprocess.run(["gio", "launch", entry], env=person.env, stdin=subprocess.DEVNULL, timeout=60, check=True)

    (url,) = wait_until(person.opened, 20, "the dashboard")
    assert url.startswith(f"http://127.0.0.1:{person.port}/enter/")
    assert person.pid() == pid


@needs("desktop-file-validate")
@pytest.mark.parametrize("name", ["kitsu-launcher", "kitsu-launcher-url", "autostart"])
def test_the_desktop_finds_nothing_wrong_with_what_a_package_ships(name: str) -> None:
    """Real: desktop-file-utils."""
    path = TOP / "packaging/linux" / f"{name}.desktop"
    done = subprocess.run(["desktop-file-validate", path], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs("gio")
def test_what_starts_at_login_is_a_daemon(person: Person) -> None:
    """Real: the autostart entry as a desktop reads it (GLib)."""
    person.cli("register")
    entry = person.home / ".config/autostart" / autostart.ENTRY

    process = subprocess.Popen(["gio", "launch", entry], env=person.env, stdin=subprocess.DEVNULL)

    wait_until(person.pid, 20, "the daemon")
    assert process.wait(20) == 0
    status = Path(f"/proc/{person.pid()}/status").read_text()
    watcher = re.search(r"^PPid:\s*(\d+)$", status, re.MULTILINE)
    assert watcher
    assert b"\0--restart\0" in Path(f"/proc/{watcher[1]}/cmdline").read_bytes()

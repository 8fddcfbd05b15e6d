"""Root replaces an installation under the daemons of several people, one of whom wishes root ill.

Real: a clean Debian 13 with processes and a network of its own, the frozen programs, people of that machine, root.
"""

import io
import shlex
import subprocess
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.debians import Debian, NewDebian, Process, once

TOP = "/opt/kitsu-launcher"
COMMAND = f"{TOP}/kitsu-launcher"
NOTED = "/run/kitsu-launcher"
PEOPLE = ("zoe", "ida", "eve")
NULL = "keyring.backends.null.Keyring"
PING = """
import os, socket
home = os.environ.get("KITSU_LAUNCHER_HOME")
folder = home + "/run" if home else os.environ["XDG_RUNTIME_DIR"] + "/kitsu-launcher"
door = socket.socket(socket.AF_UNIX)
door.settimeout(5)
door.connect(folder + "/door")
door.sendall(b"GET /door/ping HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
assert b" 200 " in door.recv(100)
"""


@dataclass(frozen=True)
class Machine:
    """A machine with an installation of root's, and three people."""

    debian: Debian

    def env(self, user: str) -> dict[str, str]:
        """Of her session; none of it is another's to know."""
        return {"XDG_RUNTIME_DIR": f"/run/user/{user}", "PYTHON_KEYRING_BACKEND": NULL, "SECRET": f"of-{user}"}

    def command(self, *arguments: str, user: str = "root", check: bool = True) -> "subprocess.CompletedProcess[str]":
        env = {} if user == "root" else self.env(user)
        return self.debian.run(COMMAND, *arguments, user=user, env=env, check=check)

    def start(self, user: str, *options: str, program: str = COMMAND, **more: str) -> int:
        """Her daemon, in a session of its own; its number."""
        before = {one.pid for one in self.daemons(user, program)}
        line = shlex.join([program, "serve", "--no-tray", "--port", "0", *options])
        self.sh(f"umask 002; setsid {line} </dev/null >/dev/null 2>&1 &", user, **more)
        assert once(lambda: self.answers(user, **more), 20), f"the daemon of {user}"
        return next(
            one.pid for one in self.daemons(user, program) if one.pid not in before and "--restart" not in one.line
        )

    def sh(self, script: str, user: str, **more: str) -> str:
        """What a shell script of hers prints."""
        return self.debian.sh(script, user=user, env=self.env(user) | more)

    def answers(self, user: str, **more: str) -> bool:
        """Whether a daemon answers at her door."""
        env = self.env(user) | more
        return self.debian.run("python3", "-c", PING, user=user, env=env, check=False).returncode == 0

    def daemons(self, user: str, program: str = COMMAND) -> list[Process]:
        """All that runs as `serve` from the installation."""
        uid = 1001 + PEOPLE.index(user)
        return self.debian.processes(f"{program} serve", uid=uid)

    def log_out(self, user: str) -> None:
        """Nothing of hers runs any more."""
        for _again in range(20):
            if left := self.debian.processes(uid=1001 + PEOPLE.index(user)):
                self.signal("KILL", *(one.pid for one in left))

    def signal(self, name: str, *pids: int) -> None:
        """Send a signal; one may have ended meanwhile."""
        self.debian.sh(f"kill -{name} {' '.join(map(str, pids))} || true")

    def alive(self, pid: int) -> bool:
        return pid in {one.pid for one in self.debian.processes()}

    def variable(self, pid: int, name: str) -> str:
        words = self.debian.text(f"/proc/{pid}/environ").split("\0")
        return next((word.partition("=")[2] for word in words if word.startswith(f"{name}=")), "")

    def python(self, user: str, script: str, *arguments: str, **more: str) -> None:
        """A Python program of hers that goes on, once it has said that it is ready."""
        path = f"/home/{user}/{abs(hash(script))}.py"
        self.debian.write(path, script + "\nopen(__file__ + '.ready', 'w')\nimport time\ntime.sleep(600)\n", user=user)
        line = shlex.join(["/usr/bin/python3", path, *arguments])
        self.sh(f"setsid {line} </dev/null >/tmp/{user}.log 2>&1 &", user, **more)
        ready = lambda: self.debian.run("test", "-e", f"{path}.ready", check=False).returncode == 0  # noqa: E731
        assert once(ready, 10), self.debian.text(f"/tmp/{user}.log")
        self.debian.run("rm", f"{path}.ready")


@pytest.fixture(scope="module")
def installed(new_debian: NewDebian, frozen: Path) -> Machine:
    """The machine, once for the module."""
    debian = new_debian("trixie-python")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as packed:
        packed.add(frozen, "opt/kitsu-launcher", filter=_roots)
    debian.run("tar", "-x", "-C", "/", input=archive.getvalue())
    for number, user in enumerate(PEOPLE):
        debian.run("useradd", "--create-home", "--shell", "/bin/bash", "--uid", str(1001 + number), user)
        debian.run("install", "-d", "-m", "700", "-o", user, "-g", user, f"/run/user/{user}")
    return Machine(debian)


def _roots(one: tarfile.TarInfo) -> tarfile.TarInfo:
    one.uid = one.gid = 0
    one.uname = one.gname = "root"
    return one


@pytest.fixture
def machine(installed: Machine) -> Iterator[Machine]:
    """The machine, with nothing of the last test running. Each person has a process that is not ours: her session."""
    for user in PEOPLE:
        installed.sh("setsid sleep 3000 </dev/null >/dev/null 2>&1 &", user)
    yield installed
    for user in PEOPLE:
        installed.log_out(user)
    installed.debian.run("rm", "-rf", NOTED, check=False)
    for user in PEOPLE:
        installed.debian.sh(f"rm -rf /run/user/{user}/* /home/{user}/.local /home/{user}/.cache")


def test_everybodys_daemons_end_and_start_again_as_they_were(machine: Machine) -> None:
    """Real: a bare daemon and a supervised one; another program is in place when they come back."""
    zoe = machine.start("zoe")
    ida = machine.start("ida", "--restart")

    begun = machine.command("replace", "begin", "--everybody")

    assert (begun.stdout, begun.stderr) == ("", "")
    assert [machine.daemons("zoe"), machine.daemons("ida")] == [[], []]
    told = machine.debian.sh(f"stat -c '%a %U' {NOTED} {NOTED}/*.json")
    assert told == "755 root\n644 root\n600 root\n"
    assert "SECRET" not in machine.debian.text(f"{NOTED}/replacing.json")
    for line in ([COMMAND, "serve"], [COMMAND, "launches"], [f"{TOP}/kitsu-launcher-url", "kitsu-launcher://open"]):
        done = machine.debian.run(*line, user="zoe", env=machine.env("zoe"), check=False)
        assert (done.returncode, "is being updated" in done.stderr) == (1, True), line
    machine.debian.sh(f"cp {COMMAND} {COMMAND}.new && mv {COMMAND}.new {COMMAND}")

    done = machine.command("replace", "end", "--everybody")

    assert (done.stdout, done.stderr) == ("", "")
    (again,) = machine.daemons("zoe")
    assert again.pid != zoe
    assert machine.variable(again.pid, "SECRET") == "of-zoe"
    status = machine.debian.text(f"/proc/{again.pid}/status")
    assert [line for line in status.splitlines() if line.startswith(("Uid", "Gid", "Umask", "CapPrm"))] == [
        "Umask:\t0002",
        "Uid:\t1001\t1001\t1001\t1001",
        "Gid:\t1001\t1001\t1001\t1001",
        "CapPrm:\t0000000000000000",
    ]
    assert machine.debian.sh(f"readlink /proc/{again.pid}/exe").strip() == COMMAND
    assert sorted("--restart" in one.line for one in machine.daemons("ida")) == [False, True]
    assert ida not in [one.pid for one in machine.daemons("ida")]
    assert machine.debian.sh(f"ls {NOTED}") == ""


def test_one_whose_session_is_over_stays_away(machine: Machine) -> None:
    """Real: Zoe has logged out in between, Ida's screen has gone, Eve has started one herself from the new program."""
    machine.start("zoe")
    machine.debian.sh("mkdir -p /tmp/.X11-unix; touch /tmp/.X11-unix/X7")
    machine.start("ida", DISPLAY=":7")
    machine.start("eve")
    machine.command("replace", "begin", "--everybody")
    machine.log_out("zoe")
    machine.debian.run("rm", "/tmp/.X11-unix/X7")
    machine.debian.run("touch", "-d", "1 hour ago", f"{NOTED}/replacing.json")
    hers = machine.start("eve")

    done = machine.command("replace", "end", "--everybody", check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert [machine.daemons("zoe"), machine.daemons("ida")] == [[], []]
    assert [one.pid for one in machine.daemons("eve")] == [hers]


def test_one_that_hangs_is_killed_and_its_supervisor_starts_none(machine: Machine) -> None:
    """Real: SIGSTOP holds Zoe's daemon and Ida's supervisor with its daemon; `--wait` bounds how long that takes."""
    zoe = machine.start("zoe")
    machine.start("ida", "--restart")
    held = [zoe, *(one.pid for one in machine.daemons("ida"))]
    machine.signal("STOP", *held)
    began = time.monotonic()

    left = machine.command("quit", "--everybody", "--wait", "1", check=False)
    assert left.returncode == 1
    assert f"process {zoe} of zoe: still runs" in left.stderr
    assert sorted(one.pid for user in ("zoe", "ida") for one in machine.daemons(user)) == sorted(held)
    machine.command("replace", "begin", "--everybody", "--wait", "1")

    assert time.monotonic() - began < 15
    assert [machine.daemons("zoe"), machine.daemons("ida")] == [[], []]
    machine.command("replace", "end", "--everybody")
    assert [len(machine.daemons("zoe")), len(machine.daemons("ida"))] == [1, 2]


def test_what_cannot_be_ended_is_named_and_all_others_run_as_before(machine: Machine) -> None:
    """Real: root without the rights to become Zoe and to kill what is hers; a daemon of root's own, which had ended."""
    zoe = machine.start("zoe")
    machine.signal("STOP", zoe)
    env = {"XDG_RUNTIME_DIR": "/run/roots", "PYTHON_KEYRING_BACKEND": NULL}
    machine.debian.run("install", "-d", "-m", "700", "/run/roots")
    machine.debian.sh(f"setsid {COMMAND} serve --no-tray --port 0 </dev/null >/dev/null 2>&1 &", env=env)
    answers = ["python3", "-c", PING]
    assert once(lambda: machine.debian.run(*answers, env=env, check=False).returncode == 0, 20)
    (roots,) = machine.debian.processes(f"{COMMAND} serve", uid=0)
    less = ["setpriv", "--bounding-set", "-setuid,-kill", "--inh-caps", "-setuid,-kill"]

    done = machine.debian.run(*less, COMMAND, "replace", "begin", "--everybody", "--wait", "1", check=False)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Kitsu Launcher did not end everywhere.",
        f"  tried  process {zoe} of zoe: still runs",
        "  next   End that process by hand, or have its person log out, then try again.",
    ]
    assert machine.alive(zoe)
    (again,) = machine.debian.processes(f"{COMMAND} serve", uid=0)
    assert again.pid != roots.pid
    assert machine.debian.run(*answers, env=env, check=False).returncode == 0, "it answers again"
    assert machine.debian.sh(f"ls {NOTED}") == "", "and clicks go on"
    machine.debian.run(COMMAND, "quit", env=env)


def test_somebody_whose_home_is_gone_is_named_and_all_others_come_back(machine: Machine) -> None:
    """Real: Zoe's home has been moved away meanwhile; her daemon cannot start there."""
    machine.start("zoe")
    machine.start("ida")
    machine.command("replace", "begin", "--everybody")
    machine.debian.sh("mv /home/zoe /home/away")

    done = machine.command("replace", "end", "--everybody", check=False)

    machine.debian.sh("mv /home/away /home/zoe")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Kitsu Launcher could not be started again for everybody who used it.",
        "  tried  zoe: does not answer",
        "  next   It starts at that person's next click or login.",
    ]
    assert [len(machine.daemons("zoe")), len(machine.daemons("ida"))] == [0, 1]


# -- a person who wishes root ill --------------------------------------------------------------------------------------
def test_a_lookalike_is_not_ours(machine: Machine) -> None:
    """Real: Eve's own copy of our program; a program with our command line; hers in our place, in mounts of her own."""
    machine.sh(f"mkdir -p ~/kl && cp -r {TOP}/. ~/kl/", "eve")
    copied = machine.start("eve", program="/home/eve/kl/kitsu-launcher")
    script = f"cd; echo 'sleep 999; true' > serve; exec -a {COMMAND} bash serve </dev/null >/dev/null 2>&1 &"
    machine.debian.run("bash", "-c", script, user="eve")
    env = " ".join(f"{name}={value}" for name, value in machine.env("eve").items()) + " HOME=/home/eve"
    inside = f"mount --bind /home/eve/kl/kitsu-launcher {COMMAND} && exec setpriv --reuid=eve --clear-groups env"
    own = f"unshare -m sh -c '{inside} {env} KITSU_LAUNCHER_HOME=/home/eve/t {COMMAND} serve --no-tray --port 0'"
    machine.debian.sh(f"setsid {own} </dev/null >/dev/null 2>&1 &")
    assert once(lambda: machine.answers("eve", KITSU_LAUNCHER_HOME="/home/eve/t"), 20)
    before = {one.pid for one in machine.debian.processes(uid=1003)}
    looks = [machine.debian.sh(f"readlink /proc/{one.pid}/exe").strip() for one in machine.daemons("eve")]
    assert sorted(look.rpartition("/")[2] for look in looks) == ["bash", "kitsu-launcher"]

    machine.command("quit", "--everybody", "--force", "--wait", "1")

    assert copied in before
    assert {one.pid for one in machine.debian.processes(uid=1003)} == before


SQUAT = """
import os, socket, struct, sys, threading
path, note = sys.argv[1:]
os.path.exists(path) and os.unlink(path)
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen()
def take():
    kept = []
    while True:
        connection, _ = server.accept()
        kept.append(connection)
        uid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]
        with open(note, "a") as file:
            file.write("%d\\n" % uid)
threading.Thread(target=take, daemon=True).start()
"""


def test_who_sits_in_the_doors_place_holds_root_for_no_longer_than_asked(machine: Machine) -> None:
    """Real: Eve's socket, which takes every question and answers none; it sees nobody but herself come."""
    machine.start("eve")
    machine.python("eve", SQUAT, "/run/user/eve/kitsu-launcher/door", "/home/eve/came")
    began = time.monotonic()

    machine.command("replace", "begin", "--everybody", "--wait", "1")

    assert time.monotonic() - began < 10
    assert machine.daemons("eve") == []
    assert set(machine.debian.text("/home/eve/came").split()) == {"1003"}


def test_a_door_that_leads_to_somebody_elses_reaches_nobody(machine: Machine) -> None:
    """Real: Eve's runtime folder is a link to that of Ida, whose daemon is not of this installation."""
    machine.sh(f"mkdir -p ~/kl && cp -r {TOP}/. ~/kl/", "ida")
    ida = machine.start("ida", program="/home/ida/kl/kitsu-launcher")
    eve = machine.start("eve")
    machine.sh("cd /run/user/eve && mv kitsu-launcher away && ln -s /run/user/ida/kitsu-launcher .", "eve")

    machine.command("replace", "begin", "--everybody", "--wait", "1")

    assert machine.alive(ida)
    assert machine.answers("ida")
    assert not machine.alive(eve)


STOP = """
import os, signal, threading, time
known = {int(name) for name in os.listdir("/proc") if name.isdigit()}
def stop():
    while True:
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) not in known:
                try:
                    os.kill(int(name), signal.SIGSTOP)
                except OSError:
                    pass
threading.Thread(target=stop, daemon=True).start()
"""


def test_who_stops_whatever_acts_in_her_name_changes_nothing(machine: Machine) -> None:
    """Real: Eve's program sends SIGSTOP to each new process that is hers, as fast as it can. Zoe's day goes on."""
    eve = machine.start("eve")
    machine.signal("STOP", eve)
    machine.start("zoe")
    machine.python("eve", STOP)
    began = time.monotonic()

    machine.command("replace", "begin", "--everybody", "--wait", "1")
    done = machine.command("replace", "end", "--everybody", check=False)

    assert time.monotonic() - began < 60
    assert not machine.alive(eve)
    assert (done.returncode, "eve: does not answer" in done.stderr, "zoe" in done.stderr) == (1, True, False)
    assert len(machine.daemons("zoe")) == 1


LOADED = """
#include <stdio.h>
#include <unistd.h>
#include <sys/types.h>
static void __attribute__((constructor)) loaded(void) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/loaded/%d", (int)geteuid());
    FILE *file = fopen(path, "w");
    if (file) fclose(file);
}
"""


def test_her_environment_reaches_nobody_but_herself(machine: Machine, tmp_path: Path) -> None:
    """Real: LD_PRELOAD, LD_AUDIT and PATH of Eve's daemon name a library of hers, which notes as whom it is loaded."""
    (tmp_path / "loaded.c").write_text(LOADED)
    library = tmp_path / "loaded.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(tmp_path / "loaded.c")], check=True)
    machine.debian.run("install", "-d", "-m", "1777", "/tmp/loaded")
    machine.debian.write("/home/eve/loaded.so", library.read_bytes(), user="eve", mode="755")
    machine.debian.sh("for name in systemctl systemd-run true; do ln -sf loaded.so /home/eve/$name; done")
    machine.start(
        "eve", LD_PRELOAD="/home/eve/loaded.so", LD_AUDIT="/home/eve/loaded.so", PATH="/home/eve:/usr/bin:/bin"
    )
    assert machine.debian.sh("ls /tmp/loaded").split() == ["1003"]
    machine.debian.run("rm", "/tmp/loaded/1003")

    machine.command("replace", "begin", "--everybody")
    assert machine.debian.sh("ls /tmp/loaded") == "", "nothing is begun with it to end a daemon"
    machine.command("replace", "end", "--everybody")

    assert len(machine.daemons("eve")) == 1
    assert machine.debian.sh("ls /tmp/loaded").split() == ["1003"]


@pytest.mark.parametrize("planted", ["ln -s /home/eve {}", "install -d -o eve {}", "install -d -m 777 {}", "touch {}"])
def test_a_folder_that_is_not_roots_alone_is_refused(machine: Machine, planted: str) -> None:
    """Real: something else in the place where root remembers; nothing is ended."""
    zoe = machine.start("zoe")
    machine.debian.sh(planted.format(NOTED))

    done = machine.command("replace", "begin", "--everybody", check=False)

    assert done.returncode == 1
    assert done.stderr.startswith(f"{NOTED} is not a folder of the system's own.")
    assert machine.alive(zoe)
    assert machine.debian.sh("ls /home/eve/*.json 2>/dev/null || true") == ""


def test_what_root_remembers_is_followed_in_no_other_way(machine: Machine) -> None:
    """Real: the file of another version, and one cut in half: it is told, forgotten, and clicks go on."""
    for content in ('{"format": 2, "sessions": []}', '{"format": 1, "sess'):
        machine.start("zoe")
        machine.command("replace", "begin", "--everybody")
        machine.debian.write(f"{NOTED}/sessions.json", content, mode="600")

        done = machine.command("replace", "end", "--everybody", check=False)

        assert done.returncode == 1
        assert done.stderr.startswith("It is not known any more whose Kitsu Launcher is to start again.")
        assert machine.debian.sh(f"ls {NOTED}") == ""

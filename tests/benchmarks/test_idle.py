"""What a daemon costs that nobody clicks at: memory, and how often it wakes, against a bare aiohttp server.

A daemon with its icon in a panel, one without a tray, and the bare server idle at the same time. That the daemons
sleep is asserted, and that they are awake at once when they are asked afterwards.
"""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from launcher.demo.studio import EMAIL, PASSWORD
from launcher.icon import Sign
from tests.support.daemon import Daemon
from tests.support.needs import needs
from tests.support.panels import Session
from tests.support.requests import KEY
from tests.support.sample import Make, lay

SETTLED_S = 20
"""By then what was started at the start is over: applications are found, connections to Kitsu closed."""
IDLE_S = 60
MOST_WAKES = 20
"""Of one daemon. Whatever looks again and again, even if only every two seconds, wakes it more often."""


@dataclass(frozen=True)
class Counted:
    """What the kernel has counted for one process until now."""

    wakes: int
    """How often any of its threads was put on a processor."""
    cpu_ns: int

    @classmethod
    def of(cls, pid: int) -> "Counted":
        wakes = cpu_ns = 0
        for thread in Path(f"/proc/{pid}/task").iterdir():
            status = (thread / "status").read_text().splitlines()
            wakes += sum(int(line.split()[1]) for line in status if "ctxt_switches" in line)
            cpu_ns += int((thread / "schedstat").read_text().split()[0])
        return cls(wakes, cpu_ns)

    def since(self, earlier: "Counted") -> str:
        """In words."""
        cpu_ms = (self.cpu_ns - earlier.cpu_ns) / 1e6
        return f"{self.wakes - earlier.wakes} wake-ups and {cpu_ms:.1f} ms of a processor"


@dataclass(frozen=True)
class Memory:
    """Of one process, in megabytes: its share of what it shares, and what is its alone."""

    pss: float
    uss: float

    @classmethod
    def of(cls, pid: int) -> "Memory":
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        kilobytes = {name: int(rest.split()[0]) for name, _sep, rest in (line.partition(":") for line in lines)}
        return cls(kilobytes["Pss"] / 1024, (kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]) / 1024)


def without_tray(start_daemon: Callable[..., Daemon], origin: str, home: Path) -> Daemon:
    """Another daemon of the same studio, at which she is logged in, too."""
    lay(home, origin)
    daemon = start_daemon(env={"KITSU_LAUNCHER_KEY": KEY}, home=home, options=["--no-tray"])
    daemon.ask("POST", "/door/login", {"server": origin, "email": EMAIL, "password": PASSWORD})
    return daemon


@needs("Xvfb", "openbox", "dbus-daemon", "xfce4-panel")
def test_an_idle_daemon_for_a_minute(
    make_studio: Make,
    session: Session,
    start_daemon: Callable[..., Daemon],
    run_script: Callable[..., str],
    tmp_path: Path,
    report: Callable[[str], None],
) -> None:
    """Real: Xvfb, xfce4-panel, two daemons with somebody logged in, a sample Kitsu, a bare aiohttp server."""
    session.start("xfce4-panel")
    own = {name: session.environment[name] for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
    studio = make_studio(env={**own, "WAYLAND_DISPLAY": ""})
    with contextlib.ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="kl-", dir="/tmp"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        plain = without_tray(start_daemon, studio.origin, home)
        stack.callback(plain.stop)
        bare = int(run_script("bare", studio.origin, "token", "/bin/true", tmp_path).split()[1])
        session.wait_for_icon(Sign.WELL)
        pids = {"with its icon": studio.daemon.pid, "without a tray": plain.pid, "a bare aiohttp server": bare}
        time.sleep(SETTLED_S)

        before = {name: Counted.of(pid) for name, pid in pids.items()}
        time.sleep(IDLE_S)
        after = {name: Counted.of(pid) for name, pid in pids.items()}
        memory = {name: Memory.of(pid) for name, pid in pids.items()}

        session.wait_for_icon(Sign.WELL)
        for daemon in (plain, studio.daemon):
            assert daemon.ask("GET", "/door/ping")["pid"] == daemon.pid
        assert all(Counted.of(pid).wakes > after[name].wakes for name, pid in pids.items() if pid != bare)
        assert all(after[name].wakes - before[name].wakes <= MOST_WAKES for name in pids)
    floor = memory["a bare aiohttp server"]
    for name in pids:
        uss, pss = memory[name].uss, memory[name].pss
        report(
            f"idle for {IDLE_S} s, {name}: {after[name].since(before[name])}; USS {uss:.1f} MB, PSS {pss:.1f} MB, "
            f"{uss / floor.uss:.2f} and {pss / floor.pss:.2f} times the bare one"
        )

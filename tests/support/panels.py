"""Real panels with a tray, each on the display of the tests and a session bus of its own; and eyes to find an icon."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection
from PIL import Image, ImageChops, ImageStat

from launcher.icon import Sign, draw
from launcher.system.linux.notifier import BUS, ITEM, MENU, MENU_PATH, WATCHER
from tests.support.desktop import Display, end, started, wait_until

FUR = ((232, 105, 44), draw(Sign.AWAY, 64).getpixel((32, 22))[:3])  # type: ignore[index]
"""The fox's colour, and how it is while Kitsu is away."""
LXQT = """\
panels=panel1

[panel1]
plugins=taskbar,statusnotifier
position=Bottom
desktop=0

[taskbar]
type=taskbar

[statusnotifier]
type=statusnotifier
alignment=Right
"""
BUS_FILE = """\
<busconfig>
<type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth><servicedir>{services}</servicedir>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
"""

NOTICES = "org.freedesktop.Notifications"
PANELS = {
    "xfce4-panel": ["xfce4-panel", "--disable-wm-check"],
    "lxqt-panel": ["lxqt-panel"],
    "trayer": ["trayer", "--edge", "bottom", "--align", "right", "--height", "30", "--tint", "0x8899aa"],
}
"""The first two take StatusNotifierItems, the last plain X11 icons."""


@dataclass(frozen=True)
class Icon:
    """An icon that was found on the screen."""

    x: int
    y: int
    """Its middle."""
    size: int
    sign: Sign
    difference: float
    """From the drawing, in levels of 255."""


@dataclass
class Session:
    """One desktop session: display, bus, home; panels come and go."""

    display: Display
    bus: str
    home: Path
    bus_process: "subprocess.Popen[bytes]"
    panels: list[contextlib.ExitStack] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What a program of this session has."""
        own = {"DBUS_SESSION_BUS_ADDRESS": self.bus, "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home / "run")}
        kept = {name: value for name, value in self.display.environment.items() if not name.startswith("XDG_")}
        return kept | own | {"XDG_CONFIG_HOME": str(self.home / ".config"), "XDG_CACHE_HOME": str(self.home / ".cache")}

    # -- panels ------------------------------------------------------------------------------------------------------
    def start(self, panel: str) -> None:
        """Start a panel and wait until it takes icons."""
        if not shutil.which(panel):
            pytest.skip(f"not installed: {panel}")
        stack = contextlib.ExitStack()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        stack.enter_context(started(PANELS[panel], env=self.environment, **quiet))
        self.panels.append(stack)
        if panel != "trayer":
            wait_until(lambda: self.owns(WATCHER), 20, f"{panel} takes icons")

    def end_panel(self) -> None:
        """End the panel that was started last."""
        self.panels.pop().close()

    # -- the bus -----------------------------------------------------------------------------------------------------
    def end_bus(self) -> None:
        """End the bus, as the end of a session does."""
        end(self.bus_process)

    def ask(
        self, address: DBusAddress, method: str, signature: str | None = None, body: object = ()
    ) -> tuple[object, ...]:
        """Call a method on the session's bus."""
        with open_dbus_connection(self.bus) as bus:
            reply = bus.send_and_get_reply(new_method_call(address, method, signature, body), timeout=5)
            return tuple(reply.body)

    def owns(self, name: str) -> bool:
        """Whether somebody has this name on the bus."""
        return bool(self.ask(BUS, "NameHasOwner", "s", (name,))[0])

    def menu(self, pid: int) -> list[tuple[str, list[object]]]:
        """The menu that the daemon of this process offers, as any panel reads it: labels, and what is below them."""
        address = DBusAddress(MENU_PATH, f"{ITEM}-{pid}-1", MENU)
        _revision, layout = self.ask(address, "GetLayout", "iias", (0, -1, []))
        return _labels(layout)

    def choose(self, pid: int, label: str) -> None:
        """Choose an item of the menu's first level, as a panel tells it."""
        address = DBusAddress(MENU_PATH, f"{ITEM}-{pid}-1", MENU)
        _revision, layout = self.ask(address, "GetLayout", "iias", (0, 1, []))
        number = next(child[0] for _sig, child in layout[2] if child[1].get("label", ("s", ""))[1] == label)  # type: ignore[index]
        self.ask(address, "Event", "isvu", (number, "clicked", ("i", 0), 0))

    # -- the eyes ----------------------------------------------------------------------------------------------------
    def screenshot(self, keep: Path | None = None) -> Image.Image:
        """The whole screen."""
        path = keep or self.home / "screen.png"
        return Image.open(self.display.screenshot(path)).convert("RGB")

    def icon(self) -> Icon | None:
        """Where the fox is seen on the screen, and which of its signs it shows; None where it is not seen."""
        return find(self.screenshot())

    def wait_for_icon(self, sign: Sign, seconds: float = 15) -> Icon:
        """The icon, once it is there with this sign."""
        return wait_until(lambda: _with_sign(self.icon(), sign), seconds, f"the icon with the sign {sign!s}")

    def press(self, icon: Icon, button: int) -> None:
        """Click on the icon."""
        self.display._run("xdotool", "mousemove", str(icon.x), str(icon.y))
        self.display._run("xdotool", "click", str(button))


def _with_sign(found: Icon | None, sign: Sign) -> Icon | None:
    return found if found and found.sign is sign else None


def _labels(layout: object) -> list[tuple[str, list[object]]]:
    _number, _properties, children = layout  # type: ignore[misc]
    found = []
    for _signature, child in children:
        label = child[1].get("label", ("s", ""))[1].replace("__", "_")
        found.append((label, _labels(child)))
    return found


def find(screen: Image.Image) -> Icon | None:
    """The fox in a picture: where its fur is, and which drawing fits best there."""
    mask = ImageChops.lighter(*(_near(screen, colour) for colour in FUR))
    box = mask.getbbox()
    if not box or not 8 <= box[2] - box[0] <= 140:
        return None
    tried = [
        Icon(left + size // 2, top + size // 2, size, sign, _difference(screen, draw(sign, size), left, top))
        for size in (16, 18, 20, 22, 24, 26, 28, 30, 32)
        for left in range(box[0] - 4, box[0] + 3)
        for top in range(box[1] - 4, box[1] + 3)
        for sign in Sign
    ]
    best = min(tried, key=lambda icon: icon.difference)
    return best if best.difference < 24 else None


def _near(screen: Image.Image, colour: tuple[int, ...]) -> Image.Image:
    """Where a picture has nearly this colour."""
    mask = Image.new("L", screen.size, 255)
    for band, wanted in zip(screen.split(), colour, strict=True):
        mask = ImageChops.darker(mask, band.point([255 if abs(level - wanted) <= 14 else 0 for level in range(256)]))
    return mask


def _difference(screen: Image.Image, drawn: Image.Image, left: int, top: int) -> float:
    """How far the screen is from the drawing where the drawing covers it, on average."""
    part = screen.crop((left, top, left + drawn.width, top + drawn.height))
    opaque = drawn.getchannel("A").point([0] * 200 + [255] * 56)
    apart = ImageChops.difference(part, drawn.convert("RGB"))
    return sum(ImageStat.Stat(apart, opaque).mean) / 3


def _bus_file(home: Path) -> Path:
    """A bus that starts what its desktop needs, as a session's does; but nobody who shows notices."""
    services = home / "services"
    services.mkdir()
    for path in Path("/usr/share/dbus-1/services").glob("*.service"):
        if f"Name={NOTICES}\n" not in path.read_text():
            (services / path.name).symlink_to(path)
    (home / "bus.conf").write_text(BUS_FILE.format(services=services))
    return home / "bus.conf"


@pytest.fixture
def session(display: Display) -> Iterator[Session]:
    """Real: Xvfb, a window manager, a session bus. No panel yet."""
    home = Path(tempfile.mkdtemp(prefix="kl-desk-", dir="/tmp"))
    (home / ".config" / "lxqt").mkdir(parents=True)
    (home / ".config" / "lxqt" / "panel.conf").write_text(LXQT)
    (home / "run").mkdir(mode=0o700)
    reading, writing = os.pipe()
    bus = ["dbus-daemon", f"--config-file={_bus_file(home)}", "--nofork", f"--print-address={writing}"]
    env = {**os.environ, "DISPLAY": display.name}
    with started(bus, pass_fds=[writing], stderr=subprocess.DEVNULL, env=env) as process:
        os.close(writing)
        with open(reading) as line:
            one = Session(display, line.readline().strip(), home, process)
        display._run("xdotool", "mousemove", "800", "500")
        yield one
        while one.panels:
            one.end_panel()
    shutil.rmtree(home, ignore_errors=True)


Pick = Callable[[str], None]


def keys_to(menu: list[tuple[str, list[object]]], *way: str) -> list[str]:
    """The keys that a person presses to get to an item by its label, through submenus; the last one chooses it."""
    keys: list[str] = []
    for depth, label in enumerate(way):
        labels = [name for name, _below in menu if name]
        # The first item of a submenu is chosen when it opens; of the menu itself nothing is.
        keys += ["Down"] * (labels.index(label) + (depth == 0))
        keys.append("Return" if label == way[-1] else "Right")
        menu = next(below for name, below in menu if name == label)  # type: ignore[assignment]
    return keys

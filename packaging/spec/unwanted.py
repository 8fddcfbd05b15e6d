"""What the frozen folder does not hold, although something bundled would import it: it costs megabytes and time.

Nothing here is reached by the program. `tests/frozen/test_contents.py` compares what is left with what is expected.
"""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

ANOTHER_SYSTEMS = {
    "linux": ("launcher.system.windows", "launcher.system.macos", "launcher.system.pystrays", "pystray"),
    "win32": ("launcher.system.linux", "launcher.system.macos", "launcher.system.posix", "launcher.door.unix"),
    "darwin": ("launcher.system.linux", "launcher.system.windows"),
}
WINDOWS_ALONE = ("launcher.door.pipe", "launcher.door.win32", "launcher.filesystem.windows")
NOT_PYTHONS = (
    *("tkinter", "unittest", "pydoc", "readline", "test"),
    # Pools of processes, which would bring XML-RPC and a hook that each start waits for.
    *("multiprocessing", "concurrent.futures.process"),
    *("ftplib", "smtplib", "statistics"),  # for ftp:// addresses, logs by mail, random.py's own test
)
NOT_PACKAGES = (
    *("aiohttp.worker", "simple_websocket", "websocket"),  # servers and sockets that nobody opens
    *("cffi", "pycparser"),  # for those who compile; on Windows the keyring would take them instead of ctypes
    *("setuptools", "pkg_resources", "_distutils_hack", "_pyrepl"),
    *("pywintypes", "win32", "win32api", "win32con", "win32evtlog", "win32evtlogutil", "winerror"),  # logs by event
    "urllib3.contrib",  # emscripten, SOCKS, an OpenSSL of one's own
    *("zstandard._cffi", "zstandard.backend_cffi"),  # 12 MB for PyPy
    *("PIL._imagingft", "PIL._imagingcms", "PIL._imagingtk", "PIL._imagingmath", "PIL._imagingmorph"),
    *("PIL.ImageCms", "PIL.ImageQt", "PIL.ImageShow", "PIL.ImageTk", "PIL.ImageWin", "PIL.PdfParser"),
)
WRITTEN = {"linux": (), "win32": ("BmpImagePlugin", "IcoImagePlugin", "PngImagePlugin"), "darwin": ("PngImagePlugin",)}
"""The formats in which pictures are written, for the tray; none is read."""
NOT_IN_HANDOFF = (
    *("logging", "socket", "asyncio", "inspect", "ssl", "multiprocessing", "ctypes", "selectors", "subprocess"),
    *("email", "urllib", "http", "pathlib", "typing", "dataclasses", "launcher.cli", "aiohttp"),
)
"""The hand-off connects, writes, reads and exits. A careless import there would cost what all the rest of it does."""
NOT_DATA = (".pyx", ".pxd", ".pyi", ".c", ".h", ".hash", "py.typed")
"""Sources for C compilers and marks for type checkers, which wheels carry along."""
READ_AT_RUN_TIME = ("METADATA", "entry_points.txt")
"""Of what pip keeps of an installation: keyring finds its backends there. The rest tells of the machine it was on."""


def unwanted(platform: str) -> list[str]:
    """The modules that are left out on `platform`, one of sys.platform's."""
    xml = () if platform == "darwin" else ("plistlib", "xml", "pyexpat")
    fractions = ("fractions", "decimal") if platform == "linux" else ()  # for the formats of pictures
    windows = () if platform == "win32" else WINDOWS_ALONE
    return [*NOT_PYTHONS, *NOT_PACKAGES, *xml, *fractions, *windows, *ANOTHER_SYSTEMS[platform], *_pictures(platform)]


def _pictures(platform: str) -> list[str]:
    """Pillow's formats that are never written."""
    pillow = find_spec("PIL")
    if pillow is None or pillow.origin is None:
        return []
    names = sorted(path.stem for path in Path(pillow.origin).parent.glob("*Plugin.py"))
    return [f"PIL.{name}" for name in names if name not in WRITTEN[platform]]


def without_ballast(datas: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """PyInstaller's list of data files without those that no program reads."""
    return [
        one
        for one in datas
        if not one[0].endswith(NOT_DATA)
        and (".dist-info" not in one[0] or ("keyring-" in one[0] and one[0].endswith(READ_AT_RUN_TIME)))
    ]

"""A program without a window, and the console it was started from."""

import ctypes
import subprocess
import sys

from launcher.system.windows import console

CHILD = """
import ctypes, sys
sys.stdin = sys.stdout = sys.stderr = None
ctypes.windll.kernel32.FreeConsole()
from launcher.system.windows import console
console.attach()
print("printed é", flush=True)
print("complained", file=sys.stderr)
sys.exit(len(sys.stdin.read(1)) if sys.stdin.name == "NUL" else 7)
"""
"""As Windows starts a program of the windows subsystem: without streams, and without a console."""
DETACHED_PROCESS = 0x8
COLUMNS, LINES = 80, 5


class Console:
    """One of this process's own, seen by nobody."""

    def __enter__(self) -> "Console":
        self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        self._kernel.FreeConsole()
        assert self._kernel.AllocConsole(), ctypes.get_last_error()
        return self

    def __exit__(self, *_: object) -> None:
        self._kernel.FreeConsole()

    def seen(self) -> str:
        """What stands in its first lines."""
        self._kernel.CreateFileW.restype = ctypes.c_void_p
        screen = self._kernel.CreateFileW("CONOUT$", 0xC0000000, 3, None, 3, 0, None)
        text, read = ctypes.create_unicode_buffer(COLUMNS * LINES + 1), ctypes.c_ulong()
        done = self._kernel.ReadConsoleOutputCharacterW(
            ctypes.c_void_p(screen), text, COLUMNS * LINES, ctypes.c_ulong(0), ctypes.byref(read)
        )
        assert done, ctypes.get_last_error()
        self._kernel.CloseHandle(ctypes.c_void_p(screen))
        return text.value


def test_what_a_windowless_program_prints_is_seen_where_it_was_started():
    """Real: a console of Windows, the process in it, the screen read back."""
    with Console() as here:
        code = subprocess.run([sys.executable, "-c", CHILD], timeout=60).returncode
        seen = here.seen()

    assert code == 7
    assert "printed é" in seen
    assert "complained" in seen


def test_without_a_console_it_prints_to_nobody_and_goes_on():
    """Real: a detached process, as autostart and the installer start it."""
    done = subprocess.run([sys.executable, "-c", CHILD], creationflags=DETACHED_PROCESS, timeout=60)

    assert done.returncode == 0


def test_streams_that_lead_elsewhere_stay():
    """Real: the streams of these tests, which are pipes."""
    before = (sys.stdin, sys.stdout, sys.stderr)

    console.attach()

    assert (sys.stdin, sys.stdout, sys.stderr) == before

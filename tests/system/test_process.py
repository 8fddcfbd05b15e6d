"""Applications start clean and detached, are watched to their end, and outlive the daemon."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launcher.errors import LauncherError, NotFoundHere
from launcher.system.linux import process
from launcher.system.linux.process import birth, clean_environment, lives, start
from launcher.system.posix.process import look_again, watch_by_thread
from launcher.system.refusals import CannotStart

BUNDLE = Path("/opt/kitsu-launcher")
NOTHING: dict[str, str] = {"PATH": os.environ["PATH"]}

CLEANED = {
    "a login's environment stays as it is": (
        {"HOME": "/home/ada", "PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": "/opt/vfx/lib", "PYTHONPATH": "/studio/py"},
        {"HOME": "/home/ada", "PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": "/opt/vfx/lib", "PYTHONPATH": "/studio/py"},
    ),
    "PyInstaller's own variables": (
        {"_PYI_ARCHIVE_FILE": "/x", "_PYI_PARENT_PROCESS": "1", "_MEIPASS2": "/x", "PYINSTALLER_X": "1", "A": ""},
        {"A": ""},
    ),
    "the library path that a bundle was started with comes back": (
        {"LD_LIBRARY_PATH": f"{BUNDLE}:/opt/vfx/lib", "LD_LIBRARY_PATH_ORIG": "/opt/vfx/lib"},
        {"LD_LIBRARY_PATH": "/opt/vfx/lib"},
    ),
    "a bundle's library path without an original": ({"LD_LIBRARY_PATH": f"{BUNDLE}"}, {}),
    "the hand-off's bundle path, kept as the original": (
        {"LD_LIBRARY_PATH": f"{BUNDLE}:{BUNDLE}", "LD_LIBRARY_PATH_ORIG": f"{BUNDLE}"},
        {},
    ),
    "an original that lost its copy": (
        {"LD_LIBRARY_PATH_ORIG": f"/opt/vfx/lib:{BUNDLE}/sub"},
        {"LD_LIBRARY_PATH": "/opt/vfx/lib"},
    ),
    "toolkit paths into the bundle go, others stay": (
        {
            "GTK_PATH": f"{BUNDLE}/gtk", "PANGO_LIBDIR": str(BUNDLE), "GI_TYPELIB_PATH": f"{BUNDLE}/gi",
            "QT_PLUGIN_PATH": "/opt/qt/plugins", "GTK_THEME": "Adwaita", "TCL_LIBRARY": f"{BUNDLE}/tcl",
        },
        {"QT_PLUGIN_PATH": "/opt/qt/plugins", "GTK_THEME": "Adwaita"},
    ),
    "lists lose the bundle's entries": (
        {"PATH": f"{BUNDLE}/bin:/usr/bin", "XDG_DATA_DIRS": f"/usr/share:{BUNDLE}/share", "PYTHONPATH": f"{BUNDLE}"},
        {"PATH": "/usr/bin", "XDG_DATA_DIRS": "/usr/share"},
    ),
    "a folder whose name only begins like the bundle's stays": (
        {"PATH": f"{BUNDLE}-tools/bin:/usr/bin"},
        {"PATH": f"{BUNDLE}-tools/bin:/usr/bin"},
    ),
    "her own way to the command stays": (
        {"PATH": f"/usr/bin:{BUNDLE}:{BUNDLE}/1.0.0", "XDG_DATA_DIRS": f"/usr/share:{BUNDLE}"},
        {"PATH": f"/usr/bin:{BUNDLE}", "XDG_DATA_DIRS": "/usr/share"},
    ),
    "libraries of a version that is gone": (
        {"LD_LIBRARY_PATH": f"{BUNDLE}/1.1.0:{BUNDLE}/1.0.0", "LD_LIBRARY_PATH_ORIG": f"{BUNDLE}/1.0.0"},
        {},
    ),
    "a virtual environment that is active": (
        {
            "VIRTUAL_ENV": "/home/ada/venv/", "VIRTUAL_ENV_PROMPT": "(venv)", "_OLD_VIRTUAL_PATH": "/usr/bin",
            "_OLD_VIRTUAL_PS1": "$", "PATH": "/home/ada/venv/bin:/usr/bin", "PYTHONHOME": "/home/ada/venv",
        },
        {"PATH": "/usr/bin"},
    ),
    "Python's variables that point elsewhere are the application's": (
        {"PYTHONHOME": "/opt/maya/python", "PYTHONPATH": f"/studio/py:{BUNDLE}/x"},
        {"PYTHONHOME": "/opt/maya/python", "PYTHONPATH": "/studio/py"},
    ),
    "our own settings, among them the key": (
        {"KITSU_LAUNCHER_KEY": "secret", "KITSU_LAUNCHER_BOT_TOKEN": "t", "KITSU_SERVER": "s"},
        {"KITSU_SERVER": "s"},
    ),
    "what systemd tells a service about itself": (
        {
            "INVOCATION_ID": "1", "JOURNAL_STREAM": "8:1", "NOTIFY_SOCKET": "/run/x", "LISTEN_FDS": "1",
            "LISTEN_PID": "7", "LISTEN_HOST": "0.0.0.0", "XDG_SESSION_ID": "2",
        },
        {"LISTEN_HOST": "0.0.0.0", "XDG_SESSION_ID": "2"},
    ),
    "an empty value is a value": ({"PATH": "", "LD_LIBRARY_PATH": ""}, {"PATH": "", "LD_LIBRARY_PATH": ""}),
}  # fmt: skip


@pytest.mark.parametrize("case", CLEANED)
def test_nothing_of_a_bundle_a_service_or_a_virtual_environment_leaks(case: str) -> None:
    before, after = CLEANED[case]

    assert clean_environment(before, BUNDLE) == after


def test_the_systems_python_has_no_folder_of_its_own_to_clean_away() -> None:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONHOME": "/usr", "XDG_DATA_DIRS": "/usr/share"}

    assert clean_environment(environment, None) == environment


def test_this_very_python_is_cleaned_away_where_it_is_a_virtual_environment() -> None:
    """Real: the interpreter that runs the tests."""
    in_venv = sys.prefix != sys.base_prefix

    cleaned = clean_environment({"PATH": f"{sys.prefix}/bin:/bin"})

    assert cleaned["PATH"] == ("/bin" if in_venv else f"{sys.prefix}/bin:/bin")


def output(tmp_path: Path) -> int:
    return os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)


async def run_to_its_end(child: "subprocess.Popen[bytes]") -> int:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()
    process.watch(child, loop, ended.set_result)
    return await asyncio.wait_for(ended, 10)


@pytest.mark.parametrize("code", [0, 1, 77, 255])
async def test_the_exit_code_is_told(tmp_path: Path, code: int) -> None:
    """Real: sh, pidfd."""
    child = start(["sh", "-c", f"exit {code}"], NOTHING, Path("/"), output(tmp_path))

    assert await run_to_its_end(child) == code


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
async def test_a_crash_is_told_as_its_signal(tmp_path: Path, number: signal.Signals) -> None:
    """Real: sh, pidfd."""
    child = start(["sh", "-c", f"ulimit -c 0; kill -{int(number)} $$"], NOTHING, Path("/"), output(tmp_path))

    assert await run_to_its_end(child) == -number


async def test_where_the_kernel_cannot_watch_a_thread_does(tmp_path: Path) -> None:
    """Real: sh, the thread that older kernels need."""
    child = start(["sh", "-c", "sleep 0.1; exit 9"], NOTHING, Path("/"), output(tmp_path))
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    watch_by_thread(child, loop, ended.set_result)

    assert await asyncio.wait_for(ended, 10) == 9


async def test_what_is_watched_leaves_no_descriptor_behind(tmp_path: Path) -> None:
    """Real: /proc/self/fd."""
    log = output(tmp_path)
    before = set(os.listdir("/proc/self/fd"))

    for _ in range(5):
        await run_to_its_end(start(["true"], NOTHING, Path("/"), log))

    assert set(os.listdir("/proc/self/fd")) == before


async def test_a_program_starts_in_its_own_session_without_our_descriptors(tmp_path: Path) -> None:
    """Real: Python as the application, which looks at itself."""
    look = (
        "import os, sys, json; print(json.dumps([os.getsid(0) == os.getpid(), os.readlink('/proc/self/fd/0'),"
        " sorted(map(int, os.listdir('/proc/self/fd')))[:4], dict(os.environ), os.getcwd(), sys.argv[1:]]),"
        " flush=True)\n"
        "print('to stderr', file=sys.stderr)"
    )
    os.set_inheritable(reading := os.open("/etc/hosts", os.O_RDONLY), True)
    argv = [sys.executable, "-I", "-c", look, "a b", "--x=\"'$(id);", "é"]

    code = await run_to_its_end(start(argv, {"LC_ALL": "C.UTF-8"}, tmp_path, output(tmp_path)))

    os.close(reading)
    said, err = (tmp_path / "log").read_text().splitlines()
    assert code == 0
    assert err == "to stderr"
    own_session, stdin, descriptors, environment, folder, arguments = json.loads(said)
    assert own_session
    assert stdin == "/dev/null"
    # The fourth is the one that lists the folder.
    assert descriptors == [0, 1, 2, 3]
    assert environment == {"LC_ALL": "C.UTF-8"}
    assert folder == str(tmp_path)
    assert arguments == ["a b", "--x=\"'$(id);", "é"]


DAEMON = """
import asyncio, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from launcher.system.linux import process

async def main():
    out = os.open(os.devnull, os.O_WRONLY)
    child = process.start(["sleep", "60"], {"PATH": os.environ["PATH"]}, Path("/"), out)
    process.watch(child, asyncio.get_running_loop(), lambda code: None)
    await asyncio.sleep(0.1)
    print(child.pid, flush=True)

asyncio.run(main())
sys.exit(0)
"""


def test_applications_outlive_a_daemon_that_ends_cleanly() -> None:
    """Real: a small asyncio program that starts `sleep` as the daemon does, and ends."""
    root = Path(__file__).parents[2]

    done = subprocess.run([sys.executable, "-c", DAEMON, root], capture_output=True, text=True, check=True, timeout=30)

    pid = int(done.stdout)
    try:
        assert Path(f"/proc/{pid}/comm").read_text() == "sleep\n"
    finally:
        os.kill(pid, signal.SIGKILL)


def refusal(argv: list[str], env: dict[str, str] | None = None, cwd: Path = Path("/")) -> LauncherError:
    with pytest.raises(LauncherError) as told:
        start(argv, NOTHING if env is None else env, cwd, subprocess.DEVNULL)
    return told.value


def test_a_program_that_vanished_after_the_plan_is_told() -> None:
    error = refusal(["/opt/blender-4.2/blender", "x.blend"])

    assert isinstance(error, NotFoundHere)
    assert str(error) == (
        "/opt/blender-4.2/blender is not there any more, or the interpreter its first line names is missing.\n"
        "  tried  /opt/blender-4.2/blender: No such file or directory\n"
        "  next   Click again: what is installed is looked up anew. `kitsu-launcher apps` lists it."
    )


def test_a_folder_to_start_in_that_vanished_is_told(tmp_path: Path) -> None:
    error = refusal(["/bin/true"], cwd=tmp_path / "gone")

    assert isinstance(error, NotFoundHere)
    assert str(error) == (
        "/bin/true was to start in a folder that is not there.\n"
        f"  tried  {tmp_path}/gone: No such file or directory\n"
        "  next   Click again; if the folder was moved or unmounted, bring it back first."
    )


def test_a_file_that_is_no_program_is_told(tmp_path: Path) -> None:
    (tmp_path / "tool").write_bytes(b"\x7fELF nonsense")
    (tmp_path / "tool").chmod(0o755)

    assert str(refusal([str(tmp_path / "tool")])) == (
        f"{tmp_path}/tool is not a program that this machine can run.\n"
        f"  tried  {tmp_path}/tool: Exec format error\n"
        "  next   A script needs a first line such as #!/bin/sh; a program must be built for this processor."
    )


def test_a_program_that_may_not_be_executed_is_told(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    (tmp_path / "tool").chmod(0o644)

    assert str(refusal([str(tmp_path / "tool")])) == (
        f"{tmp_path}/tool may not be started by you.\n"
        f"  tried  {tmp_path}/tool: Permission denied\n"
        f"  next   Check its permissions: `ls -l {tmp_path}/tool`. The file system may also be mounted with noexec."
    )


@pytest.mark.parametrize("where", ["argument", "environment"])
def test_too_many_arguments_are_told(where: str) -> None:
    big = "x" * 3_000_000
    error = refusal(["/bin/true", big]) if where == "argument" else refusal(["/bin/true"], {"BIG": big})

    assert isinstance(error, CannotStart)
    assert str(error) == (
        "/bin/true cannot be started: its arguments and environment are too long for this system.\n"
        "  tried  /bin/true: Argument list too long\n"
        "  next   Select fewer tasks, or shorten what the action adds to the environment."
    )


@pytest.mark.parametrize("argument", ["a\0b", "\ud800"])
def test_a_character_that_no_program_can_be_given_is_told(argument: str) -> None:
    assert str(refusal(["/bin/true", argument])) == (
        "/bin/true cannot be started: an argument holds a character that no program can be given.\n"
        "  tried  /bin/true\n"
        "  next   Rename what the selection names in Kitsu, then click again."
    )


def test_a_process_is_told_from_a_later_one_of_the_same_number() -> None:
    """Real: /proc."""
    child = subprocess.Popen(["sleep", "60"])
    born = birth(child.pid)
    boot, _, ticks = born.partition("/")
    assert lives(child.pid, born)
    assert not lives(child.pid, f"{boot}/{int(ticks) + 1}")
    assert not lives(child.pid, f"another-boot/{ticks}")

    child.kill()
    child.wait()

    assert not lives(child.pid, born)


def test_a_name_with_parentheses_and_spaces_does_not_hide_the_start(tmp_path: Path) -> None:
    """Real: a program whose name imitates the fields of /proc/PID/stat."""
    tool = tmp_path / "a) R 1 2 (b"
    tool.symlink_to("/bin/sleep")
    before = int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK"))
    child = subprocess.Popen([str(tool), "60"])

    try:
        ticks = int(birth(child.pid).partition("/")[2])
        assert before - 5 <= ticks <= before + 1_000
    finally:
        child.kill()
        child.wait()


def grandchild(seconds: str) -> int:
    shell = f"sleep {seconds} >/dev/null 2>&1 & echo $!"
    return int(subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("by", ["pidfd", "looking again"])
async def test_what_an_earlier_daemon_started_is_watched_on(by: str) -> None:
    """Real: a grandchild, which is nobody's child here; /proc and pidfd."""
    pid, loop = grandchild("0.5"), asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    born = birth(pid)

    if by == "pidfd":
        assert process.watch_again(pid, born, loop, lambda: ended.set_result(None))
    else:
        look_again(lambda: lives(pid, born), loop, lambda: ended.set_result(None))

    await asyncio.wait_for(ended, 10)
    assert not lives(pid, born)


async def test_what_has_ended_meanwhile_is_not_watched() -> None:
    pid, loop = grandchild("0.2"), asyncio.get_running_loop()
    born = birth(pid)
    await asyncio.sleep(0.5)

    assert not process.watch_again(pid, born, loop, lambda: None)
    assert not process.watch_again(os.getpid(), born, loop, lambda: None)
    assert not process.watch_again(-1, born, loop, lambda: None)

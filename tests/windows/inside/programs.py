"""Programs, files and the registry, in a real Windows Python. Run by `test_under_wine`."""

import asyncio
import ctypes
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import execute, listening
from launcher.door import win32
from launcher.errors import LauncherError
from launcher.files import Taken, copy, make_folder
from launcher.filesystem import Folder
from launcher.launch import Launch
from launcher.launches import Launches
from launcher.model import Click, Copy, MakeFolder, Plan, Sender, Start, State, WriteContext
from launcher.paths import Folders, write_atomically
from launcher.system.windows import autostart, language, peer, places, process, registry, scheme, shell


def environment() -> dict[str, str]:
    return process.clean_environment(os.environ)


def log(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def wine() -> bool:
    return hasattr(ctypes.windll.ntdll, "wine_get_version")


def test_a_program_gets_its_arguments_whole_and_its_end_is_told(tmp_path: Path) -> None:
    """Real: a process; quotes, spaces, backslashes and other scripts in its arguments, an exit code."""
    hostile = ['a "b" c', "C:\\x y\\", "--evil", "%PATH%", "^&calc.exe", "é/日本", ""]
    output = tmp_path / "out.log"
    file = log(output)

    async def work() -> int:
        loop = asyncio.get_running_loop()
        told: asyncio.Future[int] = loop.create_future()
        script = "import sys; sys.stdout.reconfigure(encoding='utf-8'); print(sys.argv[1:]); sys.exit(7)"
        child = process.start([sys.executable, "-c", script, *hostile], environment(), tmp_path, file)
        process.watch(child, loop, told.set_result)
        return await asyncio.wait_for(told, 20)

    assert asyncio.run(work()) == 7
    os.close(file)
    assert output.read_text(encoding="utf-8").strip() == repr(hostile)


def test_what_was_started_outlives_who_started_it_and_is_watched_again(tmp_path: Path) -> None:
    """Real: a starter that ends, and its program that goes on without a console."""
    gate, said = tmp_path / "gate", tmp_path / "said"
    program = (
        "import ctypes, pathlib, sys, time\n"
        f"while not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.05)\n"
        f"pathlib.Path({str(said)!r}).write_text(str(ctypes.windll.kernel32.GetConsoleWindow()))"
    )
    starter = (
        "import os, sys; from pathlib import Path; from launcher.system.windows import process\n"
        "child = process.start([sys.executable, '-c', sys.argv[1]], dict(os.environ), Path(sys.argv[2]),"
        " os.open('NUL', os.O_WRONLY))\n"
        "print(child.pid, process.birth(child.pid))"
    )
    output = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", starter, program, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=30,
    ).stdout
    pid, born = int(output.split()[0]), output.split()[1]

    async def work() -> None:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        assert process.lives(pid, born)
        assert not process.lives(pid, "1")
        assert process.watch_again(pid, born, loop, ended.set)
        gate.touch()
        await asyncio.wait_for(ended.wait(), 20)

    asyncio.run(work())
    assert said.read_text() == "0"
    assert not process.lives(pid, born)
    assert asyncio.run(again(pid, born)) is False


async def again(pid: int, born: str) -> bool:
    return process.watch_again(pid, born, asyncio.get_running_loop(), lambda: None)


def test_a_plan_is_carried_out_and_its_end_is_told(tmp_path: Path) -> None:
    """Real: a folder, a copy, a context file, a program that reads both; the journal and the logs of a daemon."""
    folders = Folders(*(tmp_path / name for name in ("machine", "config", "state", "cache", "run")))
    root = tmp_path / "prod"
    root.mkdir()
    (root / "t").write_text("a scene")
    file, context = root / "SH 010" / "x_v001.blend", folders.launches / "one" / "context.json"
    code = "import sys; print(open(sys.argv[1]).read(), open(sys.argv[2]).read()); sys.exit(3)"
    argv = (sys.executable, "-c", code, str(file), str(context))
    plan = Plan(
        (
            MakeFolder(file.parent, root),
            Copy(root / "t", file, root),
            WriteContext(context, {"task": "SH010"}),
            Start("Sample 1.0", argv, environment(), file.parent, ("1",)),
        )
    )

    async def work() -> Launch:
        launches = Launches(folders)
        launch = launches.begin(Click("x", ("1",), Sender.COMMAND), "X")
        launches.update(launch, plan=plan)
        await execute.carry_out(plan, launch, launches, execute.Hands(browser=tuple))
        async with asyncio.timeout(30):
            while launch.state not in (State.DONE, State.FAILED):
                await launches.wait(launch, launch.version, 0.5)
        launches.close()
        return launch

    launch = asyncio.run(work())
    assert launch.error is not None
    assert launch.error.problem.startswith("Sample 1.0: it ended with exit code 3")
    assert [entry.exit_code for entry in launch.processes] == [3]
    assert Path(launch.processes[0].log).read_text().split() == ["a", "scene", "{", '"task":', '"SH010"', "}"]


@pytest.mark.parametrize("name", ["b.bat", "B.CMD", "b.bat. ", "b.bat .", "b.bat::$DATA"])
def test_batch_files_are_refused(tmp_path: Path, name: str) -> None:
    """Real: the file is there, and would be run by a shell (CPython gh-114539)."""
    ran = tmp_path / "ran"
    (tmp_path / "b.bat").write_text(f"echo x>{ran}")
    (tmp_path / "b.cmd").write_text(f"echo x>{ran}")

    with pytest.raises(LauncherError) as told:
        process.start([f"{tmp_path}\\{name}", 'a"&calc.exe', "%PATH%"], environment(), tmp_path, subprocess.DEVNULL)

    assert told.value.code == "batch file"
    assert told.value.problem.endswith("is a batch file, and is not started.")
    assert not ran.exists()
    assert places.program(Path(f"{tmp_path}\\b.bat")).refusal
    assert places.program(Path(f"{tmp_path}\\b.bat"), batch=True).refusal == ""


ECHO = '@echo off\r\n:next\r\nif [%1]==[] exit /b 7\r\n>>"%~dp0said" echo %1\r\nshift\r\ngoto next\r\n'
"""A batch file that writes each of its arguments into a line, with the quotes that it came in, and ends with 7."""


def batch_file(folder: Path, name: str = "b.bat") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(ECHO.encode())
    return folder / name


@pytest.mark.parametrize(("folder", "name"), [("plain", "b.bat"), ("with a blank", "B.CMD")])
def test_a_batch_file_that_the_studio_allows_gets_exactly_its_arguments(tmp_path: Path, folder: str, name: str) -> None:
    """Real: a batch file, cmd.exe, its exit code."""
    program = batch_file(tmp_path / folder, name)
    given = ["-file", "P:\\bbb\\SH 010\\SH010_v002.ma", "C:/x/y.ma", "a_b-c.d:e", "/c"]

    child = process.start([str(program), *given], environment(), tmp_path, subprocess.DEVNULL, batch=True)

    assert child.wait(30) == 7
    said = (program.parent / "said").read_text().splitlines()
    assert [line.strip().strip('"') for line in said] == given


@pytest.mark.parametrize(
    "item",
    [
        'a"&calc.exe',
        "%PATH%",
        "^",
        "a&echo x>ran",
        "!PATH!",
        "a|b",
        "(a)",
        "a,b",
        "a;b",
        "a=b",
        "\uff02&x",
        "é",
        "",
        "a b\\",
        "a\nb",
    ],
)
def test_a_batch_file_is_given_nothing_that_a_shell_would_read(tmp_path: Path, item: str) -> None:
    """Real: the batch file is there and allowed; it is not started."""
    program = batch_file(tmp_path / "plain")

    with pytest.raises(LauncherError) as told:
        process.start([str(program), "-file", item], environment(), tmp_path, subprocess.DEVNULL, batch=True)

    assert told.value.code == "batch file"
    assert told.value.problem.endswith(f"is a batch file, which cannot be given {item!r}.")
    assert [path.name for path in (tmp_path / "plain").iterdir()] == ["b.bat"]


def test_a_batch_file_in_a_folder_of_another_sort_is_not_started(tmp_path: Path) -> None:
    """Real: the folder's own name would be a command."""
    program = batch_file(tmp_path / "a&b")

    with pytest.raises(LauncherError) as told:
        process.start([str(program)], environment(), tmp_path, subprocess.DEVNULL, batch=True)
    assert told.value.code == "batch file"


def test_a_bare_name_that_path_makes_a_batch_file_is_looked_at_again(tmp_path: Path) -> None:
    """Real: PATH is read when it is started; PATHEXT makes `b` this batch file."""
    folder = tmp_path / "plain"
    batch_file(folder)
    env = {**environment(), "PATH": str(folder)}

    with pytest.raises(LauncherError) as told:
        process.start(["b.bat", "x"], env, tmp_path, subprocess.DEVNULL)
    assert told.value.code == "batch file"
    with pytest.raises(LauncherError) as told:
        process.start(["b.bat", "%x%"], env, tmp_path, subprocess.DEVNULL, batch=True)
    assert told.value.code == "batch file"


def test_a_bare_name_is_looked_for_in_path_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: a program in the current folder, which Windows would have taken first."""
    (tmp_path / "tool.exe").write_bytes(b"MZ")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(LauncherError) as told:
        process.start(["tool.exe"], {**environment(), "PATH": f".;{tmp_path / 'none'}"}, tmp_path, subprocess.DEVNULL)

    assert told.value.problem == "tool.exe was not found here."


def test_what_is_missing_or_no_program_is_told(tmp_path: Path) -> None:
    """Real: Windows' own refusals."""
    with pytest.raises(LauncherError) as told:
        process.start([str(tmp_path / "none.exe")], environment(), tmp_path, subprocess.DEVNULL)
    assert told.value.problem == f"{tmp_path}\\none.exe is not there any more."


def test_programs_are_found_by_pattern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: folders named as installers name them."""
    for number in ("3.6", "4.2"):
        folder = tmp_path / "Blender Foundation" / f"Blender {number}"
        folder.mkdir(parents=True)
        (folder / "blender.exe").write_bytes(b"MZ")
    monkeypatch.setenv("ProgramW6432", str(tmp_path))

    pattern = r"{program_files}\Blender Foundation\Blender {version}\blender.exe"

    found = places.matches([pattern])
    assert [place.version for place in found] == ["3.6", "4.2"]
    assert places.version_in([pattern], found[1].path) == "4.2"
    assert places.program(found[0].path).refusal == ""
    assert places.says([sys.executable, "--version"], 20) == f"Python {sys.version.split()[0]}\n"


def test_a_copy_appears_whole_and_never_replaces(tmp_path: Path) -> None:
    """Real: the files of a click."""
    (tmp_path / "t").write_bytes(b"line\nend\x1a")
    target = tmp_path / "shots" / "SH 010" / "x_v001.blend"

    assert make_folder(target.parent, tmp_path) == [target.parent.parent, target.parent]
    copy(tmp_path / "t", target, tmp_path)
    assert target.read_bytes() == b"line\nend\x1a"
    with pytest.raises(Taken):
        copy(tmp_path / "t", target, tmp_path)
    assert [path.name for path in target.parent.iterdir()] == ["x_v001.blend"]
    write_atomically(target, b"new\n")
    assert target.read_bytes() == b"new\n"


def test_a_folder_that_is_held_cannot_be_put_away(tmp_path: Path) -> None:
    """Real: handles. (Links and junctions need a real Windows: wine 8 makes none.)"""
    (tmp_path / "shots").mkdir()
    held = Folder.at(tmp_path).below("shots")

    with pytest.raises(PermissionError):
        (tmp_path / "shots").rename(tmp_path / "away")
    held.close()
    (tmp_path / "shots").rename(tmp_path / "away")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        Folder.at(tmp_path / "file")


def test_the_port_is_ours_alone() -> None:
    """Real: another program that would share it (threats.md T25)."""
    mine = listening.addresses(0)
    port = mine[0].getsockname()[1]
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(PermissionError):
            other.bind(("127.0.0.1", port))
    with pytest.raises(listening.PortTaken) as told:
        listening.addresses(port)
    assert told.value.problem == f"Port {port} is taken on 127.0.0.1; Kitsu Launcher needs it."
    for sock in mine:
        sock.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_connection_is_its_users(host: str) -> None:
    """Real: another process of this user connects; the table of connections tells it.

    Wine 8 knows no process of an IPv6 connection: there the answer is that nobody knows, and the guard refuses.
    """
    known = win32.own_sid() if host == "127.0.0.1" or not wine() else None
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as server:
        server.bind((host, 0))
        server.listen()
        script = "import socket, sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2]))); s.recv(1)"
        with subprocess.Popen([sys.executable, "-c", script, host, str(server.getsockname()[1])]) as other:
            accepted, ends = server.accept()
            with accepted:
                assert peer.uid_of(ends, accepted.getsockname()) == known
                assert peer.uid_of((host, 9), accepted.getsockname()) is None
            other.wait(10)


def test_registration_is_written_compared_repaired_and_removed() -> None:
    """Real: the registry."""
    handler = [sys.executable, "-m", "launcher"]

    assert scheme.register(handler) is True
    assert scheme.register(handler) is False
    assert registry.read(scheme.COMMAND) == f'"{sys.executable}" -m launcher "%1"'
    registry.write(scheme.COMMAND, "", "somebody else")
    assert scheme.register(handler) is True
    for key, values in scheme.keys(handler).items():
        for name, value in values.items():
            assert registry.read(key, name) == value
    assert scheme.unregister() is True
    assert scheme.unregister() is False
    assert registry.read(scheme.KEY) is None


def test_the_machines_registration_is_never_hidden() -> None:
    """Real: keys as an MSI writes them, naming a program that is there, and then one that is not."""
    import winreg

    handler = [sys.executable, "-m", "launcher"]
    scheme.register(handler)
    try:
        with winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, scheme.COMMAND) as key:
            winreg.SetValueEx(key, "", 0, winreg.REG_SZ, f'"{sys.executable}" "%1"')
        assert scheme.register(handler) is True
        assert registry.read(scheme.COMMAND) is None
        with winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, scheme.COMMAND) as key:
            winreg.SetValueEx(key, "", 0, winreg.REG_SZ, '"C:\\gone\\kitsu-launcher-url.exe" "%1"')
        assert scheme.register(handler) is True
        assert registry.read(scheme.COMMAND) == f'"{sys.executable}" -m launcher "%1"'
    finally:
        scheme.unregister()
        for path in (r"\shell\open\command", r"\shell\open", r"\shell", ""):
            winreg.DeleteKey(winreg.HKEY_LOCAL_MACHINE, scheme.KEY + path)


def test_start_at_login_is_decided_once_and_stays() -> None:
    """Real: the registry; Windows' own switch too."""
    import winreg

    registry.remove_key(autostart.OWN)
    assert autostart.state() is None
    autostart.enable([sys.executable, "-m", "launcher"])
    assert registry.read(autostart.RUN, autostart.NAME) == f'"{sys.executable}" -m launcher serve --restart'
    assert autostart.state() is True
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, autostart.APPROVED) as key:
        winreg.SetValueEx(key, autostart.NAME, 0, winreg.REG_BINARY, b"\3" + b"\0" * 11)
    assert autostart.state() is False
    autostart.enable([sys.executable])
    assert autostart.state() is True
    autostart.disable()
    assert autostart.state() is False
    assert registry.read(autostart.RUN, autostart.NAME) is None
    autostart.enable([r"C:\gone\kitsu-launcher.exe"])
    assert autostart.state() is None, "an update has moved the program"
    autostart.disable()
    assert autostart.state() is False
    registry.remove_key(autostart.OWN)


def test_windows_tells_the_language_of_its_menus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: kernel32; wine is in the language of the session that started it, here English."""
    monkeypatch.delenv("LANGUAGE", raising=False)
    (name,) = language.names()

    assert name.partition("-")[0].isalpha()
    assert len(name.partition("-")[0]) == 2
    monkeypatch.setenv("LANGUAGE", "fr:de")
    assert language.names() == ["fr", "de", name]


def test_a_terminals_shell_is_the_one_that_comspec_names(tmp_path: Path) -> None:
    """Real: the files that are there."""
    own = os.environ["COMSPEC"]
    assert shell.interactive(os.environ) == [own, "/d"]
    batch = tmp_path / "c.bat"
    batch.touch()
    for wrong in ("cmd.exe", str(batch), "\\\\evil\\s\\cmd.exe", str(tmp_path / "none.exe"), ""):
        told = shell.interactive({**os.environ, "COMSPEC": wrong})
        assert told[0].lower() == os.environ["SYSTEMROOT"].lower() + "\\system32\\cmd.exe"
    with pytest.raises(LauncherError) as missing:
        shell.interactive({"COMSPEC": "cmd.exe"})
    assert missing.value.problem == "No shell was found here."


def test_a_command_runs_in_a_terminals_environment_and_its_exit_code_is_told(tmp_path: Path) -> None:
    """Real: a process with an environment of its own."""
    script = "import os, sys; open('said', 'w').write(os.environ['KITSU_ENTITY_NAME']); sys.exit(9)"
    env = {**environment(), "KITSU_ENTITY_NAME": "SH010"}

    code = shell.become([shell.found(sys.executable, env), "-c", script], env, tmp_path)

    assert (code, (tmp_path / "said").read_text()) == (9, "SH010")
    (tmp_path / "b.bat").touch()
    with pytest.raises(LauncherError) as told:
        shell.found(f"{tmp_path}\\b.bat", env)
    assert told.value.code == "batch file"
    with pytest.raises(LauncherError):
        shell.found("no-such-program", env)

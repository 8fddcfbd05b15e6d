"""Which shell a terminal gets on Linux and macOS, and that it leaves the environment alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.errors import NotFoundHere
from launcher.system.posix import shell
from tests.support.needs import needs


def program(path: Path, mode: int = 0o755) -> str:
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return str(path)


def test_the_persons_own_shell_is_taken_without_its_start_up_files(tmp_path: Path) -> None:
    """Real: files."""
    assert shell.interactive({"SHELL": program(tmp_path / "bash")}) == [str(tmp_path / "bash"), "--noprofile", "--norc"]
    assert shell.interactive({"SHELL": program(tmp_path / "zsh")}) == [str(tmp_path / "zsh"), "-f"]
    assert shell.interactive({"SHELL": program(tmp_path / "fish")}) == [str(tmp_path / "fish"), "--no-config"]
    assert shell.interactive({"SHELL": program(tmp_path / "dash")}) == [str(tmp_path / "dash")]


@pytest.mark.parametrize("text", ["", "bash", "./bash", "/no/such/shell", "{tmp}", "{tmp}/plain"])
def test_what_is_no_program_gives_way_to_the_accounts(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: files, and this account's entry."""
    program(tmp_path / "plain", 0o644)
    monkeypatch.chdir(tmp_path)
    program(tmp_path / "bash")

    (path, *_options) = shell.interactive({"SHELL": text.format(tmp=tmp_path)})

    assert os.path.isabs(path)
    assert not path.startswith(str(tmp_path))
    assert os.access(path, os.X_OK)


@needs("bash")
def test_bash_reads_nothing_that_changes_its_environment(tmp_path: Path) -> None:
    """Real: bash, with start-up files that would."""
    for name in (".bashrc", ".bash_profile", ".profile"):
        (tmp_path / name).write_text("export CHANGED=1\n")
    command = [*shell.interactive({"SHELL": "/bin/bash"}), "-i"]

    done = subprocess.run(
        command,
        input="env\n",
        env={"HOME": str(tmp_path), "A": "1"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert "A=1" in done.stdout
    assert "CHANGED" not in done.stdout


def test_a_command_is_looked_for_in_absolute_folders_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: folders, files."""
    monkeypatch.chdir(tmp_path)
    program(tmp_path / "tool")
    folder = tmp_path / "bin"
    folder.mkdir()

    with pytest.raises(NotFoundHere) as told:
        shell.found("tool", {"PATH": f".::{folder}"})
    assert str(told.value) == (
        "tool was not found here.\n"
        f"  tried  {folder}\n"
        "  next   Write its whole path, or give its folder to PATH in the studio file."
    )
    mine = program(folder / "tool")
    assert shell.found("tool", {"PATH": f".:{folder}"}) == mine
    assert shell.found("./tool", {}) == str(tmp_path / "tool")


def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    """Real: a process that tries to become a file that is no program."""
    (tmp_path / "broken").write_bytes(b"\x7fELF nonsense")
    (tmp_path / "broken").chmod(0o755)
    code = (
        "import sys; from pathlib import Path; from launcher.system.posix import shell\n"
        "try: shell.become([sys.argv[1]], {}, Path('/'))\n"
        "except Exception as error: print(type(error).__name__, error.problem)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "broken")], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.stdout == f"CannotStart {tmp_path / 'broken'} could not be started.\n"

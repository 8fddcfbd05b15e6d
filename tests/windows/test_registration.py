"""What is written into Windows' registry, exactly. Pure: nothing of Windows is needed."""

import pytest

from launcher.system.windows import autostart, scheme

PYTHON = r"C:\Program Files\Python\python.exe"


def test_the_keys_of_a_python() -> None:
    """One argument in quotes: a space in a link makes no second one."""
    assert scheme.keys([PYTHON, "-m", "launcher"]) == {
        r"Software\Classes\kitsu-launcher": {"": "URL:Kitsu Launcher", "URL Protocol": ""},
        r"Software\Classes\kitsu-launcher\DefaultIcon": {"": r'"C:\Program Files\Python\python.exe",0'},
        r"Software\Classes\kitsu-launcher\shell\open\command": {
            "": r'"C:\Program Files\Python\python.exe" -m launcher "%1"'
        },
    }


def test_the_keys_of_the_installed_package() -> None:
    """As the installer writes them: a repair then finds nothing to change."""
    handler = r"C:\Users\zoe\AppData\Local\Programs\Kitsu Launcher\kitsu-launcher-url.exe"

    assert scheme.keys([handler])[scheme.COMMAND] == {"": f'"{handler}" "%1"'}


@pytest.mark.parametrize(
    ("command", "program"),
    [
        (r'"C:\Program Files\K\k.exe" "%1"', r"C:\Program Files\K\k.exe"),
        (r"C:\K\k.exe %1", r"C:\K\k.exe"),
        ('k.exe "%1"', ""),
        ("", ""),
        ('"', ""),
    ],
)
def test_the_program_of_a_command(command: str, program: str) -> None:
    assert scheme.program_of(command) == program


def test_only_a_machines_program_that_is_there_hides_the_persons() -> None:
    assert not scheme.hidden_by_machine(None)
    assert not scheme.hidden_by_machine(r'"C:\gone\k.exe" "%1"')


def test_what_is_started_at_login_is_named_in_quotes() -> None:
    """Without them Windows would try C:\\Program.exe first."""
    assert autostart.value([PYTHON, "-m", "launcher", "serve"]) == rf'"{PYTHON}" -m launcher serve'
    assert autostart.value([PYTHON]) == rf'"{PYTHON}"'
    assert autostart.value([PYTHON, "a b", ""]) == rf'"{PYTHON}" "a b" ""'

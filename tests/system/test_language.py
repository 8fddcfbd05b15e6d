"""The language of the desktop, as each system tells it."""

import sys

import pytest

from launcher.system.linux import language as linux
from launcher.system.macos import language as macos
from launcher.system.windows import language as windows
from launcher.words import first_known


@pytest.mark.parametrize(
    ("variables", "names", "spoken"),
    [
        ({}, [], "en"),
        ({"LANG": "fr_FR.UTF-8"}, ["fr_FR.UTF-8"], "fr"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "fr_CA.UTF-8"}, ["fr_CA.UTF-8"], "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, ["C"], "en"),
        ({"LANG": "en_GB.UTF-8", "LANGUAGE": "tlh:fr"}, ["tlh", "fr"], "fr"),
        ({"LANG": "fr_FR.UTF-8", "LANGUAGE": ""}, ["fr_FR.UTF-8"], "fr"),
        ({"LANG": "de_DE.UTF-8"}, ["de_DE.UTF-8"], "en"),
    ],
)
def test_linux_tells_it_by_gettexts_variables(
    variables: dict[str, str], names: list[str], spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real: this process's environment."""
    for name in linux.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert linux.names() == names
    assert first_known(linux.names()) == spoken


def test_a_mac_is_asked_for_its_list() -> None:
    """Exact: the command, and what it prints (`defaults read -g AppleLanguages`, macOS 14)."""
    assert macos.READ == ("/usr/bin/defaults", "read", "-g", "AppleLanguages")
    assert macos.parsed('(\n    "fr-FR",\n    "en-FR",\n    de\n)\n') == ["fr-FR", "en-FR", "de"]
    assert macos.parsed("") == []


@pytest.mark.skipif(sys.platform == "darwin", reason="there the program is there")
def test_a_mac_that_does_not_tell_it_is_read_as_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: a program that is not there, and one that fails."""
    assert macos.names() == []
    monkeypatch.setattr(macos, "READ", ("/bin/false",))
    assert macos.names() == []


@pytest.mark.skipif(sys.platform == "win32", reason="the runs under wine ask Windows itself")
def test_elsewhere_windows_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    assert windows.names() == []

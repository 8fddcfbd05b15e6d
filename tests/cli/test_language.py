"""The command line in French: its own errors, and what the daemon answers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.daemon import Daemon

FRENCH = {"LANG": "fr_FR.UTF-8", "LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": ""}
NOT_FOUND = (
    "Aucun lancement ne commence par «\N{NO-BREAK SPACE}abcdef\N{NO-BREAK SPACE}».\n"
    "  suite  Lancez `kitsu-launcher launches` et prenez un identifiant dans sa liste.\n"
)


def test_the_daemon_answers_in_the_language_of_the_terminal(start_daemon: Callable[..., Daemon]) -> None:
    """Real: an English daemon, the private door, a command in French."""
    daemon = start_daemon()
    daemon.env.update(FRENCH)

    assert daemon.cli("launches", "abcdef", check=False).stderr == NOT_FOUND


def test_what_the_person_has_set_comes_before_her_desktop(start_daemon: Callable[..., Daemon], home: Path) -> None:
    """Real: a daemon, her own file."""
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "config.toml").write_text('[desk]\nlanguage = "fr"\n')
    daemon = start_daemon()
    daemon.env["LANG"] = "en_GB.UTF-8"

    assert daemon.cli("launches", "abcdef", check=False).stderr == NOT_FOUND


@pytest.mark.parametrize(("variables", "told"), [(FRENCH, "  suite  "), ({"LANG": "C.UTF-8"}, "  next   ")])
def test_an_error_of_the_command_itself_is_in_the_desktops_language(
    start_daemon: Callable[..., Daemon], variables: dict[str, str], told: str
) -> None:
    """Real: the command. There is a studio file already, so it writes none."""
    daemon = start_daemon()
    daemon.env.update(variables)
    daemon.cli("config", "init", check=False)

    assert told in daemon.cli("config", "init", check=False).stderr

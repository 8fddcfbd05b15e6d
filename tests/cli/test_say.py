"""What the command line prints."""

import json

import pytest

from launcher.cli.say import say_json


def test_an_answer_for_programs_commands_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """0x9b begins a command in a terminal that takes eight-bit controls."""
    names = ["\x9b31mred", "\x1b]0;x\a", "\x7f", "éé 日本"]

    say_json({"names": [*names]})
    printed = capsys.readouterr().out

    assert all(character == "\n" or character.isprintable() for character in printed)
    assert json.loads(printed) == {"names": names}
    assert "éé 日本" in printed

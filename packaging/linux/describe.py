"""Writes the manual page and the completions of shells, from the command line's own parser: so they are true.

    python packaging/linux/describe.py FOLDER    makes FOLDER/kitsu-launcher.1, .bash, .zsh and .fish

SOURCE_DATE_EPOCH is the manual's date (default: today).
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from launcher import __version__, cli

NAME = "kitsu-launcher"
WIDTH = "100"
"""Columns of a usage; `man` fills the lines itself."""


@dataclass(frozen=True)
class Option:
    """One option of a command."""

    flags: tuple[str, ...]
    takes: bool
    choices: tuple[str, ...]
    text: str
    metavar: str


@dataclass(frozen=True)
class Command:
    """One command, `config check` for example; the program itself has no words."""

    words: tuple[str, ...]
    text: str
    usage: str
    options: tuple[Option, ...]
    positionals: tuple[Option, ...]
    below: tuple[str, ...]
    epilog: str

    @property
    def place(self) -> str:
        """Its words as completions keep them, with a blank before each."""
        return "".join(f" {word}" for word in self.words)


def commands(parser: argparse.ArgumentParser, words: tuple[str, ...] = (), text: str = "") -> Iterator[Command]:
    """The parser's command, and all below it."""
    options, positionals, below = [], [], {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: str(choice.help or "") for choice in action._choices_actions}
            below = {name: (each, helps[name]) for name, each in action.choices.items() if name in helps}
            continue
        if action.help == argparse.SUPPRESS:
            continue
        one = Option(
            flags=tuple(action.option_strings),
            takes=action.nargs != 0,
            choices=tuple(map(str, action.choices or ())),
            text=str(action.help or "") % {"default": action.default, "prog": NAME},
            metavar=str(action.metavar or action.dest),
        )
        (options if action.option_strings else positionals).append(one)
    usage = " ".join(parser.format_usage().split()).removeprefix("usage: ")
    yield Command(
        words,
        str(parser.description or text),
        usage,
        tuple(options),
        tuple(positionals),
        tuple(below),
        str(parser.epilog or ""),
    )
    for name, (each, short) in below.items():
        yield from commands(each, (*words, name), short)


def manual(all_of_them: list[Command], moment: time.struct_time) -> str:
    """The page in troff's man macros."""
    program, *others = all_of_them
    lines = [f'.TH {NAME.upper()} 1 "{time.strftime("%Y-%m-%d", moment)}" "Kitsu Launcher {__version__}"']
    lines += [".SH NAME", f"{_plain(NAME)} \\- a click in Kitsu opens the right application on the right file"]
    lines += [".SH SYNOPSIS", f".B {_plain(NAME)}", "[\\fICOMMAND\\fR] [\\fIOPTION\\fR...]"]
    lines += [".SH DESCRIPTION", _plain(program.text), ".SH OPTIONS", *_options(program), ".SH COMMANDS"]
    for one in others:
        lines += [f".SS {_plain(' '.join(one.words))}", f".B {_plain(one.usage)}", ".PP", _plain(one.text)]
        lines += _options(one)
        lines += [".PP", _plain(one.epilog)] if one.epilog else []
    lines += [".SH EXIT STATUS", _plain(program.epilog), ".SH FILES"]
    for path, text in FILES.items():
        lines += [".TP", f".I {_plain(path)}", _plain(text)]
    return "\n".join(lines) + "\n"


FILES = {
    "/etc/kitsu-launcher/studio.toml": "The studio file, for everybody on this machine.",
    "/etc/kitsu-launcher/machine.toml": "Where the studio file is instead, and the key that signs it.",
    "~/.config/kitsu-launcher/config.toml": "A person's own settings.",
    "~/.local/state/kitsu-launcher/": "Launches, their context files, and logs.",
    "/etc/xdg/autostart/kitsu-launcher.desktop": "Starts it at login, for everybody.",
}


def _options(one: Command) -> list[str]:
    lines = []
    for option in (*one.positionals, *one.options):
        names = ", ".join(f"\\fB{_plain(flag)}\\fR" for flag in option.flags)
        value = f"\\fI{_plain(option.metavar)}\\fR" if option.takes else ""
        lines += [".TP", f"{names} {value}".strip(), _plain(option.text)]
    return lines


def _plain(text: str) -> str:
    """Text that troff takes as it is."""
    text = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


def bash(all_of_them: list[Command]) -> str:
    """Completion for bash; also of the word after an option that takes one of a few."""
    known = "|".join(_quoted(one.place) for one in all_of_them if one.words)
    after = [
        f"        {'|'.join(_quoted(f'{one.place}:{flag}') for flag in option.flags)}) "
        f'COMPREPLY=($(compgen -W {_quoted(" ".join(option.choices))} -- "$word")); return ;;'
        for one in all_of_them
        for option in one.options
        if option.choices
    ]
    free = "|".join(
        _quoted(f"{one.place}:{flag}")
        for one in all_of_them
        for option in one.options
        if option.takes and not option.choices
        for flag in option.flags
    )
    offers = [f"        {_quoted(one.place)}) offers={_quoted(' '.join(_words(one)))} ;;" for one in all_of_them]
    lines = [
        f"# Completion of {NAME} for bash.",
        "_kitsu_launcher() {",
        "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} at='' offers='' one",
        '    for one in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
        f'        case "$at $one" in {known}) at="$at $one" ;; esac',
        "    done",
        '    case "$at:$before" in',
        *after,
        f"        {free}) return ;;" if free else "",
        "    esac",
        '    case "$at" in',
        *offers,
        "    esac",
        '    COMPREPLY=($(compgen -W "$offers" -- "$word"))',
        "}",
        f"complete -o default -F _kitsu_launcher {NAME}",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def zsh(all_of_them: list[Command], texts: dict[str, str]) -> str:
    """Completion for zsh, with what each word means."""
    known = "|".join(_quoted(one.place) for one in all_of_them if one.words)
    lines = [
        f"#compdef {NAME}",
        "_kitsu_launcher() {",
        "    local at='' one",
        "    local -a offers",
        '    for one in "${(@)words[2,CURRENT-1]}"; do',
        f'        case "$at $one" in ({known}) at="$at $one" ;; esac',
        "    done",
        '    case "$at" in',
    ]
    for one in all_of_them:
        told = " ".join(_quoted(f"{word}:{text}") for word, text in _told(one, texts))
        lines.append(f"        ({_quoted(one.place)}) offers=({told}) ;;")
    lines += ["    esac", f"    _describe -o {NAME} offers || _files", "}", '_kitsu_launcher "$@"']
    return "\n".join(lines) + "\n"


def fish(all_of_them: list[Command], texts: dict[str, str]) -> str:
    """Completion for fish."""
    known = " ".join(_quoted(one.place) for one in all_of_them if one.words)
    lines = [
        f"# Completion of {NAME} for fish.",
        "function __kitsu_launcher_at",
        "    set -l at ''",
        "    for one in (commandline -opc)[2..-1]",
        f'        if contains -- "$at $one" {known}',
        '            set at "$at $one"',
        "        end",
        "    end",
        '    test "$at" = "$argv[1]"',
        "end",
    ]
    for one in all_of_them:
        start = f'complete -c {NAME} -n "__kitsu_launcher_at {_quoted(one.place)}"'
        for name in one.below:
            text = texts[f"{one.place} {name}"]
            lines.append(f"{start} -f -a {name} -d {_quoted(text)}")
        for option in one.options:
            flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
            value = f" -x -a {_quoted(' '.join(option.choices))}" if option.choices else " -r" if option.takes else ""
            lines.append(f"{start} {flags}{value} -d {_quoted(_short(option.text))}")
    return "\n".join(lines) + "\n"


def _words(one: Command) -> list[str]:
    return [*one.below, *(flag for option in one.options for flag in option.flags)]


def _told(one: Command, texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name in one.below:
        yield name, texts[f"{one.place} {name}"]
    for option in one.options:
        for flag in option.flags:
            yield flag, _short(option.text)


def _short(text: str) -> str:
    """One line, without what shells or completions read as signs of their own."""
    return " ".join(text.replace("`", "").replace(":", ";").split())


def _quoted(text: str) -> str:
    """Within single quotes, of each of the three shells; an apostrophe becomes a typographic one."""
    return "'" + text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}").replace("\\", "") + "'"


def main(argv: list[str]) -> int:
    """What the usage above says; its exit code."""
    if len(argv) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    os.environ["COLUMNS"] = WIDTH
    folder, moment = Path(argv[0]), time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    folder.mkdir(parents=True, exist_ok=True)
    parser = cli.build()
    found = list(commands(parser))
    texts = dict(_helps(parser, ""))
    written = {"1": manual(found, moment), "bash": bash(found), "zsh": zsh(found, texts), "fish": fish(found, texts)}
    for ending, text in written.items():
        (folder / f"{NAME}.{ending}").write_text(text, encoding="utf-8")
    return 0


def _helps(parser: argparse.ArgumentParser, place: str) -> Iterator[tuple[str, str]]:
    """What a list of commands says of each, by its place."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                yield f"{place} {choice.dest}", _short(str(choice.help or ""))
                yield from _helps(action.choices[choice.dest], f"{place} {choice.dest}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

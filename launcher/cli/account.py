"""`login`, `logout`, `whoami`: the logins to Kitsu. The daemon keeps them; a password is only passed on."""

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from launcher.errors import LauncherError, Refused
from launcher.logs import escaped
from launcher.model import Json
from launcher.words import Words, _, joined

if TYPE_CHECKING:
    from launcher.cli.parser import Subparsers

EXIT_CODES = _("Exit codes: 0 done, 2 usage or configuration, 3 refused or not logged in, 5 Kitsu away")
PIPED = "pass kitsu | kitsu-launcher login --email me@studio.example --password-stdin"
TRIES = 3
"""Of the second factor."""
PROMPTS: Mapping[str, Words] = {
    "totp": _("Code of the authenticator app"),
    "email_otp": _("Code from the e-mail"),
    "recovery_code": _("Recovery code"),
}


class NoTerminal(LauncherError):
    """Something must be typed, and there is no terminal."""

    code = "terminal"
    exit_code = 2


def add(commands: "Subparsers") -> None:
    """How they are called."""
    enter = commands.add_parser(
        "login",
        help=_("log in to Kitsu"),
        description=_("Log in to Kitsu with e-mail, password and second factor. It lasts 15 days."),
        epilog=joined("\n\n", (f"  {PIPED}", EXIT_CODES)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    enter.add_argument("--email", help=_("the account; asked for where it is not given"))
    enter.add_argument("--server", metavar="URL", help=_("the Kitsu to log in to, where the studio has several"))
    enter.add_argument("--password-stdin", action="store_true", help=_("read the password from standard input"))
    enter.add_argument("--json", action="store_true", help=_("print JSON"))
    enter.set_defaults(func=login)
    leave = commands.add_parser(
        "logout", help=_("log out of Kitsu"), description=_("End your logins here and at Kitsu."), epilog=EXIT_CODES
    )
    leave.add_argument("--email", help=_("only this account"))
    leave.add_argument("--server", metavar="URL", help=_("the Kitsu to log out of, where the studio has several"))
    leave.add_argument("--json", action="store_true", help=_("print JSON"))
    leave.set_defaults(func=logout)
    show = commands.add_parser(
        "whoami",
        help=_("show who is logged in"),
        description=_("Show who is logged in here, asked of Kitsu now."),
        epilog=EXIT_CODES,
    )
    show.add_argument("--json", action="store_true", help=_("print JSON"))
    show.set_defaults(func=whoami)


def login(args: argparse.Namespace) -> int:
    """Ask for what is missing, log in, and ask for the second factor where Kitsu wants one."""
    import getpass
    import sys

    from launcher.knock import request

    email = args.email or _typed(_("E-mail: "))
    if args.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        _need_terminal(_("--password-stdin reads the password from a pipe."))
        password = getpass.getpass(_("Password of {email}: ", email=email))
    wish: dict[str, Json] = {"server": args.server, "email": email, "password": password}
    answer = _record(request("POST", "/door/login", wish))
    for _try in range(TRIES):
        if "needs" not in answer:
            break
        answer = _record(request("POST", "/door/login", {**wish, **_second_factor(answer)}))
    if "needs" in answer:
        raise _given_up(answer)
    _print(
        answer,
        args.json,
        [_("Logged in to {server} as {who}.", server=answer["server"], who=_who(answer)), answer.get("note")],
    )
    return 0


def logout(args: argparse.Namespace) -> int:
    """End the logins; it is no error that nobody is logged in."""
    from launcher.knock import request

    gone = request("POST", "/door/logout", {"server": args.server, "email": args.email})
    people = [_record(one) for one in gone] if isinstance(gone, list) else []
    told = [_("Logged out of {server}: {who}.", server=one["server"], who=_who(one)) for one in people]
    _print(gone, args.json, told or [_("Nobody was logged in.")])
    return 0


def whoami(args: argparse.Namespace) -> int:
    """Print everybody who is logged in; 3 where nobody's login counts."""
    from launcher.knock import request

    answer = _record(request("GET", "/door/whoami"))
    listed = answer.get("logins")
    logins = [_record(one) for one in listed] if isinstance(listed, list) else []
    lines: list[Json] = [_login(one) for one in logins]
    nobody = _("Nobody is logged in. Run `kitsu-launcher login`.")
    _print(answer, args.json, [*(lines or [nobody]), answer.get("note")])
    return 0 if any(not one.get("problem") for one in logins) else 3


def _login(one: Mapping[str, Json]) -> str:
    line = f"{one['server']}  {_who(one)}  {one['role']}"
    more = [one.get("problem"), one.get("ends_soon")]
    return "\n  ".join([line, *(str(text) for text in more if text)])


def _second_factor(answer: Mapping[str, Json]) -> dict[str, Json]:
    """One second factor, typed: the one that is preferred, or another by its name and a space before the code."""
    listed = answer.get("needs")
    needs = [str(kind) for kind in listed if kind in PROMPTS] if isinstance(listed, list) else []
    if not needs:
        raise _given_up(answer)
    print(_clean(answer.get("problem")))
    for other in needs[1:]:
        print(_("  or: {kind} CODE ({name})", kind=other, name=PROMPTS[other]))
    typed = _typed(_("{name}: ", name=PROMPTS[needs[0]]))
    kind, _sep, code = typed.partition(" ")
    if kind in needs and code:
        return {kind: code.strip()}
    return {needs[0]: typed.replace(" ", "")}


def _given_up(answer: Mapping[str, Json]) -> LauncherError:
    return Refused(str(answer.get("problem", "")), next_step=str(answer.get("next", "")))


def _typed(prompt: str) -> str:
    _need_terminal(_("Run it in a terminal; --email names the account."))
    return input(prompt).strip()


def _need_terminal(next_step: str) -> None:
    import sys

    if not sys.stdin.isatty():
        raise NoTerminal(_("Something must be typed here, and there is no terminal."), next_step=next_step)


def _who(one: Mapping[str, Json]) -> str:
    return f"{_clean(one.get('name'))} <{_clean(one.get('email'))}>"


def _clean(value: Json) -> str:
    """Names come from Kitsu: nothing in them may steer the terminal."""
    return escaped(str(value))


def _record(answer: Json) -> dict[str, Json]:
    assert isinstance(answer, dict)  # noqa: S101  # our own daemon's answer, of our own version
    return answer


def _print(answer: Json, as_json: bool, lines: Sequence[Json]) -> None:
    from launcher.cli.say import say_json

    if as_json:
        say_json(answer)
        return
    for line in lines:
        if line:
            print(line)

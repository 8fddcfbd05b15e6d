"""What a person's own file may set: her executables, `desk`, and what `studio.users_may` lists. Pure."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields

from launcher.config.merge import Raw, leaves
from launcher.config.problems import Fault, KeyPath, shown, undotted, unknown
from launcher.config.schema import App, LaunchAction, OpenAction, PageAction, Root
from launcher.model import OS
from launcher.words import _

LOADER = re.compile(
    r"LD_.*|DYLD_.*|PYTHON.*|BASH_ENV|ENV|GCONV_PATH|GTK(_?[0-9])?_MODULES|GIO_(EXTRA_)?MODULES?|QT_PLUGIN_PATH|"
    r"NODE_OPTIONS|PERL5(LIB|OPT)|RUBY(LIB|OPT)|COR_PROFILER.*|CORECLR_.*|_?JAVA_(TOOL_)?OPTIONS|JDK_JAVA_OPTIONS|"
    r"BASH_FUNC_.*|SHELLOPTS|PROMPT_COMMAND|ZDOTDIR|LUA_(INIT|C?PATH).*|QT_QPA_PLATFORM_PLUGIN_PATH|QML2?_IMPORT_PATH|"
    r"GST_.*PLUGIN.*|LIBGL_DRIVERS_PATH|VK_.*(LAYER|DRIVER|ICD).*",
    re.ASCII | re.IGNORECASE,
)
"""Variables that make a program load code from elsewhere: only the studio may set them."""
NEVER = {"run_scripts", "script", "batch", "before", "when"}
"""Keys that decide which code runs: the studio's, whatever it grants. `when` may refine any key of an action."""
SETTABLE = {
    "apps": {field.name for field in fields(App)},
    "roots": {field.name for field in fields(Root)},
    "actions": {field.name for cls in (LaunchAction, OpenAction, PageAction) for field in fields(cls)} | {"kind"},
}


def wrong_grants(users_may: Sequence[str]) -> Iterator[Fault]:
    """What is wrong in `studio.users_may`: each names a key below an application, a root or an action; * is any."""
    for i, grant in enumerate(users_may):
        path: KeyPath = ("users_may", i)
        section, *rest = _keys(grant)
        if section not in SETTABLE or not rest:
            yield Fault(
                path, _('{key} must name something of apps, roots or actions, as in "apps.*.args"', key=shown(grant))
            )
        elif len(rest) > 1 and rest[1] != "*" and rest[1] not in SETTABLE[section] - {"name", "user_executable"}:
            yield Fault(path, unknown(_("key"), rest[1], sorted(SETTABLE[section] - {"name", "user_executable"})))
        elif len(rest) > 1 and rest[1] in NEVER:
            yield Fault(path, _("{key} decides which code runs; only the studio's file sets it", key=rest[1]))


def split(
    table: Raw, users_may: Sequence[str], apps: Collection[str], os: OS
) -> tuple[Raw, dict[str, str], list[Fault]]:
    """A person's file: what is laid over the layers below, her executables by application, and what is not hers."""
    executables: dict[str, str] = {}
    faults: list[Fault] = []
    over: Raw = {}
    for path in leaves(table):
        if len(path) == 3 and path[0] == "apps" and path[2] == "executable":
            value = _at(table, path)
            faults.extend(_wrong_executable(path, value, apps, os))
            executables[str(path[1])] = str(value)
        elif fault := _not_hers(path, users_may, apps):
            faults.append(fault)
        else:
            _put(over, path, _at(table, path))
    return over, executables, faults


def _wrong_executable(path: KeyPath, value: object, apps: Collection[str], os: OS) -> Iterator[Fault]:
    if path[1] not in apps:
        yield Fault(path[:2], unknown(_("application"), path[1], apps))
    if not isinstance(value, str) or not os.path(value).is_absolute():
        yield Fault(path, _("{value} must be a whole path on this machine", value=shown(value)))


def _not_hers(path: KeyPath, users_may: Sequence[str], apps: Collection[str]) -> Fault | None:
    if path[0] == "desk":
        return None
    if any(key in NEVER for key in path[2:3]) or not any(_granted(path, grant) for grant in users_may):
        text = _("is not a person's to set; hers are apps.NAME.executable, desk, and what studio.users_may lists")
        return Fault(path, text)
    if path[0] == "apps" and path[1] not in apps:
        return Fault(path[:2], unknown(_("application"), path[1], apps))
    if len(path) > 3 and path[2] == "env" and LOADER.fullmatch(str(path[3])):
        return Fault(path, _("{key} makes programs load other code; only the studio's file sets it", key=path[3]))
    return None


def _granted(path: KeyPath, grant: str) -> bool:
    keys = _keys(grant)
    return len(path) >= len(keys) and all(key in ("*", have) for key, have in zip(keys, path, strict=False))


def _keys(grant: str) -> tuple[str, ...]:
    return tuple(str(key) for key in undotted(grant.replace("*", '"*"')))


def _at(table: Raw, path: KeyPath) -> object:
    value: object = table
    for key in path:
        value = value[key]  # type: ignore[index]
    return value


def _put(table: Raw, path: KeyPath, value: object) -> None:
    for key in path[:-1]:
        table = table.setdefault(str(key), {})  # type: ignore[assignment]
    table[str(path[-1])] = value

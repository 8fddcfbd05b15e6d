"""The argument list of an application. Pure; a list reaches the OS, never a line for a shell."""

import re
from collections.abc import Callable, Sequence
from pathlib import PurePath

from launcher.config.schema import App
from launcher.config.template import Field, Template
from launcher.config.wrapping import is_bare
from launcher.errors import LauncherError
from launcher.words import _

SPECIAL = re.compile(r"[-:@\[]|[A-Za-z][A-Za-z0-9+.\-]+:")
"""What programs take for something other than a file: options, VLC's `:sout`, response files, RV's brackets, and
URLs. A single letter before the colon is a Windows drive."""
UNSAFE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class ArgumentError(LauncherError):
    """A value from outside would become something other than the argument it is meant to be."""

    code = "argument"
    status = 422


def argv(
    app: App,
    executable: PurePath,
    files: Sequence[PurePath],
    extra: Sequence[str],
    script: PurePath | None,
    scripts_may_run: bool,
    workspace: PurePath | None = None,
) -> tuple[str, ...]:
    """What starts `app` on `files`: the executable, then `app.argv` with its placeholders filled in.

    `extra` are the arguments of application and action, already checked by `argument`.
    `scripts_may_run` says whether every file lies below a root with `run_scripts`. `workspace` is the application's
    project folder. Only a wrapper finds an executable that is a bare name.

    Raises: ArgumentError, if the executable, a file, the script or the workspace is not an absolute path.
    """
    by_wrapper = is_bare(app) and str(executable) == app.executable
    for path in (*([] if by_wrapper else [executable]), *files, *(one for one in (script, workspace) if one)):
        _must_be_a_plain_path(app, path)
    values = {
        "{args}": tuple(extra),
        "{no_scripts}": () if scripts_may_run else app.no_scripts,
        "{file}": tuple(str(file) for file in files[:1]),
        "{files}": tuple(str(file) for file in files),
        "{script}": (str(script),) if script else (),
        "{workspace}": (str(workspace),) if workspace else (),
    }
    items: list[str] = [str(executable)]
    for item in app.argv:
        if isinstance(item, str):
            items += values.get(item, (item,))
        elif all(values.get(part, (part,)) for part in item):
            items += [one for part in item for one in values.get(part, (part,))]
    return tuple(items)


def _must_be_a_plain_path(app: App, path: PurePath) -> None:
    text = str(path)
    if not path.is_absolute() or SPECIAL.match(text) or UNSAFE.search(text):
        raise ArgumentError(
            _("{app} cannot be given {text!r}.", app=app.title, text=text),
            tried=[_("{text!r}: not an absolute path of plain characters", text=text)],
            next_step=_("Begin the path in the configuration with a root, as in {roots.prod}/…."),
        )


def argument(template: Template, fill: Callable[[Template], str], task: str) -> str:
    """One of the configuration's own arguments, filled in for the task named `task`.

    Raises: ArgumentError, if a value from Kitsu stands at its beginning and would make it an option, a URL or
    the like, or if it holds control characters.
    """
    text = fill(template)
    first = template.parts[0] if template.parts else ""
    from_kitsu = isinstance(first, Field) and not first.name.startswith("roots.")
    if UNSAFE.search(text) or (from_kitsu and SPECIAL.match(text)):
        raise ArgumentError(
            _("The argument {template!r} of {task} would be {text!r}.", template=template.text, task=task, text=text),
            tried=[
                _("{{{field}}}: {value!r}", field=field.name, value=fill(Template("", (field,))))
                for field in template.fields
            ],
            next_step=_(
                "Rename it in Kitsu, or put the value behind an option of its own, as in --title={entity.name}."
            ),
        )
    return text

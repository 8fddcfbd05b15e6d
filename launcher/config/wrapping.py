"""What an application's `executable`, `wrap` and `workspace` must be. Pure; `rules` asks it."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from launcher.config.problems import Fault, shown
from launcher.config.schema import App
from launcher.config.template import Field, Template
from launcher.words import _

BARE = re.compile(r"[A-Za-z0-9_][\w.+-]*", re.ASCII)
"""A program's name without a folder."""
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def is_absolute(path: str) -> bool:
    """Whether a path is a whole one on at least one OS."""
    return PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()


def is_bare(app: App) -> bool:
    """Whether the wrapper finds the application by its name: nothing else is looked for then."""
    return bool(app.wrap and BARE.fullmatch(app.executable))


def exact(version: str) -> str:
    """The one version that `==4.2.0` allows; empty where a range allows several."""
    try:
        (only,) = SpecifierSet(version)
    except (InvalidSpecifier, ValueError):
        return ""
    return only.version if only.operator == "==" and not only.version.endswith("*") else ""


def executable(app: App) -> Iterator[Fault]:
    """What is wrong with an application's executable, and with what stands before it."""
    if app.executable and not is_absolute(app.executable):
        if not is_bare(app):
            text = _("{path} must be a whole path, from the root or the drive on", path=shown(app.executable))
            yield Fault(("executable",), text)
        elif not exact(app.version):
            text = _('must be exact, as in "==4.2.0", where the wrapper finds the application by its name')
            yield Fault(("version",), text)
    if app.wrap and not _names_a_program(app.wrap[0]):
        text = _(
            "{value} must be a whole path, one below {{roots.NAME}}/, or a program's name", value=_text(app.wrap[0])
        )
        yield Fault(("wrap", 0), text)


def workspace(app: App) -> Iterator[Fault]:
    """What is wrong with how an application's project folder is found and told."""
    marker, variable = app.workspace.marker, app.workspace.env
    if marker and (marker in (".", "..") or set(marker) & set('/\\:*?"<>|') or not marker.isprintable()):
        yield Fault(("workspace", "marker"), _("{name} must be one name, without a folder", name=shown(marker)))
    if variable and not VARIABLE.fullmatch(variable):
        yield Fault(("workspace", "env"), _("a variable's name is made of letters, digits and _"))


def _names_a_program(first: Template) -> bool:
    if not first.fields:
        return is_absolute(first.text) or bool(BARE.fullmatch(first.text))
    root, after = (*first.parts, "", "")[:2]
    plain = isinstance(root, Field) and root.name.startswith("roots.") and root == Field(root.name)
    return plain and len(first.fields) == 1 and isinstance(after, str) and after[:1] in ("/", "\\")


def _text(template: Template) -> str:
    return shown(template.text)

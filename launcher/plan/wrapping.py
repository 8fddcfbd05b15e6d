"""`wrap`: what stands before an application's own command line, and what may stand behind it. Pure.

Some wrappers end in a shell: `rez-env … -- COMMAND` runs `$(…)` in an argument (rez 3.4, tried). So whatever comes from
outside is held to characters that no shell takes for anything else.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from launcher import batch
from launcher.config.schema import App
from launcher.config.template import Field, Template
from launcher.config.wrapping import is_absolute
from launcher.errors import LauncherError
from launcher.model import OS, Task
from launcher.plan.found import Installed
from launcher.plan.naming import filling, text
from launcher.plan.needs import Asked
from launcher.plan.selection import label
from launcher.words import _

SAFE = re.compile(r"[\w ./:\\=+,@-]+", re.ASCII)
"""What an item behind a wrapper may hold. ASCII alone: Windows may turn other characters into quotes (best fit)."""
ENDINGS = (".exe", ".com")
"""What Windows adds to a bare name, before those of batch files."""


class WrapRefused(LauncherError):
    """A value from outside would reach a wrapper, which may hand it to a shell."""

    code = "wrap"
    exit_code = 3
    status = 422


class BatchRefused(LauncherError):
    """A batch file that the studio does not allow, or that would be given more than plain characters."""

    code = "batch file"
    exit_code = 3
    status = 422


def sought(asked: Asked, app: App) -> str:
    """What to look for as the application's wrapper: an absolute path or a bare name; empty without `wrap`.

    Raises: FieldError, where a root in it has no place on this OS.
    """
    if not app.wrap:
        return ""
    return text(app.wrap[0], {f"roots.{name}": place for name, place in asked.places.items()})


def places(name: str, path: str, os: OS, batches: bool) -> tuple[PurePath, ...]:
    """Where a wrapper may be: an absolute path is its own place, a bare name is looked for in the folders of `path`.

    `batches` says whether it may be a batch file. A relative folder in PATH would make the current one a place.
    """
    if is_absolute(name):
        return (os.path(name),)
    windows = os is OS.WINDOWS
    endings = (*ENDINGS, *(batch.ENDINGS if batches else ())) if windows else ("",)
    if windows and name.lower().endswith((*ENDINGS, *batch.ENDINGS)):
        endings = ("",)
    folders = [os.path(folder.strip('"')) for folder in path.split(";" if windows else ":") if folder]
    return tuple(folder / (name + ending) for folder in folders if folder.is_absolute() for ending in endings)


def path_of(environment: Mapping[str, str], os: OS) -> str:
    """The machine's PATH; Windows spells it as it likes."""
    if os is not OS.WINDOWS:
        return environment.get("PATH", "")
    return next((value for name, value in environment.items() if name.upper() == "PATH"), "")


@dataclass(frozen=True, slots=True)
class Wrapping:
    """How one application's command line is put behind its wrapper, for one task."""

    asked: Asked
    app: App
    task: Task
    wrapper: PurePath | None

    def prefix(self, argument: Callable[[Template, Callable[[Template], str], str], str]) -> tuple[str, ...]:
        """The items before the executable; `argument` fills one in as it does those of the application.

        Raises: WrapRefused, and what `argument` raises.
        """
        if not self.app.wrap:
            return ()
        key, fill = f"apps.{self.app.name}.wrap", self._fill
        items = [str(self.wrapper)]
        for template in self.app.wrap[1:]:
            items.append(argument(template, fill(key), label(self.task)))
            self.hold_text(items[-1], key, template)
        return tuple(items)

    def hold_text(self, item: str, key: str, template: Template) -> None:
        """`hold` for a text that was filled in: what the studio itself has written may hold anything.

        Raises: WrapRefused
        """
        if _outside(template):
            self.hold(item, key, template)

    def hold(self, item: str, key: str, template: Template | None = None) -> None:
        """Whether an item may stand behind the wrapper. `template` is what it was made by, where it was.

        Raises: WrapRefused, naming the item's setting, its fields and the task.
        """
        if not self.app.wrap or SAFE.fullmatch(item):
            return
        known, fill = self.asked.values(self.task), self._fill(key)
        fields = [field for field in _outside(template) if any(name in known for name in field.names)]
        values = [(field.name, fill(Template("", (field,)))) for field in fields]
        raise WrapRefused(
            _("{app} starts behind a wrapper, which cannot be given {item!r}.", app=self.app.title, item=item),
            tried=[
                _("{key} of {task}: only ASCII letters, digits, blanks and {signs} are harmless in a shell",
                  key=key, task=label(self.task), signs="_ . / : \\ = + , @ -"),
                *(_("{{{field}}}: {value!r}", field=name, value=value) for name, value in values
                  if not SAFE.fullmatch(value)),
            ],
            next_step=_("Rename it in Kitsu, or ask your studio to name another field there, as one with |slug."),
        )  # fmt: skip

    def _fill(self, key: str) -> Callable[[Template], str]:
        values = self.asked.values(self.task)

        def fill(template: Template) -> str:
            with filling(self.task, key, template):
                return text(template, values)

        return fill


def _outside(template: Template | None) -> list[Field]:
    """The fields of a template that are not the studio's own roots."""
    return [field for field in template.fields if not field.name.startswith("roots.")] if template else []


def must_be_no_batch_file(app: App, installed: Installed, argv: tuple[str, ...], task: Task, os: OS) -> None:
    """Whether Windows may start this command line: a batch file only with `batch`, and only with plain items.

    Raises: BatchRefused
    """
    path = str(installed.path)
    name = next((one for one in (argv[0], path) if batch.is_batch_file(one)), None)
    if name is None or os is not OS.WINDOWS:
        return
    if not app.batch:
        raise BatchRefused(
            _("{app} is a batch file here, and is not started.", app=app.title),
            tried=[name],
            next_step=_("Name the program that it starts, or ask your studio to set {key} = true.",
                        key=f"apps.{app.name}.batch"),
        )  # fmt: skip
    if (item := batch.unsafe(argv)) is not None:
        raise BatchRefused(
            _("{app} is a batch file, which cannot be given {item!r}.", app=app.title, item=item),
            tried=[
                name,
                _("{task}: only ASCII letters, digits, blanks and {signs} reach a batch file as they are",
                  task=label(task), signs="_ . / : \\ -"),
            ],
            next_step=_("Rename it in Kitsu, or name the program that the batch file starts in the studio file."),
        )  # fmt: skip

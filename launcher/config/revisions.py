"""What the keys about revisions must be to each other: `file` with `{*}`, `new_file`, `open`, `next_when`. Pure."""

import re
from collections.abc import Iterator

from launcher.config.problems import Fault
from launcher.config.schema import KITSU, LaunchAction
from launcher.config.template import ANYTHING, Field, Template
from launcher.words import _

MOST_ANYTHINGS = 2
"""In one component. With more of them the time of looking through a folder could grow without bound."""
SEVERAL = ("each", "all")


def faults(action: LaunchAction) -> Iterator[Fault]:
    """What is wrong with how an action names its revisions; keys are those of the action."""
    counted = action.file is not None and (action.file.has("revision") or action.file.text == KITSU)
    if action.file and action.file.has(ANYTHING):
        yield from _anything(action, action.file)
    if action.new_file:
        yield from _new_file(action, action.new_file)
    if action.inside:
        yield from _inside(action, action.inside)
    if action.open != "newest" and not counted:
        yield Fault(("open",), _('"{open}" is for a "file" with {{revision}}', open=action.open))
    if action.open == "choose" and action.selection in SEVERAL:
        yield Fault(
            ("open",),
            _('"choose" asks about one task: selection must be one or first, not {given}', given=action.selection),
        )
    if action.next_when and action.open != "next-revision":
        yield Fault(("next_when",), _('is for open = "next-revision"'))


def _inside(action: LaunchAction, inside: Template) -> Iterator[Fault]:
    first = inside.parts[0] if inside.parts else ""
    rooted = isinstance(first, Field) and first.name.startswith("roots.")
    if not action.file or action.file.text == KITSU:
        yield Fault(("inside",), _('is for actions with a "file" of the studio\'s own, which is then a folder'))
    if rooted or inside.text.startswith(("/", "\\")) or not inside.text.strip():
        yield Fault(("inside",), _("must be a path below the folder, without a root or a slash before it"))
    if inside.has(ANYTHING):
        yield Fault(("inside",), _('{*} is only in "file"'))


def _anything(action: LaunchAction, file: Template) -> Iterator[Fault]:
    if not file.has("revision"):
        yield Fault(("file",), _("{*} needs {revision} in the same path: the highest is opened"))
    written = re.split(r"[/\\]", file.text)
    if any(part.count("{*}") > MOST_ANYTHINGS for part in written):
        yield Fault(("file",), _("{{*}} stands at most {n} times in one name", n=MOST_ANYTHINGS))
    if action.new_file:
        return
    if action.when_missing != "fail":
        yield Fault(("file",), _('no file can be made of a name with {*}: "when_missing" needs "new_file" too'))
    if action.open == "next-revision":
        yield Fault(("file",), _('no file can be made of a name with {*}: "next-revision" needs "new_file" too'))


def _new_file(action: LaunchAction, new: Template) -> Iterator[Fault]:
    if not action.file or not action.file.has("revision"):
        yield Fault(("new_file",), _('is for actions with a "file" that has {revision}'))
    elif not new.has("revision"):
        yield Fault(("new_file",), _("needs {revision}: each new file is another one"))
    elif isinstance(new.parts[0], Field) and new.parts[0] != action.file.parts[0]:
        yield Fault(("new_file",), _('must lie under the root of "file", which would not find it elsewhere'))

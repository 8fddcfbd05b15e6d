"""A trial never touches the person's own desktop: `KITSU_LAUNCHER_HOME` holds for what the desktop reads, too."""

import os
from collections.abc import Mapping

from launcher.door import ENV_HOME
from launcher.errors import LauncherError
from launcher.words import _


class OnlyATrial(LauncherError):
    """The desktop's own folders would be changed by a program that is to keep all in one folder."""

    code = "trial"
    exit_code = 2
    status = 409


def keep_out(*variables: str, environ: Mapping[str, str] = os.environ) -> None:
    """Raises: OnlyATrial in a trial, unless each of `variables` leads the desktop's files elsewhere too."""
    missing = [name for name in variables if not environ.get(name)]
    if environ.get(ENV_HOME) and (missing or not variables):
        raise OnlyATrial(
            _("This is a trial: {variable} is set, and the desktop is left alone.", variable=ENV_HOME),
            tried=[_("{variable}: not set", variable=name) for name in missing],
            next_step=_("Do it without {variable}.", variable=ENV_HOME),
        )

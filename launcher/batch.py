"""Windows' batch files, which a shell reads whatever starts them (CPython gh-114539). Pure; threats.md T17."""

import re
from collections.abc import Sequence
from pathlib import PureWindowsPath

ENDINGS = (".bat", ".cmd")
SAFE = re.compile(r"[\w ./:\\-]*[\w ./:-]", re.ASCII)
r"""What one item may hold: no quote, `%`, `^`, `&` and so on; nor `,` `;` `=`, at which a batch file splits. A last `\`
would be doubled before the closing quote. ASCII: Windows may turn other characters into one of those (best fit)."""


def is_batch_file(executable: str) -> bool:
    """Whether Windows would give this to a command processor, whose quoting no argument list survives.

    `b.bat. ` and `b.bat::$DATA` are that file too: Windows drops final dots and spaces, and a stream's name.
    """
    name = PureWindowsPath(executable).name.partition(":")[0]
    return name.rstrip(". ").lower().endswith(ENDINGS)


def unsafe(argv: Sequence[str]) -> str | None:
    """The first item of a batch file's command line that it would not get as it is; None where all are harmless.

    The batch file itself counts too: it must be an absolute path.
    """
    if not PureWindowsPath(argv[0]).is_absolute():
        return argv[0]
    return next((item for item in argv if not SAFE.fullmatch(item)), None)

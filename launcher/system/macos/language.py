"""The languages that this Mac's user has put in order: "fr-FR", "en-FR"."""

import subprocess

from launcher.itself import environment

READ = ("/usr/bin/defaults", "read", "-g", "AppleLanguages")
PATIENCE_S = 2.0


def names() -> list[str]:
    """All of them, the best first; none where they cannot be read."""
    try:
        told = subprocess.run(
            READ, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return parsed(told.stdout.decode(errors="replace"))


def parsed(text: str) -> list[str]:
    """A property list of old style, `(\\n    "fr-FR",\\n    en\\n)`: its items."""
    items = (line.strip().rstrip(",").strip('"') for line in text.splitlines())
    return [item for item in items if item not in ("(", ")", "")]

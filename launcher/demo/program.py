"""The demo's own program, for machines without any real application: says what it was given, and stays a moment."""

import json
import os
import time
from pathlib import Path


def run(file: str) -> int:
    """Print the file and the context, as an application would read them."""
    context = json.loads(Path(os.environ["KITSU_CONTEXT"]).read_text(encoding="utf-8"))
    print(f"file: {file}")
    print(f"scene: {Path(file).read_text(encoding='utf-8')}")
    for name in sorted(name for name in os.environ if name.startswith("KITSU_")):
        print(f"{name}={os.environ[name]}")
    print(f"tasks: {len(context['tasks'])}", flush=True)
    time.sleep(4)
    return 0

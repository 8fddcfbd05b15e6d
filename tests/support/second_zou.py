"""A second server of the tests' Zou, on the same database, with another environment or with our plugin installed."""

import importlib.util
import socket
import subprocess
import time
import urllib.request
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.desktop import end
from tests.support.zou import HERE, cache_folder

PLUGIN = Path(__file__).parents[2] / "packaging" / "zou-plugin"
PLUGIN_ID = "kitsu_launcher"


def _environment() -> dict[str, str]:
    """That of the Zou that runs: the same database, keys and folders."""
    spec = importlib.util.spec_from_file_location("zou_up", HERE / "zou_up.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.Lab(Namespace(folder=str(cache_folder()), bcrypt="4")).env())


@contextmanager
def second_zou(**changes: str) -> Iterator[str]:
    """The address of a server whose environment has these changes. The tests' first Zou must run."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    python = cache_folder() / "venv/bin/python"
    command = [python, "-m", "gunicorn", "--worker-class", "gevent", "--bind", f"127.0.0.1:{port}", "zou.app:app"]
    process = subprocess.Popen(
        list(map(str, command)),
        env={**_environment(), **changes},
        cwd=cache_folder(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(f"http://127.0.0.1:{port}/", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        end(process)


@contextmanager
def zou_with_plugin(folder: Path, launcher_port: int) -> Iterator[str]:
    """The address of a Zou into which our plugin was installed by Zou's own command."""
    # What the command `zou` is: a cache that was moved keeps no scripts that work.
    zou = [str(cache_folder() / "venv/bin/python"), "-c", "from zou.cli import cli; cli()"]
    changes = {"PLUGIN_FOLDER": str(folder), "KITSU_LAUNCHER_PORT": str(launcher_port)}
    env = {**_environment(), **changes}

    def run(*args: str) -> None:
        done = subprocess.run([*zou, *args], env=env, capture_output=True, text=True, timeout=120, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr

    run("install-plugin", "--force", "--path", str(PLUGIN))
    try:
        with second_zou(**changes) as url:
            yield url
    finally:
        run("uninstall-plugin", "--id", PLUGIN_ID)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).read()
            return
        except OSError:
            assert process.poll() is None, "the second Zou has ended"
            assert time.monotonic() < deadline, "the second Zou did not come up"
            time.sleep(0.1)

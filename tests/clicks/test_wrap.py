"""Applications behind a wrapper: a real rez, nice, and a workspace in the whole way of a click."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.needs import needs
from tests.support.studio import SAMPLE_ACTION, Studio

REZ_ENV = Path(sys.executable).with_name("rez-env")
"""Beside this Python: what `pip install rez` makes. It warns that it is no installation for production, and works."""
PACKAGE = """
name = "blender"
version = "4.2.0"
def commands():
    env.STUDIO_TOOLS = "{root}/tools"
    env.PATH.prepend("/usr/bin")
"""
TELL = "import json, os, sys; json.dump(dict(os.environ) | {'argv': sys.argv}, open(os.environ['TOLD'], 'w'))"
"""Runs inside Blender."""


@pytest.fixture
def rez(studio: Studio) -> Path:
    """A repository with one package, and a configuration of rez that names it; answers that file."""
    package = studio.home / "packages" / "blender" / "4.2.0" / "package.py"
    package.parent.mkdir(parents=True)
    package.write_text(PACKAGE)
    config = studio.home / "rezconfig.py"
    config.write_text(f"packages_path = [{str(studio.home / 'packages')!r}]\n")
    return config


def blender(studio: Studio, rez: Path, file: str = "") -> None:
    """A studio file with Blender behind rez: its name alone, which rez finds in the context."""
    tell = studio.home / "tell.py"
    tell.write_text(TELL)
    studio.write(f"""
[apps.blender]
executable = "blender"
version = "==4.2.0"
wrap = [{json.dumps(str(REZ_ENV))}, "blender-4.2", "--"]
args = ["-b", "--python", {json.dumps(str(tell))}]
env.REZ_CONFIG_FILE = {json.dumps(str(rez))}
env.TOLD = {json.dumps(str(studio.home / "told.json"))}
[actions.wrapped]
title = "Open in Blender"
kind = "launch"
app = "blender"
{file}
""")


@needs("blender")
def test_rez_starts_blender_in_its_context(studio: Studio, rez: Path, blend: Path):
    """Real: Zou, the daemon, rez, Blender without a window on a saved file; the context's variables in it."""
    file = 'file = "{roots.prod}/{entity.name}_v{revision:03}.blend"'
    blender(studio, rez, file)
    (studio.prod / "SH010_v001.blend").write_bytes(blend.read_bytes())

    launch = studio.wait(studio.click("wrapped", "Animation SH010"), "done", seconds=60)

    told = json.loads((studio.home / "told.json").read_text())
    assert told["REZ_USED_RESOLVE"] == "blender-4.2.0"
    assert told["STUDIO_TOOLS"] == f"{studio.home}/packages/blender/4.2.0/tools"
    assert told["KITSU_ENTITY_NAME"] == "SH010"
    assert Path(told["KITSU_CONTEXT"]).is_file()
    assert str(studio.prod / "SH010_v001.blend") in told["argv"]
    (process,) = launch["processes"]
    assert process["application"] == "Blender 4.2.0"
    assert process["argv"][:4] == [str(REZ_ENV), "blender-4.2", "--", "blender"]
    assert process["exit_code"] == 0


def test_the_exit_code_is_the_wrappers(studio: Studio, rez: Path):
    """Real: Zou, the daemon, rez, which knows no such package."""
    blender(studio, rez)
    studio.file.write_text(studio.file.read_text().replace("blender-4.2", "blender-9"))

    launch = studio.wait(studio.click("wrapped", "Animation SH010"), "failed")

    assert launch["processes"][0]["exit_code"] == 1
    assert launch["error"]["problem"].startswith("Blender 4.2.0: it ended with exit code 1")
    assert any("blender-9" in line for line in launch["error"]["tried"][1:]), launch["error"]


HOSTILE = "$(touch evil)"


def test_rez_would_run_a_name_as_a_command_and_never_gets_it(studio: Studio, rez: Path, tmp_path: Path):
    """Real: rez by itself, which shows what is at stake; then Zou, the daemon, and no process."""
    env = {**os.environ, "REZ_CONFIG_FILE": str(rez), "HOME": str(tmp_path)}
    command = [str(REZ_ENV), "blender-4.2", "--", "/usr/bin/printf", "%s", HOSTILE]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"")
    assert (tmp_path / "evil").exists()

    blender(studio, rez, 'args = ["--title={task.name}$X{entity.name}"]')
    name = "Animation SH010"
    refused = studio.wait(studio.click("wrapped", name), "failed", "refused")
    assert refused["error"]["problem"] == (
        "Blender starts behind a wrapper, which cannot be given '--title=main$XSH010'."
    )
    assert refused["processes"] == []


def test_a_wrapper_is_found_by_its_name_in_path(studio: Studio):
    """Real: Zou, the daemon, nice, and a program that it starts."""
    studio.write(wrapped(studio))

    studio.done("sample", "Animation SH010")

    (told,) = studio.answers()
    assert os.getpriority(os.PRIO_PROCESS, told["pid"]) == os.getpriority(os.PRIO_PROCESS, 0) + 5
    argv = studio.latest()["processes"][0]["argv"]
    assert argv[0].endswith("/nice")
    assert argv[1:4] == ["-n", "5", str(studio.home / "bin" / "sample")]


def wrapped(studio: Studio) -> str:
    """A second name for the sample program, behind nice."""
    action = SAMPLE_ACTION.replace('app = "sample"', 'app = "nice-sample"')
    program = json.dumps(str(studio.home / "bin" / "sample"))
    return f'{action}\n[apps.nice-sample]\nwrap = ["nice", "-n", "5"]\nexecutable = {program}\n'


def test_a_wrapper_that_is_not_here_is_told(studio: Studio):
    """Real: Zou, the daemon, the folders of PATH."""
    studio.write(wrapped(studio).replace('"nice",', '"no-such-wrapper",'))

    launch = studio.wait(studio.click("sample", "Animation SH010"), "failed", "refused")

    assert launch["error"]["problem"] == "nice-sample is not installed here."
    assert launch["error"]["tried"] == ["no-such-wrapper   is in no folder of PATH; it wraps nice-sample"]


def test_a_project_folder_is_found_and_given(studio: Studio):
    """Real: Zou, the daemon, folders with markers, a started program."""
    action = SAMPLE_ACTION.replace('app = "sample"', 'app = "maya-like"')
    program = json.dumps(str(studio.home / "bin" / "sample"))
    studio.write(f"""{action}
[apps.maya-like]
executable = {program}
workspace = {{ marker = "workspace.mel", env = "JOB" }}
argv = [["-proj", "{{workspace}}"], "{{file}}"]
""")
    dry = json.loads(studio.daemon.cli("run", "sample", "--task", studio.zou.task("Animation SH010"),
                                       "--dry-run", "--json").stdout)  # fmt: skip
    (start,) = (step for step in dry["steps"] if step["step"] == "Start")
    file = Path(start["file"])
    assert start["workspace"] is None
    file.parent.mkdir(parents=True)
    file.touch()
    project = file.parent.parent
    (project / "workspace.mel").touch()

    studio.done("sample", "Animation SH010")

    (told,) = studio.answers()
    assert told["argv"][1:] == ["-proj", str(project), str(file)]
    assert told["env"]["JOB"] == str(project)
    assert f"with its workspace {project}" in studio.latest()["steps"]

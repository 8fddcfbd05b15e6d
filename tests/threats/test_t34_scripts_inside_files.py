"""T34: a hostile working file brings its own script; it runs only from a root that the studio allows to."""

import json
from pathlib import Path

import pytest

from launcher.catalogue import STARTUP
from launcher.plan.argv import argv
from launcher.plan.environment import context
from tests.support.catalogue import PERSON, app, shot
from tests.support.desktop import Display, wait_until
from tests.support.needs import needs
from tests.support.real import Run
from tests.support.sample import Make

BLENDER = Path("/usr/bin/blender")
HOSTILE = """
import bpy
bpy.context.preferences.filepaths.use_scripts_auto_execute = True  # the artist once pressed "Allow execution"
bpy.ops.wm.save_userpref()
text = bpy.data.texts.new("x.py")
text.write("open(MARK, 'w')")
text.use_module = True
driven = bpy.data.objects["Cube"].driver_add("location", 0).driver
driven.expression = "__import__('os').mkdir(MARK + '.driver') or 0"
bpy.ops.wm.save_as_mainfile(filepath=FILE)
"""


def exact(may_run: bool) -> list[str]:
    return list(argv(app("blender"), BLENDER, [Path("/prod/a.blend")], ["--log", "*"], Path("/s.py"), may_run))


def test_blender_hears_of_the_ban_before_it_reads_the_file():
    banned = exact(may_run=False)
    assert banned == ["/usr/bin/blender", "-Y", "--log", "*", "/prod/a.blend", "--python", "/s.py"]
    assert banned.index("-Y") < banned.index("/prod/a.blend")
    assert exact(may_run=True) == [item for item in banned if item != "-Y"]


def test_no_application_is_told_to_run_scripts():
    """A root with `run_scripts` leaves it to the artist's own preference; nothing turns it on."""
    for name in ("blender", "krita", "maya", "houdini", "nuke", "mpv", "vlc", "rv"):
        assert not {"-y", "--enable-autoexec", "-script", "-command"} & {str(item) for item in app(name).argv}


@needs("blender")
@pytest.mark.parametrize(("may_run", "runs"), [(False, False), (True, True)])
def test_a_registered_text_block_runs_only_where_the_studio_allows_it(
    run: Run, display: Display, tmp_path: Path, may_run: bool, runs: bool
):
    """Real: Blender with a window and an artist's preferences that allow scripts; our start-up script runs always."""
    mark, file = tmp_path / "mark", tmp_path / "hostile.blend"
    make = f"MARK, FILE = {str(mark)!r}, {str(file)!r}" + HOSTILE.replace("(MARK, 'w')", f"({str(mark)!r}, 'w')")
    assert run([str(BLENDER), "-b", "-Y", "--python-exit-code", "7", "--python-expr", make]).wait(60) == 0
    assert file.is_file()
    assert not mark.exists()
    (tmp_path / "context.json").write_text(
        json.dumps(context([shot()], PERSON, "https://k", "o", "blender", file, False))
    )
    (tmp_path / "end.py").write_text(f"open({str(tmp_path / 'opened')!r}, 'w').write(__import__('bpy').data.filepath)")
    command = argv(app("blender"), BLENDER, [file], (), STARTUP / "blender.py", may_run)

    run([*command, "--python", str(tmp_path / "end.py")], {"KITSU_CONTEXT": str(tmp_path / "context.json")})

    wait_until(lambda: (tmp_path / "opened").exists(), 40, "Blender with the file")
    display.wait_for_window("^E01/SQ010/SH030/Animation")
    assert (tmp_path / "opened").read_text() == str(file)
    assert (mark.exists(), Path(f"{mark}.driver").exists()) == (runs, False)


@pytest.mark.parametrize("may_run", [False, True])
def test_a_click_starts_blender_with_the_ban_before_the_file(make_studio: Make, may_run: bool) -> None:
    """Real: daemon, sample Kitsu; a program in Blender's place that writes down its arguments."""
    more = (
        '[apps.blender]\nexecutable = "/HOME/notes"\n[actions.blend]\ntitle = "B"\nkind = "launch"\napp = "blender"\n'
        'file = "{roots.prod}/{entity.name}_v{revision:03}.blend"\nwhen_missing = { copy = "{roots.prod}/first.txt" }\n'
    )
    studio = make_studio(more=more, root=", run_scripts = true" if may_run else "")

    launch = studio.clicked(studio.form("blend"))

    (note,) = [note for note in studio.notes() if note["argv"] != ["--version"]]
    ban = [] if may_run else ["-Y"]
    assert launch["state"] == "done"
    assert note["argv"] == [*ban, f"{studio.prod}/SH010_v001.blend", "--python", str(STARTUP / "blender.py")]

"""T22: names from Kitsu are data inside Blender: no generated code, no shell, no markup."""

import json
from pathlib import Path

from launcher.catalogue import STARTUP
from launcher.model import Entity, Named
from launcher.plan.argv import argv
from launcher.plan.environment import context, context_variables
from tests.support.catalogue import PERSON, app, shot
from tests.support.desktop import Display
from tests.support.needs import needs
from tests.support.real import Run, read_json

pytestmark = needs("blender")

ASK = """
import bpy, json, os
with open(os.environ["KITSU_CONTEXT"]) as file:
    task = json.load(file)["task"]
answer = {"entity": task["entity"]["name"], "sequence": task["sequence"]["name"], "file": bpy.data.filepath}
answer["variable"] = os.environ["KITSU_SHOT"]
with open(os.environ["ANSWER"] + ".part", "w") as file:
    json.dump(answer, file)
os.rename(file.name, os.environ["ANSWER"])
"""


def test_names_that_are_code_elsewhere_are_shown_and_nothing_runs(run: Run, display: Display, tmp_path: Path):
    """Real: Blender with a window; the marks would be made by a shell, by Python, MEL, Tcl or AppleScript."""
    marks = tmp_path / "marks"
    marks.mkdir()
    shell = f'$(touch {marks}/1) `touch {marks}/2`; touch {marks}/3 & "{{project.__class__}}" %s %PATH%'
    code = f'";import os;os.system("touch {marks}/4")#\'\'\' + __import__("os").system("touch {marks}/5") <img src=x>'
    more = f'system("touch {marks}/6"); [exec touch {marks}/7] " & do shell script "touch {marks}/8'
    task = shot(entity=Entity("entity-1", code), sequence=Named("s", shell), episode=Named("e", more))
    file = tmp_path / "\"; touch x #'$(touch y).blend"
    context_file = tmp_path / "context.json"
    context_file.write_text(json.dumps(context([task], PERSON, "https://k", "open", "blender", file, True)))
    (tmp_path / "ask.py").write_text(ASK)
    answer = tmp_path / "answer.json"
    command = argv(app("blender"), Path("/usr/bin/blender"), [], (), STARTUP / "blender.py", False)
    variables = context_variables(task, PERSON, "https://k", file, context_file)

    run([*command, "--python", str(tmp_path / "ask.py")], {**variables, "ANSWER": str(answer)})

    assert read_json(answer) == {"entity": code, "sequence": shell, "file": str(file), "variable": code}
    title = display.title(display.wait_for_window("Big Buck Bunny"))
    assert title.startswith(f"{more}/{shell}/{code}/Animation – Big Buck Bunny · Blender")
    assert list(marks.iterdir()) == []
    assert not any("marks" in item or "touch" in item for item in command)


def test_control_characters_do_not_reach_the_window_manager(run: Run, display: Display, tmp_path: Path):
    """Real: Blender with a window; bidi marks and escapes become spaces."""
    task = shot(entity=Entity("entity-1", "T22\n\x1b]0;x\x07\u202etxet\u200b"))
    context_file = tmp_path / "context.json"
    context_file.write_text(json.dumps(context([task], PERSON, "https://k", "open", "blender", None, False)))
    command = argv(app("blender"), Path("/usr/bin/blender"), [], (), STARTUP / "blender.py", False)

    run(list(command), {"KITSU_CONTEXT": str(context_file)})

    title = display.title(display.wait_for_window("T22"))
    assert title == "E01/SQ010/T22  ]0;x  txet /Animation – Big Buck Bunny · Blender"

"""The plan of kind `launch`: which file, what is made first, how many processes: `launcher.plan.launch`."""

from dataclasses import replace
from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from launcher.config.schema import App, CopyFrom, EnvChange, LaunchAction
from launcher.config.template import parse
from launcher.errors import LauncherError
from launcher.model import OS, Copy, LeaveNote, LeftOut, MakeFolder, Plan, Start, Task, WriteContext
from launcher.plan import wanted
from launcher.plan.found import AppMissing, Candidates, Installed, Rejected
from launcher.plan.matching import Search
from launcher.plan.needs import Facts, OutsideRoot, RootAway
from tests.support.planned import (
    ASSET,
    BLENDER,
    BLENDER_HERE,
    OPEN,
    PERSON,
    SERVER,
    SHOT,
    at,
    configured,
    data,
    machine,
    planned,
)

FOLDER = "/mnt/prod/BBB/shots/SQ010/SH030/animation"
FIRST = f"{FOLDER}/SH030_v001.blend"
TEMPLATE = "/mnt/prod/templates/animation.blend"
COPY = replace(OPEN, when_missing=CopyFrom(copy=parse("{roots.prod}/templates/{task_type.name|slug}.blend")))
EMPTY = replace(OPEN, when_missing="empty")
EACH = replace(OPEN, selection="each")
ALL = replace(OPEN, selection="all")
FOUND = {"t1": (("SH030_v001.blend",), ("SH030_v002.blend",))}
SHOTS = tuple(at(SHOT, f"t1{i}", f"SH0{i}0") for i in (1, 2, 3))
FOUND_3 = {task.id: ((f"{task.entity.name}_v004.blend",),) for task in SHOTS}


def starts(plan: Plan) -> list[Start]:
    return [step for step in plan.steps if isinstance(step, Start)]


def error(action: LaunchAction, *tasks: Task, facts: Facts) -> LauncherError:
    with pytest.raises(LauncherError) as raised:
        planned(action, *tasks, facts=facts)
    return raised.value


def test_the_newest_working_file_is_opened() -> None:
    """Real: the whole plan."""
    plan = planned(OPEN, SHOT, facts=machine(OPEN, SHOT, found=FOUND))

    _note, context, start = plan.steps
    assert isinstance(context, WriteContext)
    assert isinstance(start, Start)
    file = PurePosixPath(FOLDER, "SH030_v002.blend")
    assert (plan.left_out, plan.warnings, plan.must_ask) == ((), (), ())
    assert context.path == PurePosixPath("/ctx/context.json")
    assert {key: context.context[key] for key in ("launch", "action", "application", "file", "new", "server")} == {
        "launch": "launch-1",
        "action": "open",
        "application": "blender",
        "file": str(file),
        "new": False,
        "server": "https://kitsu.example",
    }
    assert start.application == "Blender 4.2.3"
    assert start.argv == ("/opt/blender/blender", "-Y", str(file))
    assert (start.cwd, start.file, start.task_ids) == (file.parent, file, ("t1",))


def test_an_application_gets_the_machines_environment_and_the_context() -> None:
    """Real: every variable of a shot, and which of them are changes."""
    start = starts(planned(OPEN, SHOT, facts=machine(OPEN, SHOT, found=FOUND)))[0]

    assert start.environment_changes == {
        "KITSU_SERVER": "https://kitsu.example",
        "KITSU_PROJECT_ID": "pr1",
        "KITSU_PROJECT_NAME": "Big Buck Bunny",
        "KITSU_TASK_ID": "t1",
        "KITSU_ENTITY_ID": "e1",
        "KITSU_ENTITY_NAME": "SH030",
        "KITSU_ENTITY_TYPE": "shot",
        "KITSU_TASK_TYPE": "Animation",
        "KITSU_SEQUENCE": "SQ010",
        "KITSU_SHOT": "SH030",
        "KITSU_FRAME_IN": "1001",
        "KITSU_FRAME_OUT": "1102",
        "KITSU_FPS": "23.976",
        "KITSU_RESOLUTION": "2048x858",
        "KITSU_PERSON_EMAIL": "zoe@studio.example",
        "KITSU_FILE": f"{FOLDER}/SH030_v002.blend",
        "KITSU_CONTEXT": "/ctx/context.json",
    }
    assert start.env == {"HOME": "/home/zoe", "PATH": "/usr/bin", **start.environment_changes}


def test_facts_are_wanted_for_nothing_but_the_selection() -> None:
    """Real: the whole wish."""
    asked = wanted(COPY, [SHOT], PERSON, configured(COPY), OS.LINUX, SERVER)

    assert (asked.apps, asked.roots) == (("blender",), ("prod",))
    assert asked.searches == {
        "t1": Search("prod", PurePosixPath(FOLDER), (r"SH030_v(?P<revision>[0-9]{1,18})\.blend",))
    }
    assert asked.files == {PurePosixPath(path): "prod" for path in (FIRST, FOLDER, TEMPLATE)}


# -- no working file yet -------------------------------------------------------------------------------------------


def test_the_first_working_file_is_copied_from_the_template() -> None:
    """Real: the steps in their order, in a folder that is not there yet."""
    plan = planned(COPY, SHOT, facts=machine(COPY, SHOT, exist=[TEMPLATE]))

    root = PurePosixPath("/mnt/prod")
    assert plan.steps[:3] == (
        MakeFolder(PurePosixPath(FOLDER), root),
        LeaveNote(PurePosixPath(FIRST), root, "Zoë Ní Bhriain", "Blender 4.2.3"),
        Copy(PurePosixPath(TEMPLATE), PurePosixPath(FIRST), root),
    )
    context, start = plan.steps[3:]
    assert isinstance(context, WriteContext)
    assert isinstance(start, Start)
    assert (context.context["new"], context.context["file"]) == (True, FIRST)
    assert start.argv[-1] == FIRST
    assert start.cwd == PurePosixPath(FOLDER)


def test_a_folder_that_is_there_is_not_made() -> None:
    """Real: only the copy is left."""
    plan = planned(COPY, SHOT, facts=machine(COPY, SHOT, exist=[TEMPLATE], folders=[FOLDER]))

    assert [type(step) for step in plan.steps] == [LeaveNote, Copy, WriteContext, Start]


def test_the_template_is_not_needed_once_there_is_a_working_file() -> None:
    """Real: the template is not there."""
    plan = planned(COPY, SHOT, facts=machine(COPY, SHOT, found=FOUND))

    assert [type(step) for step in plan.steps] == [LeaveNote, WriteContext, Start]


@pytest.mark.parametrize(("what", "told"), [({}, "is not there"), ({"folders": [TEMPLATE]}, "is a folder")])
def test_a_template_that_is_not_there_is_told(what: dict[str, list[str]], told: str) -> None:
    """Real: the whole text."""
    assert str(error(COPY, SHOT, facts=machine(COPY, SHOT, **what))) == (  # type: ignore[arg-type]
        "There is no template for the first working file of SQ010/SH030/Animation.\n"
        f"  tried  actions.open.when_missing.copy: {TEMPLATE} {told}\n"
        "  next   Ask your studio to put one there."
    )


def test_empty_starts_without_a_file_and_tells_where_to_save_it() -> None:
    """Real: the folder is made; the file is not given to the application, but named to it."""
    plan = planned(EMPTY, SHOT, facts=machine(EMPTY, SHOT))

    folder, _note, context, start = plan.steps
    assert folder == MakeFolder(PurePosixPath(FOLDER), PurePosixPath("/mnt/prod"))
    assert isinstance(context, WriteContext)
    assert context.context["new"] is True
    assert isinstance(start, Start)
    assert start.argv == ("/opt/blender/blender", "-Y")
    assert start.env["KITSU_FILE"] == FIRST
    assert start.file == PurePosixPath(FIRST)


def test_fail_names_folder_pattern_and_what_to_do() -> None:
    """Real: the whole text, and what programs read."""
    told = error(OPEN, SHOT, facts=machine(OPEN, SHOT))

    assert str(told) == (
        "There is no working file of SQ010/SH030/Animation yet.\n"
        f"  tried  {FOLDER}: no file as {{entity.name}}_v{{revision:03}}.blend, as {FIRST}\n"
        '  next   Save a first one there, or ask your studio to set actions.open.when_missing = { copy = "…" }.'
    )
    assert (told.code, told.exit_code, told.status) == ("working-file", 4, 404)


def test_a_template_without_a_revision_is_the_file_itself() -> None:
    """Real: there, and not there."""
    action = replace(OPEN, file=parse("{roots.prod}/{entity.name}.blend"))

    plan = planned(action, SHOT, facts=machine(action, SHOT, exist=["/mnt/prod/SH030.blend"]))

    assert starts(plan)[0].argv[-1] == "/mnt/prod/SH030.blend"
    assert error(action, SHOT, facts=machine(action, SHOT)).tried == ("/mnt/prod/SH030.blend: is not there",)


def test_a_scene_that_is_a_folder_counts_as_a_file() -> None:
    """Real: Harmony's scenes are folders with a file of the same name in them."""
    action = replace(OPEN, file=parse("{roots.prod}/{entity.name}_v{revision:03}/{entity.name}_v{revision:03}.xstage"))
    found = {"t1": (("SH030_v001", "SH030_v001.xstage"), ("SH030_v002", "SH030_v002.xstage"))}

    start = starts(planned(action, SHOT, facts=machine(action, SHOT, found=found)))[0]

    assert start.argv[-1] == "/mnt/prod/SH030_v002/SH030_v002.xstage"


def test_without_a_file_the_application_starts_at_home() -> None:
    """Real: no root is asked for."""
    action = replace(OPEN, file=None)

    start = starts(planned(action, SHOT, facts=machine(action, SHOT, away="is not there")))[0]

    assert (start.argv, start.cwd, start.file) == (
        ("/opt/blender/blender", "-Y"),
        PurePosixPath("/home/zoe"),
        None,
    )
    assert "KITSU_FILE" not in start.env


def test_without_a_home_it_starts_in_the_launchs_own_folder() -> None:
    """Real: an environment without HOME."""
    action = replace(OPEN, file=None)

    start = starts(planned(action, SHOT, facts=machine(action, SHOT, environment={"PATH": "/bin"})))[0]

    assert start.cwd == PurePosixPath("/ctx")


def test_a_missing_value_names_the_key() -> None:
    """Real: an asset in a template of shots."""
    action = replace(OPEN, file=parse("{roots.prod}/{sequence.name}/{entity.name}_v{revision}.blend"))

    with pytest.raises(LauncherError) as raised:
        wanted(action, [ASSET], PERSON, configured(action), OS.LINUX, SERVER)

    assert getattr(raised.value, "key", None) == "actions.open.file"
    assert raised.value.problem == "{sequence.name} of Characters/Robot/Modeling has no value."


# -- roots ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [OPEN, COPY, EMPTY])
def test_nothing_is_made_under_a_root_that_is_not_there(action: LaunchAction) -> None:
    """Real: the whole text."""
    told = error(action, SHOT, facts=machine(action, SHOT, away="has no .prod in it"))

    assert isinstance(told, RootAway)
    assert str(told) == (
        "The root 'prod' is not there: /mnt/prod.\n"
        "  tried  /mnt/prod: has no .prod in it (the file .prod in it proves it)\n"
        "  next   Mount it, or ask your IT. Nothing is made in its place."
    )
    assert (told.code, told.exit_code) == ("root", 4)


def test_a_task_folder_that_leads_out_of_the_root_is_refused() -> None:
    """Real: the whole text, for a file that is there and for one that would be made."""
    file = f"{FOLDER}/SH030_v002.blend"

    told = error(OPEN, SHOT, facts=machine(OPEN, SHOT, found=FOUND, real={file: "/home/eve/SH030_v002.blend"}))

    assert isinstance(told, OutsideRoot)
    assert str(told) == (
        "The path for SQ010/SH030/Animation lies outside root 'prod'.\n"
        f"  tried  actions.open.file: {file}\n"
        "         which leads to /home/eve/SH030_v002.blend\n"
        "         and the root is /mnt/prod\n"
        "  next   Remove the link that leads out of the root, or let the studio file allow where it leads: "
        'roots.prod.also = ["…"].'
    )
    for action in (COPY, EMPTY):
        told = error(action, SHOT, facts=machine(action, SHOT, exist=[TEMPLATE], real={FIRST: "/mnt/prod2/x.blend"}))
        assert told.code == "outside root"


def test_scripts_run_only_below_roots_that_allow_it() -> None:
    """Real: the studio's switch, and the argument it takes away."""
    trusting = configured(OPEN, run_scripts=True)

    allowed = planned(OPEN, SHOT, config=trusting, facts=machine(OPEN, SHOT, config=trusting, found=FOUND))

    assert starts(allowed)[0].argv == ("/opt/blender/blender", f"{FOLDER}/SH030_v002.blend")


# -- applications --------------------------------------------------------------------------------------------------


def test_of_a_list_the_first_that_is_installed_is_taken() -> None:
    """Real: the preferred one is there in a version that does not fit."""
    krita = App(name="krita", title="Krita", argv=("{file}",), version=">=5")
    action = replace(OPEN, app=("krita", "blender"))
    config = configured(action, apps=(BLENDER, krita))
    none = Candidates((), (Rejected(PurePosixPath("/usr/bin/krita"), "4.4, too old for >=5"),))
    here = {"krita": none, "blender": Candidates((BLENDER_HERE,))}

    plan = planned(action, SHOT, config=config, facts=machine(action, SHOT, config=config, found=FOUND, apps=here))

    assert starts(plan)[0].application == "Blender 4.2.3"


def test_when_none_is_installed_all_that_was_looked_at_is_told() -> None:
    """Real: the whole text."""
    krita = App(name="krita", title="Krita", version=">=5")
    action = replace(OPEN, app=("krita", "blender"))
    config = configured(action, apps=(BLENDER, krita))
    apps = {
        "krita": Candidates((), (Rejected(PurePosixPath("/usr/bin/krita"), "4.4, too old for >=5"),)),
        "blender": Candidates((), (Rejected(PurePosixPath("/opt/blender"), "is a folder"),)),
    }

    with pytest.raises(AppMissing) as raised:
        planned(action, SHOT, config=config, facts=machine(action, SHOT, config=config, apps=apps))

    assert str(raised.value) == (
        "Krita >=5 or Blender is not installed here.\n"
        "  tried  /usr/bin/krita   4.4, too old for >=5\n"
        "         /opt/blender     is a folder\n"
        "  next   Install Krita 5, or set apps.krita.executable in /home/zoe/config.toml"
    )


def test_arguments_and_environment_of_application_and_action_are_filled_in() -> None:
    """Real: the application's come first; lists grow at their ends."""
    app = replace(
        BLENDER,
        script="blender.py",
        argv=("{args}", "{no_scripts}", "{file}", ("--python", "{script}")),
        args=(parse("--app"),),
        env={"PATH": EnvChange(prepend=parse("{roots.prod}/bin")), "SHOW": EnvChange(set=parse("{project.code}"))},
    )
    action = replace(
        OPEN,
        args=(parse("--title={entity.name}"),),
        env={"PATH": EnvChange(append=parse("{roots.prod}/late")), "SHOW": EnvChange(set=parse("{entity.name}"))},
    )
    config = configured(action, apps=(app,))

    start = starts(planned(action, SHOT, config=config, facts=machine(action, SHOT, config=config, found=FOUND)))[0]

    assert start.argv == (
        "/opt/blender/blender",
        "--app",
        "--title=SH030",
        "-Y",
        f"{FOLDER}/SH030_v002.blend",
        "--python",
        "/startup/blender.py",
    )
    assert start.env["PATH"] == "/mnt/prod/bin:/usr/bin:/mnt/prod/late"
    assert (start.environment_changes["SHOW"], start.environment_changes["PATH"]) == ("SH030", start.env["PATH"])


def test_a_missing_value_of_an_argument_or_a_variable_names_its_key() -> None:
    """Real: the application's and the action's."""
    missing = parse("x{entity.data.nothing}")
    variable = {"X": EnvChange(set=missing)}
    cases = {
        "apps.blender.args": (OPEN, replace(BLENDER, args=(missing,))),
        "apps.blender.env": (OPEN, replace(BLENDER, env=variable)),
        "actions.open.args": (replace(OPEN, args=(missing,)), BLENDER),
        "actions.open.env": (replace(OPEN, env=variable), BLENDER),
    }
    for key, (action, app) in cases.items():
        config = configured(action, apps=(app,))
        with pytest.raises(LauncherError) as raised:
            planned(action, SHOT, config=config, facts=machine(action, SHOT, config=config, found=FOUND))
        assert getattr(raised.value, "key", None) == key


def test_metadata_of_kitsu_reaches_an_argument() -> None:
    """Real: a number of the shot's free data."""
    action = replace(OPEN, args=(parse("--lens={entity.data.lens:03}"),))

    start = starts(planned(action, data(lens=35), facts=machine(action, data(lens=35), found=FOUND)))[0]

    assert "--lens=035" in start.argv


# -- several tasks -------------------------------------------------------------------------------------------------


def test_each_makes_one_process_per_task_and_asks_first() -> None:
    """Real: three tasks, each with its own file and context."""
    plan = planned(EACH, *SHOTS, facts=machine(EACH, *SHOTS, found=FOUND_3))

    assert plan.must_ask == ("opens 3 windows of Blender 4.2.3",)
    assert [(start.file and start.file.name, start.task_ids) for start in starts(plan)] == [
        ("SH010_v004.blend", ("t11",)),
        ("SH020_v004.blend", ("t12",)),
        ("SH030_v004.blend", ("t13",)),
    ]
    contexts = [step for step in plan.steps if isinstance(step, WriteContext)]
    assert [str(context.path) for context in contexts] == [
        "/ctx/context.json",
        "/ctx/context-2.json",
        "/ctx/context-3.json",
    ]
    assert [start.env["KITSU_CONTEXT"] for start in starts(plan)] == [str(context.path) for context in contexts]
    assert [len(context.context["tasks"]) for context in contexts] == [1, 1, 1]  # type: ignore[arg-type]


def test_each_on_one_task_asks_nothing() -> None:
    """Real: one task."""
    assert planned(EACH, SHOT, facts=machine(EACH, SHOT, found=FOUND)).must_ask == ()


def test_each_starts_nothing_when_one_task_has_no_file() -> None:
    """Real: the second of three has none."""
    found = {id: names for id, names in FOUND_3.items() if id != "t12"}

    assert error(EACH, *SHOTS, facts=machine(EACH, *SHOTS, found=found)).problem == (
        "There is no working file of SQ010/SH020/Animation yet."
    )


def test_each_makes_a_shared_file_once() -> None:
    """Real: two tasks whose template gives the same path."""
    action = replace(EMPTY, selection="each", file=parse("{roots.prod}/{sequence.name}/all_v{revision}.blend"))

    plan = planned(action, *SHOTS[:2], facts=machine(action, *SHOTS[:2]))

    assert [type(step) for step in plan.steps] == [MakeFolder, LeaveNote, WriteContext, Start, WriteContext, Start]


def test_all_gives_every_file_to_one_process_of_an_application_that_takes_many() -> None:
    """Real: three files, and all three tasks in the context."""
    app = replace(BLENDER, many=True, argv=("{args}", "{files}"))
    config = configured(ALL, apps=(app,))

    plan = planned(ALL, *SHOTS, config=config, facts=machine(ALL, *SHOTS, config=config, found=FOUND_3))

    *notes, context, start = plan.steps
    assert isinstance(context, WriteContext)
    assert isinstance(start, Start)
    assert [str(note.file) for note in notes if isinstance(note, LeaveNote)] == list(start.argv[1:])
    assert [PurePath(item).name for item in start.argv[1:]] == [
        "SH010_v004.blend",
        "SH020_v004.blend",
        "SH030_v004.blend",
    ]
    assert (start.task_ids, plan.must_ask) == (("t11", "t12", "t13"), ())
    assert len(context.context["tasks"]) == 3  # type: ignore[arg-type]


def test_all_gives_one_file_and_the_whole_selection_to_an_application_that_takes_one() -> None:
    """Real: only the first task needs a file."""
    plan = planned(ALL, *SHOTS, facts=machine(ALL, *SHOTS, found={"t11": FOUND_3["t11"]}))

    _note, context, start = plan.steps
    assert isinstance(context, WriteContext)
    assert isinstance(start, Start)
    assert start.argv[2:] == ("/mnt/prod/BBB/shots/SQ010/SH010/animation/SH010_v004.blend",)
    assert start.task_ids == ("t11", "t12", "t13")
    assert len(context.context["tasks"]) == 3  # type: ignore[arg-type]


def test_tasks_that_are_left_out_are_in_the_plan() -> None:
    """Real: first takes one of two."""
    action = replace(OPEN, selection="first")

    plan = planned(action, SHOTS[0], SHOTS[1], facts=machine(action, SHOTS[0], found=FOUND_3))

    assert plan.left_out == (LeftOut("SQ010/SH020/Animation", "only the first task is taken"),)


def test_a_linux_machine_plans_for_windows() -> None:
    """Real: the whole argument list of another OS."""
    here = {
        "blender": Candidates((Installed("blender", "Blender", PureWindowsPath("C:/B/blender.exe"), "4.2", "found"),))
    }
    facts = machine(COPY, SHOT, os=OS.WINDOWS, apps=here, exist=["P:/templates/animation.blend"])

    plan = planned(COPY, SHOT, facts=facts)

    folder = r"P:\BBB\shots\SQ010\SH030\animation"
    assert plan.steps[0] == MakeFolder(PureWindowsPath(folder), PureWindowsPath("P:/"))
    assert starts(plan)[0].argv == (r"C:\B\blender.exe", "-Y", rf"{folder}\SH030_v001.blend")
    assert starts(plan)[0].env["KITSU_CONTEXT"] == r"C:\ctx\context.json"

"""Values to plan with: a shot, an asset, a person, a configuration, and what a machine has; each to be refined."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePath

from launcher.config.schema import AnyAction, App, Config, LaunchAction, Root, Server
from launcher.config.template import Template, parse
from launcher.model import (
    OS,
    Choice,
    Click,
    Entity,
    FrameRange,
    Json,
    Named,
    Person,
    Plan,
    Project,
    Resolution,
    Sender,
    Task,
    TaskType,
)
from launcher.plan import plan, wanted
from launcher.plan.found import Candidates, Installed
from launcher.plan.needs import Detail, Facts, FileState, RootState

NASTY = [
    "../../etc/passwd",
    "a/b\\c",
    "-rf",
    "--python-expr",
    "name with  spaces ",
    "quote\"and'apostrophe",
    "$(touch x)`y`;&|",
    "%PATH%^&calc",
    "CON",
    "aux.txt",
    "dot.",
    ".hidden",
    "tab\there",
    "line\nbreak",
    "Ünïcödé ñ",
    "cafe\u0301",
    "日本語カット",
    "عربي",
    "rtl\u202egpj.exe",
    "zero\u200bwidth",
    "emoji 🎬",
    "{project.name}",
    "<b>bold</b>",
    "x" * 160,
]
"""Names that the seed of the test studio's Zou has stored verbatim."""

PERSON = Person("p1", "zoe@studio.example", "Zoë", "Ní Bhriain", "user")
SERVER = Server(origins=("https://kitsu.example",), api="https://kitsu.example/api")
PROJECT = Project("pr1", "Big Buck Bunny", "BBB", "short", fps=25.0, resolution=Resolution(1920, 1080), ratio="16:9")
SHOT = Task(
    id="t1",
    name="main",
    project=PROJECT,
    entity=Entity("e1", "SH030", {"camera_lens": "35mm", "handles": 8, "hero": True, "cuts": [1]}),
    task_type=TaskType("tt1", "Animation", "anim", "Shot"),
    status=Named("s1", "wip"),
    sequence=Named("sq1", "SQ010"),
    frames=FrameRange(1001, 1102),
    fps=23.976,
    resolution=Resolution(2048, 858),
    assignees=(Named("p1", "Zoë Ní Bhriain"), Named("p2", "Art Ist")),
    priority=1,
)
ASSET = replace(
    SHOT,
    id="t2",
    entity=Entity("e2", "Robot"),
    task_type=TaskType("tt2", "Modeling", "", "Asset"),
    sequence=None,
    asset_type=Named("at1", "Characters"),
    frames=None,
    fps=25.0,
)
BLENDER = App(
    name="blender",
    title="Blender",
    opens=(".blend",),
    argv=("{args}", "{no_scripts}", "{file}"),
    no_scripts=("-Y",),
)
BLENDER_HERE = Installed("blender", "Blender", PurePath("/opt/blender/blender"), "4.2.3", "found")
SHOT_FILE = "{roots.prod}/{project.code}/{entity.path}/{task_type.name|slug}/{entity.name}_v{revision:03}.blend"
OPEN = LaunchAction(name="open", title="Open in Blender", app=("blender",), file=parse(SHOT_FILE))
CLICK = Click("open", ("t1",), Sender.FORM)
PATHS = {OS.LINUX: "/mnt/prod", OS.WINDOWS: "P:/", OS.MACOS: "/Volumes/prod"}


def named(task: Task, name: str) -> Task:
    """`task` on an entity of another name."""
    return replace(task, entity=replace(task.entity, name=name))


def at(task: Task, id: str, name: str) -> Task:
    """Another task like this one, on another entity."""
    return replace(task, id=id, entity=Entity(f"e-{id}", name))


def configured(*actions: AnyAction, apps: Iterable[App] = (BLENDER,), **root: object) -> Config:
    """A configuration with the root `prod`, refined by `root`."""
    prod = replace(Root(linux="/mnt/prod", windows="P:/", macos="/Volumes/prod", marker=".prod"), **root)  # type: ignore[arg-type]
    return Config(
        roots={"prod": prod}, apps={app.name: app for app in apps}, actions={action.name: action for action in actions}
    )


def machine(
    action: AnyAction,
    *tasks: Task,
    config: Config | None = None,
    os: OS = OS.LINUX,
    found: Mapping[str, tuple[tuple[str, ...], ...]] | None = None,
    exist: Iterable[str] = (),
    folders: Iterable[str] = (),
    real: Mapping[str, str] | None = None,
    apps: Mapping[str, Candidates] | None = None,
    away: str = "",
    environment: Mapping[str, str] | None = None,
    details: Mapping[str, Mapping[tuple[str, ...], Detail]] | None = None,
) -> Facts:
    """What a machine has: `found` below the searches, the files and folders that exist, links by `real`.

    `away` is why the root `prod` is not there.
    """
    config = config or configured(action)
    asked = wanted(action, tasks, PERSON, config, os, SERVER)
    exist, folders, real = set(exist), set(folders), real or {}
    paths = [
        *asked.files,
        *(
            search.folder.joinpath(*names, *inside)
            for id, search in asked.searches.items()
            for names in (found or {}).get(id, ())
            for inside in {(), search.inside}
        ),
    ]
    root = os.path(config.roots["prod"].on(os))
    return Facts(
        os=os,
        applications=apps if apps is not None else {"blender": Candidates((BLENDER_HERE,))},
        roots={"prod": RootState(root, not away, away, None if away else root)},
        found=found or {},
        files={
            path: FileState(
                path.as_posix() in exist | folders,
                os.path(real.get(path.as_posix(), str(path))),
                path.as_posix() in folders,
            )
            for path in paths
        },
        environment=environment or {"HOME": "/home/zoe", "PATH": "/usr/bin"},
        context_folder=os.path("C:/ctx" if os is OS.WINDOWS else "/ctx"),
        startup_folder=os.path("/startup"),
        settings=os.path("/home/zoe/config.toml"),
        details=details or {},
    )


def planned(
    action: AnyAction,
    *tasks: Task,
    facts: Facts | None = None,
    config: Config | None = None,
    choice: Choice | None = None,
) -> Plan:
    """The plan of a click on `tasks`, after an answer."""
    config = config or configured(action)
    facts = facts or machine(action, *tasks, config=config)
    return plan(action, tasks, PERSON, config, facts, facts.os, SERVER, "launch-1", replace(CLICK, choice=choice))


def template(text: str) -> Template:
    return parse(text)


def data(**values: Json) -> Task:
    """The shot with these values in Kitsu's metadata."""
    return replace(SHOT, entity=replace(SHOT.entity, data=values))

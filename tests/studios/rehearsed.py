"""What each click of a studio would do on one OS, as a dry-run prints it.

The configuration is read by the real loader, the plan made by the real planner; the disk and the installed programs are
what `clicks.toml` and `support.machines` list.
"""

import asyncio
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

from launcher.applications import Applications
from launcher.config.load import Loaded, load
from launcher.config.schema import AnyAction, Config, LaunchAction
from launcher.errors import LauncherError
from launcher.model import OS, Choice, Click, How, Person, Plan, Sender, Task
from launcher.paths import Folders
from launcher.plan import kitsus, of_kitsu, plan, wanted
from launcher.plan.found import Candidates
from launcher.plan.kin import Whereabouts
from launcher.plan.matching import Search, fits
from launcher.plan.needs import Detail, Facts, FileState, RootState, Wanted
from launcher.plan.page import describe
from launcher.plan.settled import Settled, Software
from tests.studios.cast import PEOPLE, TASKS
from tests.support import machines

STUDIOS = sorted(folder for folder in Path(__file__).parent.iterdir() if (folder / "studio.toml").is_file())
MACHINES = {OS.LINUX: machines.linux, OS.WINDOWS: machines.windows, OS.MACOS: machines.macos}
KEY = "a-key-of-more-than-sixteen-characters"


def studio(folder: Path, os: OS, home: Path) -> Loaded:
    """The configuration of one studio, as a machine with this OS reads it; `home` holds this program's own folders."""
    environ = {"KITSU_LAUNCHER_CONFIG": str(folder / "studio.toml"), "KITSU_LAUNCHER_KEY": KEY}
    return load(folders(home), os=os, hostname="fx-07.studio.example", environ=environ, keep_copy=False)


def folders(home: Path) -> Folders:
    return Folders(*(home for _field in Folders.__dataclass_fields__))


def rehearsals(folder: Path, loaded: Loaded, os: OS) -> str:
    """Every click of the studio, with its plan or the reason why not."""
    listed = tomllib.loads((folder / "clicks.toml").read_text("utf-8"))
    return "\n".join(_rehearsal(click, listed, loaded, os) for click in listed["click"])


def _rehearsal(click: Mapping[str, object], listed: Mapping[str, object], loaded: Loaded, os: OS) -> str:
    tasks = [TASKS[name] for name in click["tasks"]]
    person = PEOPLE[click.get("person", "zoe")]
    choice = Choice(How(click["choose"]), click.get("file", "")) if "choose" in click else None
    head = f"== {click['action']}: {', '.join(task.label for task in tasks)}" + (f" ({choice.how})" if choice else "")
    config = loaded.for_project(tasks[0].project)
    try:
        made = _planned(config.actions[click["action"]], tasks, person, config, os, listed, choice)
    except LauncherError as error:
        return "\n".join([head, *(f"   {line}" for line in error.lines())]) + "\n"
    choices = [f"choices: {', '.join(made.choices)}"] if made.choices else []
    return "\n".join([head, *(f"   {line}" for line in (*describe(made), *choices))]) + "\n"


def _planned(
    action: AnyAction,
    tasks: Sequence[Task],
    person: Person,
    config: Config,
    os: OS,
    listed: Mapping[str, object],
    choice: Choice | None,
) -> Plan:
    server = config.studio.servers[0]
    settled = {
        task.id: _settled(way, task, config, os, listed["kitsu"])
        for task, way in of_kitsu(action, tasks, person, config, os, server)
    }
    looked = wanted(action, tasks, person, config, os, server, choice, settled)
    known = _facts(looked, config, os, listed)
    click = Click(action.name, tuple(task.id for task in tasks), Sender.COMMAND, choice=choice)
    return plan(action, tasks, person, config, known, os, server, "launch-1", click, settled)


def _settled(action: LaunchAction, task: Task, config: Config, os: OS, answers: Mapping[str, object]) -> Settled:
    """What Kitsu would name: `answers` are its software table and its file tree's place, as `clicks.toml` has them."""
    softwares = {
        row["id"]: Software(row["id"], row["name"], row["short_name"], (row["ending"],)) for row in answers["softwares"]
    }
    app, software = kitsus.program(action, task, softwares, list(softwares), config.apps)
    place = answers["places"][f"{task.project.code}: {task.label}"]
    return kitsus.settle(action, task, config, os, app, software, (place, place), None)


def _facts(looked: Wanted, config: Config, os: OS, listed: Mapping[str, object]) -> Facts:
    """What the machine would see: the files of `disk`, those of `others` being another user's, and every program."""
    places = {name: root.on(os) for name, root in config.roots.items() if root.on(os)}
    disk = {_on(os, places, line) for line in listed["disk"] if line.partition("/")[0] in places}
    others = {_on(os, places, line) for line in listed.get("others", ()) if line.partition("/")[0] in places}
    standing = disk | {folder for path in disk for folder in path.parents}
    found = {id: tuple(_names(search, standing)) for id, search in looked.searches.items()}
    newest = {
        path
        for id, search in looked.searches.items()
        for one in found[id]
        for path in (search.folder.joinpath(*one), search.folder.joinpath(*one, *search.inside))
    }
    return Facts(
        os=os,
        applications=_applications(looked, config, os),
        roots={name: RootState(os.path(places[name]), True, real=os.path(places[name])) for name in looked.roots},
        found=found,
        files={path: FileState(path in standing, path, path in standing - disk) for path in {*looked.files, *newest}},
        details={
            id: {one: _detail(looked.searches[id].folder.joinpath(*one), others) for one in found[id]}
            for id in looked.details
        },
        whereabouts={id: Whereabouts(kin) for id, kin in looked.kins.items()},
        environment={"PATH": "/usr/bin"},
        context_folder=os.path("C:/launches/1" if os is OS.WINDOWS else "/launches/1"),
        startup_folder=os.path("C:/startup" if os is OS.WINDOWS else "/startup"),
        settings=os.path("config.toml"),
    )


def _on(os: OS, places: Mapping[str, str], line: str) -> PurePath:
    root, _slash, rest = line.partition("/")
    return os.path(places[root]) / rest


def _names(search: Search, standing: set[PurePath]) -> Iterator[tuple[str, ...]]:
    """What is below the search's folder and fits, as `facts` lists it."""
    below = (path.relative_to(search.folder).parts for path in sorted(standing) if path.is_relative_to(search.folder))
    for names in below:
        if len(names) == len(search.parts) and all(map(fits, search.parts, names)):
            yield names


def _detail(path: PurePath, others: set[PurePath]) -> Detail:
    mine = path not in others
    return Detail(modified=0.0, size_bytes=4096, owner="zoe" if mine else "ada", mine=mine)


def _applications(looked: Wanted, config: Config, os: OS) -> dict[str, Candidates]:
    """Found by the real search on a machine that has every program of the catalogue, and every wrapper."""
    with TemporaryDirectory() as home:
        search = Applications(folders(Path(home)), MACHINES[os]()[0], os)
        found = asyncio.run(search.find_all({name: config.apps[name] for name in looked.apps}))
    bin = "C:/bin" if os is OS.WINDOWS else "/usr/bin"
    return {
        name: replace(one, wrapper=os.path(bin) / looked.wrappers[name]) if name in looked.wrappers else one
        for name, one in found.items()
    }


def main() -> None:
    """Write every expected text anew."""
    for folder in STUDIOS:
        for os in OS:
            with TemporaryDirectory() as home:
                text = rehearsals(folder, studio(folder, os, Path(home)), os)
                (folder / f"{os}.txt").write_text(text, "utf-8")


if __name__ == "__main__":
    main()

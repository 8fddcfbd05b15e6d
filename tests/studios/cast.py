"""The tasks and people that the studios' clicks name: a feature, and a series with episodes and a main pack."""

from dataclasses import replace

from launcher.model import Entity, FrameRange, Named, Person, Project, Resolution, Task, TaskType

ZOE = Person("p1", "zoe@studio.example", "Zoë", "Ní Bhriain", "user")
VENDOR = Person("p2", "ext@vendor.example", "Ext", "Ern", "vendor")
PEOPLE = {"zoe": ZOE, "vendor": VENDOR}
FILM = Project("pr1", "Big Buck Bunny", "BBB", "short", fps=25.0, resolution=Resolution(1920, 1080))
FIRST = Project("pr2", "Tiny Tales", "TT1", "tvshow", fps=24.0, resolution=Resolution(1920, 1080))
SECOND = Project("pr3", "Tiny Tales 2", "TT2", "tvshow", fps=24.0, resolution=Resolution(3840, 2160))
DEPARTMENTS = {
    "Concept": "Concept",
    "Modeling": "Modeling",
    "Layout": "Layout",
    "Animation": "Animation",
    "FX": "FX",
    "Compositing": "Compositing",
}


def _shot(project: Project, sequence: str, name: str, work: str, episode: str = "", status: str = "wip") -> Task:
    key = f"{project.code}-{episode}{sequence}-{name}"
    return Task(
        id=f"t-{key}-{work}",
        name="main",
        project=project,
        entity=Entity(f"e-{key}", name),
        task_type=TaskType(f"tt-{work}", work, work[:4].lower(), "Shot"),
        status=Named(f"s-{status}", status),
        status_is_retake=status == "retake",
        department=Named(f"d-{work}", DEPARTMENTS[work]),
        sequence=Named(f"sq-{sequence}", sequence),
        episode=Named(f"ep-{episode}", episode) if episode else None,
        frames=FrameRange(1001, 1102),
        fps=project.fps,
        resolution=project.resolution,
    )


def _asset(project: Project, sort: str, name: str, work: str) -> Task:
    key = f"{project.code}-{sort}-{name}"
    return replace(
        _shot(project, "", name, work),
        id=f"t-{key}-{work}",
        entity=Entity(f"e-{key}", name),
        task_type=TaskType(f"tt-{work}-a", work, work[:4].lower(), "Asset"),
        sequence=None,
        asset_type=Named(f"at-{sort}", sort),
        frames=None,
    )


TASKS = {
    f"{task.project.code}: {task.label}": task
    for task in (
        _shot(FILM, "SQ010", "SH030", "Animation"),
        _shot(FILM, "SQ010", "SH040", "Animation", status="retake"),
        _shot(FILM, "SQ010", "SH030", "Layout"),
        _shot(FILM, "SQ010", "SH030", "FX"),
        _shot(FILM, "SQ010", "SH030", "Compositing"),
        _shot(FILM, "SQ010", "SH050: the door?", "Animation"),
        _asset(FILM, "Characters", "Robot", "Modeling"),
        _asset(FILM, "Characters", "Robot", "Concept"),
        _shot(FIRST, "SQ01", "SH010", "Animation", episode="E01"),
        _shot(FIRST, "SQ01", "SH020", "Animation", episode="E01"),
        _shot(SECOND, "SQ01", "SH010", "Animation", episode="E01"),
        _asset(FIRST, "Props", "Lamp", "Modeling"),
    )
}
"""By production and label, as `BBB: SQ010/SH030/Animation`."""

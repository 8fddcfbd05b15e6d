"""The catalogue's entries and small values of Kitsu, for tests of applications."""

from dataclasses import replace

from launcher.catalogue import load_catalogue
from launcher.config.convert import converter
from launcher.config.schema import App
from launcher.model import OS, Entity, FrameRange, Named, Person, Project, Resolution, Task, TaskType


def app(name: str, os: OS = OS.LINUX, **changes: object) -> App:
    """One entry as the configuration reads it, with a studio's changes."""
    entry = converter().structure({**load_catalogue(os)[name], "name": name}, App)
    return replace(entry, **changes)


PERSON = Person(id="p1", email="zoe@lunar.example", first_name="Zoë", last_name="Ní Bhriain", role="user")


def shot(**changes: object) -> Task:
    """A shot's task with everything that a shot can have."""
    task = Task(
        id="95c171e1-0000-4000-8000-000000000001",
        name="main",
        project=Project(
            id="project-1",
            name="Big Buck Bunny",
            code="bbb",
            production_type="tvshow",
            fps=25.0,
            resolution=Resolution(1920, 1080),
            ratio="16:9",
            data={"client": "Peach"},
        ),
        entity=Entity(id="entity-1", name="SH030", data={"frame_in": 1001, "lens": "35"}),
        task_type=TaskType(id="type-1", name="Animation", short_name="anim", for_entity="Shot"),
        status=Named("status-1", "wip"),
        sequence=Named("sequence-1", "SQ010"),
        episode=Named("episode-1", "E01"),
        frames=FrameRange(1001, 1096),
        fps=23.976,
        resolution=Resolution(2048, 858),
        assignees=(Named("p1", "Zoë Ní Bhriain"),),
        priority=2,
        due_date="2026-12-01",
    )
    return replace(task, **changes)

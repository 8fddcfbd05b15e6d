"""What each name of a template stands for: `launcher.plan.names`."""

from dataclasses import replace

from launcher.config.template import FREE, NAMES
from launcher.model import Entity, Named
from launcher.plan.names import names, shown
from tests.support.planned import ASSET, PERSON, SHOT, data, named

ROOTS = {"prod": "/mnt/prod"}


def test_a_shot_gives_a_value_to_each_name_it_has() -> None:
    """Real: every name, compared whole."""
    assert names(SHOT, PERSON, "https://kitsu.example", ROOTS) == {
        "server": "https://kitsu.example",
        "task.id": "t1",
        "task.name": "main",
        "task.status": "wip",
        "task.priority": 1,
        "task.assignees": "Zoë Ní Bhriain, Art Ist",
        "task_type.id": "tt1",
        "task_type.name": "Animation",
        "task_type.short_name": "anim",
        "frame_in": 1001,
        "frame_out": 1102,
        "fps": 23.976,
        "resolution": "2048x858",
        "width": 2048,
        "height": 858,
        "project.id": "pr1",
        "project.name": "Big Buck Bunny",
        "project.code": "BBB",
        "project.production_type": "short",
        "project.fps": 25.0,
        "project.resolution": "1920x1080",
        "project.ratio": "16:9",
        "entity.id": "e1",
        "entity.name": "SH030",
        "entity.type": "shot",
        "entity.path": "shots/SQ010/SH030",
        "sequence.id": "sq1",
        "sequence.name": "SQ010",
        "shot.name": "SH030",
        "person.id": "p1",
        "person.name": "Zoë Ní Bhriain",
        "person.email": "zoe@studio.example",
        "person.initials": "znb",
        "entity.data.camera_lens": "35mm",
        "entity.data.handles": 8,
        "entity.data.hero": "true",
        "roots.prod": "/mnt/prod",
    }


def test_every_name_that_is_given_is_one_that_a_template_may_use() -> None:
    """Real: the template's own list of names."""
    given = {**names(SHOT, PERSON, "s", ROOTS), **names(ASSET, PERSON, "s", ROOTS)}

    assert {name for name in given if name not in NAMES and not name.startswith(FREE)} == set()


def test_what_kitsu_leaves_empty_has_no_value() -> None:
    """Real: an asset without frames and with an empty short name."""
    given = names(ASSET, PERSON, "s", {})

    assert not {"frame_in", "frame_out", "task_type.short_name", "sequence.name", "shot.name"} & set(given)
    assert (given["asset.name"], given["asset_type.name"]) == ("Robot", "Characters")


def test_metadata_that_no_template_could_name_is_left_out() -> None:
    """Real: keys and values as Kitsu's free data may hold them."""
    task = data(**{"lens mm": 1, "1st": 2, "ok-key": 3, "list": [1], "none": None, "empty": "", "zero": 0})

    given = names(task, PERSON, "s", {})

    assert {name: value for name, value in given.items() if name.startswith("entity.data.")} == {
        "entity.data.ok-key": 3,
        "entity.data.zero": 0,
    }


def test_a_shot_of_an_episode_lies_in_its_folder() -> None:
    """Real: the paths of every kind of entity."""
    episode, of = Named("ep1", "E01"), SHOT.task_type
    kinds = {
        kind: replace(SHOT, episode=episode, sequence=None, task_type=replace(of, for_entity=kind))
        for kind in ("Sequence", "Episode", "Edit", "Concept")
    }

    assert names(replace(SHOT, episode=episode), PERSON, "s", {})["entity.path"] == "shots/E01/SQ010/SH030"
    assert names(replace(ASSET, episode=episode), PERSON, "s", {})["entity.path"] == "assets/Characters/Robot"
    assert {kind: names(task, PERSON, "s", {})["entity.path"] for kind, task in kinds.items()} == {
        "Sequence": "sequences/E01/SH030",
        "Episode": "episodes/SH030",
        "Edit": "edits/E01/SH030",
        "Concept": "concepts/E01/SH030",
    }


def test_an_episode_is_not_its_own_folder() -> None:
    """Real: Kitsu names an episode's own episode."""
    task = replace(SHOT, entity=Entity("ep1", "E01"), episode=Named("ep1", "E01"), sequence=None)
    task = replace(task, task_type=replace(task.task_type, for_entity="Edit"))

    assert names(task, PERSON, "s", {})["entity.path"] == "edits/E01"


def test_each_part_of_the_entitys_path_is_cleaned() -> None:
    """Real: names that would be ways up."""
    task = replace(named(SHOT, "../x"), sequence=Named("sq1", "../SQ/1"))

    assert names(task, PERSON, "s", {})["entity.path"] == "shots/__SQ_1/__x"


def test_without_a_sequence_a_shot_has_no_path() -> None:
    """Real: a shot whose sequence is missing, and a name of which nothing is left."""
    assert "entity.path" not in names(replace(SHOT, sequence=None), PERSON, "s", {})
    assert "entity.path" not in names(named(SHOT, ".."), PERSON, "s", {})


def test_a_whole_rate_is_shown_without_its_point() -> None:
    """Real: rates as Kitsu has them."""
    assert [shown(value) for value in (25.0, 23.976, 8, "25.0")] == ["25", "23.976", "8", "25.0"]

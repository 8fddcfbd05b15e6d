"""Kitsu's JSON as values: what people typed, what was never set, what is nonsense. Pure."""

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.kitsu import reading
from launcher.kitsu.failures import KitsuError
from launcher.kitsu.tasks import episode_wanted, from_full
from launcher.model import FrameRange, Named, Resolution

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        (25, 25.0),
        (23.976, 23.976),
        ("23.976", 23.976),
        ("23,976", 23.976),
        (" 24 ", 24.0),
        ("", None),
        (None, None),
        ("25 fps", None),
        (0, None),
        (-24, None),
        (True, None),
        ("1e3", None),
        ("٢٥", None),
        (10**400, None),
        ("9" * 5000, None),
        ([], None),
        ({}, None),
    ],
)
def test_frames_per_second_are_read_however_they_were_typed(value: Any, rate: float | None) -> None:
    """Values in, values out."""
    assert reading.frames_per_second(value) == rate


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("1920x1080", Resolution(1920, 1080)),
        (" 2048 X 858 ", Resolution(2048, 858)),
        ("1920×1080", Resolution(1920, 1080)),
        ("0x1080", None),
        ("1920", None),
        ("999999x1", None),
        ("", None),
        (None, None),
        (1920, None),
    ],
)
def test_a_resolution_is_read_however_it_was_typed(value: Any, size: Resolution | None) -> None:
    """Values in, values out."""
    assert reading.resolution(value) == size


@pytest.mark.parametrize(
    ("frame_in", "frame_out", "count", "range_"),
    [
        (1001, 1100, 5, FrameRange(1001, 1100)),
        ("1001", "1100", None, FrameRange(1001, 1100)),
        (1001.0, " 1100 ", None, FrameRange(1001, 1100)),
        (-10, 0, None, FrameRange(-10, 0)),
        (7, 7, None, FrameRange(7, 7)),
        (None, None, 48, FrameRange(1, 48)),
        ("", "", 48, FrameRange(1, 48)),
        (1001, None, 48, FrameRange(1001, 1048)),
        (None, 48, 48, None),
        (None, None, 0, None),
        (None, None, None, None),
        (100, 1, 48, None),
        ("abc", "1100", None, None),
        (1.5, 2, None, None),
        (10**30, 10**31, None, None),
    ],
)
def test_a_frame_range_is_the_pair_else_the_count(
    frame_in: Any, frame_out: Any, count: Any, range_: FrameRange | None
) -> None:
    """Values in, values out: the pair wins over `nb_frames`."""
    assert reading.frame_range(frame_in, frame_out, count) == range_


@given(JSON, JSON, JSON)
def test_whatever_stands_in_free_data_never_fails(one: Any, two: Any, three: Any) -> None:
    """Generated values: nonsense counts as absent."""
    found = reading.frame_range(one, two, three)
    assert found is None or found.first <= found.last
    reading.frames_per_second(one)
    reading.resolution(two)


def full(for_entity: str = "Shot") -> dict[str, Any]:
    """An answer of `/full`, cut down to what is read."""
    return {
        "id": "t",
        "name": "main",
        "priority": 0,
        "due_date": None,
        "entity": {"id": "e", "name": "SH030", "data": None, "nb_frames": None, "source_id": None, "parent_id": "s"},
        "project": {"id": "p", "name": "Lab", "code": None, "fps": "25", "resolution": "1920x1080", "ratio": "16:9"},
        "task_type": {"id": "k", "name": "Animation", "short_name": "", "for_entity": for_entity},
        "task_status": {"id": "z", "name": "Todo", "short_name": "todo"},
        "entity_type": {"id": "y", "name": "Shot"},
        "persons": [{"id": "b", "full_name": "Zoë"}, {"id": "a", "full_name": "Art "}],
        "sequence": {"id": "s", "name": "SQ01"},
    }


def test_what_was_never_set_is_empty_or_none() -> None:
    """Values in, values out: no code, no short name, no frames, no data, no episode."""
    task = from_full(full())

    assert (task.project.code, task.project.production_type, task.task_type.short_name) == ("", "", "")
    assert (task.frames, task.episode, task.asset_type, task.due_date) == (None, None, None, None)
    assert dict(task.entity.data) == {}
    assert (task.fps, task.resolution) == (25.0, Resolution(1920, 1080))
    assert task.assignees == (Named("a", "Art"), Named("b", "Zoë"))


def test_a_person_who_typed_nonsense_into_a_shot_gets_the_projects_values() -> None:
    """Values in, values out."""
    answer = full()
    answer["entity"]["data"] = {"fps": "fast", "resolution": "big", "frame_in": "?", "frame_out": []}

    task = from_full(answer)

    assert (task.fps, task.resolution, task.frames) == (25.0, Resolution(1920, 1080), None)


@pytest.mark.parametrize(
    ("kind", "entity", "wanted"),
    [
        ("Asset", {"source_id": "ep", "parent_id": None}, "ep"),
        ("Asset", {"source_id": None}, None),
        ("Edit", {"parent_id": "ep"}, "ep"),
        ("Shot", {"source_id": "x", "parent_id": "s"}, None),
        ("Sequence", {"parent_id": "ep"}, None),
    ],
)
def test_the_episode_that_full_leaves_out_is_known_by_its_id(kind: str, entity: Any, wanted: str | None) -> None:
    """Values in, values out."""
    assert episode_wanted(entity, kind) == wanted


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("id", 7, "task.id that is not a text"),
        ("entity", [], "task.entity that is not an object"),
        ("entity.name", None, "entity.name that is not a text"),
        ("entity.data", "x", "entity.data that is not an object"),
        ("project.name", {}, "project.name that is not a text"),
        ("project.code", 3, "project.code that is not a text"),
        ("task_type.for_entity", True, "task_type.for_entity that is not a text"),
        ("persons", {}, "task.persons that is not a list"),
        ("priority", "high", "task.priority that is not a whole number"),
        ("sequence", 4, "task.sequence that is not an object"),
    ],
)
def test_a_wrong_type_is_told_by_its_field(path: str, value: Any, told: str) -> None:
    """Values in: one field of a good answer is replaced."""
    answer = full()
    *before, last = path.split(".")
    place = answer
    for key in before:
        place = place[key]
    place[last] = value

    with pytest.raises(KitsuError) as caught:
        from_full(answer)

    assert str(caught.value) == (
        f"Kitsu answered with {told}.\n"
        "  next   Check that studio.servers names a Kitsu; if it does, report this with Kitsu's version."
    )


@given(st.sampled_from([*json.loads(json.dumps(full()))]), JSON)
def test_any_value_in_any_field_is_a_task_or_an_error_of_ours(field: str, value: Any) -> None:
    """Generated values for each field of an answer."""
    answer = copy.deepcopy(full())
    answer[field] = value
    with contextlib.suppress(KitsuError):
        from_full(answer)

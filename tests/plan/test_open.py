"""The plan of kind `open`: a folder or an address: `launcher.plan.open`."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from launcher.config.schema import OpenAction
from launcher.config.template import parse
from launcher.errors import LauncherError, Refused
from launcher.model import OS, OpenFolder, OpenUrl
from launcher.plan import wanted
from launcher.plan.needs import Wanted
from tests.support.planned import PERSON, SERVER, SHOT, at, configured, machine, named, planned

FOLDER = OpenAction(name="folder", title="Open folder", folder=parse("{roots.prod}/{project.code}/{entity.path}"))
WIKI = OpenAction(name="wiki", title="Open wiki", url=parse("https://wiki.example/{project.name}?q={entity.name}"))
HERE = "/mnt/prod/BBB/shots/SQ010/SH030"


def test_a_folder_that_is_there_is_opened() -> None:
    """Real: the whole plan."""
    plan = planned(FOLDER, SHOT, facts=machine(FOLDER, SHOT, folders=[HERE]))

    assert plan.steps == (OpenFolder(PurePosixPath(HERE), PurePosixPath("/mnt/prod")),)
    assert plan.must_ask == ()


@pytest.mark.parametrize(("exist", "told"), [([], "is not there"), ([HERE], "is a file")])
def test_a_folder_that_is_not_there_is_told_and_not_made(exist: list[str], told: str) -> None:
    """Real: the whole text; a file in its place is no folder either."""
    with pytest.raises(LauncherError) as raised:
        planned(FOLDER, SHOT, facts=machine(FOLDER, SHOT, exist=exist))

    assert str(raised.value) == (
        "SQ010/SH030/Animation has no folder yet.\n"
        f"  tried  {HERE}: {told}\n"
        "  next   Make it, or save a first working file with another action."
    )
    assert raised.value.exit_code == 4


def test_a_folder_needs_its_root_and_must_stay_in_it() -> None:
    """Real: a root that is away, a link that leads out."""
    for facts in (
        machine(FOLDER, SHOT, away="is not there"),
        machine(FOLDER, SHOT, folders=[HERE], real={HERE: "/home/eve"}),
    ):
        with pytest.raises(LauncherError) as raised:
            planned(FOLDER, SHOT, facts=facts)
        assert raised.value.code in ("root", "outside root")


def test_only_the_folder_is_looked_at_and_nothing_for_an_address() -> None:
    """Real: the whole wishes."""
    config = configured(FOLDER, WIKI)

    assert wanted(FOLDER, [SHOT], PERSON, config, OS.LINUX, SERVER) == Wanted(
        roots=("prod",), files={PurePosixPath(HERE): "prod"}
    )
    assert wanted(WIKI, [SHOT], PERSON, config, OS.LINUX, SERVER) == Wanted()


def test_an_address_is_opened_with_encoded_values() -> None:
    """Real: a name that would change the address."""
    plan = planned(WIKI, named(SHOT, "a&b#c/../d"))

    assert plan.steps == (OpenUrl("https://wiki.example/Big%20Buck%20Bunny?q=a%26b%23c%2F..%2Fd"),)


def test_each_opens_one_for_each_task_and_asks() -> None:
    """Real: two addresses."""
    plan = planned(replace(WIKI, selection="each"), at(SHOT, "t1", "A"), at(SHOT, "t2", "B"))

    assert [step.url[-1] for step in plan.steps if isinstance(step, OpenUrl)] == ["A", "B"]
    assert plan.must_ask == ("opens 2 addresses",)


def test_tasks_of_one_entity_share_their_folder() -> None:
    """Real: two tasks of one shot."""
    action, two = replace(FOLDER, selection="each"), (SHOT, replace(SHOT, id="t9"))

    plan = planned(action, *two, facts=machine(action, *two, folders=[HERE]))

    assert (len(plan.steps), plan.must_ask) == (1, ())


def test_each_keeps_its_limit() -> None:
    """Real: one more than the limit."""
    with pytest.raises(Refused) as raised:
        planned(replace(WIKI, selection="each", limit=1), at(SHOT, "t1", "A"), at(SHOT, "t2", "B"))

    assert raised.value.code == "limit"


def test_a_missing_value_names_the_key() -> None:
    """Real: a shot has no asset type."""
    for key, action in (
        ("actions.wiki.url", replace(WIKI, url=parse("https://wiki.example/{asset_type.name}"))),
        ("actions.folder.folder", replace(FOLDER, folder=parse("{roots.prod}/{asset_type.name}"))),
    ):
        with pytest.raises(LauncherError) as raised:
            planned(action, SHOT)
        assert getattr(raised.value, "key", None) == key

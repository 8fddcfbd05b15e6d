"""The debug page, and plans in words: `launcher.plan.page`."""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, cast

import pytest

from launcher.config.schema import CopyFrom, OpenAction, PageAction
from launcher.config.template import NAMES, parse
from launcher.errors import LauncherError, NotFoundHere
from launcher.model import Click, LeftOut, OpenFolder, OpenUrl, Plan, Sender, ShowPage
from launcher.plan import wanted
from launcher.plan.names import names
from launcher.plan.naming import text
from launcher.plan.needs import Wanted
from launcher.plan.page import Steps, debug, describe, steps
from tests.support.planned import ASSET, OPEN, PERSON, SERVER, SHOT, configured, machine, named, planned

PAGE = PageAction(name="debug", title="What is known")
CLICK = Click("debug", ("t1",), Sender.FORM, received=(("selection", "t1,t2"), ("personemail", "zoe@studio.example")))
ROOTS = {"prod": "/mnt/prod"}


def content(plan: Plan) -> dict[str, Any]:
    step = plan.steps[0]
    assert isinstance(step, ShowPage)
    assert (step.page, len(plan.steps)) == ("debug", 1)
    return cast(dict[str, Any], step.content)


def leaves(plan: Plan, task: int = 0) -> dict[str, Any]:
    return {leaf["name"]: leaf for leaf in content(plan)["tree"][task]["leaves"]}


def test_the_debug_page_has_every_name_of_every_task() -> None:
    """Real: the documented names, with the metadata and the roots of this studio beside them."""
    plan = debug(PAGE, [SHOT, ASSET], PERSON, SERVER, ROOTS, CLICK)

    assert [tree["task"] for tree in content(plan)["tree"]] == ["SQ010/SH030/Animation", "Characters/Robot/Modeling"]
    free = {"entity.data.camera_lens", "entity.data.handles", "entity.data.hero", "roots.prod"}
    assert set(leaves(plan)) == (set(NAMES) - {"revision"}) | free
    assert leaves(plan)["sequence.name"] == {
        "name": "sequence.name",
        "label": "name of the sequence of a shot",
        "group": "sequence",
        "value": "SQ010",
    }
    assert leaves(plan)["roots.prod"] == {
        "name": "roots.prod",
        "label": "path of a root on this machine",
        "group": "roots",
        "value": "/mnt/prod",
    }
    assert leaves(plan, 1)["sequence.name"]["value"] is None


def test_every_leaf_shows_what_its_template_yields() -> None:
    """Real: each name of the page as a template."""
    shown = leaves(debug(PAGE, [SHOT], PERSON, SERVER, ROOTS, CLICK))
    values = names(SHOT, PERSON, "https://kitsu.example", ROOTS)

    for name, leaf in shown.items():
        if leaf["value"] is not None:
            assert text(parse("{" + name + "}"), values) == leaf["value"]


def test_the_leaves_come_in_groups() -> None:
    """Real: the order of the page."""
    tree = content(debug(PAGE, [SHOT], PERSON, SERVER, ROOTS, CLICK))["tree"][0]

    assert list(dict.fromkeys(leaf["group"] for leaf in tree["leaves"])) == [
        "task", "task type", "project", "entity", "asset type", "sequence", "episode", "shot", "asset", "person",
        "frames", "server", "entity data", "roots",
    ]  # fmt: skip


def test_it_shows_the_click_the_person_and_what_each_action_would_do() -> None:
    """Real: a plan of kind open, and a reason."""
    outcomes: list[tuple[str, str, Plan | LauncherError]] = [
        ("wiki", "Wiki", Plan((OpenUrl("https://wiki.example/x"),))),
        ("open", "Open", NotFoundHere("It is not here.", tried=["/opt/x"], next_step="Install it.")),
    ]

    page = content(debug(PAGE, [SHOT], PERSON, SERVER, ROOTS, CLICK, outcomes))

    assert {key: value for key, value in page.items() if key != "tree"} == {
        "received": [["selection", "t1,t2"], ["personemail", "zoe@studio.example"]],
        "sender": "form",
        "person": {"name": "Zoë Ní Bhriain", "email": "zoe@studio.example", "role": "user"},
        "server": "https://kitsu.example",
        "actions": [
            {"name": "wiki", "title": "Wiki", "would": ["open https://wiki.example/x"]},
            {
                "name": "open",
                "title": "Open",
                "would": ["It is not here.", "  tried  /opt/x", "  next   Install it."],
            },
        ],
    }


def test_hostile_names_are_shown_on_one_line_and_bounded() -> None:
    """Real: a line break, a bidi override, a very long name, and markup, which the page escapes."""
    value = leaves(debug(PAGE, [named(SHOT, "<b>\n\u202ex")], PERSON, SERVER, ROOTS, CLICK))["entity.name"]["value"]
    longest = leaves(debug(PAGE, [named(SHOT, "x" * 9000)], PERSON, SERVER, ROOTS, CLICK))["entity.name"]["value"]

    assert value == "<b>x"
    assert (len(longest), longest[-1]) == (2000, "…")


def test_a_page_filters_like_every_action() -> None:
    """Real: one of two fits, and then none."""
    action = replace(PAGE, entity_types=("asset",))

    plan = debug(action, [SHOT, ASSET], PERSON, SERVER, ROOTS, CLICK)

    assert plan.left_out == (LeftOut("SQ010/SH030/Animation", "its entity type is shot, not asset"),)
    with pytest.raises(LauncherError, match="does not fit"):
        debug(action, [SHOT], PERSON, SERVER, ROOTS, CLICK)


def test_a_page_needs_nothing_of_this_machine() -> None:
    """Real: the way by `plan` gives the same page, without other actions."""
    config = configured(PAGE)

    assert wanted(PAGE, [SHOT], PERSON, config, machine(PAGE, SHOT).os, SERVER) == Wanted()
    assert content(planned(PAGE, SHOT))["actions"] == []


def test_a_plan_in_words_has_a_line_for_each_step() -> None:
    """Real: a whole launch on a first working file, from a selection of two."""
    template = "/mnt/prod/templates/it's.blend"
    action = replace(OPEN, selection="first", when_missing=CopyFrom(copy=parse("{roots.prod}/templates/it's.blend")))

    plan = planned(action, SHOT, ASSET, facts=machine(action, SHOT, exist=[template]))

    folder = "/mnt/prod/BBB/shots/SQ010/SH030/animation"
    assert describe(plan) == (
        f"make folder {folder}",
        f"leave a note beside {folder}/SH030_v001.blend that you have it open",
        f"copy {template} to {folder}/SH030_v001.blend",
        "write context file /ctx/context.json",
        f"start Blender 4.2.3: /opt/blender/blender -Y {folder}/SH030_v001.blend",
        "leave out Characters/Robot/Modeling: only the first task is taken",
    )
    assert steps(plan) == Steps(
        main=(
            f"copy {template} to {folder}/SH030_v001.blend",
            f"start Blender 4.2.3: /opt/blender/blender -Y {folder}/SH030_v001.blend",
        ),
        small=(
            f"make folder {folder}",
            f"leave a note beside {folder}/SH030_v001.blend that you have it open",
            "write context file /ctx/context.json",
        ),
    )


def test_the_other_steps_warnings_and_questions_in_words() -> None:
    """Real: every sort of line that a launch has not."""
    root = PurePosixPath("/mnt/prod")
    plan = Plan(
        (OpenFolder(root / "a b", root), OpenUrl("https://x.example/"), ShowPage("debug", {})),
        warnings=("Kitsu is\naway.",),
        must_ask=("opens 2 windows of Blender",),
    )

    assert describe(plan) == (
        "open folder /mnt/prod/a b",
        "open https://x.example/",
        "show page debug",
        "warning: Kitsu isaway.",
        "asks first: opens 2 windows of Blender",
    )


def test_arguments_in_words_could_be_pasted_into_a_shell() -> None:
    """Real: a name with blanks and quotes."""
    task = named(SHOT, "it's; rm -rf")
    found = {"t1": (("it's; rm -rf_v001.blend",),)}

    line = describe(planned(OPEN, task, facts=machine(OPEN, task, found=found)))[-1]

    assert line.endswith("""rm -rf_v001.blend'""")
    assert "'\"'\"'" in line


def test_an_open_action_in_words() -> None:
    """Real: the plan that the question would show."""
    wiki = OpenAction(name="wiki", title="Wiki", url=parse("https://wiki.example/{entity.name}"))

    assert describe(planned(wiki, SHOT)) == ("open https://wiki.example/SH030",)

"""Several tasks in one click: which are taken, into how many processes, and what is said of the others."""

import re
import time
from urllib.parse import urlencode

from tests.support.desktop import wait_until
from tests.support.requests import own_page
from tests.support.studio import SAMPLE_ACTION, Studio

SHOTS = ("Animation SH010", "Animation SH020", "Animation SH030")
LABELS = ["SQ01/SH010/Animation", "SQ01/SH020/Animation", "SQ01/SH030/Animation"]
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def answer(studio: Studio, launch_id: str, word: str) -> None:
    """Press a button of a question's page, as its script does."""
    (once,) = re.findall(r'name="once" value="([0-9a-f]{32})"', studio.page(launch_id))
    body = urlencode({"once": once, "answer": word}).encode()
    sent = studio.send(own_page(studio.daemon.port, "POST", f"/launches/{launch_id}/answer", body))
    assert sent.status == 303, sent.text


def test_one_refuses_more_and_names_them(studio: Studio):
    """Real: Zou, the daemon."""
    launch = studio.wait(studio.click("sample", *SHOTS), "refused")

    assert launch["error"] == {
        "code": "selection",
        "exit_code": 3,
        "problem": "Open in Sample takes one task, and 3 are selected.",
        "tried": LABELS,
        "next": "Select one of them, and click again.",
    }
    assert studio.applications() == []


def test_first_takes_one_and_names_the_others(studio: Studio):
    """Real: Zou, the daemon, a started program."""
    studio.write(SAMPLE_ACTION + 'selection = "first"')

    launch = studio.done("sample", *SHOTS)

    assert launch["tasks"] == LABELS
    assert launch["left_out"] == [{"task": task, "reason": "only the first task is taken"} for task in LABELS[1:]]
    (started,) = studio.answers()
    assert started["env"]["KITSU_ENTITY_NAME"] == "SH010"
    page = studio.page(launch["id"])
    assert all(f"{task}: only the first task is taken" in page for task in LABELS[1:])


def test_each_asks_above_one_and_starts_one_process_for_each_task(studio: Studio):
    """Real: Zou, the daemon, the question's own form, started programs."""
    studio.write(SAMPLE_ACTION + 'selection = "each"\nlimit = 3')

    launch = studio.wait(studio.click("sample", *SHOTS), "asks")

    assert launch["question"]["reasons"] == ["opens 3 windows of Sample"]
    assert studio.applications() == []
    answer(studio, launch["id"], "yes")
    studio.wait(launch["id"], "running")
    started = studio.answers(3)
    assert sorted(one["env"]["KITSU_ENTITY_NAME"] for one in started) == ["SH010", "SH020", "SH030"]
    assert len({one["env"]["KITSU_CONTEXT"] for one in started}) == 3
    assert sorted(one["pid"] for one in started) == sorted(studio.applications())


def test_a_no_starts_nothing(studio: Studio):
    """Real: Zou, the daemon, the question's own form."""
    studio.write(SAMPLE_ACTION + 'selection = "each"')
    launch = studio.wait(studio.click("sample", *SHOTS), "asks")

    answer(studio, launch["id"], "no")

    assert studio.wait(launch["id"], "refused")["error"]["problem"] == "Nothing was started: the answer was no."
    assert studio.applications() == []
    assert list(studio.prod.iterdir()) == [studio.prod / ".prod"]


def test_each_of_a_single_task_does_not_ask(studio: Studio):
    """Real: Zou, the daemon, a started program."""
    studio.write(SAMPLE_ACTION + 'selection = "each"')

    studio.done("sample", SHOTS[0])

    assert studio.answers()[0]["env"]["KITSU_SHOT"] == "SH010"


def test_more_than_the_limit_are_refused_and_none_is_cut_off(studio: Studio):
    """Real: Zou, the daemon."""
    studio.write(SAMPLE_ACTION + 'selection = "each"\nlimit = 2')

    launch = studio.wait(studio.click("sample", *SHOTS), "refused")

    assert launch["error"] == {
        "code": "limit",
        "exit_code": 3,
        "problem": "Open in Sample takes at most 2 tasks at once, and 3 are selected.",
        "tried": LABELS,
        "next": "Select at most 2, or ask your studio to raise actions.sample.limit.",
    }
    assert studio.applications() == []


def test_all_tells_one_process_of_every_task(studio: Studio):
    """Real: Zou asked by lists, the daemon, a started program, its context file."""
    studio.write(SAMPLE_ACTION + 'selection = "all"\nlimit = 10')
    tasks = (*SHOTS, "Rendering SH010", "Modeling Robot")

    launch = studio.done("sample", *tasks)

    (started,) = studio.answers()
    assert launch["processes"][0]["tasks"] == [studio.zou.task(task) for task in tasks]
    assert started["env"]["KITSU_ENTITY_NAME"] == "SH010"
    assert started["argv"][1:] == []


def test_tasks_that_do_not_fit_are_left_out_and_named(studio: Studio):
    """Real: Zou, the daemon, a started program."""
    studio.write(SAMPLE_ACTION + 'entity_types = ["shot"]\ntask_types = ["animation"]')

    launch = studio.done("sample", "Modeling Robot", "Rendering SH010", "Animation SH020")

    assert launch["left_out"] == [
        {"task": "Characters/Robot/Modeling", "reason": "its entity type is asset, not shot"},
        {"task": "SQ01/SH010/Rendering", "reason": "its task type is Rendering, not animation"},
    ]
    assert studio.answers()[0]["env"]["KITSU_ENTITY_NAME"] == "SH020"


def test_when_none_fits_all_are_named(studio: Studio):
    """Real: Zou, the daemon."""
    studio.write(SAMPLE_ACTION + 'entity_types = ["shot"]')

    launch = studio.wait(studio.click("sample", "Modeling Robot", "Modeling Lamp"), "refused")

    assert launch["error"]["problem"] == "None of the 2 selected tasks fits Open in Sample."
    assert launch["error"]["tried"] == [
        "Characters/Robot/Modeling: its entity type is asset, not shot",
        "Props/Lamp/Modeling: its entity type is asset, not shot",
    ]


def test_a_task_that_is_gone_is_named_and_the_rest_goes_on(studio: Studio):
    """Real: Zou, the daemon, a started program."""
    launch = studio.done("sample", UNKNOWN, "Animation SH010")

    reason = "unknown to Kitsu, or not visible to Art Ist"
    assert launch["left_out"] == [{"task": UNKNOWN, "reason": reason}]
    assert f"{UNKNOWN}: {reason}" in studio.page(launch["id"])
    assert studio.answers()[0]["env"]["KITSU_ENTITY_NAME"] == "SH010"


def test_a_role_that_may_not_is_told_so(studio: Studio):
    """Real: Zou, the daemon."""
    studio.write(SAMPLE_ACTION + 'roles = ["supervisor", "manager"]')

    launch = studio.wait(studio.click("sample", "Animation SH010"), "refused")

    assert (launch["error"]["problem"], launch["error"]["tried"]) == (
        "Open in Sample is not for you.",
        ["Art Ist: user in Kitsu; it is for supervisor or manager"],
    )


def test_a_click_before_the_login_waits_and_goes_on_by_itself(studio_without_daemon: Studio):
    """Real: Zou, the daemon, the command line, a started program."""
    studio = studio_without_daemon
    studio.start()
    launch_id = studio.click("sample", "Animation SH010")
    wait_until(lambda: studio.launch(launch_id)["waiting_for"] == studio.kitsu.origin, 10, "a click that waits")
    page = studio.page(launch_id)
    assert "Log in to Kitsu" in page
    assert f"This click waits for {studio.artist.email} to log in to {studio.kitsu.origin}" in page

    studio.login()

    assert studio.wait(launch_id, "running")["person"] == "Art Ist"
    assert studio.answers()[0]["env"]["KITSU_PERSON_EMAIL"] == studio.artist.email


def test_a_click_of_somebody_else_waits_for_her_and_for_nobody_else(studio: Studio):
    """Real: Zou, the daemon. Kitsu is open as the artist; only a teammate is logged in here, and logs in again."""
    studio.daemon.cli("logout")
    studio.login("teammate")

    launch_id = studio.click("sample", "Animation SH010")
    wait_until(lambda: studio.launch(launch_id)["waiting_for"] == studio.kitsu.origin, 10, "a click that waits")
    studio.login("teammate")
    time.sleep(1)
    assert studio.launch(launch_id)["state"] == "preparing"
    assert studio.applications() == []
    studio.login()

    assert studio.wait(launch_id, "running")["person"] == "Art Ist"

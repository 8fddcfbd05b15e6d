"""What is judged from facts that were read: values in, findings out."""

from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import pytest

from launcher.config.files import Source
from launcher.config.problems import Problem
from launcher.config.schema import LaunchAction, PageAction, Root, Server
from launcher.doctor import applications, browsers, kitsu, links, roots, session, studio
from launcher.doctor.finding import Finding, Level, bad, good, of_error, unanswered, warning, worst
from launcher.kitsu.failures import NotLoggedIn
from launcher.listening import PortTaken
from launcher.model import OS, Person
from launcher.plan.found import Candidates, Installed, Rejected
from launcher.plan.needs import RootState
from launcher.system import Browser, Links, Shared
from tests.support.catalogue import app

KITSU = "https://kitsu.lunar.example"
SERVER = Server(origins=(KITSU,), api=f"{KITSU}/api")
ANA = Person("p1", "ana@lunar.example", "Ana", "Brandt", "user")


# -- findings --------------------------------------------------------------------------------------------------------
def test_a_finding_goes_through_json_and_back():
    found = warning("tray", "Nothing shows icons.", "Add a tray.", ["looked at X11"])

    assert Finding.from_json(found.as_json()) == found
    assert found.as_json() == {
        "key": "tray",
        "level": "warning",
        "title": "Nothing shows icons.",
        "cure": "Add a tray.",
        "details": ["looked at X11"],
    }


def test_the_worst_of_some_findings():
    assert worst([]) is Level.GOOD
    assert worst([good("a", "A."), warning("b", "B.", "C.")]) is Level.WARNING
    assert worst([good("a", "A."), bad("b", "B.", "C."), warning("b", "B.", "C.")]) is Level.BAD


def test_an_error_of_another_part_speaks_for_itself():
    error = NotLoggedIn("Nobody is here.", tried=["the keyring"], next_step="Log in.")

    assert of_error("login", error) == bad("login", "Nobody is here.", "Log in.", ["the keyring"])


def test_what_does_not_answer_is_no_reason_to_say_it_is_broken():
    assert unanswered("tray").level is Level.WARNING


# -- this session ----------------------------------------------------------------------------------------------------
def test_without_a_daemon_clicks_reach_nobody():
    assert session.daemon(None, "1.2") == bad(
        "daemon",
        "No daemon runs: a click in Kitsu reaches nobody. This was looked at without one.",
        "Start it: `kitsu-launcher` shows the dashboard and an icon, `kitsu-launcher serve` runs in a terminal.",
    )
    assert session.daemon(7, "1.2") == good("daemon", "Kitsu Launcher 1.2 runs.", ["process 7"])


def test_the_port():
    trouble = PortTaken("Port 24517 is taken.", tried=["held by user zoe"], next_step="Wait.")

    assert session.port(1, None, 1, running=True) == good("port", "Port 1 is ours.")
    assert session.port(1, None, 1, running=False) == good("port", "Port 1 is free.")
    assert session.port(1, trouble, 1, running=True) == bad(
        "port", "Port 24517 is taken.", "Wait.", ["held by user zoe"]
    )
    assert session.port(2, None, 1, running=True) == warning(
        "port",
        "Kitsu Launcher listens on port 2 here, and the studio's actions go to 1.",
        "Run `kitsu-launcher quit`, then `kitsu-launcher`: the studio's port counts from the next start on.",
    )


def test_icons():
    assert session.tray("X11", running=True, icon=True) == good("tray", "Icons are shown in this session.", ["X11"])
    assert session.tray("", running=True, icon=False) == good("tray", "The daemon was started without an icon.")
    assert session.tray("", running=False, icon=False) == warning(
        "tray",
        "Nothing in this session shows icons.",
        "All works without one: `kitsu-launcher` shows the dashboard. On GNOME the AppIndicator extension shows icons;"
        " elsewhere add a tray to the panel.",
    )


def test_a_full_disk_is_told_before_it_is_quite_full():
    assert session.judge_room(10**9, Path("/x")).level is Level.GOOD
    assert session.judge_room(12_345_678, Path("/x")) == warning(
        "folders",
        "The disk of /x is full: 12 MB are left.",
        "Make room on it. Clicks work, and their history and logs are lost.",
    )


@pytest.mark.parametrize(
    ("state", "wanted", "level", "title"),
    [
        (Links.HERE, True, Level.GOOD, "Links open here."),
        (Links.NOWHERE, False, Level.GOOD, "Links do not open here, as `desk.links` says."),
        (Links.NOWHERE, True, Level.WARNING, "Nothing opens `kitsu-launcher://` links."),
        (Links.ELSEWHERE, True, Level.WARNING, "Links are opened by another program or another installation."),
    ],
)
def test_links(state: Links, wanted: bool, level: Level, title: str):
    found = links.judge_links(state, "/opt/x %u", wanted)

    assert (found.level, found.title, found.details) == (level, title, ("/opt/x %u",))
    assert bool(found.cure) is (level is not Level.GOOD)


def test_start_at_login_is_wrong_only_where_nobody_has_decided():
    assert [links.judge_autostart(state).level for state in (True, False, None)] == ["good", "good", "warning"]


def test_what_a_package_has_left_behind():
    there = Shared("/usr/share/applications/x.desktop", "/opt/x", True)
    gone = Shared("/etc/xdg/autostart/x.desktop", "/opt/x", False)

    assert links.for_everybody(there, gone) == [
        good("links", "Links open for everybody.", [there.place, "/opt/x"]),
        bad(
            "autostart",
            "What is registered for everybody cannot be started.",
            "Install the package again.",
            [gone.place, "/opt/x"],
        ),
    ]
    assert links.for_everybody(Shared(), None) == [
        bad(
            "links",
            "No package opens links for everybody.",
            "Install the package; without one each person runs `kitsu-launcher register`.",
        )
    ]


# -- Kitsu -----------------------------------------------------------------------------------------------------------
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, "good"), (60, "good"), (-60, "good"), (61, "warning"), (-300, "warning"), (301, "bad")]
)
def test_clocks_may_be_a_minute_apart(seconds: int, level: str):
    assert kitsu.clock(KITSU, NOON + timedelta(seconds=seconds), NOON).level == level


def test_a_wrong_clock_is_told_with_both_times():
    assert kitsu.clock(KITSU, NOON + timedelta(hours=1), NOON) == bad(
        "clock",
        f"This machine's clock is 1:00:00 (h:mm:ss) behind {KITSU}.",
        "Switch on the system's automatic time; if this clock is right, tell whoever looks after Kitsu.",
        ["here 2026-05-04 12:00:00 UTC", "there 2026-05-04 13:00:00 UTC"],
    )
    assert kitsu.clock(KITSU, NOON - timedelta(hours=1), NOON).title == (
        f"This machine's clock is 1:00:00 (h:mm:ss) ahead of {KITSU}."
    )


def test_who_is_logged_in():
    error = NotLoggedIn("You are not logged in any more.", next_step="Run `kitsu-launcher login`.")

    assert kitsu.logins(KITSU, [], {}) == [
        warning(
            "login",
            f"Nobody is logged in to {KITSU} here.",
            "Run `kitsu-launcher login`, or log in on the dashboard.",
        )
    ]
    assert kitsu.logins(KITSU, [(ANA, None)], {}) == [good("login", f"Ana Brandt is logged in to {KITSU}.")]
    assert [kitsu.logins(KITSU, [(ANA, None)], {"p1": left_s})[0].title for left_s in (7300, -60)] == [
        f"The login of Ana Brandt to {KITSU} ends in 2 hours.",
        f"The login of Ana Brandt to {KITSU} has ended.",
    ]
    assert kitsu.logins(KITSU, [(ANA, error)], {}) == [
        warning("login", "You are not logged in any more.", "Run `kitsu-launcher login`.")
    ]


# -- the studio's file -----------------------------------------------------------------------------------------------
def test_errors_and_warnings_of_the_files_are_told_with_file_and_line():
    error = Problem("/etc/studio.toml", 3, "apps.x", "unknown")
    note = Problem("/etc/studio.toml", 0, "", "anybody may change it", warning=True)

    assert studio.judge([error, note], [], 2) == [
        bad(
            "studio",
            "The configuration has 1 error.",
            "Correct it; `kitsu-launcher config check` tells it again.",
            ["/etc/studio.toml:3: apps.x: unknown"],
        ),
        warning(
            "studio",
            "The configuration has 1 warning.",
            "Look at what it says.",
            ["/etc/studio.toml: anybody may change it"],
        ),
    ]


def test_a_right_file_is_named_and_one_without_actions_is_told():
    source = Source("studio", Path("/etc/studio.toml"), True)

    assert studio.judge([], [source], 2) == [
        good("studio", "The configuration is right, with 2 actions.", ["studio: /etc/studio.toml"])
    ]
    assert studio.judge([], [source], 0)[0].title == "No actions are configured."


def test_an_action_works_with_the_first_of_its_applications_that_is_there():
    apps = {"mpv": app("mpv"), "rv": app("rv"), "nuke": app("nuke")}
    actions = {
        "play": LaunchAction(name="play", title="Play", app=("rv", "mpv")),
        "comp": LaunchAction(name="comp", title="Comp", app=("nuke",)),
        "debug": PageAction(name="debug", title="Debug"),
    }
    found = {
        "mpv": Candidates((Installed("mpv", "mpv", PurePosixPath("/usr/bin/mpv"), "0.35", "found"),)),
        "rv": Candidates(),
        "nuke": Candidates(rejected=(Rejected(PurePosixPath("/opt/Nuke13/Nuke"), "13.0, too old for >=15"),)),
    }

    assert applications.judge(actions, apps, found, "~/config.toml") == [
        warning(
            "applications",
            f"{apps['nuke'].title} is not installed here, so these actions cannot work: Comp.",
            "Install it, or name its executable: on the dashboard's page of applications, or as apps.nuke.executable in"
            " ~/config.toml.",
            ["/opt/Nuke13/Nuke: 13.0, too old for >=15"],
        )
    ]
    del actions["comp"]
    assert applications.judge(actions, apps, found, "") == [
        good("applications", "All applications that actions start are here.", ["mpv 0.35: /usr/bin/mpv"])
    ]


def test_each_root_that_is_away_is_told():
    prod, cache = Root(linux="/mnt/prod", marker=".prod"), Root(windows="C:/cache")
    away = RootState(PurePosixPath("/mnt/prod"), False, "is not there")

    assert roots.here({"prod": prod, "cache": cache}, OS.LINUX) == ("prod",)
    assert roots.judge({"prod": prod}, {"prod": away}) == [
        bad(
            "roots",
            "The root prod is not there: /mnt/prod is not there.",
            "Mount it, or ask IT. Nothing is made in its place.",
            ["its marker is .prod"],
        )
    ]
    assert roots.judge({"prod": prod}, {"prod": RootState(PurePosixPath("/mnt/prod"), True)}) == [
        good("roots", "All roots are there.", ["prod: /mnt/prod"])
    ]


# -- browsers --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("pattern", "yes"),
    [
        ("*", True),
        (KITSU, True),
        (f"{KITSU}/", True),
        (f"{KITSU}:443", True),
        (f"{KITSU}:8443", False),
        ("http://kitsu.lunar.example", False),
        ("kitsu.lunar.example", True),
        ("[*.]lunar.example", True),
        ("https://*.lunar.example", True),
        ("[*.]kitsu.lunar.example", True),
        ("lunar.example", False),
        ("[*.]unar.example", False),
        ("https://kitsu.lunar.example.evil.test", False),
        ("", False),
    ],
)
def test_patterns_of_chromiums_policies(pattern: str, yes: bool):
    """As chromium.org's "Enterprise policy URL pattern format" says."""
    assert browsers.matches(pattern, KITSU) is yes


@pytest.mark.parametrize(
    ("policies", "answer"),
    [
        ({}, None),
        ({"LocalNetworkAccessAllowedForUrls": [KITSU]}, True),
        ({"LocalNetworkAccessBlockedForUrls": ["*"]}, False),
        ({"LocalNetworkAccessBlockedForUrls": ["*"], "LocalNetworkAccessAllowedForUrls": [KITSU]}, False),
        ({"LocalNetworkAccessBlockedForUrls": ["*"], "LoopbackNetworkAllowedForUrls": [KITSU]}, True),
        ({"LoopbackNetworkBlockedForUrls": [KITSU], "LoopbackNetworkAllowedForUrls": [KITSU]}, False),
        ({"LocalNetworkAccessAllowedForUrls": "no list"}, None),
    ],
)
def test_which_of_chromiums_policies_wins(policies: dict[str, object], answer: bool | None):
    assert browsers.allowed(Browser("Chromium", "chromium", policies), KITSU) is answer


@pytest.mark.parametrize(
    ("rules", "answer"),
    [
        (None, None),
        ({"Enabled": False}, True),
        ({"Enabled": True}, None),
        ({"Enabled": True, "EnablePrompting": False}, True),
        ({"SkipDomains": ["kitsu.lunar.example"]}, True),
        ({"SkipDomains": ["*.lunar.example"]}, True),
        ({"SkipDomains": ["*.kitsu.lunar.example"]}, True),
        ({"SkipDomains": [KITSU]}, None),
    ],
)
def test_firefoxs_policy_wants_hosts(rules: object, answer: bool | None):
    assert browsers.allowed(Browser("Firefox", "firefox", {"LocalNetworkAccess": rules}), KITSU) is answer


def test_a_browser_that_asks_or_blocks_is_told_only_where_an_action_is_ajax():
    form = {"comp": LaunchAction(name="comp", title="Comp", app=("nuke",))}
    ajax = {"comp": LaunchAction(name="comp", title="Comp", app=("nuke",), ajax=True)}
    asks = Browser("Firefox", "firefox", {})
    blocks = Browser("Chromium", "chromium", {"LocalNetworkAccessBlockedForUrls": ["*"]}, ("/etc/x.json",))
    http = Server(origins=("http://kitsu",), api="http://kitsu/api", insecure=True)

    assert browsers.judge(form, [SERVER], [asks, blocks])[0].level is Level.GOOD
    assert browsers.judge(ajax, [http], [asks, blocks])[0].level is Level.GOOD
    assert browsers.judge(ajax, [SERVER], [])[0].level is Level.GOOD
    assert browsers.judge(ajax, [SERVER], [asks, blocks]) == [
        warning(
            "browsers",
            f"Firefox asks once before AJAX actions of {KITSU} work.",
            "Say yes there; IT can do so for everybody by the policy LocalNetworkAccess.SkipDomains.",
        ),
        bad(
            "browsers",
            f"A policy of Chromium blocks the AJAX actions of {KITSU}.",
            "Ask IT to allow it there by the policy LocalNetworkAccessAllowedForUrls; or set `ajax = false` for these"
            " actions.",
            ["/etc/x.json"],
        ),
    ]

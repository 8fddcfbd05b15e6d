"""The layers of the configuration: what counts, where it comes from, and what happens when a file is away or broken."""

import re
from pathlib import Path, PurePath

import pytest

from launcher.config.load import Loaded
from launcher.config.schema import CopyFrom, LaunchAction, OpenAction, PageAction, Server
from launcher.model import OS, Project
from tests.support.configured import DESIGNED, KEY, Machine

BUNNY = Project("11111111-1111-4111-8111-111111111111", "Big Buck Bunny", "bbb", "short")
OTHER = Project("22222222-2222-4222-8222-222222222222", "Sintel", "sin", "short")
GOOD = '[studio]\nname = "Good"\n[actions.a]\ntitle = "A"\nkind = "page"\n'


def texts(loaded: Loaded, home: Path) -> list[str]:
    """All that is told, without the test's own folder and without the clock's time."""
    found = [str(problem).replace(f"{home}/", "") for problem in loaded.problems]
    return [re.sub(r"of \w+ \d\d:\d\d stays", "of DAY TIME stays", text) for text in found]


def test_the_example_of_the_design_loads_as_it_stands(configured: Machine) -> None:
    """Real: files on disk and the catalogue. Left out are only the parts that are not built yet."""
    loaded = configured.write(DESIGNED).load()

    assert loaded.problems == ()
    config = loaded.config
    assert config.studio.name == "Lunar Pictures"
    assert config.studio.servers == (
        Server(origins=("https://kitsu.lunar.example",), api="https://kitsu.lunar.example/api"),
    )
    assert config.studio.keys == (KEY,)
    assert config.roots["prod"].windows == "P:/"
    assert config.roots["prod"].marker == ".prod"
    blender = config.apps["blender"]
    assert (blender.title, blender.version) == ("Blender", ">=4.2,<5")
    assert blender.env["BLENDER_USER_SCRIPTS"].set.text == "{roots.prod}/tools/blender"
    assert blender.env["PATH"].prepend.text == "{roots.prod}/bin"
    assert blender.no_scripts == ("-Y",)
    action = config.actions["open-in-blender"]
    assert isinstance(action, LaunchAction)
    assert action.app == ("blender",)
    assert isinstance(action.when_missing, CopyFrom)
    assert (action.selection, action.limit, action.open) == ("each", 5, "newest")
    assert action.roles == ("user", "supervisor", "manager", "admin")
    assert config.apps["rv"].args == ()


def test_the_design_itself_asks_for_a_newer_program(configured: Machine) -> None:
    """Real: the loader. The example's own `requires` is met by version 1.0."""
    studio = DESIGNED.replace('">=0.1" ', '">=1.0" ')
    from launcher import __version__

    needs = f"this file needs kitsu-launcher >=1.0, this is {__version__}: update it"
    told = f"machine/studio.toml:6: studio.requires: {needs}"
    assert configured.errors(studio) == ([told] if __version__.startswith("0.") else [])


def test_without_any_file_there_are_no_actions_and_it_says_what_to_do(configured: Machine) -> None:
    """Real: empty folders."""
    loaded = configured.load()
    assert loaded.config.actions == {}
    assert loaded.config.apps["mpv"].title == "mpv"
    assert texts(loaded, configured.home) == [
        "machine/studio.toml: there is no studio file, nor "
        f"{configured.home}/config/studio.toml; kitsu-launcher config init writes a first one".replace(
            f"{configured.home}/", ""
        )
    ]


def test_every_kind_and_every_short_form_is_read(configured: Machine) -> None:
    """Real: files on disk."""
    config = (
        configured.write(
            """\
[[studio.servers]]
origins = ["http://127.0.0.1:8080/", "HTTP://Localhost:80"]
api = "http://127.0.0.1:5000/"
insecure = true
[roots]
prod = { linux = "/mnt/prod" }
[apps.paint]
argv = ["{args}", ["--open", "{file}"]]
env.OFF = { unset = true }
env.BOTH = { prepend = "a", append = "b" }
check = { args = ["-v"], prints = "Paint {version}" }
[actions.play]
title = "Play"
kind = "launch"
app = ["rv", "paint"]
file = "{roots.prod}/x.mov"
when_missing = "empty"
ajax = true
[actions.folder]
title = "Folder"
kind = "open"
folder = "{roots.prod}"
[actions.wiki]
title = "Wiki"
kind = "open"
url = "https://wiki.example/{project.name}"
selection = "first"
[actions.debug]
title = "Debug"
kind = "page"
"""
        )
        .load()
        .config
    )
    assert config.studio.servers == (
        Server(origins=("http://127.0.0.1:8080", "http://localhost"), api="http://127.0.0.1:5000", insecure=True),
    )
    paint = config.apps["paint"]
    assert (paint.title, paint.argv) == ("paint", ("{args}", ("--open", "{file}")))
    assert paint.env["OFF"].unset
    assert (paint.env["BOTH"].prepend.text, paint.env["BOTH"].append.text) == ("a", "b")
    assert (paint.check.args, paint.check.prints) == (("-v",), "Paint {version}")
    play, folder, wiki, debug = config.actions.values()
    assert isinstance(play, LaunchAction)
    assert (play.app, play.when_missing, play.ajax) == (("rv", "paint"), "empty", True)
    assert isinstance(folder, OpenAction)
    assert folder.folder.text == "{roots.prod}"
    assert isinstance(wiki, OpenAction)
    assert (wiki.url.text, wiki.selection) == ("https://wiki.example/{project.name}", "first")
    assert isinstance(debug, PageAction)
    assert debug.page == "debug"


@pytest.mark.parametrize("name", ["Big Buck Bunny", "bbb", BUNNY.id])
def test_a_production_is_named_by_name_code_or_id(configured: Machine, name: str) -> None:
    """Real: files on disk."""
    loaded = configured.write(
        f'[apps.blender]\nversion = ">=4"\n[projects."{name}"]\napps.blender.version = "==3.6.*"\n'
    ).load()
    assert loaded.for_project(BUNNY).apps["blender"].version == "==3.6.*"
    assert loaded.for_project(OTHER) is loaded.config
    assert loaded.config.apps["blender"].version == ">=4"
    assert loaded.for_project(BUNNY) is loaded.for_project(BUNNY)


@pytest.mark.parametrize(
    ("match", "matches"),
    [
        ('hostname = "review-*"', True),
        ('hostname = "REVIEW-7"', True),
        ('hostname = "review-7.lunar.example"', True),
        ('hostname = "*.lunar.example"', True),
        ('hostname = "render-*"', False),
        ('os = "linux"', True),
        ('os = "windows"', False),
        ('hostname = "review-*", os = "linux"', True),
        ('hostname = "review-*", os = "macos"', False),
    ],
)
def test_a_machine_is_told_by_hostname_and_os(configured: Machine, match: str, matches: bool) -> None:
    """Real: files on disk; the host's name is given."""
    configured.hostname = "Review-7.lunar.example"
    loaded = configured.write(f"[[machines]]\nmatch = {{ {match} }}\napps.rv.args = ['-screen']\n").load()
    assert loaded.problems == ()
    assert [part.text for part in loaded.config.apps["rv"].args] == (["-screen"] if matches else [])


def test_each_layer_beats_the_ones_below_and_the_person_never_beats_the_production(configured: Machine) -> None:
    """Real: files on disk: catalogue, studio, production, machine and person all speak of one application."""
    loaded = configured.write(
        """\
[studio]
users_may = ["apps.*.args", "apps.*.env"]
[apps.mpv]
args = ["studio"]
env.A = "studio"
env.B = "studio"
[projects.bbb]
apps.mpv.args = ["production"]
apps.mpv.env.A = { prepend = "production" }
[projects.sin]
apps.mpv.title = "Sintel's player"
[[machines]]
match = { os = "linux" }
apps.mpv.env.B = "machine"
apps.mpv.many = false
""",
        user='[apps.mpv]\nargs = ["person"]\nenv.A = { append = "person" }\nenv.C = "person"\n',
    ).load()
    assert loaded.problems == ()

    def seen(project: Project) -> tuple[object, ...]:
        app = loaded.for_project(project).apps["mpv"]
        changes = {name: (c.set or c.prepend or c.append).text for name, c in app.env.items()}
        return app.title, app.many, [part.text for part in app.args], changes

    assert seen(BUNNY) == ("mpv", False, ["production"], {"A": "production", "B": "machine", "C": "person"})
    assert seen(OTHER) == ("Sintel's player", False, ["person"], {"A": "person", "B": "machine", "C": "person"})


def test_an_environment_variable_is_changed_in_one_way_only(configured: Machine) -> None:
    """Real: files on disk. A layer's change replaces the lower one's: two halves would mean something else."""
    loaded = configured.write(
        '[apps.rv]\nenv.PATH = { prepend = "/a" }\n'
        '[[machines]]\nmatch = { os = "linux" }\napps.rv.env.PATH = { unset = true }'
    ).load()
    assert loaded.problems == ()
    change = loaded.config.apps["rv"].env["PATH"]
    assert (change.prepend, change.unset) == (None, True)


def test_every_value_knows_its_origin(configured: Machine) -> None:
    """Real: files on disk and tree-sitter."""
    loaded = configured.write(
        DESIGNED, user='[apps.blender]\nexecutable = "/opt/mine/blender"\n[desk]\nbrowser = ["firefox"]\n'
    ).load()
    studio, user = configured.studio_file, configured.user_file
    assert loaded.where("actions.open-in-blender.file") == f"{studio}:20"
    assert loaded.where("apps.blender.env.PATH") == f"{studio}:14"
    assert loaded.where("apps.blender.version") == f"{studio}:12"
    assert loaded.where("apps.blender.version", BUNNY) == f"{studio}:29"
    assert loaded.where("apps.blender.user_executable") == f"{user}:2"
    assert loaded.where("desk.browser") == f"{user}:4"
    assert loaded.where("apps.blender.title") == ""
    assert loaded.where("studio.port") == ""
    assert loaded.where("no such.key\n") == ""
    assert loaded.origin("apps.blender.title") == "catalogue"
    assert loaded.origin("studio.port") == "built in"
    assert loaded.origin("studio.name") == str(studio)


def test_a_key_is_read_from_a_variable_or_a_file_beside_the_studio_file(configured: Machine) -> None:
    """Real: files on disk."""
    configured.write('[studio]\nkeys = ["file:new.key", "env:KITSU_LAUNCHER_KEY"]\n')
    configured.studio_file.with_name("new.key").write_text("another-key-of-enough-length\n")
    loaded = configured.load()
    assert loaded.problems == ()
    assert loaded.config.studio.keys == ("another-key-of-enough-length", KEY)


@pytest.mark.parametrize(
    ("reference", "content", "told"),
    [
        ("env:NOT_SET", None, "the environment variable NOT_SET is not set"),
        ("file:k", None, "HOME/k cannot be read: it is missing"),
        ("file:k", "short", "the key in k must be at least 16 characters of plain ASCII, without spaces"),
        (
            "file:k",
            "sixteen chars but spaces",
            "the key in k must be at least 16 characters of plain ASCII, without spaces",
        ),
        ("file:k", "ключ" * 9, "the key in k must be at least 16 characters of plain ASCII, without spaces"),
        ("file:.", None, "HOME cannot be read: Is a directory"),
    ],
)
def test_a_key_that_cannot_be_read_is_told_and_all_else_counts(
    configured: Machine, reference: str, content: str | None, told: str
) -> None:
    """Real: files on disk. The text never shows what was read."""
    keys = f'keys = [\n"{reference}"]\n'
    configured.write(GOOD.replace("[actions", f"{keys}[actions", 1))
    if content is not None:
        configured.studio_file.with_name("k").write_text(content, encoding="utf-8")
    loaded = configured.load()
    assert [str(p) for p in loaded.problems] == [
        f"{configured.studio_file}:4: studio.keys: {told}".replace("HOME", str(configured.studio_file.parent))
    ]
    assert (loaded.config.studio.keys, list(loaded.config.actions)) == ((), ["a"])


def test_a_broken_studio_file_leaves_the_last_good_copy_in_use(configured: Machine) -> None:
    """Real: files on disk; the same lines in the copy as in the file."""
    configured.write(GOOD).load()
    assert configured.last_good.stat().st_mode & 0o777 == 0o600

    loaded = configured.write("[studio]\nnmae = 1\n").load()

    assert texts(loaded, configured.home) == [
        'machine/studio.toml:2: studio: unknown key "nmae"; did you mean "name"?',
        "config/studio.last-good.toml: the configuration of DAY TIME stays in use",
    ]
    assert list(loaded.config.actions) == ["a"]
    assert loaded.where("actions.a.title") == f"{configured.last_good}:4"
    assert [(s.layer, s.counts) for s in loaded.sources] == [
        ("machine", False),
        ("studio", False),
        ("studio", False),
        ("last good", True),
        ("user", False),
    ]


def test_a_studio_file_that_is_away_leaves_the_last_good_copy_in_use_with_its_keys(configured: Machine) -> None:
    """Real: files on disk. `file:` keys are still looked for beside the original."""
    configured.write(GOOD.replace("[actions", 'keys = ["file:k"]\n[actions', 1))
    key = configured.studio_file.with_name("k")
    key.write_text(KEY)
    configured.load()
    configured.studio_file.unlink()

    loaded = configured.load()

    assert loaded.config.studio.keys == (KEY,)
    assert [p.warning for p in loaded.problems] == [False, True]


def test_a_broken_file_without_a_copy_leaves_no_actions(configured: Machine) -> None:
    """Real: files on disk."""
    loaded = configured.write(f"{GOOD}x").load()
    assert loaded.config.actions == {}
    assert len(loaded.problems) == 1


def test_the_copy_of_another_file_never_counts(configured: Machine, tmp_path: Path) -> None:
    """Real: files on disk. Somebody tries another studio file, and it is broken."""
    configured.write(GOOD).load()
    other = tmp_path / "other.toml"
    other.write_text("x")
    configured.environ["KITSU_LAUNCHER_CONFIG"] = str(other)
    assert configured.load().config.actions == {}


def test_a_copy_that_was_damaged_is_not_used(configured: Machine) -> None:
    """Real: files on disk."""
    configured.write(GOOD).load()
    configured.last_good.write_bytes(b"\xff" + configured.last_good.read_bytes())
    assert configured.write("x").load().config.actions == {}


def test_a_copy_that_cannot_be_kept_is_only_a_warning(configured: Machine) -> None:
    """Real: a file where our folder should be."""
    (configured.home / "config").write_text("")
    loaded = configured.write(GOOD).load()
    assert list(loaded.config.actions) == ["a"]
    assert [(p.file, p.warning) for p in loaded.problems] == [(str(configured.last_good), True)]


def test_the_variable_beats_the_machines_file_and_that_beats_the_default(configured: Machine, tmp_path: Path) -> None:
    """Real: files on disk."""
    configured.write(GOOD.replace("Good", "default"), machine='studio = "named.toml"\n')
    (tmp_path / "machine" / "named.toml").write_text(GOOD.replace("Good", "machine"))
    (tmp_path / "variable.toml").write_text(GOOD.replace("Good", "variable"))
    assert configured.load().config.studio.name == "machine"
    configured.environ["KITSU_LAUNCHER_CONFIG"] = str(tmp_path / "variable.toml")
    assert configured.load().config.studio.name == "variable"


def test_the_persons_folder_is_the_last_place_of_a_studio_file(configured: Machine) -> None:
    """Real: files on disk."""
    own = configured.home / "config" / "studio.toml"
    own.parent.mkdir()
    own.write_text(GOOD.replace("Good", "own"))
    assert configured.load().config.studio.name == "own"
    assert configured.write(GOOD).load().config.studio.name == "Good"


@pytest.mark.parametrize(
    ("machine", "told"),
    [
        (
            'studio = "http://x.example/s.toml"',
            'machine/machine.toml: studio: "http://x.example/s.toml" must begin with https://: '
            "on the way, anybody could change it",
        ),
        ("studio = 1", "machine/machine.toml:1: studio: must be text in quotes"),
        ("\nstuido = 'x'", 'machine/machine.toml:2: unknown key "stuido"; did you mean "studio"?'),
        ("studio", "machine/machine.toml:1: not TOML: Expected '=' after a key in a key/value pair"),
    ],
)
def test_a_machines_file_that_is_wrong_says_so_and_the_last_good_copy_counts(
    configured: Machine, machine: str, told: str
) -> None:
    """Real: files on disk. No other file may slip into the place of the one that IT meant."""
    configured.write(GOOD).load()
    configured.write(GOOD.replace("Good", "not meant"), machine=machine)
    loaded = configured.load()
    assert texts(loaded, configured.home)[0] == told
    assert loaded.config.studio.name == "Good"


def test_an_address_in_the_variable_says_so(configured: Machine) -> None:
    """Real: the loader."""
    configured.environ["KITSU_LAUNCHER_CONFIG"] = "https://x.example/studio.toml"
    assert configured.errors(GOOD) == [
        "https://x.example/studio.toml: has not been fetched yet; kitsu-launcher config check fetches it"
    ]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("http://x.example/s.toml", "must begin with https://: on the way, anybody could change it"),
        ("ftp://x.example/s.toml", "must be an address that begins with https:// and a host"),
        ("https://me:pw@x.example/s.toml", "must not carry a user name or a password"),
        ("https://x.example/s.toml?v=1", "must end before ? and #"),
    ],
)
def test_an_address_that_cannot_be_one_is_told(configured: Machine, written: str, told: str) -> None:
    """Real: the loader; nothing is asked of a network, and no other file slips into its place."""
    configured.environ["KITSU_LAUNCHER_CONFIG"] = written
    assert configured.errors(GOOD) == [f'KITSU_LAUNCHER_CONFIG: "{written}" {told}']
    assert configured.load().config.actions == {}


def test_a_machines_key_that_is_none_is_told(configured: Machine) -> None:
    """Real: the loader. What it should have vouched for does not count."""
    machine = 'studio = "https://x.example/s.toml"\nkey = "bm8ga2V5"\n'
    configured.write(machine=machine)
    assert configured.errors() == [
        "machine/machine.toml:2: key: is no Ed25519 public key in Base64; kitsu-launcher config keygen prints one"
    ]


def test_a_studio_file_that_others_may_change_is_warned_of(configured: Machine) -> None:
    """Real: the file's mode."""
    configured.write(GOOD)
    configured.studio_file.chmod(0o666)
    loaded = configured.load()
    assert texts(loaded, configured.home) == [
        "machine/studio.toml: everybody on this machine may change it; chmod o-w it"
    ]
    assert loaded.problems[0].warning


@pytest.mark.parametrize("os", list(OS))
def test_a_persons_executable_is_one_more_candidate(configured: Machine, os: OS) -> None:
    """Real: files on disk, read for each OS."""
    configured.os = os
    path = "C:/b/blender.exe" if os is OS.WINDOWS else "/opt/b/blender"
    loaded = configured.write(DESIGNED, user=f'[apps.blender]\nexecutable = "{path}"\n').load()
    assert loaded.problems == ()
    for config in (loaded.config, loaded.for_project(BUNNY)):
        assert (config.apps["blender"].user_executable, config.apps["blender"].executable) == (path, "")
    assert loaded.for_project(BUNNY).apps["blender"].version == "==3.6.*"
    assert PurePath(path).name.startswith("blender")

"""Templates filled in: paths, texts, addresses, and the newest working file: `launcher.plan.naming`."""

from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.config.template import parse
from launcher.model import OS
from launcher.plan.cleaning import PlanError
from launcher.plan.matching import Search, newest
from launcher.plan.names import Value, names
from launcher.plan.naming import FieldError, filling, path, root_of, search, text, url
from tests.support.planned import NASTY, PATHS, PERSON, SHOT, SHOT_FILE, named

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=120)


def values(os: OS = OS.LINUX, **more: Value) -> dict[str, Value]:
    return {**names(SHOT, PERSON, "https://kitsu.example", {"prod": PATHS[os]}), **more}


def made(template: str, os: OS = OS.LINUX, **more: Value) -> str:
    filled = {name.replace("__", "."): value for name, value in more.items()}
    return path(parse(template), {**values(os), **filled}, os).as_posix()


def test_a_working_files_path_is_made_from_the_task() -> None:
    """Real: the example of the README's studio file, on three OSes."""
    assert {os: str(path(parse(SHOT_FILE), values(os, revision=3), os)) for os in OS} == {
        OS.LINUX: "/mnt/prod/BBB/shots/SQ010/SH030/animation/SH030_v003.blend",
        OS.WINDOWS: r"P:\BBB\shots\SQ010\SH030\animation\SH030_v003.blend",
        OS.MACOS: "/Volumes/prod/BBB/shots/SQ010/SH030/animation/SH030_v003.blend",
    }


@pytest.mark.parametrize(
    ("template", "becomes"),
    [
        ("{roots.prod}", "/mnt/prod"),
        ("{roots.prod}/.cache/a b/x", "/mnt/prod/.cache/a b/x"),
        ("{roots.prod}//a///b/", "/mnt/prod/a/b"),
        ("{roots.prod}/{entity.name|lower}_{project.code|upper}", "/mnt/prod/sh030_BBB"),
        ("{roots.prod}/{entity.path|lower}/x", "/mnt/prod/shots/sq010/sh030/x"),
        ("{roots.prod}/pre_{entity.path}_post", "/mnt/prod/pre_shots/SQ010/SH030_post"),
        ("{roots.prod}/{episode.name|or:sequence.name}", "/mnt/prod/SQ010"),
        ("{roots.prod}/{frame_in:06}", "/mnt/prod/001001"),
        ("{roots.prod}/{entity.name:06}", "/mnt/prod/SH030"),
        ("{roots.prod}/{fps}", "/mnt/prod/23.976"),
    ],
)
def test_literal_text_is_trusted_and_values_are_formatted(template: str, becomes: str) -> None:
    """Real: parsed templates."""
    assert made(template) == becomes


def test_a_value_stays_within_its_component() -> None:
    """Real: names that would be ways up, folders or hidden files."""
    assert made("{roots.prod}/{entity.name}/x", entity__name="../../etc") == "/mnt/prod/__.._etc/x"
    assert made("{roots.prod}/a{entity.name}", entity__name="/b") == "/mnt/prod/a_b"
    assert made("{roots.prod}/.{entity.name}", entity__name="b") == "/mnt/prod/.b"
    assert made("{roots.prod}/{entity.name}.blend", entity__name="CON") == "/mnt/prod/CON_.blend"
    assert made("{roots.prod}/{entity.name}.blend", entity__name="-") == "/mnt/prod/_.blend"


def test_two_values_together_cannot_make_a_way_up() -> None:
    """Real: each of them alone would be harmless."""
    template = "{roots.prod}/{entity.name}{task.name}/x"

    assert made(template, entity__name="-.", task__name="-.") == "/mnt/prod/_-/x"
    assert made(template, entity__name="CO", task__name="N") == "/mnt/prod/CON_/x"


@pytest.mark.parametrize("os", OS)
@pytest.mark.parametrize("name", NASTY)
def test_the_seeds_names_that_hurt_all_give_a_path_below_the_root(name: str, os: OS) -> None:
    """Real: the names that the test studio's Zou stores."""
    task = named(SHOT, name)
    filled: dict[str, Value] = {**names(task, PERSON, "s", {"prod": PATHS[os]}), "revision": 1}

    whole = path(parse(SHOT_FILE), filled, os)

    assert whole.is_relative_to(os.path(PATHS[os]))
    assert len(whole.parts) == len(os.path(PATHS[os]).parts) + 6


@pytest.mark.parametrize("os", OS)
@given(entity=ANY_TEXT, code=ANY_TEXT)
def test_whatever_the_names_the_path_lies_below_the_root(os: OS, entity: str, code: str) -> None:
    """Real: pathlib's reading of the result, with every way up written out."""
    template = parse("{roots.prod}/{project.code}{entity.name}/x{entity.name}/v{revision:03}{project.code}")
    try:
        whole = path(template, {**values(os), "entity.name": entity, "project.code": code, "revision": 7}, os)
    except PlanError:
        return

    below = whole.relative_to(os.path(PATHS[os]))
    assert len(below.parts) == 3
    assert not any(part in (".", "..") or part.startswith(("-", ".")) for part in below.parts)


@pytest.mark.parametrize("name", ["COM0", "con", "AUX ", "LPT¹"])
@pytest.mark.parametrize(
    "template",
    [
        "{entity.name}.v{revision:03}.blend",
        "{entity.name}_v{revision}.blend",
        "COM{revision}.{entity.name}",
        "x.{revision}",
    ],
)
@pytest.mark.parametrize("revision", [3, 12])
def test_a_working_file_whose_name_is_a_device_of_windows_is_found_again(
    name: str, template: str, revision: int
) -> None:
    """Real: what `path` makes is what `search` looks for, and no other shot's file."""
    made, filled = parse(f"{{roots.prod}}/{template}"), {**values(), "entity.name": name}
    whole = path(made, {**filled, "revision": revision}, OS.LINUX)

    found = newest([(whole.name,), ("CON_.v999.blend.x",)], search(made, filled, OS.LINUX))

    assert found
    assert (found.path, found.revision) == (whole, revision)


@given(entity=ANY_TEXT, revision=st.integers(1, 10**6), os=st.sampled_from(OS))
def test_every_path_that_is_made_is_found_again_with_its_revision(entity: str, revision: int, os: OS) -> None:
    """Real: what `path` makes is what `search` looks for."""
    template = parse("{roots.prod}/{entity.name}/{entity.name}_{revision}/{entity.name}.v{revision:03}{entity.name}")
    try:
        filled = {**values(os), "entity.name": entity}
        whole = path(template, {**filled, "revision": revision}, os)
        looked = search(template, filled, os)
    except PlanError:
        return

    found = newest([whole.relative_to(looked.folder).parts], looked)

    assert found
    assert (found.path, found.revision) == (whole, revision)


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{entity.name}/x", "The path '{entity.name}/x' does not begin with a root."),
        ("/abs/x", "The path '/abs/x' does not begin with a root."),
        ("{roots.prod}x/y", "The path '{roots.prod}x/y' does not begin with a root."),
        ("{roots.prod|lower}/y", "The path '{roots.prod|lower}/y' does not begin with a root."),
        ("", "The path '' does not begin with a root."),
        ("{roots.prod}/../x", "The path '{roots.prod}/../x' has a way up in it."),
        ("{roots.none}/x", "{roots.none} has no place on this OS."),
        ("{roots.prod}/{episode.name}", "{episode.name} has no value."),
        ("{roots.prod}/{episode.name|or:asset.name}", "{episode.name} has no value, nor have asset.name."),
    ],
)
def test_a_path_that_cannot_be_made_says_why(template: str, problem: str) -> None:
    """Real: parsed templates."""
    with pytest.raises(PlanError) as raised:
        made(template)

    assert raised.value.problem == problem


def test_a_missing_value_names_field_task_key_and_what_to_do() -> None:
    """Real: the whole text."""
    template = parse("{roots.prod}/{episode.name}/x")
    with pytest.raises(FieldError) as raised, filling(SHOT, "actions.open.file", template):
        path(template, values(), OS.LINUX)

    assert raised.value.key == "actions.open.file"
    assert str(raised.value) == (
        "{episode.name} of SQ010/SH030/Animation has no value.\n"
        "  tried  actions.open.file = {roots.prod}/{episode.name}/x\n"
        "  next   Set it in Kitsu, or name another one in the template: {episode.name|or:other.name}."
    )


def test_a_name_of_which_nothing_is_left_names_field_and_task() -> None:
    """Real: the whole text."""
    template, task = parse("{roots.prod}/{entity.name}/x"), named(SHOT, "..")
    with pytest.raises(FieldError) as raised, filling(task, "actions.open.file", template):
        path(template, names(task, PERSON, "s", {"prod": "/mnt/prod"}), OS.LINUX)

    assert str(raised.value) == (
        "{entity.name} of SQ010/../Animation is '..', of which nothing can stand in a path.\n"
        "  tried  actions.open.file = {roots.prod}/{entity.name}/x\n"
        "  next   Give it another name in Kitsu."
    )


def test_names_that_are_too_long_together_are_an_error() -> None:
    """Real: 255 bytes are the most in every file system."""
    with pytest.raises(FieldError, match="makes a file name of 263 bytes; 255 are the most"):
        made("{roots.prod}/{entity.name}_{entity.name}_{entity.name}_12345", entity__name="x" * 85)


def test_a_root_that_is_no_whole_path_is_refused() -> None:
    """Real: a root of another OS."""
    with pytest.raises(FieldError, match="is no absolute path"):
        path(parse("{roots.prod}/x"), {"roots.prod": "P:/"}, OS.LINUX)


def test_the_root_of_a_path_is_told() -> None:
    """Real: parsed templates."""
    assert (root_of(parse("{roots.prod}/x")), root_of(parse("{roots.nas-2}"))) == ("prod", "nas-2")


@pytest.mark.parametrize(
    ("template", "becomes"),
    [
        ("--title={entity.name} {fps}", "--title=a b 23.976"),
        ("{roots.prod}/tools", "/mnt/prod/tools"),
        ("{entity.path}", "shots/SQ010/SH030"),
        ("", ""),
    ],
)
def test_a_text_is_verbatim_but_for_what_is_unseen(template: str, becomes: str) -> None:
    """Real: a name with control, bidi and zero-width characters."""
    assert text(parse(template), values(**{"entity.name": "a\n\u202e b\u200b\ud800"})) == becomes


def test_a_root_that_ends_with_a_slash_does_not_double_it() -> None:
    """Real: a drive of Windows, and a root that is the whole disk."""
    assert text(parse("{roots.prod}/tools"), {"roots.prod": "P:/"}) == "P:/tools"
    assert path(parse("{roots.prod}/tools"), {"roots.prod": "P:/"}, OS.WINDOWS) == PureWindowsPath("P:/tools")
    assert path(parse("{roots.prod}/tools"), {"roots.prod": "/"}, OS.LINUX) == PurePosixPath("/tools")
    assert path(parse("{roots.prod}\\a\\b"), {"roots.prod": "P:/"}, OS.WINDOWS) == PureWindowsPath("P:/a/b")


def test_a_text_is_bounded() -> None:
    """Real: the error names the field."""
    with pytest.raises(FieldError, match=r"\{entity.name\} makes a text of 5000 characters; 4096 are the most"):
        text(parse("{entity.name}"), {"entity.name": "x" * 5000})


def test_values_of_an_address_are_percent_encoded() -> None:
    """Real: characters that would end the path, begin a query or name another host."""
    template = parse("https://wiki.example/{project.name}?shot={entity.name}")

    assert url(template, {"project.name": "a/b@c:80", "entity.name": "é #?&%\u202e"}) == (
        "https://wiki.example/a%2Fb%40c%3A80?shot=%C3%A9%20%23%3F%26%25"
    )


# -- the newest working file ---------------------------------------------------------------------------------------


def look(template: str, os: OS = OS.LINUX, **more: Value) -> Search:
    return search(parse(template), {**values(os), **{name.replace("__", "."): v for name, v in more.items()}}, os)


def test_a_search_is_a_folder_and_a_pattern_for_each_level_below() -> None:
    """Real: the revision in a folder's name and again in the file's."""
    assert look("{roots.prod}/{sequence.name}/v{revision:03}/{entity.name}.{revision}.blend") == Search(
        "prod",
        PurePosixPath("/mnt/prod/SQ010"),
        ("v(?P<revision>[0-9]{1,18})", r"SH030\.(?P<revision>[0-9]{1,18})\.blend"),
    )


@pytest.mark.parametrize(
    ("found", "newest_is"),
    [
        ([], None),
        (["SH030_v001.blend"], ("SH030_v001.blend", 1)),
        (["SH030_v002.blend", "SH030_v010.blend", "SH030_v009.blend"], ("SH030_v010.blend", 10)),
        (["SH030_v9.blend", "SH030_v0010.blend"], ("SH030_v0010.blend", 10)),
        (["SH030_v012.blend", "SH030_v12.blend"], ("SH030_v012.blend", 12)),
        (["SH030_v001.blend1", "SH030_v002.blend~", ".SH030_v003.blend", "SH030_v004.blend.tmp"], None),
        (["sh030_v001.blend", "SH030xv001xblend", "SH030_v.blend", "SH030_v-1.blend", "SH030_v٣.blend"], None),
        (["SH030_v" + "9" * 200 + ".blend"], None),
    ],
)
def test_the_highest_revision_is_the_newest(found: list[str], newest_is: tuple[str, int] | None) -> None:
    """Real: names as folders of artists hold them."""
    looked = look("{roots.prod}/{entity.name}_v{revision:03}.blend")

    file = newest([(name,) for name in reversed(found)], looked)

    assert (file and (file.path.name, file.revision)) == newest_is


def test_a_revision_in_a_folders_name_counts() -> None:
    """Real: where both folder and file name it, they must agree."""
    looked = look("{roots.prod}/v{revision:03}/{entity.name}_v{revision:03}.blend")
    found = [("v001", "SH030_v001.blend"), ("v003", "SH030_v002.blend"), ("v002", "SH030_v2.blend"), ("v009",)]

    file = newest(found, looked)

    assert file
    assert (file.path, file.revision) == (PurePosixPath("/mnt/prod/v002/SH030_v2.blend"), 2)


def test_windows_and_macos_do_not_tell_case_apart() -> None:
    """Real: the same name on three OSes."""
    found = {os: newest([("sh030_V002.BLEND",)], look("{roots.prod}/{entity.name}_v{revision}.blend", os)) for os in OS}

    assert {os: bool(file) for os, file in found.items()} == {OS.LINUX: False, OS.WINDOWS: True, OS.MACOS: True}


def test_a_name_stored_in_pieces_by_a_mac_is_found() -> None:
    """Real: "é" as one character in Kitsu and as two in the folder."""
    looked = look("{roots.prod}/{entity.name}_v{revision}.blend", entity__name="caf\u00e9")

    file = newest([("cafe\u0301_v1.blend",)], looked)

    assert file
    assert file.path == PurePath("/mnt/prod/cafe\u0301_v1.blend")


def test_a_name_that_looks_like_a_pattern_matches_only_itself() -> None:
    """Real: characters that mean something in a regular expression."""
    looked = look("{roots.prod}/{entity.name}_v{revision}.blend", entity__name="a.(b)+[c]")

    assert newest([("a.(b)+[c]_v1.blend",)], looked)
    assert newest([("aX(b)+[c]_v2.blend",)], looked) is None


def test_two_revisions_in_one_name_must_be_the_same() -> None:
    """Real: a name with both."""
    looked = look("{roots.prod}/v{revision}_{revision}.blend")

    assert newest([("v2_3.blend",)], looked) is None
    assert newest([("v2_2.blend",)], looked)

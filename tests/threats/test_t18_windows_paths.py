r"""T18: names and paths that Windows reads as another machine, a device, a stream, or another name than they are.

Whatever looks at `\\evil\s` hands evil this user's NTLM answer: such a path is never looked at. Paths are planned for
Windows here, on any OS; `tests/windows` has what a Windows Python does with them.
"""

from dataclasses import replace
from pathlib import PureWindowsPath

import pytest

from launcher.config.schema import CopyFrom, Root
from launcher.config.structure import structure
from launcher.config.template import parse
from launcher.model import OS, Copy, MakeFolder, Named, Start
from launcher.plan import wanted
from launcher.plan.cleaning import PlanError
from launcher.plan.needs import OutsideRoot, under
from launcher.plan.windows import why_not
from tests.support.planned import OPEN, PERSON, SERVER, SHOT, configured, machine, named, planned

PAYLOADS = {
    r"\\evil\s\x": "__evil_s_x",
    "//evil/s": "__evil_s",
    "\\\\?\\C:\\": "____C__",
    "CON": "CON_",
    "com1.blend": "com1_.blend",
    "x:stream": "x_stream",
    "x.": "x",
    "x ": "x",
    "x::$DATA": "x__$DATA",
    "NUL .txt": "NUL _.txt",
    "COM¹": "COM¹_",
    "C:x": "C_x",
}
"""What somebody calls a shot in Kitsu, and the one name that it may have on Windows."""
PLACES = {"P:/": "P:\\", "//nas/prod": "\\\\nas\\prod\\"}
COPY = replace(OPEN, when_missing=CopyFrom(copy=parse("{roots.prod}/templates/{entity.name}.blend")))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", PAYLOADS)
def test_a_name_is_one_plain_name_below_its_root(name: str, place: str) -> None:
    """Real: every path that a click would look at, and every path of its plan, for a drive and for a share."""
    action = replace(COPY, file=parse("{roots.prod}/{sequence.name}/{entity.name}/{entity.name}.v{revision:03}"))
    task, config = replace(named(SHOT, name), sequence=Named("sq", name)), configured(action, windows=place)
    asked = wanted(action, [task], PERSON, config, OS.WINDOWS, SERVER)

    for path in [*asked.files, *(search.folder for search in asked.searches.values())]:
        assert isinstance(path, PureWindowsPath)
        assert path.anchor == PLACES[place]
        assert why_not(path, PureWindowsPath(place)) == ""
    first = next(path for path in asked.files if path.name.endswith(".v001"))
    assert first.relative_to(PureWindowsPath(place)).parts[:-1] == (PAYLOADS[name], PAYLOADS[name])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CON", "'CON' is a device of Windows"),
        ("aux/x", "'aux' is a device of Windows"),
        ("com1.blend", "'com1.blend' is a device of Windows"),
        ("xy:stream", "'xy:stream' has a character that Windows does not allow"),
        ("x:stream", "it does not lie below P:\\"),
        ("x.", "'x.' ends with a dot or a blank, which Windows drops"),
        ("x /y", "'x ' ends with a dot or a blank, which Windows drops"),
        ("C:/x", "it does not lie below P:\\"),
        ("\\\\?\\C:\\x", "it does not lie below P:\\"),
    ],
)
def test_the_studios_own_text_is_held_to_the_same_before_anything_is_looked_at(text: str, reason: str) -> None:
    """Real: planning stops at the wish; on Linux the same text is a plain name."""
    action = replace(OPEN, file=parse("{roots.prod}/" + text + "/{entity.name}_v{revision}.blend"))

    with pytest.raises(PlanError) as told:
        wanted(action, [SHOT], PERSON, configured(action), OS.WINDOWS, SERVER)

    assert told.value.problem.endswith("cannot be one on Windows.")
    assert told.value.tried[0].endswith(reason)
    assert wanted(action, [SHOT], PERSON, configured(action), OS.LINUX, SERVER).files


@pytest.mark.parametrize(
    "path",
    [
        "\\\\evil\\s\\x", "//evil/s/x", "\\\\nas\\prod2\\x", "\\\\nas\\x", "\\\\?\\UNC\\nas\\prod\\x", "//?/C:/x",
        "\\\\.\\pipe\\x", "\\\\nas\\prod\\..\\x", "C:\\x", "\\x", "x",
    ],
)  # fmt: skip
def test_a_whole_path_may_be_looked_at_below_its_root_alone(path: str) -> None:
    r"""Real: only `\\nas\prod` is a root; names of another machine that begin like it are others."""
    assert why_not(PureWindowsPath(path), PureWindowsPath("//nas/prod"))
    assert why_not(PureWindowsPath("//NAS/Prod/shots/x.blend"), PureWindowsPath("//nas/prod")) == ""


def test_a_click_on_a_share_is_planned_below_that_share() -> None:
    r"""Real: the whole plan of a first working file on a root that is `\\nas\prod`."""
    config = configured(COPY, windows="//nas/prod")
    facts = machine(COPY, SHOT, config=config, os=OS.WINDOWS, exist=["//nas/prod/templates/SH030.blend"])

    plan = planned(COPY, SHOT, config=config, facts=facts)

    folder = PureWindowsPath("//nas/prod/BBB/shots/SQ010/SH030/animation")
    made, start = plan.steps[0], plan.steps[-1]
    (copied,) = [step for step in plan.steps if isinstance(step, Copy)]
    assert made == MakeFolder(folder, PureWindowsPath("//nas/prod"))
    assert isinstance(start, Start)
    assert copied.target == start.file == folder / "SH030_v001.blend"
    assert start.argv[-1] == r"\\nas\prod\BBB\shots\SQ010\SH030\animation\SH030_v001.blend"


@pytest.mark.parametrize("real", ["//evil/s/x", "//nas/prod2/x", "P:/x"])
def test_a_link_on_a_share_that_leads_to_another_is_refused(real: str) -> None:
    """Real: where the operating system says that the folder really is."""
    config = configured(OPEN, windows="//nas/prod")
    path = "//nas/prod/BBB/shots/SQ010/SH030/animation/SH030_v001.blend"
    facts = machine(OPEN, SHOT, config=config, os=OS.WINDOWS, real={path: real})

    with pytest.raises(OutsideRoot):
        under(PureWindowsPath(path), "prod", facts, label="SH030", key="actions.open.file")


@pytest.mark.parametrize(
    ("root", "told"),
    [
        ({"windows": "\\\\?\\C:\\"}, 'roots.prod.windows: "\\\\\\\\?\\\\C:\\\\" is a device of Windows, not a folder'),
        ({"windows": "//./pipe/x"}, 'roots.prod.windows: "//./pipe/x" is a device of Windows, not a folder'),
        ({"windows": "evil/s"}, None),
        ({"windows": "P:"}, None),
        ({"windows": "P:/", "marker": "//evil/s/x"}, 'roots.prod.marker: "//evil/s/x" must be a file inside the root'),
        ({"windows": "P:/", "marker": "C:x"}, 'roots.prod.marker: "C:x" must be a file inside the root'),
        (
            {"windows": "P:/", "also": ["Q:/", "x", "\\\\?\\Q:\\", "//nas/s/.."]},
            'roots.prod.also.1: "x" must be a whole path, without a way up',
        ),
    ],
)
def test_a_root_is_a_whole_path_and_no_device(root: dict[str, object], told: str | None) -> None:
    """Real: the configuration's own errors."""
    faults = structure({"roots": {"prod": root}}).faults

    texts = [".".join(map(str, fault.key)) + f": {fault.text}" for fault in faults]
    assert texts
    assert told is None or texts[0] == told


def test_the_places_of_a_root_count_on_their_own_os() -> None:
    """Real: a Linux path, a drive, a share; a share is never taken for a path of Linux."""
    root = Root(linux="/mnt/prod", windows="P:/", also=("/mnt/vol2", "Q:/", "//nas/vol2"))

    assert {os: [str(path) for path in root.elsewhere(os)] for os in OS} == {
        OS.LINUX: ["/mnt/vol2"],
        OS.WINDOWS: ["Q:\\", "\\\\nas\\vol2\\"],
        OS.MACOS: ["/mnt/vol2"],
    }

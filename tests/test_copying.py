"""The next revision is a copy of an earlier one: whole, exclusive, without links: `launcher.copying`, on real files."""

import errno
import os
import shutil
import threading
from pathlib import Path

import pytest

from launcher.copying import copy_earlier
from launcher.files import FileError, OutsideRoot, Taken


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "prod"
    folder.mkdir()
    return folder


def scene(root: Path, name: str = "SH030_v001") -> Path:
    """A Harmony scene: a folder with drawings in folders."""
    for path, content in (("SH030.xstage", "<project/>"), ("elements/Ink/Ink-1.tvg", "ink"), ("palette/p.plt", "")):
        file = root / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return root / name


def content(folder: Path) -> dict[str, str]:
    """Every file below a folder, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_file_is_copied_whole(root: Path) -> None:
    (root / "SH030_v001.blend").write_text("work")

    copy_earlier(root / "SH030_v001.blend", root, root / "SH030_v002.blend", root)

    assert content(root) == {"SH030_v001.blend": "work", "SH030_v002.blend": "work"}


def test_a_scene_that_is_a_folder_is_copied_with_everything_in_it(root: Path) -> None:
    old = scene(root)

    copy_earlier(old, root, root / "SH030_v002", root)

    assert content(root / "SH030_v002") == content(old)
    assert sorted(path.name for path in root.iterdir()) == ["SH030_v001", "SH030_v002"]


@pytest.mark.parametrize("taken", ["file", "folder", "empty folder", "link", "link to nowhere"])
@pytest.mark.parametrize("source", ["file", "folder"])
def test_what_is_there_already_is_never_touched(root: Path, source: str, taken: str) -> None:
    """Real: each sort of thing that may have taken the name, for both sorts of scenes."""
    old, target = scene(root, "old"), root / "new"
    if source == "file":
        old = root / "old.blend"
        old.write_text("work")
    if taken == "file":
        target.write_text("theirs")
    elif taken == "folder":
        scene(root, "new")
    elif taken == "empty folder":
        target.mkdir()
    else:
        target.symlink_to(root / "old" if taken == "link" else root / "nowhere")
    before = sorted(str(path) for path in root.rglob("*"))

    with pytest.raises(Taken) as told:
        copy_earlier(old, root, target, root)

    assert str(told.value) == (
        f"{target} was made by somebody else at the same moment.\n"
        f"  tried  {target}: File exists\n"
        "  next   Click again: the file that is there now will be opened."
    )
    assert sorted(str(path) for path in root.rglob("*")) == before


@pytest.mark.parametrize("source", ["file", "folder"])
def test_of_many_at_once_exactly_one_gets_the_name(root: Path, source: str) -> None:
    """Real: eight threads, whose every step may come between those of another."""
    old = scene(root, "old")
    if source == "file":
        old = root / "old.blend"
        old.write_text("work")
    outcomes: list[str] = []
    ready = threading.Barrier(8)

    def one() -> None:
        ready.wait()
        try:
            copy_earlier(old, root, root / "new", root)
            outcomes.append("made")
        except Taken:
            outcomes.append("taken")

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["made", *["taken"] * 7]
    assert {path.name for path in root.iterdir()} == {"new", "old", *([] if source == "folder" else ["old.blend"])}


def test_a_link_inside_a_scene_is_not_copied(root: Path, tmp_path: Path) -> None:
    """Whoever may write there could have this person's own files copied to where everybody reads."""
    (tmp_path / "id_rsa").write_text("secret")
    old = scene(root)
    (old / "elements" / "Ink" / "Ink-2.tvg").symlink_to(tmp_path / "id_rsa")

    with pytest.raises(FileError) as told:
        copy_earlier(old, root, root / "SH030_v002", root)

    assert str(told.value) == (
        f"{old} could not be copied to the next revision.\n"
        "  tried  SH030_v001: Ink-2.tvg in it is a link\n"
        "  next   Tidy it up, or save the next revision by hand."
    )
    assert [path.name for path in root.iterdir()] == ["SH030_v001"]


def test_a_link_to_a_folder_inside_a_scene_is_not_followed_either(root: Path, tmp_path: Path) -> None:
    (tmp_path / ".ssh").mkdir()
    old = scene(root)
    (old / "more").symlink_to(tmp_path / ".ssh")

    with pytest.raises(FileError, match="could not be copied to the next revision"):
        copy_earlier(old, root, root / "SH030_v002", root)

    assert [path.name for path in root.iterdir()] == ["SH030_v001"]


def test_a_source_that_leads_out_of_its_root_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "id_rsa").write_text("secret")
    (root / "SH030_v001.blend").symlink_to(tmp_path / "id_rsa")

    with pytest.raises(OutsideRoot):
        copy_earlier(root / "SH030_v001.blend", root, root / "SH030_v002.blend", root)

    assert [path.name for path in root.iterdir()] == ["SH030_v001.blend"]


@pytest.mark.parametrize("at", ["top", "inside"])
def test_a_pipe_is_not_waited_for(root: Path, at: str) -> None:
    """Real: pipes that nobody writes to."""
    old = root / "SH030_v001"
    if at == "inside":
        scene(root)
    os.mkfifo(old if at == "top" else old / "pipe")

    with pytest.raises(FileError, match="could not be copied to the next revision") as told:
        copy_earlier(old, root, root / "SH030_v002", root)

    assert told.value.tried[0].endswith("in it is neither a file nor a folder")
    assert [path.name for path in root.iterdir()] == ["SH030_v001"]


def test_a_scene_without_bounds_is_not_copied(root: Path) -> None:
    """Real: a scene of more files than are allowed, here three."""
    old = scene(root)

    with pytest.raises(FileError) as told:
        copy_earlier(old, root, root / "SH030_v002", root, most=3)

    assert told.value.tried == ("SH030_v001: it holds more than 3 files, or folders 32 deep",)
    assert [path.name for path in root.iterdir()] == ["SH030_v001"]


def test_a_source_that_has_gone_is_told(root: Path) -> None:
    with pytest.raises(FileError) as told:
        copy_earlier(root / "SH030_v001.blend", root, root / "SH030_v002.blend", root)

    assert told.value.code == "file"
    assert told.value.tried == (f"{root}/SH030_v002.blend: {os.strerror(errno.ENOENT)}",)


@pytest.mark.parametrize("inside", ["", "elements/Ink/Ink-2.tvg"])
def test_what_has_no_room_is_not_begun(root: Path, inside: str) -> None:
    """Real: a file of four terabytes that holds nothing, which a colleague made in a moment; alone, and in a scene."""
    old = scene(root) if inside else root / "SH030_v001.blend"
    huge = old / inside if inside else old
    try:
        with open(huge, "wb") as file:
            file.truncate(4 * 10**12)
    except OSError:
        pytest.skip("this file system has no such file")
    if shutil.disk_usage(root).free > 4 * 10**12:
        pytest.skip("this disk has room for it")

    with pytest.raises(FileError) as told:
        copy_earlier(old, root, root / "SH030_v002", root)

    assert told.value.next_step == "Free some space there, then click again."
    assert sorted(path.name for path in root.iterdir()) == [old.name]

"""Files appear whole, never replace one, and never outside their root."""

import errno
import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from launcher.files import FileError, Folder, OutsideRoot, Taken, copy, fill_directly, inside, make_folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "prod"
    folder.mkdir()
    return folder


def template(root: Path, content: bytes = b"a new scene") -> Path:
    path = root / "templates" / "animation.blend"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_every_missing_folder_is_made_and_named(root: Path) -> None:
    """Real: folders."""
    (root / "shots").mkdir()

    made = make_folder(root / "shots" / "SQ010" / "SH030", root)

    assert made == [root / "shots" / "SQ010", root / "shots" / "SQ010" / "SH030"]
    assert (root / "shots" / "SQ010" / "SH030").is_dir()


def test_folders_that_are_there_are_left_as_they_are(root: Path) -> None:
    (root / "shots").mkdir(mode=0o750)

    assert make_folder(root / "shots", root) == []
    assert make_folder(root, root) == []
    assert stat.S_IMODE((root / "shots").stat().st_mode) == 0o750


def test_new_folders_and_files_have_the_permissions_that_the_umask_leaves(root: Path) -> None:
    """Real: the umask; a template that nobody may write."""
    source = template(root)
    source.chmod(0o444)
    before = os.umask(0o002)
    try:
        make_folder(root / "shots", root)
        copy(source, root / "shots" / "SH030_v001.blend", root)
    finally:
        os.umask(before)

    assert stat.S_IMODE((root / "shots").stat().st_mode) == 0o775
    assert stat.S_IMODE((root / "shots" / "SH030_v001.blend").stat().st_mode) == 0o664


def test_a_root_that_is_reached_by_a_link_is_fine(tmp_path: Path, root: Path) -> None:
    """Real: a link to the root, as studios mount their shares, and a link inside it."""
    (tmp_path / "mnt").symlink_to(root)
    (root / "episodes").mkdir()
    (root / "shots").symlink_to("episodes")

    made = make_folder(tmp_path / "mnt" / "shots" / "SQ010", tmp_path / "mnt")

    assert made == [root / "episodes" / "SQ010"]


def test_a_root_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError) as told:
        make_folder(tmp_path / "gone" / "shots", tmp_path / "gone")

    assert str(told.value) == (
        f"The folder {tmp_path}/gone/shots could not be made.\n"
        f"  tried  {tmp_path}/gone: No such file or directory\n"
        "  next   Check the path in the studio file, and that the place is mounted."
    )
    assert not (tmp_path / "gone").exists()


def test_a_file_where_a_folder_should_be_is_told(root: Path) -> None:
    (root / "shots").write_text("")

    with pytest.raises(FileError) as told:
        make_folder(root / "shots" / "SQ010", root)

    assert str(told.value) == (
        f"The folder {root}/shots/SQ010 could not be made.\n"
        f"  tried  {root}/shots: Not a directory\n"
        "  next   Click again; if it happens again, ask IT to look at that place."
    )


def test_many_at_once_make_the_same_folders(root: Path) -> None:
    """Real: threads that race."""
    made: list[list[Path]] = []
    deep = root.joinpath(*"abcdefgh")
    threads = [threading.Thread(target=lambda: made.append(make_folder(deep, root))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 16
    assert sorted(path for some in made for path in some) == [root.joinpath(*"abcdefgh"[: i + 1]) for i in range(8)]


def test_a_copy_has_the_templates_content_and_nothing_else_is_left(root: Path) -> None:
    """Real: 3 MB, more than one read."""
    content = os.urandom(3_000_001)
    copy(template(root, content), root / "SH030_v001.blend", root)

    assert (root / "SH030_v001.blend").read_bytes() == content
    assert names(root) == ["SH030_v001.blend", "templates", "templates/animation.blend"]


def test_a_copy_may_come_from_anywhere(root: Path, tmp_path: Path) -> None:
    (tmp_path / "t.blend").write_text("x")

    copy(tmp_path / "t.blend", root / "a.blend", root)

    assert (root / "a.blend").read_text() == "x"


def test_a_long_name_still_finds_room(root: Path) -> None:
    """Real: the longest name that the file system takes."""
    name = "é" * 125 + ".blnd"
    copy(template(root), root / name, root)

    assert (root / name).exists()


def test_a_file_that_came_first_is_never_touched(root: Path) -> None:
    """Real: a file that is there already."""
    source, target = template(root), root / "SH030_v001.blend"
    target.write_text("a day's work")
    before = target.stat()

    with pytest.raises(Taken) as told:
        copy(source, target, root)

    assert str(told.value) == (
        f"{target} was made by somebody else at the same moment.\n"
        f"  tried  {target}: File exists\n"
        "  next   Click again: the file that is there now will be opened."
    )
    assert told.value.code == "taken"
    assert target.read_text() == "a day's work"
    assert target.stat() == before
    assert names(root) == ["SH030_v001.blend", "templates", "templates/animation.blend"]


def test_of_many_who_copy_at_once_one_wins_and_its_file_is_whole(root: Path) -> None:
    """Real: threads that race for one name."""
    sources = [template(root, bytes([number]) * 500_000).rename(root / f"t{number}") for number in range(8)]
    outcomes: list[str] = []

    def attempt(source: Path) -> None:
        try:
            copy(source, root / "x.blend", root)
            outcomes.append("made")
        except Taken:
            outcomes.append("taken")

    threads = [threading.Thread(target=attempt, args=(source,)) for source in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    content = (root / "x.blend").read_bytes()
    assert sorted(outcomes) == ["made"] + ["taken"] * 7
    assert len(content) == 500_000
    assert len(set(content)) == 1


def test_a_template_that_is_missing_is_told(root: Path) -> None:
    with pytest.raises(FileError) as told:
        copy(root / "none.blend", root / "x.blend", root)

    assert str(told.value) == (
        f"The template {root}/none.blend cannot be read.\n"
        f"  tried  {root}/none.blend: No such file or directory\n"
        "  next   Check the path in the studio file, and that the place is mounted."
    )
    assert names(root) == []


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_a_template_that_is_no_file_is_told_at_once(root: Path, kind: str) -> None:
    """Real: a named pipe, that nobody writes into."""
    source = root / "t"
    if kind == "folder":
        source.mkdir()
    elif kind == "pipe":
        os.mkfifo(source)
    else:
        source = Path("/dev/zero")

    with pytest.raises(FileError) as told:
        copy(source, root / "x.blend", root)

    assert str(told.value) == (
        f"The template {source} is not a file.\n  next   Check the action's `when_missing` in the studio file."
    )
    assert not (root / "x.blend").exists()


def test_a_socket_as_a_template_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: a Unix socket."""
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind("t")

    with pytest.raises(FileError):
        copy(root / "t", root / "x.blend", root)


FULL = """
import resource, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from launcher.files import FileError, copy
root = Path(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    copy(root / "t", root / "x.blend", root)
except FileError as error:
    print(error)
"""


def test_a_disk_that_gets_full_leaves_no_half_written_file(root: Path) -> None:
    """Real: a process that may not write more than 100,000 bytes into a file."""
    (root / "t").write_bytes(bytes(300_000))
    repo = Path(__file__).parents[1]

    done = subprocess.run([sys.executable, "-c", FULL, repo, root], capture_output=True, text=True, check=True)

    assert done.stdout == (
        f"{root}/x.blend could not be copied from {root}/t.\n"
        f"  tried  {root}/x.blend: {os.strerror(errno.EFBIG)}\n"
        "  next   Click again; if it happens again, ask IT to look at that place.\n"
    )
    assert names(root) == ["t"]


@pytest.fixture
def folder(root: Path) -> Folder:
    return Folder.at(root)


def test_without_hard_links_a_file_is_made_directly_and_exclusively(root: Path, folder: Folder) -> None:
    """Real: the way that vfat and exFAT need, on this file system."""
    source = os.open(template(root), os.O_RDONLY)

    fill_directly(source, "x.blend", folder)

    assert (root / "x.blend").read_bytes() == b"a new scene"
    os.lseek(source, 0, os.SEEK_SET)
    with pytest.raises(FileExistsError):
        fill_directly(source, "x.blend", folder)
    assert (root / "x.blend").read_bytes() == b"a new scene"


def test_without_hard_links_a_failure_leaves_nothing(root: Path, folder: Folder) -> None:
    """Real: a descriptor that cannot be read."""
    unreadable = os.open(root, os.O_RDONLY | os.O_DIRECTORY)

    with pytest.raises(IsADirectoryError):
        fill_directly(unreadable, "x.blend", folder)

    assert names(root) == []


def test_a_path_inside_is_answered_without_its_links(root: Path) -> None:
    (root / "a").mkdir()
    (root / "b").symlink_to("a")

    assert inside(root / "b" / "new", root) == root / "a" / "new"
    assert inside(root, root) == root


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc", "../prod-other/x"])
def test_a_path_outside_is_told(root: Path, path: str) -> None:
    with pytest.raises(OutsideRoot) as told:
        inside(root / path, root)

    leads_to = os.path.realpath(root / path)
    assert str(told.value) == (
        f"{root / path} leads out of its root {root}.\n"
        f"  tried  it leads to {leads_to}\n"
        "  next   Remove the link that leads there, or ask who put it there; nothing was written."
    )
    assert told.value.code == "outside-root"

"""Time, size and owner of working files: `launcher.facts.details`, on real files."""

import os
import pwd
from pathlib import Path, PurePosixPath

from launcher.facts import details
from launcher.plan.matching import Search
from launcher.plan.needs import Detail
from launcher.system.linux import owner

ANY = r"a_v(?P<revision>[0-9]{1,18})"


def search(folder: Path, pattern: str = ANY) -> Search:
    return Search("prod", PurePosixPath(folder), (pattern,))


def test_files_and_scenes_that_are_folders_are_told_apart(tmp_path: Path) -> None:
    """Real: a file, a folder, a name that has gone since it was listed."""
    (tmp_path / "a_v1").write_text("1234")
    (tmp_path / "a_v2").mkdir()
    for name in ("a_v1", "a_v2"):
        os.utime(tmp_path / name, (1_700_000_000, 1_700_000_000))

    found = details.read(search(tmp_path), [("a_v1",), ("a_v2",), ("a_v3",)], "all")

    me = pwd.getpwuid(os.getuid()).pw_name
    assert found == {
        ("a_v1",): Detail(1_700_000_000, 4, me, mine=True),
        ("a_v2",): Detail(1_700_000_000, None, me, mine=True),
    }


def test_of_the_newest_nobodys_name_is_asked_for(tmp_path: Path) -> None:
    """A directory server may have to be asked for a name, and a click does not need it."""
    for number in (1, 2):
        (tmp_path / f"a_v{number}").touch()

    ((levels, detail),) = details.read(search(tmp_path), [("a_v1",), ("a_v2",)], "newest").items()

    assert (levels, detail.owner, detail.mine) == (("a_v2",), "", True)
    assert details.read(search(tmp_path), [], "newest") == {}


def test_a_file_of_another_user_is_not_mine() -> None:
    """Real: a file of root's; whoever runs this as root owns it herself."""
    status = os.stat("/etc/passwd")

    assert owner.named(status.st_uid) == "root"
    assert (owner.of(Path("/etc/passwd"), status) == owner.own()) == (os.getuid() == 0)


def test_a_user_that_this_machine_does_not_know_is_a_number() -> None:
    """Real: as on a share whose users are known elsewhere."""
    assert owner.named(3_999_999_999) == "3999999999"


def test_only_the_newest_thousand_are_looked_at(tmp_path: Path) -> None:
    names = [(f"a_v{number}",) for number in range(1, details.MOST + 3)]
    for (name,) in names:
        (tmp_path / name).touch()

    found = details.read(search(tmp_path), names, "all")

    assert len(found) == details.MOST
    assert ("a_v2",) not in found
    assert ("a_v3",) in found

"""T36: who has an administrator's login in Kitsu changes what Kitsu says, never which programs there are here."""

import pytest

from launcher.model import OS
from launcher.plan import kitsus
from launcher.plan.kitsus import KitsusOwn, Recorded, Software
from tests.plan.test_kitsus import APPS, BLEND, CONFIG, HERE, OWN, filled, settled
from tests.support.planned import BLENDER, SHOT

NAMES = ["/tmp/evil", "../../tmp/evil", "C:\\evil.exe", "sh -c id", "--python-expr", "{roots.prod}/evil", "", "\0"]
ELSEWHERE = [
    "/etc/passwd",
    f"{HERE}/../../../../../../etc/x.blend",
    "//evil.test/s/x.blend",
    "\\\\evil.test\\s\\x.blend",
    "/mnt/prod/.ssh/x.blend",
    "file:///mnt/prod/x.blend",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_software_of_kitsu_is_never_a_program_of_its_own(name: str) -> None:
    """Every name and ending is compared with what the studio file knows; nothing of it is started."""
    evil = Software("s9", name, name, kitsus.endings([name, ".sh", ".desktop"]))
    with pytest.raises(KitsusOwn):
        kitsus.program(OWN, SHOT, {"s9": evil}, ["s9"], APPS)


def test_a_software_that_is_called_as_a_known_one_is_that() -> None:
    """And its files end as the application's do, whatever ending Kitsu gives it."""
    evil = Software("s9", "Blender", "x", (".py", ".sh"))
    app, software = kitsus.program(OWN, SHOT, {"s9": evil}, ["s9"], APPS)
    assert app is BLENDER
    assert kitsus.ending(app, software) == ".blend"


@pytest.mark.parametrize("path", ELSEWHERE)
@pytest.mark.parametrize("os", list(OS))
def test_a_recorded_file_elsewhere_does_not_count(path: str, os: OS) -> None:
    """A record of revision 999 for each path; the studio's own place stays."""
    one = settled(recorded=Recorded(path, 999, "main", BLEND.id), os=os)
    assert all(revision != 999 for _path, revision in one.others)
    assert filled(one, os).endswith("fox_sq010_sh030_animation_v001.blend")


@pytest.mark.parametrize("ending", ["", ".py", ".blend.py", ".sh"])
def test_a_recorded_file_is_of_the_applications_sort(ending: str) -> None:
    """Whatever is recorded, the file that is looked for ends as the application's do."""
    one = settled(recorded=Recorded(f"{HERE}{ending}", 999, "main", BLEND.id))
    assert [path.suffix for path, revision in one.others if revision == 999] == [".blend"]
    assert CONFIG.roots.keys() == {"prod"}

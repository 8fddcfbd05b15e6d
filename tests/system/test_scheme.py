"""How links reach us: exact texts, and what the desktop's own programs make of them."""

import importlib
import os
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

from launcher.system import Links, trial
from launcher.system.linux import entries, scheme
from launcher.system.macos import scheme as macos
from tests.support.needs import needs

HANDLER = ["/opt/kitsu-launcher/kitsu-launcher-url"]
HOSTILE = [
    "kitsu-launcher://open",
    "kitsu-launcher://run/a?task=1&task=2",
    "kitsu-launcher://run/a?x=$(id);`id`'y'&z=|<>!{}~#f",
    "kitsu-launcher://run/--evil?a=%25%22%0A--evil",
]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty home on a desktop where no package has registered anything."""
    for name in [name for name in os.environ if name.startswith(("XDG_", "KITSU_LAUNCHER_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_DIRS", f"{tmp_path}/share:/usr/share")
    (tmp_path / "home").mkdir()
    return tmp_path


@pytest.fixture
def handler(desk: Path) -> Path:
    """A program that writes down each argument."""
    program = desk / "handler"
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$#\" \"$@\" >> '{desk}/told'\n")
    program.chmod(0o755)
    return program


def own_entry(desk: Path) -> Path:
    return desk / "home" / ".local" / "share" / "applications" / scheme.NAME


def listed(desk: Path) -> Path:
    return desk / "home" / ".config" / "mimeapps.list"


def test_the_entry_is_what_a_package_ships() -> None:
    """Pure: text compared whole."""
    assert scheme.entry(HANDLER) == (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=Kitsu Launcher (links)\n"
        "Exec=/opt/kitsu-launcher/kitsu-launcher-url %u\n"
        "Icon=kitsu-launcher\n"
        "Terminal=false\n"
        "NoDisplay=true\n"
        "StartupNotify=false\n"
        "MimeType=x-scheme-handler/kitsu-launcher;\n"
    )


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("/usr/bin/x", "/usr/bin/x"),
        ("/a b/x", '"/a b/x"'),
        ('/a"b', '"/a\\\\"b"'),
        ("/a$b`c", '"/a\\\\$b\\\\`c"'),
        ("/a\\b", '"/a\\\\\\\\b"'),
        ("/100%u", "/100%%u"),
        ("", '""'),
        ("/a;b", '"/a;b"'),
    ],
)
def test_how_an_argument_is_quoted(argument: str, written: str) -> None:
    """Pure: quotes, then the escapes of a text of a desktop entry; read back, it is the same program."""
    line = entries.exec_line([argument])

    assert line == written
    if argument.startswith("/"):
        assert entries.program(entries.entry({"Exec": line + " %u"})) == argument


def test_what_was_registered_changes_nothing_the_second_time(desk: Path, handler: Path) -> None:
    """Real: files below a home."""
    assert scheme.state([str(handler)]) is Links.NOWHERE
    assert scheme.registered() is None

    assert scheme.register([str(handler)]) is True

    assert own_entry(desk).read_text() == scheme.entry([str(handler)])
    assert (
        listed(desk).read_text()
        == "[Default Applications]\nx-scheme-handler/kitsu-launcher=kitsu-launcher-url.desktop\n"
    )
    assert scheme.state([str(handler)]) is Links.HERE
    assert scheme.registered() == f"{handler} %u"
    assert scheme.register([str(handler)]) is False
    assert scheme.unregister() is True
    assert not own_entry(desk).exists()
    assert listed(desk).read_text() == "[Default Applications]\n"
    assert scheme.unregister() is False


def test_what_was_damaged_is_repaired(desk: Path, handler: Path) -> None:
    """Real: the entry of another installation, a default that somebody else set."""
    scheme.register([str(handler)])
    own_entry(desk).write_text(scheme.entry(["/bin/false"]))
    listed(desk).write_text(listed(desk).read_text().replace(scheme.NAME, "other.desktop"))
    (own_entry(desk).parent / "other.desktop").write_text(scheme.entry(["/bin/true"]))
    assert scheme.state([str(handler)]) is Links.ELSEWHERE
    assert scheme.registered() == "/bin/true %u"

    assert scheme.register([str(handler)]) is True

    assert scheme.state([str(handler)]) is Links.HERE


LIST = """\
# mine
[Added Associations]
x-scheme-handler/kitsu-launcher=old.desktop;kitsu-launcher-url.desktop;
image/png=krita.desktop;

[Default Applications]
text/html=firefox.desktop
x-scheme-handler/kitsu-launcher=old.desktop
[Removed Associations]
text/plain=x.desktop;
"""


def test_of_a_mimeapps_list_all_other_lines_stay() -> None:
    """Pure: texts compared whole."""
    assert scheme.default(LIST) == "old.desktop"
    assert scheme.with_default(LIST, scheme.NAME) == (
        "# mine\n"
        "[Added Associations]\n"
        "image/png=krita.desktop;\n"
        "\n"
        "[Default Applications]\n"
        "x-scheme-handler/kitsu-launcher=kitsu-launcher-url.desktop\n"
        "text/html=firefox.desktop\n"
        "[Removed Associations]\n"
        "text/plain=x.desktop;\n"
    )
    assert scheme.with_default("[Added Associations]\na=b", "n.desktop") == (
        "[Added Associations]\na=b\n\n[Default Applications]\nx-scheme-handler/kitsu-launcher=n.desktop\n"
    )
    assert scheme.without(LIST, scheme.NAME) == LIST.replace("old.desktop;kitsu-launcher-url.desktop;", "old.desktop")


def test_a_list_that_is_a_link_is_changed_where_it_leads(desk: Path, handler: Path) -> None:
    """Real: settings that somebody keeps in a repository of her own; and not one byte that is no UTF-8 is lost."""
    (desk / "dotfiles").write_bytes(b"[Default Applications]\nimage/\xff=x.desktop\n")
    listed(desk).parent.mkdir()
    listed(desk).symlink_to(desk / "dotfiles")

    scheme.register([str(handler)])

    assert listed(desk).is_symlink()
    assert b"image/\xff=x.desktop\n" in (desk / "dotfiles").read_bytes()
    assert b"kitsu-launcher-url.desktop" in (desk / "dotfiles").read_bytes()


def test_what_a_package_has_registered_is_left_alone(desk: Path, handler: Path) -> None:
    """Real: its entry names a program that is there, and ours, which would hide it, goes."""
    scheme.register(["/bin/true"])
    packaged = desk / "share" / "applications" / scheme.NAME
    packaged.parent.mkdir(parents=True)
    packaged.write_text(scheme.entry([str(handler)]))

    assert scheme.register(["/bin/true"]) is True

    assert not own_entry(desk).exists()
    assert scheme.register(["/bin/true"]) is False
    assert scheme.state(["/bin/true"]) is Links.HERE
    assert scheme.registered() == f"{handler} %u"
    handler.unlink()
    assert scheme.state(["/bin/true"]) is Links.NOWHERE
    assert scheme.register(["/bin/true"]) is True, "the package is broken: our own is needed"
    assert scheme.registered() == "/bin/true %u"


def test_beside_a_package_nothing_is_written(desk: Path, handler: Path) -> None:
    """Real: an empty home stays empty."""
    packaged = desk / "share" / "applications" / scheme.NAME
    packaged.parent.mkdir(parents=True)
    packaged.write_text(scheme.entry([str(handler)]))

    assert scheme.register(["/bin/true"]) is False

    assert list((desk / "home").rglob("*")) == []


def test_a_place_that_cannot_be_written_is_told(desk: Path, handler: Path) -> None:
    """Real: a file where the folder must be; text compared whole."""
    (desk / "home" / ".local").write_text("")

    with pytest.raises(scheme.SchemeError) as raised:
        scheme.register([str(handler)])

    assert str(raised.value) == (
        "Kitsu Launcher's links could not be registered.\n"
        f"  tried  {own_entry(desk)}: Not a directory\n"
        "  next   Check that you may write there. Clicks in Kitsu work without it."
    )


def test_a_trial_leaves_the_desktop_alone(desk: Path, handler: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: KITSU_LAUNCHER_HOME holds for the desktop's files too; text compared whole."""
    monkeypatch.setenv("KITSU_LAUNCHER_HOME", str(desk / "trial"))
    monkeypatch.setenv("XDG_DATA_HOME", str(desk / "data"))

    with pytest.raises(trial.OnlyATrial) as raised:
        scheme.register([str(handler)])

    assert str(raised.value) == (
        "This is a trial: KITSU_LAUNCHER_HOME is set, and the desktop is left alone.\n"
        "  tried  XDG_CONFIG_HOME: not set\n"
        "  next   Do it without KITSU_LAUNCHER_HOME."
    )
    monkeypatch.setenv("XDG_CONFIG_HOME", str(desk / "config"))
    assert scheme.register([str(handler)]) is True
    assert list((desk / "home").rglob("*")) == []


def without_programs(desk: Path, *names: str) -> str:
    """A PATH with all of the machine's programs but some."""
    folder = desk / "programs"
    folder.mkdir()
    for path in Path("/usr/bin").iterdir():
        if path.name not in names:
            (folder / path.name).symlink_to(path)
    return str(folder)


@needs("xdg-open", "xdg-mime", "update-desktop-database")
@pytest.mark.parametrize("absent", [(), ("xdg-mime", "update-desktop-database", "gio")])
def test_the_desktops_own_programs_bring_links_as_they_were(
    desk: Path, handler: Path, monkeypatch: pytest.MonkeyPatch, absent: tuple[str, ...]
) -> None:
    """Real: xdg-open of xdg-utils with its mime database; with the whole desktop, and with nothing but xdg-open."""
    monkeypatch.setenv("PATH", without_programs(desk, *(name for name in absent if name != "xdg-mime")))
    monkeypatch.setenv("DISPLAY", ":0")
    with monkeypatch.context() as registering:
        # xdg-open itself asks xdg-mime; who registers must not need it.
        registering.setenv("PATH", str(desk / "nothing"))
        assert scheme.register([str(handler)]) is True
    if not absent:
        asked = ["xdg-mime", "query", "default", scheme.MIME]
        assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip() == scheme.NAME

    for link in HOSTILE:
        subprocess.run(["xdg-open", link], check=True, timeout=30)

    told = (desk / "told").read_text().splitlines()
    assert told == [line for link in HOSTILE for line in ("1", link)]


@needs("gio")
def test_a_program_with_a_strange_name_is_found_by_the_desktop(desk: Path, handler: Path) -> None:
    """Real: GLib reads our quotes, the database is the person's own."""
    folder = desk / 'a "b" $HOME `id`; é\\'  # GLib 2.74 finds no program with a % in its path
    folder.mkdir()
    strange = folder / "handler"
    shutil.copy(handler, strange)
    scheme.register([str(strange), "-m", "two words"])

    subprocess.run(["gio", "launch", own_entry(desk), HOSTILE[1]], check=True, timeout=30)

    assert (desk / "told").read_text().splitlines() == ["3", "-m", "two words", HOSTILE[1]]


@pytest.mark.parametrize(
    ("program", "bundle"),
    [
        ("/Applications/Kitsu Launcher.app/Contents/MacOS/kitsu-launcher", "/Applications/Kitsu Launcher.app"),
        ("/Applications/A.app/Contents/Helpers/B.app/Contents/MacOS/b", "/Applications/A.app"),
        ("/opt/venv/bin/python", None),
    ],
)
def test_the_application_that_a_program_lies_in(program: str, bundle: str | None) -> None:
    """Pure: the outermost one."""
    assert macos.bundle_of([program]) == bundle


class Event:
    """An Apple event as AppKit hands it over."""

    def __init__(self, url: str) -> None:
        self._url = url

    def paramDescriptorForKeyword_(self, keyword: int) -> "Event":
        assert keyword.to_bytes(4, "big") == b"----"
        return self

    def stringValue(self) -> str:
        return self._url


def test_every_link_that_macos_gives_to_the_program_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Foundation is a stand-in: the selector, the event's class and id, and that the receiver is kept."""
    registered: list[tuple[object, ...]] = []

    class NSObject:
        @classmethod
        def alloc(cls) -> "NSObject":
            return cls()

        def init(self) -> "NSObject":
            return self

    class Manager:
        @classmethod
        def sharedAppleEventManager(cls) -> "Manager":
            return cls()

        def setEventHandler_andSelector_forEventClass_andEventID_(self, *given: object) -> None:
            registered.append(given)

    foundation = types.ModuleType("Foundation")
    foundation.NSObject, foundation.NSAppleEventManager = NSObject, Manager  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "Foundation", foundation)
    monkeypatch.setattr(macos, "_kept", [])
    links: list[str] = []

    importlib.import_module("launcher.system.macos.scheme").receive(links.append)

    ((receiver, selector, event_class, event_id),) = registered
    assert (selector, event_class, event_id) == (b"handle:withReply:", 0x4755524C, 0x4755524C)
    assert (0x4755524C).to_bytes(4, "big") == b"GURL"
    for url in ("kitsu-launcher://open", "kitsu-launcher://run/a?task=1"):
        receiver.handle_withReply_(Event(url), None)  # type: ignore[attr-defined]
    assert links == ["kitsu-launcher://open", "kitsu-launcher://run/a?task=1"]
    assert macos._kept == [receiver]

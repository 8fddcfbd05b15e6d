"""Start at login: exact files, what systemd says to ours, and what wins over what."""

import os
import plistlib
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import registered
from launcher.system import trial
from launcher.system.linux import autostart
from launcher.system.macos import autostart as macos
from tests.support.needs import needs

ROOT = Path(__file__).parents[2]
PACKAGED = ["/opt/kitsu-launcher/kitsu-launcher"]
PROGRAM = ["/bin/true"]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty home on a machine where no package has decided anything."""
    for name in [name for name in os.environ if name.startswith(("XDG_", "KITSU_LAUNCHER_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "etc"))
    (tmp_path / "home").mkdir()
    return tmp_path


def installed(desk: Path, program: str = "/bin/true") -> Path:
    """What a package puts there."""
    path = desk / "etc" / "autostart" / autostart.ENTRY
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(autostart.entry([program]))
    return path


def own(desk: Path) -> set[str]:
    """The person's own files, with where links lead."""
    home = desk / "home" / ".config"
    links = [path for path in home.rglob("*") if path.is_symlink() or path.is_file()]
    return {f"{path.relative_to(home)}" + (f" -> {path.readlink()}" if path.is_symlink() else "") for path in links}


def test_the_entry() -> None:
    """Pure: text compared whole."""
    assert autostart.entry(PACKAGED) == (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=Kitsu Launcher\n"
        "Exec=/opt/kitsu-launcher/kitsu-launcher serve --restart\n"
        "Icon=kitsu-launcher\n"
        "Terminal=false\n"
        "NoDisplay=true\n"
        "X-systemd-skip=true\n"
    )


def test_the_unit() -> None:
    """Pure: text compared whole."""
    assert autostart.unit(["/a b/100%/$x", 'a "b" $c \\d']) == (
        "[Unit]\n"
        "Description=Kitsu Launcher\n"
        "PartOf=graphical-session.target\n"
        "After=graphical-session.target\n"
        "StartLimitIntervalSec=60\n"
        "StartLimitBurst=20\n"
        "\n"
        "[Service]\n"
        'ExecStart="/a b/100%%/$x" "a \\"b\\" $$c \\\\d" "serve"\n'
        "Restart=on-failure\n"
        "RestartSec=1\n"
        "RestartPreventExitStatus=2\n"
        "KillMode=process\n"
        "OOMPolicy=continue\n"
        "\n"
        "[Install]\n"
        "WantedBy=graphical-session.target\n"
    )


def test_what_a_package_ships_is_what_the_program_would_write() -> None:
    """Real: the files in packaging/linux."""
    folder = ROOT / "packaging" / "linux"
    assert (folder / "autostart.desktop").read_text() == autostart.entry(PACKAGED)
    assert (folder / autostart.UNIT).read_text() == autostart.unit(PACKAGED)


@needs("systemd-analyze")
@pytest.mark.parametrize("folder", ["plain", "a b 100% $HOME; é"])
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path, folder: str) -> None:
    """Real: systemd's own reading, with a program that is there."""
    program = tmp_path / folder / "kitsu-launcher"
    program.parent.mkdir()
    program.symlink_to("/bin/true")
    (tmp_path / autostart.UNIT).write_text(autostart.unit([str(program)]))

    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--recursive-errors=no", "--man=no", tmp_path / autostart.UNIT],
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_nobody_has_decided_yet(desk: Path) -> None:
    """Real: an empty home."""
    assert autostart.state() is None


def test_on_and_off_and_on_again(desk: Path) -> None:
    """Real: files and links; the link is what `systemctl --user enable` makes."""
    autostart.enable(PROGRAM)

    unit = desk / "home/.config/systemd/user/kitsu-launcher.service"
    on = {
        "autostart/kitsu-launcher.desktop",
        "systemd/user/kitsu-launcher.service",
        f"systemd/user/graphical-session.target.wants/kitsu-launcher.service -> {unit}",
    }
    assert autostart.state() is True
    assert own(desk) == on
    assert unit.read_text() == autostart.unit(PROGRAM)

    autostart.disable()

    assert autostart.state() is False
    assert own(desk) == {"autostart/kitsu-launcher.desktop", "systemd/user/kitsu-launcher.service -> /dev/null"}
    autostart.enable(PROGRAM)
    assert own(desk) == on
    assert autostart.state() is True


def test_it_is_on_from_a_package_and_off_for_good_with_one_click(desk: Path) -> None:
    """Real: the package's file comes again with each update; the person's "no" hides it."""
    installed(desk)
    assert autostart.state() is True
    assert own(desk) == set()

    autostart.disable()
    installed(desk)

    assert autostart.state() is False
    assert (desk / "home/.config/autostart/kitsu-launcher.desktop").read_text() == (
        "[Desktop Entry]\nType=Application\nName=Kitsu Launcher\nHidden=true\n"
    )
    autostart.enable(PROGRAM)
    assert autostart.state() is True
    assert own(desk) == set(), "the package's own files count again"


def test_a_package_whose_program_is_gone_decides_nothing(desk: Path) -> None:
    """Real: a conffile that was left behind."""
    installed(desk, "/opt/gone/kitsu-launcher")

    assert autostart.state() is None


def test_a_program_that_has_moved_decides_nothing(desk: Path) -> None:
    """Real: files of a program that an update has taken away; a "no" of then is still one."""
    autostart.enable(["/opt/gone/kitsu-launcher"])
    macos.enable(["/Applications/Gone.app/Contents/MacOS/kitsu-launcher"])
    assert (autostart.state(), macos.state()) == (None, None)

    autostart.disable()
    macos.disable()

    assert (autostart.state(), macos.state()) == (False, False)


def test_an_installed_program_is_on_from_its_first_start_until_somebody_says_no(desk: Path) -> None:
    """Real: files; no package has decided, as where an application is dragged into its folder or unpacked."""
    registered.keep(False)
    assert autostart.state() is None, "what is run from a virtual environment waits to be told"

    registered.keep(False, installed=True)
    assert autostart.state() is True
    autostart.disable()
    registered.keep(False, installed=True)

    assert autostart.state() is False


def test_an_installed_program_that_has_moved_is_found_again(desk: Path) -> None:
    """Real: files."""
    autostart.enable(["/opt/gone/kitsu-launcher"])

    registered.keep(False, installed=True)

    assert autostart.state() is True
    assert sys.executable in (desk / "home/.config/autostart" / autostart.ENTRY).read_text()


def test_a_trial_that_is_installed_changes_nothing(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: `KITSU_LAUNCHER_HOME`."""
    monkeypatch.setenv("KITSU_LAUNCHER_HOME", str(desk / "trial"))

    registered.keep(True, installed=True)

    assert own(desk) == set()


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_the_desktops_own_switch_is_respected(desk: Path, line: str) -> None:
    """Real: as XFCE and GNOME write it."""
    autostart.enable(PROGRAM)
    with open(desk / "home/.config/autostart/kitsu-launcher.desktop", "a") as file:
        file.write(line + "\n")

    assert autostart.state() is False


def test_a_trial_starts_nothing_at_login(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real: neither on nor off."""
    monkeypatch.setenv("KITSU_LAUNCHER_HOME", str(desk / "trial"))

    with pytest.raises(trial.OnlyATrial):
        autostart.enable(PROGRAM)
    with pytest.raises(trial.OnlyATrial):
        autostart.disable()

    assert own(desk) == set()


def test_a_place_that_cannot_be_written_is_told(desk: Path) -> None:
    """Real: a file where a folder must be; text compared whole."""
    (desk / "home" / ".config").write_text("")

    with pytest.raises(autostart.AutostartError) as raised:
        autostart.enable(PROGRAM)

    assert str(raised.value) == (
        "Starting at login could not be changed.\n"
        f"  tried  {desk}/home/.config/autostart: Not a directory\n"
        "  next   Check that you may write there."
    )


def test_the_launch_agent() -> None:
    """Pure: what launchd reads, compared whole."""
    assert plistlib.loads(plistlib.dumps(dict(macos.agent(["/Applications/K.app/Contents/MacOS/k"])))) == {
        "Label": "org.kitsu-launcher.KitsuLauncher",
        "ProgramArguments": ["/Applications/K.app/Contents/MacOS/k", "serve"],
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 5,
        "ProcessType": "Interactive",
        "AbandonProcessGroup": True,
        "LimitLoadToSessionType": "Aqua",
    }


def test_what_launchctl_is_told() -> None:
    """Pure."""
    assert macos.launchctl("enable", 501) == ["/bin/launchctl", "enable", "gui/501/org.kitsu-launcher.KitsuLauncher"]


def test_the_persons_no_on_macos_is_a_file_of_hers(desk: Path) -> None:
    """Real: the plist below a home; launchd is not there, and is not needed."""
    path = desk / "home/Library/LaunchAgents/org.kitsu-launcher.KitsuLauncher.plist"
    assert macos.state() is None

    macos.enable(PROGRAM)
    assert macos.state() is True
    assert plistlib.loads(path.read_bytes())["ProgramArguments"] == ["/bin/true", "serve"]

    macos.disable()
    assert macos.state() is False
    assert plistlib.loads(path.read_bytes())["Disabled"] is True


@pytest.mark.parametrize("content", [b"", b"<plist", b"<?xml version='1.0'?><plist><date>x</date></plist>"])
def test_a_broken_launch_agent_decides_nothing(desk: Path, content: bytes) -> None:
    """Real: a file that somebody has edited by hand."""
    path = desk / "home/Library/LaunchAgents/org.kitsu-launcher.KitsuLauncher.plist"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)

    assert macos.state() is None

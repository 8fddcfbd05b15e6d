"""What the Linux packages hold, and what they run. They are installed in `test_clean_debian`."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from launcher import __version__
from tests.support.frozen import TOP
from tests.support.linux_packages import Packages, build

SIZES = ("16x16", "22x22", "24x24", "32x32", "48x48", "64x64", "128x128", "256x256", "512x512")
FILES = {
    "/etc/xdg/autostart/kitsu-launcher.desktop",
    "/usr/bin/kitsu-launcher",
    "/usr/lib/systemd/user/graphical-session.target.wants/kitsu-launcher.service",
    "/usr/lib/systemd/user/kitsu-launcher.service",
    "/usr/share/applications/kitsu-launcher-url.desktop",
    "/usr/share/applications/kitsu-launcher.desktop",
    "/usr/share/bash-completion/completions/kitsu-launcher",
    "/usr/share/doc/kitsu-launcher/THIRD-PARTY-LICENCES.txt",
    "/usr/share/doc/kitsu-launcher/changelog.gz",
    "/usr/share/doc/kitsu-launcher/copyright",
    "/usr/share/fish/vendor_completions.d/kitsu-launcher.fish",
    *(f"/usr/share/icons/hicolor/{size}/apps/kitsu-launcher.png" for size in SIZES),
    "/usr/share/icons/hicolor/scalable/apps/kitsu-launcher.svg",
    "/usr/share/man/man1/kitsu-launcher.1.gz",
}
"""Beside /opt/kitsu-launcher and zsh's, which each distribution looks for elsewhere."""


def output(*argv: str | Path, cwd: Path | None = None) -> str:
    """What a program prints; it has to end well."""
    done = subprocess.run([*map(str, argv)], capture_output=True, text=True, timeout=120, check=False, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def unpacked(packages: Packages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The deb's files, in a folder that stands for "/"."""
    root = tmp_path_factory.mktemp("unpacked")
    output("dpkg-deb", "-x", packages.deb, root)
    return root


def listed(lines: Sequence[str]) -> tuple[set[str], set[str]]:
    """Paths of files outside of /opt, and the names at the top of our folder there."""
    paths = {path.removeprefix(".") for path in lines}
    top = {path.split("/")[3] for path in paths if path.startswith("/opt/kitsu-launcher/")}
    return {path for path in paths if not path.startswith("/opt")}, top - {""}


def test_the_deb_holds_these_files(packages: Packages) -> None:
    """Real: the package, read by dpkg-deb."""
    lines = output("dpkg-deb", "-c", packages.deb).splitlines()
    owners = {line.split()[1] for line in lines}
    paths = [line.split(maxsplit=5)[5].partition(" -> ")[0] for line in lines]

    files, top = listed([path for path in paths if not path.endswith("/")])

    assert owners == {"root/root"}
    assert files == FILES | {"/usr/share/zsh/vendor-completions/_kitsu-launcher"}
    assert top == {"kitsu-launcher", "kitsu-launcher-url", __version__}


def test_the_rpm_holds_the_same(packages: Packages) -> None:
    """Real: the package, read by rpm."""
    files, top = listed(output("rpm", "-qlp", packages.rpm).splitlines())

    assert files == FILES | {"/usr/share/zsh/site-functions/_kitsu-launcher"}
    assert top == {"kitsu-launcher", "kitsu-launcher-url", __version__}
    assert output("rpm", "-qp", "--configfiles", packages.rpm) == "/etc/xdg/autostart/kitsu-launcher.desktop\n"


def test_the_rpm_replaces_a_running_version_and_ends_all_when_it_leaves(packages: Packages) -> None:
    """Real: the package's own scripts, read by rpm and checked by sh; they run in a clean Debian elsewhere."""
    scripts = output("rpm", "-qp", "--scripts", packages.rpm)

    program = "/opt/kitsu-launcher/kitsu-launcher"
    assert f'if [ "$1" -gt 1 ] && [ -x {program} ]; then\n    {program} replace begin --everybody || exit 1' in scripts
    assert f"{program} replace end --everybody || :" in scripts
    assert f'if [ "$1" -eq 0 ]; then\n    {program} quit --everybody --force || exit 1' in scripts


def test_what_a_package_needs_is_what_its_files_need(packages: Packages, frozen: Path) -> None:
    """Real: every library and program of the frozen folder, read by objdump."""
    needed = output(TOP / "packaging/linux/needed-glibc.sh", frozen).strip()

    assert output("dpkg-deb", "-f", packages.deb, "Depends") == f"libc6 (>= {needed})\n"
    assert f"glibc >= {needed}\n" in output("rpm", "-qp", "--requires", packages.rpm)


def test_the_same_frozen_folder_makes_the_same_bytes(packages: Packages, frozen: Path, tmp_path: Path) -> None:
    """Real: both builds."""
    again = build(tmp_path, frozen)

    for one, other in ((packages.deb, again.deb), (packages.rpm, again.rpm), (packages.tar, again.tar)):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_checksums_are_beside_the_packages(packages: Packages) -> None:
    """Real: sha256sum reads them."""
    told = output("sha256sum", "--check", "SHA256SUMS", cwd=packages.deb.parent)

    bill = f"kitsu-launcher-{__version__}-linux.cdx.json"
    assert told == "".join(f"{name}: OK\n" for name in (packages.deb.name, packages.rpm.name, packages.tar.name, bill))


def test_the_archive_runs_from_any_folder(packages: Packages, tmp_path: Path) -> None:
    """Real: the unpacked program, in a folder whose name has blanks and Japanese."""
    folder = tmp_path / "a place 作業"
    folder.mkdir()
    output("tar", "-xzf", packages.tar, "-C", folder)

    told = output(folder / f"kitsu-launcher-{__version__}" / "kitsu-launcher", "--version")

    assert told == f"kitsu-launcher {__version__}\n"


def test_desktop_entries_are_valid(unpacked: Path) -> None:
    """Real: desktop-file-validate."""
    entries = [unpacked / path.lstrip("/") for path in FILES if path.endswith(".desktop")]

    assert output("desktop-file-validate", *entries) == ""


def test_the_manual_is_clean_and_knows_every_command(unpacked: Path) -> None:
    """Real: man."""
    page = unpacked / "usr/share/man/man1/kitsu-launcher.1.gz"
    done = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", str(page)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PATH": "/usr/bin:/bin", "MANWIDTH": "100", "LANG": "C.UTF-8"},
    )

    assert done.stderr == ""
    for command in ("config check", "actions publish", "doctor", "quit"):
        assert f"\n   {command}\n" in done.stdout
    assert "SUPPRESS" not in done.stdout


BASH = """
source usr/share/bash-completion/completions/kitsu-launcher
COMP_WORDS=(kitsu-launcher {words}) COMP_CWORD={last}
_kitsu_launcher
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("do", ["doctor"]),
        ("config s", ["show", "sign"]),
        ("run --cho", ["--choose"]),
        ("run open --choose n", ["next"]),
        ("run --server config", []),
    ],
)
def test_bash_completes(unpacked: Path, words: str, offered: list[str]) -> None:
    """Real: bash."""
    script = BASH.format(words=words, last=len(words.split()))

    assert output("bash", "-c", script, cwd=unpacked).split() == offered


def test_fish_completes(unpacked: Path, tmp_path: Path) -> None:
    """Real: fish, which also tells what each word means."""
    script = (
        "source usr/share/fish/vendor_completions.d/kitsu-launcher.fish;"
        "complete -C 'kitsu-launcher do'; complete -C 'kitsu-launcher config ch';"
        "complete -C 'kitsu-launcher run --choose n'"
    )
    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=unpacked,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )

    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["doctor", "check", "next"]


def test_zsh_completes(unpacked: Path) -> None:
    """Real: zsh; its own list is taken where it would be shown."""
    script = (
        "_describe() { print -l -- ${(P)3}; }; words=(kitsu-launcher config x); CURRENT=3;"
        "source usr/share/zsh/vendor-completions/_kitsu-launcher"
    )
    offers = [line.partition(":")[0] for line in output("zsh", "-f", "-c", script, cwd=unpacked).splitlines()]

    assert {"check", "show", "sign", "--help"} <= set(offers)

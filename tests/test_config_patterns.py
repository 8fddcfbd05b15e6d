"""What may stand in `find`, and what is said of the rest. Pure."""

from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.config.load import load
from launcher.config.patterns import Pattern, faults, parse
from launcher.config.schema import Find
from launcher.model import OS
from launcher.paths import folders


@pytest.mark.parametrize(
    ("os", "text", "pattern"),
    [
        (OS.LINUX, "/opt/t-{version}*/t", Pattern("", "/opt/t-{version}*/t")),
        (OS.LINUX, "~/t", Pattern("~", "/t")),
        (OS.MACOS, "{path}/t", Pattern("{path}", "/t")),
        (OS.WINDOWS, r"D:\t\t.exe", Pattern("", r"D:\t\t.exe")),
        (OS.WINDOWS, "D:/t/{version}/t.exe", Pattern("", r"D:\t\{version}\t.exe")),
        (OS.WINDOWS, "{program_files}/t/t.exe", Pattern("{program_files}", r"\t\t.exe")),
        (OS.WINDOWS, r"{program_files}\t.exe", Pattern("{program_files}", r"\t.exe")),
        (OS.WINDOWS, r"~\t.exe", Pattern("~", r"\t.exe")),
        (
            OS.WINDOWS,
            r"{registry:HKLM\SOFTWARE\T\{version}\Setup|Dir}\bin\t.exe",
            Pattern("{registry}", r"\bin\t.exe", r"HKLM\SOFTWARE\T\{version}\Setup", "Dir"),
        ),
        (OS.WINDOWS, r"{registry:HKCU\T}/t.exe", Pattern("{registry}", r"\t.exe", r"HKCU\T")),
        (OS.WINDOWS, r"{registry:hkcu\Software\T}", Pattern("{registry}", "", r"hkcu\Software\T")),
    ],
)
def test_what_a_pattern_says(os: OS, text: str, pattern: Pattern) -> None:
    assert parse(text, os) == pattern


@pytest.mark.parametrize(
    ("os", "text", "wrong"),
    [
        (OS.LINUX, "opt/t", '"opt/t" must begin with /, ~/ or {path}/'),
        (OS.LINUX, "", '"" must begin with /, ~/ or {path}/'),
        (OS.MACOS, "~ada/t", '"~ada/t" must begin with /, ~/ or {path}/'),
        (OS.LINUX, "/opt/{path}/t", '"/opt/{path}/t": {path} stands at its beginning only'),
        (OS.LINUX, "/opt/{verison}/t", '"/opt/{verison}/t": unknown name "{verison}"; did you mean "{version}"?'),
        (OS.LINUX, "/opt/{a}/t", '"/opt/{a}/t": unknown name "{a}"; known: {version}'),
        (OS.LINUX, "/opt/{version/t", '"/opt/{version/t": a brace without its partner'),
        (OS.LINUX, "/opt/t\0", r'"/opt/t\u0000" holds a character that no path can have'),
        (
            OS.WINDOWS,
            r"\\server\tools\t.exe",
            r'"\\\\server\\tools\\t.exe" must begin with a drive, ~\, {path}\, {program_files}\ or '
            "{registry:KEY|VALUE}",
        ),
        (
            OS.WINDOWS,
            "//server/tools/t.exe",
            r'"//server/tools/t.exe" must begin with a drive, ~\, {path}\, {program_files}\ or {registry:KEY|VALUE}',
        ),
        (
            OS.WINDOWS,
            r"{registry:HKCR\T}\t.exe",
            r'"{registry:HKCR\\T}\\t.exe": a key of the registry begins with HKLM\ or HKCU' "\\",
        ),
        (
            OS.WINDOWS,
            r"{registry:HKLM\{v}}\t.exe",
            r'"{registry:HKLM\\{v}}\\t.exe": between {registry: and } stand a key, | and the name of a value',
        ),
        (OS.WINDOWS, r"C:\{registry:HKLM\T}", r'"C:\\{registry:HKLM\\T}": {registry} stands at its beginning only'),
    ],
)
def test_what_is_wrong_with_a_pattern(os: OS, text: str, wrong: str) -> None:
    """Compared whole."""
    assert str(parse(text, os)) == wrong
    assert [(one.key, str(one.text)) for one in faults(Find(**{os: ("/a" if os != "windows" else "C:\\a", text)}))] == [
        (("find", str(os), 1), wrong)
    ]


def test_a_wrong_pattern_is_told_with_its_line(home: Path, write: Callable[..., Path]) -> None:
    """Real: a studio file on disk."""
    path = write('[apps.tool]\nfind.linux = [\n  "/opt/tool",\n  "tool",\n]\nfind.windows = ["//server/t.exe"]\n')

    loaded = load(folders(), os=OS.LINUX, hostname="h", environ={})

    assert [str(problem) for problem in loaded.problems][:2] == [
        f'{path}:4: apps.tool.find.linux: "tool" must begin with /, ~/ or {{path}}/',
        f'{path}:6: apps.tool.find.windows: "//server/t.exe" must begin with a drive, ~\\, {{path}}\\, '
        "{program_files}\\ or {registry:KEY|VALUE}",
    ]


@pytest.fixture
def write(home: Path) -> Callable[[str], Path]:
    def studio(text: str) -> Path:
        file = home / "machine" / "studio.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        return file

    return studio

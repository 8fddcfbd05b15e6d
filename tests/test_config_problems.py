"""Where a problem stands, and how it is told."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.config.problems import Problem, dotted, line_of, shown, toml_problem, undotted, unknown

TOML = b"""\
[studio]
name = "x"
servers = [
    { origins = ["https://a", "https://b"] },  # a comment between items
    "https://c",
]
[apps.blender]
env.PATH = { prepend = "x", append = "y" }
'quo ted'."\\u0041" = 1
[[machines]]
match = { hostname = "a" }
[[machines]]
apps.rv.args = [
    "-a",
    "b",
]
[machines.roots.prod]
linux = "/x"
[projects."Big Buck Bunny"]
apps.blender.version = "1"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("studio",), 1),
        (("studio", "name"), 2),
        (("studio", "servers"), 3),
        (("studio", "servers", 0), 4),
        (("studio", "servers", 0, "origins", 1), 4),
        (("studio", "servers", 1), 5),
        (("apps",), 7),
        (("apps", "blender", "env", "PATH", "append"), 8),
        (("apps", "blender", "quo ted", "A"), 9),
        (("machines", 0), 10),
        (("machines", 0, "match", "hostname"), 11),
        (("machines", 1), 12),
        (("machines", 1, "apps", "rv", "args", 1), 15),
        (("machines", 1, "roots", "prod", "linux"), 18),
        (("projects", "Big Buck Bunny", "apps", "blender", "version"), 20),
        (("studio", "port"), 1),
        (("studio", "name", "below"), 2),
        (("actions", "x"), 0),
    ],
)
def test_every_way_of_writing_a_key_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    """Real: tree-sitter and its TOML grammar. What is missing gets the line of the table it is missing in."""
    assert line_of(TOML, path) == line


def test_a_configuration_without_errors_never_imports_the_grammar() -> None:
    """Real: a Python of its own loads a good configuration, and is asked for its modules."""
    program = (
        "import sys; from pathlib import Path; from launcher.paths import Folders; from launcher.model import OS\n"
        "from launcher.config.load import load\n"
        "p = Path('/nonexistent'); loaded = load(Folders(p, p, p, p, p), os=OS.LINUX, hostname='h', environ={})\n"
        "print([m for m in sys.modules if 'tree_sitter' in m])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("/etc/s.toml", 14, "apps.x", "unknown key"), "/etc/s.toml:14: apps.x: unknown key"),
        (Problem("/etc/s.toml", 14, "", "not TOML"), "/etc/s.toml:14: not TOML"),
        (Problem("/etc/s.toml", 0, "", "is away"), "/etc/s.toml: is away"),
    ],
)
def test_a_problem_begins_with_file_and_line_so_that_editors_jump(problem: Problem, text: str) -> None:
    """Real: the value alone."""
    assert str(problem) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = 1\nb 2\n", "s.toml:2: not TOML: Expected '=' after a key in a key/value pair"),
        ("a = 1\na = 2\n", "s.toml:2: not TOML: Cannot overwrite a value"),
        ("a = [1,\n", "s.toml:1: not TOML: Invalid value"),
    ],
)
def test_what_is_no_toml_has_its_line(text: str, told: str) -> None:
    """Real: tomllib's own error."""
    import tomllib

    with pytest.raises(tomllib.TOMLDecodeError) as raised:
        tomllib.loads(text)
    assert str(toml_problem("s.toml", text, raised.value)) == told


def test_an_unknown_name_gets_the_nearest_or_all() -> None:
    """Real: the function alone, it is pure."""
    assert unknown("key", "vresion", ["version", "args"]) == 'unknown key "vresion"; did you mean "version"?'
    assert unknown("key", "zzz", ["version", "args"]) == 'unknown key "zzz"; known: version, args'
    assert unknown("application", "rvv", ["rv", "mpv"], list_all=True) == 'unknown application "rvv"; known: rv, mpv'
    assert unknown("root", "x", []) == 'unknown root "x"; none is known'
    assert unknown("value", ["x"], ["one"]) == 'unknown value ["x"]; known: one'


def test_a_value_is_told_in_one_short_line_without_control_characters() -> None:
    """Real: the function alone. A right-to-left override would turn the rest of the line around."""
    assert shown("a\u202eb\n\x1b[2J") == '"a\\u202eb\\n\\u001b[2J"'
    assert shown("x" * 500) == '"' + "x" * 78 + "…"
    assert shown("Zoë") == '"Zoë"'


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1, max_size=4))
def test_a_dotted_key_reads_back_as_its_path(path: list[str]) -> None:
    """Real: TOML's own rules for quotes, with generated names."""
    written = dotted(tuple(path))
    if "…" not in written and "\\u" not in written and "\\U" not in written and "\\x" not in written:
        assert undotted(written) == tuple(path)


@given(st.text())
def test_no_text_as_a_dotted_key_raises(text: str) -> None:
    """Real: generated texts; a key comes from the command line too."""
    assert isinstance(undotted(text), tuple)


@given(st.binary(), st.lists(st.text(max_size=3) | st.integers(0, 3), max_size=4))
def test_no_bytes_make_the_search_for_a_line_raise(text: bytes, path: list[str | int]) -> None:
    """Real: tree-sitter with generated bytes."""
    assert line_of(text, tuple(path)) >= 0

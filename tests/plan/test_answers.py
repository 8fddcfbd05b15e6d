"""What a studio's program may answer: bytes in, an answer or a reason out."""

import json

import pytest

from launcher.model import OS
from launcher.plan.answers import Answer, Unusable, answer, merged


def why(printed: bytes | str | object) -> str:
    raw = printed if isinstance(printed, bytes) else json.dumps(printed).encode()
    with pytest.raises(Unusable) as caught:
        answer(raw)
    return str(caught.value.why)


@pytest.mark.parametrize("printed", [b"", b"\n", b"  \r\n", b"\xef\xbb\xbf", b"{}", b'{"env": null, "cancel": null}'])
def test_nothing_means_go_on(printed: bytes) -> None:
    assert answer(printed) == Answer()


def test_variables_are_set_and_removed_and_lists_are_texts_like_others() -> None:
    told = answer('{"env": {"SHOW": "Bär", "PATH": "/a:/b;C:\\\\x", "OLD": null, "EMPTY": ""}}'.encode())

    assert told == Answer({"SHOW": "Bär", "PATH": "/a:/b;C:\\x", "OLD": None, "EMPTY": ""})


def test_a_byte_order_mark_as_windows_programs_write_it_is_no_matter() -> None:
    assert answer(b'\xef\xbb\xbf{"cancel": "no"}\r\n') == Answer(cancel="no")


def test_a_sentence_is_one_harmless_line_and_bounded() -> None:
    assert answer(b'{"cancel": " Ana has \\u202eit\\nopen.\\u0000 "}').cancel == "Ana has itopen."
    long = answer(json.dumps({"cancel": "x" * 100_000}).encode()).cancel
    assert (len(long), long[-1]) == (400, "…")


@pytest.mark.parametrize(
    ("printed", "reason"),
    [
        (b"ok", "it printed something other than JSON: 'ok'"),
        (b"{", "it printed something other than JSON: '{'"),
        (b'{} {"env": {}}', "it printed something other than JSON: '{} {\"env\": {}}'"),
        (b"\xff\xfe{\x00", "it printed something other than UTF-8"),
        (b'{"env": {"A": NaN}}', 'it printed something other than JSON: \'{"env": {"A": NaN}}\''),
        (
            b'{"cancel": "a", "cancel": null}',
            'it printed something other than JSON: \'{"cancel": "a", "cancel": null}\'',
        ),
        ([], "it printed JSON that is no object: '[]'"),
        ("cancel", "it printed JSON that is no object: '\"cancel\"'"),
        (None, "it printed JSON that is no object: 'null'"),
        ({"environment": {}}, 'it answered \'environment\'; known: "env" and "cancel"'),
        ({"env": []}, 'its "env" is no object of names and texts'),
        ({"env": "A=b"}, 'its "env" is no object of names and texts'),
        ({"env": {"A": 1}}, "it set A to something other than text or null"),
        ({"env": {"A": True}}, "it set A to something other than text or null"),
        ({"env": {"A": ["b"]}}, "it set A to something other than text or null"),
        ({"env": {"": "b"}}, "'' is no name of a variable"),
        ({"env": {"A=B": "b"}}, "'A=B' is no name of a variable"),
        ({"env": {"A\n": "b"}}, "'A' is no name of a variable"),
        ({"env": {"Ä": "b"}}, "'Ä' is no name of a variable"),
        ({"env": {"A" * 300: "b"}}, f"'{'A' * 79}…' is no name of a variable"),
        ({"env": {"A": "b\nLD_PRELOAD=/x"}}, "it set A to a value that is too long or holds control characters"),
        ({"env": {"A": "b\0"}}, "it set A to a value that is too long or holds control characters"),
        ({"env": {"A": "\ud800"}}, "it set A to a value that is too long or holds control characters"),
        ({"env": {"A": "x" * 32_768}}, "it set A to a value that is too long or holds control characters"),
        ({"cancel": ""}, 'its "cancel" is no sentence'),
        ({"cancel": "\u200b\n"}, 'its "cancel" is no sentence'),
        ({"cancel": True}, 'its "cancel" is no sentence'),
        ({"cancel": ["no"]}, 'its "cancel" is no sentence'),
    ],
)
def test_anything_else_is_told_and_not_guessed(printed: object, reason: str) -> None:
    assert why(printed) == reason


@pytest.mark.parametrize(
    "printed", [b"[" * 200_000, b'{"a":' * 100_000, b"9" * 100_000, b'{"cancel": ' + b"9" * 9_999 + b"}"]
)
def test_json_that_eats_stacks_or_seconds_is_no_answer(printed: bytes) -> None:
    assert why(printed)


LOADERS = [
    "LD_PRELOAD",
    "ld_preload",
    "LD_AUDIT",
    "DYLD_INSERT_LIBRARIES",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "BASH_ENV",
    "ENV",
]


@pytest.mark.parametrize("name", [*LOADERS, "QT_PLUGIN_PATH", "NODE_OPTIONS", "PERL5LIB", "JAVA_TOOL_OPTIONS"])
@pytest.mark.parametrize("value", ["/tmp/evil.so", None])
def test_what_makes_programs_load_other_code_is_the_studio_files_alone(name: str, value: str | None) -> None:
    assert why({"env": {"SHOW": "x", name: value}}) == f"it set {name}, which makes programs load other code"


@pytest.mark.parametrize("name", ["KITSU_TASK_ID", "KITSU_CONTEXT", "kitsu_file", "KITSU_LAUNCHER_KEY", "KITSU_"])
def test_our_own_variables_stay_what_they_are(name: str) -> None:
    assert why({"env": {name: "x"}}) == f"it set {name}, which is Kitsu Launcher's own"


def test_what_is_added_lies_over_what_is_there() -> None:
    env = {"Path": "C:\\a", "OLD": "1", "HOME": "/h"}

    assert merged(env, {"PATH": "/b", "OLD": None, "NEVER": None}, OS.LINUX) == {
        "Path": "C:\\a",
        "HOME": "/h",
        "PATH": "/b",
    }
    assert merged(env, {"PATH": "C:\\b", "old": None}, OS.WINDOWS) == {"Path": "C:\\b", "HOME": "/h"}
    assert env == {"Path": "C:\\a", "OLD": "1", "HOME": "/h"}

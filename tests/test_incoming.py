"""Bytes and texts in, clicks or errors out; nothing is sent."""

import json
from urllib.parse import urlencode

import pytest

from launcher import incoming
from launcher.incoming import IncomingError
from launcher.model import Choice, Click, How, Sender
from tests.support.requests import (
    AJAX_BODY,
    AJAX_FIELDS,
    FORM_BODY,
    FORM_FIELDS,
    FORM_TYPE,
    IDS,
    OTHER_TASK,
    PERSON,
    PROJECT,
    TASK,
)

JSON_TYPE = "application/json"


def form(**changes: str) -> Click:
    return incoming.form("open-in-blender", FORM_TYPE, urlencode({**FORM_FIELDS, **changes}).encode())


def ajax(**changes: object) -> Click:
    return incoming.ajax("open-in-blender", JSON_TYPE, json.dumps({**AJAX_FIELDS, **changes}).encode())


def body(content: bytes, content_type: str = JSON_TYPE) -> IncomingError:
    """The error of a body."""
    read = incoming.ajax if content_type.startswith(JSON_TYPE) else incoming.form
    with pytest.raises(IncomingError) as error:
        read("open-in-blender", content_type, content)
    return error.value


# -- Kitsu's two vocabularies ----------------------------------------------------------------------------------------
def test_a_form_is_a_click() -> None:
    assert incoming.form("open-in-blender", FORM_TYPE, FORM_BODY) == Click(
        action="open-in-blender",
        task_ids=(TASK,),
        sender=Sender.FORM,
        server="kitsu.studio.test",
        person_id=PERSON,
        person_email="artist@studio.example",
        project_id=PROJECT,
        entity_type="shot",
        page=f"/productions/{PROJECT}/shots",
        received=tuple(FORM_FIELDS.items()),
    )


def test_an_ajax_body_is_the_same_click_in_other_words() -> None:
    click = incoming.ajax("open-in-blender", JSON_TYPE, AJAX_BODY)

    assert click.received == (
        ("entitytype", "shot"),
        ("originurl", f"/productions/{PROJECT}/shots"),
        ("originserver", "kitsu.studio.test"),
        ("selection", f'["{TASK}"]'),
        ("productionid", PROJECT),
        ("userid", PERSON),
        ("useremail", "artist@studio.example"),
    )
    plain = form()
    assert (click.task_ids, click.server, click.page) == (plain.task_ids, plain.server, plain.page)
    assert (click.person_id, click.person_email) == (plain.person_id, plain.person_email)
    assert (click.project_id, click.entity_type) == (plain.project_id, plain.entity_type)
    assert click.sender is Sender.AJAX


def test_a_selection_keeps_its_order_and_loses_its_doubles() -> None:
    """Kitsu has sent empty and double ids (kitsu 9a16a485e)."""
    assert form(selection=f",{OTHER_TASK},{TASK},,{OTHER_TASK},").task_ids == (OTHER_TASK, TASK)
    assert ajax(selection=[OTHER_TASK, "", None, TASK, OTHER_TASK]).task_ids == (OTHER_TASK, TASK)


@pytest.mark.parametrize("selection", ["", ",", ",,"])
def test_a_form_without_a_task_says_so(selection: str) -> None:
    with pytest.raises(IncomingError) as error:
        form(selection=selection)

    assert str(error.value) == "Nothing was selected.\n  next   Select the tasks in Kitsu and click the action again."
    assert (error.value.code, error.value.status, error.value.exit_code) == ("selection", 422, 2)


@pytest.mark.parametrize("selection", [[], None, "", [""], [None]])
def test_an_ajax_body_without_a_task_says_so(selection: object) -> None:
    with pytest.raises(IncomingError, match="Nothing was selected"):
        ajax(selection=selection)


def test_only_the_selection_is_needed() -> None:
    assert incoming.form("x", FORM_TYPE, f"selection={TASK}".encode()).task_ids == (TASK,)
    assert incoming.ajax("x", JSON_TYPE, json.dumps({"selection": [TASK]}).encode()).person_id is None


def test_unknown_fields_are_kept_for_the_debug_page() -> None:
    click = ajax(more={"a": [1, True, None]}, other="日本語")

    assert click.received[-2:] == (("more", '{"a": [1, true, null]}'), ("other", "日本語"))


def test_what_is_kept_is_bounded_and_can_be_written_down() -> None:
    click = ajax(long="x" * 5_000, odd="\ud800", **{"\udfff" * 200: 1})

    kept = dict(click.received)
    assert kept["long"] == "x" * 4_000 + "…"
    assert kept["odd"] == "\\ud800"
    assert all(len(name) <= 80 for name in kept)
    assert "\ud800" not in repr(kept).encode().decode()


@pytest.mark.parametrize("name", ["key", "KEY", "password", "Token", "cookie"])
def test_secrets_are_not_kept(name: str) -> None:
    assert name not in dict(form(**{name: "hunter2"}).received)
    assert name not in dict(ajax(**{name: "hunter2"}).received)


def test_pages_of_no_single_production_say_all() -> None:
    assert form(projectid="all").project_id is None
    assert ajax(productionid=None).project_id is None


@pytest.mark.parametrize("value", ["a\nb", "\x00", "\u202egpj", "x" * 400, "\u200b"])
@pytest.mark.parametrize("name", ["personemail", "currentserver", "entitytype"])
def test_odd_text_is_refused(name: str, value: str) -> None:
    with pytest.raises(IncomingError) as error:
        form(**{name: value})

    assert error.value.problem == f"The field {name} is not a short line of text."
    assert error.value.status == 422


@pytest.mark.parametrize("value", [7, True, [], {}, 1.5, "\ud800"])
def test_wrong_types_are_refused(value: object) -> None:
    for name in ("userid", "useremail", "productionid", "originserver", "originurl", "entitytype"):
        with pytest.raises(IncomingError):
            ajax(**{name: value})
    with pytest.raises(IncomingError):
        ajax(selection=[value])


@pytest.mark.parametrize("selection", [7, {"0": TASK}, TASK, True])
def test_a_selection_in_json_is_a_list(selection: object) -> None:
    with pytest.raises(IncomingError) as error:
        ajax(selection=selection)

    assert error.value.problem == "The selection is not a list of tasks."


# -- types and sizes -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "multipart/form-data; boundary=x",
        JSON_TYPE,
        FORM_TYPE + "; charset=zzz",
        FORM_TYPE + ";charset=latin-1",
    ],
)
def test_a_form_has_one_type(content_type: str) -> None:
    with pytest.raises(IncomingError) as error:
        incoming.form("x", content_type, FORM_BODY)

    assert (error.value.code, error.value.status) == ("type", 415)
    assert str(error.value) == (
        f"The request is {content_type!a}, not application/x-www-form-urlencoded in UTF-8.\n"
        "  next   Use Kitsu's own custom actions; `kitsu-launcher actions publish` sets them up."
    )


@pytest.mark.parametrize(
    "content_type", [JSON_TYPE + ";charset=UTF-8", 'Application/JSON; charset="utf-8"', JSON_TYPE + " ; x=1"]
)
def test_utf_8_may_be_said(content_type: str) -> None:
    assert incoming.ajax("x", content_type, AJAX_BODY).task_ids == (TASK,)


def test_a_body_has_64_kib_at_most() -> None:
    many = b"selection=" + TASK.encode() + b"&x="
    assert incoming.form("x", FORM_TYPE, many + b"y" * (65_536 - len(many)))

    error = body(b"y" * 65_537, FORM_TYPE)

    assert (error.code, error.status) == ("size", 413)
    assert str(error) == "The request is larger than 64 KiB.\n  next   Select fewer tasks."


@pytest.mark.parametrize(
    "content", [b"\xff", b"selection=%ff", b"a=%C3", b"%ff=1", b"a=b&a=b", b"&" * 16, b"a=1&" * 17]
)
def test_a_form_that_cannot_be_read(content: bytes) -> None:
    error = body(content, FORM_TYPE)

    assert (error.code, error.status) == ("body", 400)


def test_sixteen_fields_pass() -> None:
    content = "&".join([f"selection={TASK}", *[f"f{n}=1" for n in range(15)]])

    assert len(incoming.form("x", FORM_TYPE, content.encode()).received) == 16


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"7",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"[" * 60_000,
        b'{"a":' * 9_000,
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": 1, "b": 1}}',
        json.dumps({str(n): n for n in range(17)}).encode(),
        b'{"a": [[[[1]]]]}',
        b'{"a": "\n"}',
    ],
)
def test_json_that_cannot_be_read(content: bytes) -> None:
    error = body(content)

    assert (error.code, error.status) == ("body", 400)


# -- grammars --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("id", IDS)
def test_an_id_is_exactly_as_kitsu_writes_it(id: str) -> None:
    with pytest.raises(IncomingError) as error:
        incoming.task_id(id)

    assert error.value.problem == f"{id!a} is not the id of a task."
    with pytest.raises(IncomingError):
        ajax(selection=[TASK, id])
    with pytest.raises(IncomingError):
        ajax(userid=id)


@pytest.mark.parametrize("name", ["open", "open-in-blender", "4k", "a" * 64])
def test_names_of_actions(name: str) -> None:
    assert incoming.action_name(name) == name


@pytest.mark.parametrize("name", ["", "-open", "Open", "open_in", "a" * 65, "open\n", "öffnen", "../x", "o pen", "０"])
def test_what_no_action_is_called(name: str) -> None:
    with pytest.raises(IncomingError) as error:
        incoming.action_name(name)

    assert error.value.status == 422
    assert str(error.value).endswith("next   Names are small letters, digits and dashes, as in open-in-blender.")
    with pytest.raises(IncomingError):
        incoming.form(name, FORM_TYPE, FORM_BODY)


# -- links, questions, commands --------------------------------------------------------------------------------------
def test_a_link_is_a_click() -> None:
    url = f"kitsu-launcher://run/open-in-blender?server=https%3A%2F%2Fkitsu.studio.test&task={TASK}&task={OTHER_TASK}"

    assert incoming.link(url) == Click(
        action="open-in-blender", task_ids=(TASK, OTHER_TASK), sender=Sender.LINK, server="https://kitsu.studio.test"
    )
    assert incoming.link(url.replace("%3A%2F%2F", "://")) == incoming.link(url)


def test_a_link_may_name_no_server() -> None:
    click = incoming.link(f"kitsu-launcher://run/open?task={TASK}")

    assert click
    assert click.server is None


@pytest.mark.parametrize("url", ["kitsu-launcher://open", "kitsu-launcher://open/"])
def test_a_link_can_just_open_the_dashboard(url: str) -> None:
    assert incoming.link(url) is None


def test_an_unknown_link_says_what_a_link_is() -> None:
    with pytest.raises(IncomingError) as error:
        incoming.link("kitsu-launcher://rm?-rf=/\u202e")

    assert str(error.value) == (
        "This is not a link that Kitsu Launcher knows.\n"
        "  tried  'kitsu-launcher://rm?-rf=/\\u202e'\n"
        "  next   Use kitsu-launcher://run/ACTION?task=ID or kitsu-launcher://open."
    )


def test_a_question_is_read_like_a_link() -> None:
    assert incoming.question("open", f"task={TASK}&server=http://10.0.0.5:8080") == Click(
        action="open", task_ids=(TASK,), sender=Sender.PAGE, server="http://10.0.0.5:8080"
    )


@pytest.mark.parametrize(
    "query",
    [
        "",
        "task=",
        "task=1",
        f"task={TASK}&key=x",
        f"task={TASK}&task={TASK}",
        f"task=%20{TASK}",
        f"TASK={TASK}",
        f"task[]={TASK}",
    ],
)
def test_a_question_says_nothing_else(query: str) -> None:
    with pytest.raises(IncomingError) as error:
        incoming.question("open", query)

    assert error.value.status == 422


@pytest.mark.parametrize(
    "server",
    [
        "file:///etc",
        "https://u@kitsu.studio.test",
        "javascript:1",
        "https://kitsu.studio.test/",
        "https%253A//x",
        "https://a%00",
        "HTTPS://kitsu.studio.test",
        "//kitsu.studio.test",
        "https://kitsu.studio.test:99999999",
        "",
        "kitsu.studio.test",
    ],
)
def test_a_question_names_its_server_by_a_plain_origin(server: str) -> None:
    with pytest.raises(IncomingError) as error:
        incoming.question("open", f"task={TASK}&server={server}")

    assert (error.value.code, error.value.status) == ("server", 403)


def test_a_command_is_a_click_of_this_user() -> None:
    assert incoming.command("open", [TASK, TASK], server="kitsu.lan") == Click(
        action="open", task_ids=(TASK,), sender=Sender.COMMAND, server="kitsu.lan"
    )
    assert incoming.command("open", []).task_ids == ()
    with pytest.raises(IncomingError):
        incoming.command("open", ["SQ010/SH030/Animation"])


def test_fields_of_our_own_forms_keep_their_order() -> None:
    assert incoming.fields(b"once=a%20b+c&answer=yes&&answer=no&x") == [
        ("once", "a b c"),
        ("answer", "yes"),
        ("answer", "no"),
        ("x", ""),
    ]


def test_an_answer_beyond_yes_and_no_is_a_known_word_and_a_printable_name():
    assert incoming.choice("next", "") == Choice(How.NEXT)
    assert incoming.choice("open", "SH030_v003.blend") == Choice(How.OPEN, "SH030_v003.blend")
    for how, file in [("yes", ""), ("", ""), ("OPEN", ""), ("open", "a\nb"), ("open", "x" * 1001), ("open", "\x00")]:
        with pytest.raises(IncomingError):
            incoming.choice(how, file)

"""Heads and rules in, verdicts out; nothing is sent."""

from dataclasses import replace

import pytest

from launcher import trust
from launcher.config.schema import Config, Server, Studio
from launcher.trust import Ask, Go, Head, Refuse, Rules
from tests.support.requests import FORM_TYPE, KEY, KITSU, TASK

PORT = 24517
RULES = Rules(PORT, frozenset({KITSU}), (KEY, "the-other-key-while-rotating"), "key")
FORM = Head(
    private=False,
    peer_uid=1000,
    own_uid=1000,
    method="POST",
    target=f"/run/open-in-blender?key={KEY}",
    hosts=("127.0.0.1:24517",),
    origins=("null",),
    content_types=(FORM_TYPE,),
    fetch_site=("cross-site",),
    fetch_mode=("navigate",),
    fetch_dest=("document",),
    fetch_user=("?1",),
    content_length=298,
)
"""What an https Kitsu's form looks like in Chromium and Firefox."""
AJAX = replace(
    FORM,
    target="/run/open-in-blender",
    origins=(KITSU,),
    content_types=("application/json",),
    fetch_mode=("cors",),
    fetch_dest=("empty",),
    fetch_user=(),
)
BARE = {"fetch_site": (), "fetch_mode": (), "fetch_dest": (), "fetch_user": ()}
VISIT = replace(FORM, method="GET", origins=(), content_types=(), content_length=None, target="/")
OWN = replace(VISIT, fetch_site=("same-origin",), fetch_mode=("cors",), fetch_dest=("empty",), fetch_user=())
LAUNCH = "/launches/" + "0a" * 16


def code(head: Head, rules: Rules = RULES) -> str:
    """A verdict in one word."""
    verdict = trust.check(head, rules)
    return verdict.code if isinstance(verdict, Refuse) else type(verdict).__name__.lower()


# -- who may click ---------------------------------------------------------------------------------------------------
def test_a_hidden_origin_goes_with_a_right_key_and_a_pressed_button() -> None:
    assert trust.check(FORM, RULES) == Go()
    assert code(replace(FORM, target="/run/x?key=the-other-key-while-rotating")) == "go"


def test_a_hidden_origin_without_a_pressed_button_asks() -> None:
    verdict = trust.check(replace(FORM, fetch_user=()), RULES)

    assert verdict == Ask("The page that sent it hides its address, and nobody pressed a button there.")


def test_a_hidden_origin_asks_where_the_studio_has_no_key() -> None:
    verdict = trust.check(replace(FORM, target="/run/open-in-blender"), replace(RULES, keys=()))

    assert verdict == Ask("The page that sent it hides its address, and this studio's actions have no key.")


def test_a_hidden_origin_can_be_refused_altogether() -> None:
    verdict = trust.check(FORM, replace(RULES, null_origin="refuse"))

    assert verdict == Refuse(
        "null", 403, "This studio takes no clicks from pages that hide their address.", trust.PUBLISH, keyed=True
    )


@pytest.mark.parametrize(
    "query", ["", "?", "?key=", "?key=wrong", f"?key={KEY}&key={KEY}", f"?KEY={KEY}", f"?key={KEY}x"]
)
def test_a_hidden_origin_needs_exactly_one_right_key(query: str) -> None:
    verdict = trust.check(replace(FORM, target="/run/open-in-blender" + query), RULES)

    assert verdict == Refuse("key", 403, "This request is not allowed.", trust.PUBLISH)


def test_an_empty_key_in_the_configuration_opens_nothing() -> None:
    """A secret that could not be read must not become a key that everybody has."""
    empty = replace(RULES, keys=("",))

    assert code(replace(FORM, target="/run/x"), empty) == "key"
    assert code(replace(FORM, target="/run/x?key="), empty) == "key"


def test_a_key_may_be_percent_encoded() -> None:
    rules = replace(RULES, keys=("clé 1+1",))

    assert code(replace(FORM, target="/run/x?key=cl%C3%A9%201%2B1"), rules) == "go"
    assert code(replace(FORM, target="/run/x?key=cl%C3%A9+1%2B1"), rules) == "key"


def test_a_listed_origin_goes_with_or_without_a_key() -> None:
    """Kitsu's own page has shown what it is; an action that was published before the key changed still works."""
    assert code(AJAX) == "go"
    assert code(replace(AJAX, target=f"/run/x?key={KEY}")) == "go"
    assert code(replace(AJAX, target="/run/x?key=old")) == "go"
    assert code(replace(FORM, origins=(KITSU,), target="/run/x")) == "go"


def test_a_listed_origin_goes_without_fetch_metadata() -> None:
    """Old WebKit sends none."""
    assert code(replace(AJAX, **BARE)) == "go"
    assert code(replace(FORM, origins=(KITSU,), **BARE)) == "go"
    assert code(replace(FORM, origins=(KITSU,), content_types=("text/plain",), **BARE)) == "type"


def test_nothing_else_may_click() -> None:
    assert code(replace(FORM, origins=())) == "origin"
    assert code(replace(FORM, origins=("https://evil.test",))) == "origin"
    assert code(replace(FORM, origins=("null, " + KITSU,))) == "origin"
    assert code(replace(FORM, **BARE)) == "null"


@pytest.mark.parametrize(
    ("mode", "dest"),
    [
        ("no-cors", "empty"),
        ("navigate", "iframe"),
        ("navigate", "image"),
        ("cors", "document"),
        ("navigate", ""),
        ("", "empty"),
    ],
)
@pytest.mark.parametrize("origin", ["null", KITSU])
def test_other_ways_of_sending_are_refused(mode: str, dest: str, origin: str) -> None:
    head = replace(FORM, origins=(origin,), fetch_mode=(mode,), fetch_dest=(dest,))

    assert code(head) == "fetch"


def test_a_script_may_not_hide_its_origin() -> None:
    assert code(replace(AJAX, origins=("null",), target=f"/run/x?key={KEY}")) == "fetch"


@pytest.mark.parametrize(
    "change", [{"content_types": ()}, {"content_types": ("text/plain",)}, {"content_encodings": ("gzip",)}]
)
def test_a_body_is_of_the_one_type_that_fits_its_sender(change: dict[str, tuple[str, ...]]) -> None:
    assert code(replace(FORM, **change)) == "type"
    assert code(replace(AJAX, **change)) == "type"
    assert code(replace(FORM, content_types=("application/json",))) == "type"
    assert code(replace(AJAX, content_types=(FORM_TYPE,))) == "type"


def test_a_body_may_have_64_kib() -> None:
    assert code(replace(FORM, content_length=65_536)) == "go"
    assert code(replace(FORM, content_length=65_537)) == "size"
    assert code(replace(FORM, content_length=None)) == "go", "whoever reads it counts"


def test_an_address_holds_nothing_but_the_key() -> None:
    assert code(replace(FORM, target=f"/run/x?key={KEY}&task={TASK}")) == "query"
    assert code(replace(AJAX, target="/run/x?task=1")) == "query"
    assert code(replace(FORM, target="/run/x?a=1")) == "key", "who has no key is told of nothing else"


# -- the order -------------------------------------------------------------------------------------------------------
def test_the_checks_come_in_the_order_of_the_table() -> None:
    """Each repair uncovers the next reason, from peer to key."""
    repairs: list[tuple[str, dict[str, object]]] = [
        ("peer", {"peer_uid": 1000}),
        ("host", {"hosts": ("127.0.0.1:24517",)}),
        ("method", {"method": "POST"}),
        ("duplicate", {"origins": ("https://evil.test",)}),
        ("origin", {"origins": ("null",)}),
        ("fetch", {"fetch_mode": ("navigate",)}),
        ("type", {"content_types": (FORM_TYPE,)}),
        ("size", {"content_length": 10}),
        ("key", {"target": f"/run/x?key={KEY}&more=1"}),
        ("query", {"target": f"/run/x?key={KEY}"}),
        ("go", {}),
    ]
    head = replace(
        FORM,
        peer_uid=1001,
        hosts=("evil.test",),
        method="PUT",
        origins=("null", "null"),
        fetch_mode=("cors",),
        content_types=("text/plain",),
        content_length=10**9,
        target="/run/x?key=wrong&more=1",
    )

    for expected, repair in repairs:
        assert code(head) == expected
        head = replace(head, **repair)


def test_only_this_user_passes() -> None:
    assert code(replace(FORM, peer_uid=0)) == "peer"
    assert code(replace(FORM, peer_uid=None)) == "peer"
    assert code(replace(FORM, private=True, target="/door/ping", peer_uid=0)) == "peer"


@pytest.mark.parametrize("host", ["127.0.0.1:24517", "localhost:24517", "[::1]:24517"])
def test_the_daemon_has_three_names(host: str) -> None:
    assert code(replace(FORM, hosts=(host,))) == "go"


@pytest.mark.parametrize("name", ["origins", "content_types", "fetch_site", "fetch_mode", "fetch_dest", "fetch_user"])
def test_a_header_that_comes_twice_is_refused(name: str) -> None:
    value = getattr(FORM, name)[0]

    verdict = trust.check(replace(FORM, **{name: (value, value)}), RULES)

    assert isinstance(verdict, Refuse)
    assert (verdict.code, verdict.status) == ("duplicate", 400)


# -- addresses -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "path",
    [
        "/run",
        "/run/",
        "/run/..",
        "/run/a/b",
        "/run/%6fpen",
        "/run/a.b",
        "/door/ping",
        "/door/../door/ping",
        "/%64oor/ping",
        "/static/",
        "/static/..",
        "/static/../door/quit",
        "/static/%2e%2e/door/quit",
        "/launches/",
        "/launches/1",
        LAUNCH + "/",
        LAUNCH.upper(),
        LAUNCH + "/log/",
        "//door/ping",
        "/refused/",
        "/enter/1",
        "/index.html",
    ],
)
def test_what_is_not_in_the_table_is_not_there(path: str) -> None:
    verdict = trust.check(replace(VISIT, target=path), RULES)

    assert verdict == Refuse("path", 404, "This request is not allowed.", trust.PUBLISH)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *[(method, "/run/x") for method in ("PUT", "TRACE", "DELETE", "PATCH", "HEAD", "post")],
        *[("POST", path) for path in ("/", LAUNCH, LAUNCH + ".json", "/static/kitsu.css", "/healthz", "/favicon.ico")],
        ("GET", LAUNCH + "/answer"),
        ("GET", "/run/x/ask"),
        ("HEAD", "/"),
    ],
)
def test_each_address_has_its_methods(method: str, path: str) -> None:
    verdict = trust.check(replace(FORM, method=method, target=path), RULES)

    assert isinstance(verdict, Refuse)
    assert (verdict.code, verdict.status) == ("method", 405)


def test_a_page_opens_in_a_tab_only() -> None:
    for path in ("/", LAUNCH, "/refused/key"):
        head = replace(VISIT, target=path)
        assert code(head) == "go"
        assert code(replace(head, fetch_site=("none",))) == "go"
        assert code(replace(head, **BARE)) == "go", "old WebKit"
        assert code(replace(head, fetch_dest=("iframe",))) == "framed"
        assert code(replace(head, fetch_mode=("no-cors",), fetch_dest=("image",))) == "fetch"


def test_a_question_is_a_whole_tab() -> None:
    head = replace(VISIT, target=f"/run/open-in-blender?task={TASK}")

    assert code(head) == "go"
    assert code(replace(head, **BARE)) == "fetch"
    assert code(replace(head, fetch_dest=("iframe",))) == "framed"
    assert code(replace(head, fetch_mode=("no-cors",), fetch_dest=("image",))) == "method"
    assert code(replace(head, fetch_mode=("cors",), fetch_dest=("empty",), origins=(KITSU,))) == "method"


def test_a_launch_is_read_by_its_own_page_only() -> None:
    head = replace(OWN, target=LAUNCH + ".json")

    assert code(head) == "go"
    for site in ("cross-site", "same-site", "none"):
        assert code(replace(head, fetch_site=(site,))) == "fetch"
    assert code(replace(head, **BARE)) == "fetch"
    assert code(replace(head, origins=(KITSU,))) == "origin"
    assert code(replace(head, fetch_mode=("navigate",), fetch_dest=("iframe",))) == "fetch"


@pytest.mark.parametrize("path", [LAUNCH + "/answer", "/run/open-in-blender/ask"])
def test_a_button_is_pressed_on_our_own_page_only(path: str) -> None:
    own = ("http://127.0.0.1:24517",)
    head = replace(OWN, method="POST", target=path, origins=own, content_types=(FORM_TYPE,))

    assert code(head) == "go"
    assert code(replace(head, fetch_mode=("navigate",), fetch_dest=("document",))) == "go"
    assert code(replace(head, **BARE)) == "go", "its Origin is ours"
    assert code(replace(head, origins=(), **BARE)) == "fetch"
    assert code(replace(head, origins=("null",))) == "origin"
    assert code(replace(head, origins=(KITSU,))) == "origin"
    assert code(replace(head, origins=("http://localhost:24517",))) == "origin"
    # A page on another port of this machine is same-site; cookies would not tell it from ours.
    assert code(replace(head, fetch_site=("same-site",))) == "fetch"
    assert code(replace(head, content_types=("text/plain",))) == "type"
    assert code(replace(head, content_length=65_537)) == "size"


def test_style_and_pictures_are_for_our_own_pages() -> None:
    for path in ("/static/kitsu.css", "/favicon.ico", "/healthz"):
        head = replace(OWN, target=path)
        assert code(head) == "go"
        assert code(replace(head, **BARE)) == "go"
        assert code(replace(head, fetch_site=("cross-site",))) == "fetch"
        assert code(replace(head, fetch_site=("same-site",))) == "fetch"


def test_a_preflight_is_answered_to_listed_origins() -> None:
    head = replace(AJAX, method="OPTIONS", content_types=(), content_length=None)

    assert code(head) == "go"
    for origins in ((), ("null",), ("https://evil.test",), ("http://kitsu.studio.test",)):
        assert code(replace(head, origins=origins)) == "origin"


def test_an_upgrade_is_refused() -> None:
    assert code(replace(VISIT, upgrade=True)) == "fetch"
    assert code(replace(FORM, upgrade=True)) == "fetch"


def test_the_private_door_has_its_own_addresses() -> None:
    head = Head(private=True, peer_uid=1000, own_uid=1000, method="POST", target="/door/quit")

    assert code(head) == "go"
    assert code(replace(head, target="/run/open-in-blender")) == "path"
    assert code(replace(head, target="/")) == "path"


# -- what is told ----------------------------------------------------------------------------------------------------
def test_strangers_are_told_one_thing() -> None:
    heads = [
        replace(FORM, peer_uid=7, target="/run/x"),
        replace(FORM, hosts=("evil.test",), target="/run/x"),
        replace(FORM, origins=("https://evil.test",), target="/run/x"),
        replace(FORM, target="/run/x"),
        replace(FORM, target="/run/x", **BARE),
        replace(VISIT, target="/run/x", **BARE),
    ]

    told = {
        (verdict.status, verdict.text, verdict.next_step)
        for head in heads
        if isinstance(verdict := trust.check(head, RULES), Refuse)
    }

    assert told == {
        (
            403,
            "This request is not allowed.",
            "If one of Kitsu's actions led here, ask whoever looks after them to publish the actions again.",
        )
    }


def test_who_has_shown_a_key_or_a_listed_origin_is_told_why() -> None:
    keyed = trust.check(replace(FORM, content_types=("text/plain",)), RULES)
    listed = trust.check(replace(AJAX, content_types=("text/plain",)), RULES)
    stranger = trust.check(replace(FORM, content_types=("text/plain",), target="/run/x"), RULES)

    why = "The request is not of the type that Kitsu sends."
    assert keyed == Refuse("type", 415, why, trust.PUBLISH, keyed=True)
    assert listed == Refuse("type", 415, why, trust.PUBLISH, keyed=False)
    assert stranger == Refuse("type", 415, "This request is not allowed.", trust.PUBLISH, keyed=False)


def test_each_reason_can_be_explained_on_a_page_of_its_own() -> None:
    assert trust.explained("size") == Refuse("size", 413, "The request is larger than any click.", trust.PUBLISH)
    assert trust.explained("nonsense") is None
    assert all(trust.explained(code) for code in trust.REASONS)


# -- rules of a configuration ----------------------------------------------------------------------------------------
SAFE = Server(origins=(KITSU, "https://kitsu.lan:8443"), api=KITSU + "/api")
MEANT = Server(origins=("http://10.0.0.5:8080",), api="http://10.0.0.5:8080/api", insecure=True)
CARELESS = Server(origins=("http://kitsu.lan", "https://kitsu.lan"), api="http://kitsu.lan/api")


def test_an_http_server_counts_only_when_that_is_meant() -> None:
    studio = Studio(servers=(SAFE, MEANT, CARELESS), keys=(KEY,), null_origin="refuse")

    assert Rules.of(Config(studio=studio), 99) == Rules(
        port=99,
        origins=frozenset({KITSU, "https://kitsu.lan:8443", "http://10.0.0.5:8080", "https://kitsu.lan"}),
        keys=(KEY,),
        null_origin="refuse",
    )

"""Publishing the actions: the difference, and writing it to a real Zou."""

from collections.abc import Iterator

import pytest

from launcher.config.schema import PageAction
from launcher.errors import LauncherError
from launcher.kitsu import publish
from launcher.kitsu.accounts import Accounts
from launcher.kitsu.publish import Change, Difference, Present, PublishError, Wanted
from tests.support.accounts import Api, log_in, server
from tests.support.zou import Zou

PORT = 24517


def ours(name: str, title: str, kind: str = "shot", key: str = "old", ajax: bool = False, port: int = PORT) -> Wanted:
    return Wanted(title, f"http://127.0.0.1:{port}/run/{name}?key={key}", kind, ajax)


def test_each_action_is_wanted_once_for_each_entity_type() -> None:
    """Values in, values out. The first key counts, and what is special in it is written out."""
    actions = [
        PageAction(name="debug", title="Debug", ajax=True),
        PageAction(name="open-it", title="Open", entity_types=("shot", "asset")),
    ]

    assert publish.wanted(actions, 4000, ["a&b=ü", "old"]) == (
        Wanted("Debug", "http://127.0.0.1:4000/run/debug?key=a%26b%3D%C3%BC", "all", True),
        Wanted("Open", "http://127.0.0.1:4000/run/open-it?key=a%26b%3D%C3%BC", "shot", False),
        Wanted("Open", "http://127.0.0.1:4000/run/open-it?key=a%26b%3D%C3%BC", "asset", False),
    )
    assert publish.wanted(actions[:1], 4000, [])[0].url == "http://127.0.0.1:4000/run/debug"


@pytest.mark.parametrize(
    ("title", "key", "told"),
    [
        ("x" * 81, "k", f'The title of "{"x" * 80}" has more than 80 characters; Kitsu takes no more.'),
        ("Open", "k" * 400, 'The address of "Open" has more than 400 characters; Kitsu takes no more.'),
    ],
)
def test_what_kitsu_would_refuse_is_refused_before(title: str, key: str, told: str) -> None:
    """Values in; the key is in no text."""
    with pytest.raises(PublishError) as caught:
        publish.wanted([PageAction(name="open", title=title)], PORT, [key])

    assert caught.value.problem == told
    assert "kk" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://127.0.0.1:24517/run/open?key=k", "open"),
        ("http://localhost:9/run/open", "open"),
        ("http://[::1]:24517/run/open", "open"),
        ("https://127.0.0.1:24517/run/open", None),
        ("http://127.0.0.1/run/open", None),
        ("http://127.0.0.1:24517/run/a/b", None),
        ("http://127.0.0.1:24517/other/run/open", None),
        ("http://127.0.0.1:24517@evil.example/run/open", None),
        ("http://me@127.0.0.1:24517/run/open", None),
        ("http://127.0.0.1.evil.example:24517/run/open", None),
        ("http://studio.example:24517/run/open", None),
        ("http://[::1/run/open", None),
        ("http://127.0.0.1:99999999/run/open", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_only_a_launchers_own_address_is_ours(url: str, name: str | None) -> None:
    """Values in, values out."""
    assert publish.own_action(url) == name


def test_a_difference_touches_nothing_that_is_not_ours() -> None:
    """Values in, values out: others' actions are in no part of it, whatever they are called."""
    foreign = Present("f", Wanted("Open", "https://studio.example/run/open", "shot", False))

    found = publish.difference([ours("open", "Open")], [foreign], prune=True)

    assert found == Difference(create=(ours("open", "Open"),))


def test_a_difference_finds_the_same_action_by_address_then_by_title() -> None:
    """Values in, values out: a new key, a new title, another port, a renamed action, one that is gone."""
    there = [
        Present("1", ours("open", "Open")),
        Present("2", ours("play", "Play old", port=9)),
        Present("3", ours("former", "Debug")),
        Present("4", ours("gone", "Gone")),
        Present("5", ours("same", "Same", key="new")),
    ]
    wished = [
        ours("open", "Open", key="new"),
        ours("play", "Play", key="new"),
        ours("debug", "Debug", key="new"),
        ours("same", "Same", key="new"),
        ours("fresh", "Fresh", key="new"),
    ]

    found = publish.difference(wished, there, prune=False)

    assert found.create == (wished[4],)
    assert found.keep == (wished[3],)
    assert set(found.update) == {
        Change("1", there[0].action, wished[0]),
        Change("2", there[1].action, wished[1]),
        Change("3", there[2].action, wished[2]),
    }
    assert (found.left, found.remove) == ((there[3],), ())
    assert publish.difference(wished, there, prune=True).remove == (there[3],)


def test_two_actions_that_swap_their_titles_are_two_updates() -> None:
    """Values in, values out: addresses count before titles."""
    there = [Present("1", ours("a", "One")), Present("2", ours("b", "Two"))]

    found = publish.difference([ours("a", "Two"), ours("b", "One")], there, prune=True)

    assert {(change.id, change.after.name) for change in found.update} == {("1", "Two"), ("2", "One")}
    assert not found.create
    assert not found.remove


def test_the_difference_reads_well_and_shows_no_key() -> None:
    """The text as people read it, whole."""
    there = [
        Present("1", ours("open", "Open")),
        Present("4", ours("gone", "Gone")),
        Present("5", ours("same", "Same", key="new")),
    ]
    wished = [
        ours("open", "Open", key="new"),
        ours("same", "Same", key="new"),
        ours("fresh", "Fresh", "all", "new", True),
    ]

    assert list(publish.lines(publish.difference(wished, there, prune=False))) == [
        "+ Fresh  all  http://127.0.0.1:24517/run/fresh?key=…  AJAX",
        "- Open  shot  http://127.0.0.1:24517/run/open?key=…",
        "+ Open  shot  http://127.0.0.1:24517/run/open?key=…  another key",
        "  Gone  shot  http://127.0.0.1:24517/run/gone?key=…  configured no longer; --prune removes it",
        "  Same  shot  http://127.0.0.1:24517/run/same?key=…",
    ]


def test_what_was_agreed_to_must_still_be_what_is_done() -> None:
    """Values in; a key that changed in between counts too, though nobody sees it."""
    shown = publish.difference([ours("open", "Open", key="new")], [], prune=False)
    now = publish.difference([ours("open", "Open", key="newer")], [], prune=False)

    publish.must_match(shown, shown.fingerprint())
    with pytest.raises(PublishError) as caught:
        publish.must_match(now, shown.fingerprint())

    assert str(caught.value) == (
        "The actions have changed since the difference was shown.\n  next   Run `kitsu-launcher actions publish` again."
    )


@pytest.fixture
def clean_actions(admin_api: Api) -> Iterator[Api]:
    """Kitsu has no custom actions before and after."""

    def clean() -> None:
        for one in admin_api.done("GET", "data/custom-actions"):
            admin_api.done("DELETE", f"data/custom-actions/{one['id']}")

    clean()
    yield admin_api
    clean()


def seen(api: Api) -> set[tuple[str, str, str, bool]]:
    rows = api.done("GET", "data/custom-actions")
    return {(one["name"], one["url"], one["entity_type"], one["is_ajax"]) for one in rows}


async def test_publishing_creates_updates_and_prunes_in_kitsu(accounts: Accounts, zou: Zou, clean_actions: Api) -> None:
    """Real: Zou, with somebody else's action that has the same name as ours."""
    here, foreign = server(zou.url), {"name": "Open", "url": "https://studio.example/run/open", "entity_type": "shot"}
    clean_actions.done("POST", "data/custom-actions", {**foreign, "is_ajax": False})
    admin = await log_in(accounts, zou, "admin")

    async def publish_all(*actions: PageAction, prune: bool = False) -> Difference:
        wanted = publish.wanted(actions, PORT, ["k"])
        found = publish.difference(wanted, await accounts.custom_actions(here, admin), prune)
        await accounts.publish(here, admin, found)
        return found

    open_it = PageAction(name="open", title="Open", entity_types=("shot", "asset"))
    debug = PageAction(name="debug", title="Debug", ajax=True)
    await publish_all(open_it, debug)
    first = seen(clean_actions)
    again = await publish_all(open_it, debug)
    await publish_all(PageAction(name="open", title="Open now", entity_types=("shot", "asset")), prune=True)

    kept = ("Open", "https://studio.example/run/open", "shot", False)
    assert first == {
        kept,
        ("Open", "http://127.0.0.1:24517/run/open?key=k", "shot", False),
        ("Open", "http://127.0.0.1:24517/run/open?key=k", "asset", False),
        ("Debug", "http://127.0.0.1:24517/run/debug?key=k", "all", True),
    }
    assert again.empty
    assert seen(clean_actions) == {
        kept,
        ("Open now", "http://127.0.0.1:24517/run/open?key=k", "shot", False),
        ("Open now", "http://127.0.0.1:24517/run/open?key=k", "asset", False),
    }


@pytest.mark.parametrize("key", ["manager", "supervisor", "user", "vendor", "client"])
async def test_only_administrators_may_publish(accounts: Accounts, zou: Zou, clean_actions: Api, key: str) -> None:
    """Real: Zou refuses everybody else."""
    person = await log_in(accounts, zou, key)
    found = publish.difference([ours("open", "Open")], [], prune=False)

    with pytest.raises(LauncherError) as caught:
        await accounts.publish(server(zou.url), person, found)

    assert (caught.value.code, caught.value.exit_code) == ("forbidden", 3)
    assert seen(clean_actions) == set()

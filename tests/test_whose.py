"""Finished clicks in, servers and persons out."""

import pytest

from launcher import whose
from launcher.config.schema import Server
from launcher.errors import Refused
from launcher.model import Click, Person, Sender
from launcher.trust import PUBLISH
from launcher.whose import PersonAway, PersonRefused, ServerRefused
from tests.support.requests import KITSU, TASK

SAFE = Server(origins=(KITSU, "https://kitsu.lan:8443"), api=KITSU + "/api")
MEANT = Server(origins=("http://10.0.0.5:8080",), api="http://10.0.0.5:8080/api", insecure=True)
CARELESS = Server(origins=("http://kitsu.lan", "https://kitsu.lan"), api="http://kitsu.lan/api")


def click(sender: Sender = Sender.FORM, **values: str | None) -> Click:
    return Click(action="open-in-blender", task_ids=(TASK,), sender=sender, **values)


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        (None, SAFE),
        ("kitsu.studio.test", SAFE),
        (KITSU, SAFE),
        ("kitsu.lan:8443", SAFE),
        ("10.0.0.5:8080", MEANT),
        ("http://10.0.0.5:8080", MEANT),
        ("kitsu.lan", CARELESS),
    ],
)
def test_a_click_names_its_server_by_host_or_by_origin(named: str | None, meant: Server) -> None:
    assert whose.server(click(server=named), (SAFE, MEANT, CARELESS)) is meant


def test_the_port_that_a_browser_does_not_say_may_stand_in_the_configuration() -> None:
    said = Server(origins=("https://kitsu.lan:443",), api="")

    assert whose.server(click(server="kitsu.lan"), (said,)) is said


@pytest.mark.parametrize(
    "named", ["evil.test", "http://kitsu.lan", "kitsu.studio.test.", "KITSU.STUDIO.TEST", "u@kitsu.studio.test", ""]
)
def test_any_other_server_is_refused(named: str) -> None:
    with pytest.raises(ServerRefused) as error:
        whose.server(click(server=named), (SAFE, CARELESS))

    assert str(error.value) == (
        f"The click comes from the Kitsu at {named}, which is not configured.\n"
        "  tried  https://kitsu.studio.test\n"
        "         https://kitsu.lan:8443\n"
        "         https://kitsu.lan\n"
        "  next   Add it to studio.servers in the studio file, an http address with insecure = true."
    )
    assert error.value.code == "server"


def test_a_studio_without_a_server_is_told_so() -> None:
    with pytest.raises(ServerRefused) as error:
        whose.server(click(), (Server(origins=("http://kitsu.lan",), api=""),))

    assert str(error.value) == (
        "No Kitsu is configured that may be used.\n"
        "  tried  http://kitsu.lan: http, without insecure = true\n"
        "  next   Set studio.servers in the studio file; `kitsu-launcher config where` names the file."
    )


ADA = Person("3cff9eaf-e26d-4d5e-b867-2cbb34893881", "ada@studio.example", "Ada", "Lovelace", "user")
BOB = Person("11111111-1111-4111-8111-111111111111", "bob@studio.example", "Bob", "", "admin")


def test_a_click_uses_the_login_of_its_person() -> None:
    assert whose.person(click(person_id=BOB.id), (ADA, BOB)) is BOB
    assert whose.person(click(person_email="BOB@Studio.Example"), (ADA, BOB)) is BOB
    assert whose.person(click(person_id=BOB.id, person_email="old@studio.example"), (ADA, BOB)) is BOB


BOT = Person("22222222-2222-4222-8222-222222222222", "bot@studio.example", "Farm", "Bot", "admin", is_bot=True)
FOR_ADA = Person("", ADA.email, "Farm", "Bot", "admin")
"""The bot again, standing for Ada."""


@pytest.mark.parametrize("sender", [Sender.FORM, Sender.AJAX])
def test_a_bot_stands_for_the_person_whose_email_it_has(sender: Sender) -> None:
    hers = click(sender, person_id=BOB.id, person_email=ADA.email)

    assert whose.person(hers, (BOT, FOR_ADA)) is FOR_ADA


@pytest.mark.parametrize("known", [(BOT,), (BOT, FOR_ADA)])
@pytest.mark.parametrize(
    "named",
    [
        {"person_id": BOT.id},
        {"person_id": BOT.id, "person_email": BOT.email},
        {"person_email": BOT.email},
        {"person_id": BOB.id, "person_email": BOB.email},
    ],
)
def test_no_other_click_of_a_browser_is_taken_by_a_bot(named: dict[str, str], known: tuple[Person, ...]) -> None:
    with pytest.raises(PersonRefused):
        whose.person(click(**named), known)


def test_a_bot_is_the_person_of_command_lines_and_of_no_link() -> None:
    assert whose.person(click(Sender.COMMAND), (BOT, FOR_ADA)) is BOT
    assert whose.person(click(Sender.LINK), (BOT, FOR_ADA)) is FOR_ADA
    with pytest.raises(PersonRefused) as error:
        whose.person(click(Sender.LINK), (BOT,))
    assert str(error.value) == (
        "This click is of somebody at a browser, who is not logged in here.\n"
        "  tried  Farm Bot <bot@studio.example>: a bot\n"
        "  next   Log in with that account by `kitsu-launcher login`, or log in to Kitsu as the one who works here."
    )


@pytest.mark.parametrize("sender", [Sender.LINK, Sender.PAGE, Sender.COMMAND])
def test_a_link_or_a_command_that_names_nobody_is_of_the_first_login(sender: Sender) -> None:
    assert whose.person(click(sender), (ADA, BOB)) is ADA


@pytest.mark.parametrize("known", [(), (ADA,), (ADA, BOB), (BOT,)])
@pytest.mark.parametrize("sender", [Sender.FORM, Sender.AJAX])
def test_a_click_of_kitsu_that_names_nobody_is_refused(sender: Sender, known: tuple[Person, ...]) -> None:
    with pytest.raises(PersonRefused) as error:
        whose.person(click(sender), known)

    assert str(error.value) == (f"This click does not say whose it is, and Kitsu's always do.\n  next   {PUBLISH}")
    assert error.value.code == "person"


def test_nobody_is_logged_in() -> None:
    assert whose.person(click(person_id=ADA.id), ()) is None
    assert whose.person(click(Sender.LINK), ()) is None


def test_somebody_elses_click_may_wait_for_her() -> None:
    with pytest.raises(PersonAway) as error:
        whose.person(click(person_id=BOB.id, person_email=BOB.email), (ADA,))

    assert str(error.value) == (
        "This click is of bob@studio.example, who is not logged in here.\n"
        "  tried  Ada Lovelace <ada@studio.example>: logged in here\n"
        "  next   Log in with that account by `kitsu-launcher login`, or log in to Kitsu as the one who works here."
    )
    assert error.value.code == "person"


@pytest.mark.parametrize("named", [{"person_id": BOT.id}, {"person_email": BOT.email}, {}])
def test_a_click_of_a_bot_or_of_nobody_waits_for_no_login(named: dict[str, str]) -> None:
    with pytest.raises(PersonRefused) as error:
        whose.person(click(**named), (ADA, BOT))

    assert not isinstance(error.value, PersonAway)


def test_a_command_waits_for_nobody() -> None:
    assert whose.person(click(Sender.COMMAND, person_email=BOB.email), (ADA,)) is ADA


def two(name: str) -> tuple[Person, ...]:
    return tuple(Person(id=x, email=f"{x}@fox.example", first_name=name, last_name="Fox", role="user") for x in "ab")


def test_a_launch_is_done_again_by_whom_it_was_of() -> None:
    """Whoever carries that name, whatever the click itself said: the journal of an earlier daemon keeps only a name."""
    (mika, _), (noa, other) = two("Mika"), two("Noa")
    link = click(Sender.LINK)

    assert whose.again(link, "Noa Fox", (mika, noa)) is noa
    assert whose.again(link, "", (mika, noa)) is mika
    assert whose.again(link, "Noa Fox", ()) is None
    assert whose.again(click(person_email=other.email), "Noa Fox", (noa, other)) is other


def test_a_name_of_several_people_is_not_guessed() -> None:
    people = two("Noa")

    with pytest.raises(Refused) as refusal:
        whose.again(click(Sender.COMMAND), "Noa Fox", people)

    assert str(refusal.value) == (
        "Several people called Noa Fox are logged in here.\n"
        "  tried  a@fox.example\n"
        "         b@fox.example\n"
        "  next   Click the action again in Kitsu, or choose it beside the task."
    )

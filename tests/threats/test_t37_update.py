"""T37: no feed, page or command brings in another version of this program; a feed makes one sentence, no more."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from launcher import __version__, cli, trust
from launcher.config import announced, feed, signing
from launcher.config.announced import Package, Release
from launcher.config.schema import Feed, Studio
from launcher.doctor import newer
from launcher.doctor.finding import Finding
from tests.support.configured import Machine
from tests.support.studio_server import StudioServer, hang, redirect

DAY = "2026-11-24"
PAGE = "https://it.lunar.example/kitsu-launcher"
DEB = Package("kitsu-launcher_9.1.0_amd64.deb", "ab" * 32)


@dataclass
class It:
    """IT with a key, a server that gives out what it announces, and one machine that may ask."""

    server: StudioServer
    machine: Machine
    key_file: Path
    key: str
    days: int = 0
    said: list[Finding] = field(default_factory=list)

    @property
    def studio(self) -> Studio:
        url = self.server.url.replace("studio.toml", "feed.json")
        return Studio(feed=Feed(url=url, key=self.key), ca_file=self.server.ca_file)

    def publish(self, text: bytes, key_file: Path | None = None) -> None:
        """Sign whatever it is, as a thief of the server could not."""
        key = load_pem_private_key((key_file or self.key_file).read_bytes(), None)
        signature = base64.b64encode(key.sign(text))
        self.server.files = {"/feed.json": text, "/feed.json.sig": signature}

    def announce(self, version: str, day: str = DAY) -> None:
        self.publish(Release(version, day, PAGE, (DEB,)).written())

    async def doctor(self) -> list[tuple[str, str]]:
        """What doctor finds, a day after the last time."""
        if self.studio.feed:
            feed.forget_when(self.machine.folders, self.studio.feed)
        self.said = await newer.look(self.machine.folders, self.studio, ask=True)
        return [(one.level, str(one.title)) for one in self.said]

    @property
    def why(self) -> str:
        """The reason that is told, without the server's address."""
        (finding,) = [one for one in self.said if one.level == "warning" and "could not" in str(one.title)]
        return str(finding.details[0]).replace(self.server.url.removesuffix("studio.toml"), "")


@pytest.fixture
def it(studio_server: StudioServer, configured: Machine) -> It:
    path = configured.home / "it.pem"
    return It(studio_server, configured, path, signing.make_key(path))


UNKNOWN = ("warning", "It could not be told whether there is a newer version.")
NEWER = ("warning", f"Kitsu Launcher 9.1.0 of {DAY} is there; this is {__version__}.")


async def test_a_newer_version_is_one_sentence_with_a_link(it: It) -> None:
    """Real: TLS, an https server, Ed25519, the doctor's part for it."""
    it.announce("9.1.0")

    assert await it.doctor() == [NEWER]
    assert str(it.said[0].cure) == f"Ask IT for it: {PAGE}"
    assert it.said[0].details == (f"{DEB.name}  sha256 {DEB.sha256}",)


async def test_the_same_version_is_nothing_new(it: It) -> None:
    """Real: as above."""
    it.announce(__version__)

    assert await it.doctor() == [("good", f"No newer version than {__version__} is told of.")]


async def test_without_the_setting_nobody_is_asked(it: It) -> None:
    """Real: as above; what the server saw."""
    it.announce("9.1.0")

    assert await newer.look(it.machine.folders, Studio(ca_file=it.server.ca_file), ask=True) == []
    assert it.server.asked == []


async def test_it_is_asked_once_a_day_and_told_from_memory_until_then(it: It) -> None:
    """Real: as above."""
    it.announce("9.1.0")
    await it.doctor()
    it.server.asked.clear()

    again = await newer.look(it.machine.folders, it.studio, ask=True)
    without = await newer.look(it.machine.folders, it.studio, ask=False)

    assert [str(one.title) for one in again] == [str(one.title) for one in without] == [NEWER[1]]
    assert it.server.asked == []


async def test_what_another_key_signed_is_not_believed(it: It) -> None:
    """Real: as above; a second key."""
    other = it.machine.home / "other.pem"
    signing.make_key(other)
    it.publish(Release("9.1.0", DAY, PAGE).written(), other)

    assert await it.doctor() == [UNKNOWN]
    assert it.why == "feed.json: it is not signed by the key that studio.feed names"


async def test_without_a_signature_it_is_not_believed(it: It) -> None:
    """Real: as above."""
    it.announce("9.1.0")
    del it.server.files["/feed.json.sig"]

    assert await it.doctor() == [UNKNOWN]
    assert it.why == "feed.json: it has no signature at feed.json.sig; kitsu-launcher config announce makes one"


async def test_a_changed_byte_is_noticed(it: It) -> None:
    """Real: as above: a forged text under a true signature."""
    it.announce("9.1.0")
    it.server.files["/feed.json"] = it.server.files["/feed.json"].replace(b"9.1.0", b"9.9.9")

    assert await it.doctor() == [UNKNOWN]


async def test_an_older_document_that_is_played_again_counts_no_more(it: It) -> None:
    """Real: as above. What is known stays, and the replay is told."""
    it.announce("9.0.0", "2026-11-01")
    old = dict(it.server.files)
    it.announce("9.1.0")
    await it.doctor()
    it.server.files = old

    assert await it.doctor() == [UNKNOWN, NEWER]
    assert it.why == (
        f"feed.json tells of 9.0.0, and 9.1.0 of {DAY} was told here already: an older answer counts no more"
    )


HOSTILE = {
    b"<html>Log in</html>": "it is no JSON",
    b"[" * 15_000: "it is no JSON",
    b" " * (announced.MOST_BYTES + 1): "",
    b"[]": "it is no table of JSON",
    b'{"version": "9.1.0\\u001b]0;x"}': '"version" must be a version such as 1.2.0, not',
    b'{"version": "9.1.0; rm -rf /"}': '"version" must be a version such as 1.2.0, not',
    b'{"version": "9.1.0", "date": "2026-13-40"}': "there is no day 2026-13-40",
    b'{"version": "9.1.0", "date": "2026-11-24", "page": "javascript:alert(1)"}': '"page": ',
    b'{"version": "9.1.0", "date": "2026-11-24", "page": "http://it.example/"}': '"page": ',
    json.dumps(
        {"version": "9.1.0", "date": DAY, "page": PAGE, "packages": [{"name": "../x", "sha256": "ab" * 32}]}
    ).encode(): '"name" must be a file\'s name, not',
}


@pytest.mark.parametrize("text", HOSTILE)
async def test_even_signed_a_document_is_held_to_its_form(it: It, text: bytes) -> None:
    """Real: as above; the key's own owner may have been robbed."""
    it.publish(text)

    assert await it.doctor() == [UNKNOWN]
    assert HOSTILE[text] in it.why


async def test_it_is_followed_nowhere_else_and_waited_for_a_little_only(it: It, monkeypatch) -> None:
    """Real: as above; a redirect, and an answer that does not come. The patience is shortened for the test."""
    monkeypatch.setattr(feed, "TIMEOUT", feed.aiohttp.ClientTimeout(total=0.5))
    it.announce("9.1.0")
    it.server.special["/feed.json"] = redirect("/other.json")
    it.server.files["/other.json"] = it.server.files["/feed.json"]

    assert await it.doctor() == [UNKNOWN]
    assert ("/other.json", 200) not in it.server.asked

    it.server.special["/feed.json"] = hang
    assert await it.doctor() == [UNKNOWN]


async def test_an_authority_that_nobody_trusts_is_told(it: It) -> None:
    """Real: TLS; without the studio's authority."""
    it.announce("9.1.0")
    studio = Studio(feed=it.studio.feed)

    found = await newer.look(it.machine.folders, studio, ask=True)

    assert [(one.level, str(one.title)) for one in found] == [UNKNOWN]


async def test_what_config_announce_writes_is_believed(it: It, capsys: pytest.CaptureFixture[str]) -> None:
    """Real: as above; the command, a package's bytes. A later version is never announced over."""
    file, package = it.machine.home / "feed.json", it.machine.home / "kitsu-launcher_9.1.0_amd64.deb"
    package.write_bytes(b"a package")
    said = ["--page", PAGE, "--date", DAY, "--key", str(it.key_file)]

    assert cli.main(["config", "announce", str(file), str(package), "--to", "9.1.0", *said]) == 0
    told = capsys.readouterr().out
    it.server.files = {f"/{one.name}": one.read_bytes() for one in (file, file.with_name("feed.json.sig"))}

    assert f'key = "{it.key}"' in told
    assert await it.doctor() == [NEWER]
    assert it.said[0].details == (f"{package.name}  sha256 {hashlib.sha256(b'a package').hexdigest()}",)
    assert cli.main(["config", "announce", str(file), "--to", "9.0.0", *said]) == 2
    assert f"tells of 9.1.0 of {DAY} already, which is later" in capsys.readouterr().err


INSTALLS = re.compile(r"update|upgrade|install|download|feed|version", re.IGNORECASE)


def test_no_route_and_no_command_installs_anything() -> None:
    """Real: every route that the guard knows, and every command of the parser."""
    routes = [pattern.pattern for pattern, _methods in trust.ROUTES]
    (commands,) = [action for action in cli.build()._actions if hasattr(action, "choices") and action.choices]

    assert [route for route in routes if INSTALLS.search(route)] == []
    assert [name for name in commands.choices if INSTALLS.search(name)] == []
    for path in ("/update", "/install", "/upgrade", "/dashboard/update", "/feed", "/version"):
        assert not any(re.fullmatch(pattern, path) for pattern in routes), path


async def test_what_is_announced_is_only_ever_read(it: It) -> None:
    """Real: as above; what is on the machine's disk afterwards: one small file of ours, and no package."""
    it.announce("9.1.0")
    before = {path for path in it.machine.home.rglob("*") if path.is_file()}

    await it.doctor()

    made = {path for path in it.machine.home.rglob("*") if path.is_file()} - before
    assert {path.name for path in made} == {feed.KEPT}
    assert {path for path, _status in it.server.asked} == {"/feed.json", "/feed.json.sig"}

"""T36: a studio file at an address. What it may say without a signature, and who may bring another one in."""

import asyncio
import base64
import json
import os
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from launcher.config import fetch, sealed, signing
from launcher.config.load import Loaded
from launcher.doctor.machine import look
from launcher.model import OS
from tests.support.configured import Machine
from tests.support.desktop import wait_until
from tests.support.studio_server import PAGE, StudioServer, Td, hang, redirect

CODE = '[apps.mpv]\nenv.LD_PRELOAD = "/tmp/evil.so"\n'
STRANGE = "is not signed by the key that machine.toml names"
UNSIGNED = "decides which code runs, and nobody has signed this file; let machine.toml name a key, and sign it"


def told(td: Td, loaded: Loaded | None = None) -> list[str]:
    """All that is told, with the address and the folder left out, and without the clock's time."""
    problems = (loaded or td.machine.load()).problems
    texts = [str(one).replace(td.server.url, "URL").replace(f"{td.machine.home}/", "") for one in problems]
    return [text.partition(" of ")[0] if "stays in use" in text else text for text in texts]


def name(td: Td) -> str:
    return td.machine.load().config.studio.name


STAYS = "config/studio.last-good.toml: the configuration"


async def test_a_signed_file_may_say_everything(td: Td):
    """Real: TLS, an https server, signatures, files on disk."""
    td.publish(PAGE.format(name="Signed", serial=1) + CODE)

    assert await td.fetch()

    assert told(td) == []
    assert name(td) == "Signed"
    assert "LD_PRELOAD" in td.machine.load().config.apps["mpv"].env
    assert td.machine.load().where("studio.name") == f"{td.server.url}:2"


LOCKED = {
    '[apps.mpv]\nexecutable = "/tmp/evil"': "apps.mpv.executable",
    '[apps.mpv]\nargs = ["--script=/tmp/x.lua"]': "apps.mpv.args",
    '[apps.mpv]\nargv = ["{file}", "--script=/tmp/x.lua"]': "apps.mpv.argv",
    '[apps.mpv]\nenv.A = "x"': "apps.mpv.env.A",
    '[roots.p]\nwindows = "//evil.test/s"': "roots.p.windows",
    "[roots.p]\nwindows = '\\\\evil.test\\s'": "roots.p.windows",
    '[roots.p]\nlinux = "/net/evil.test/s"': "roots.p.linux",
    '[roots.p]\nmacos = "/Network/Servers/evil.test/s"': "roots.p.macos",
    '[roots.p]\nlinux = "/mnt/p"\nalso = ["Q:/", "//evil.test/s"]': "roots.p.also",
    '[projects.P]\nroots.p.windows = "//evil.test/s"': "projects.P.roots.p.windows",
    '[[machines]]\nmatch = { os = "windows" }\nroots.p.windows = "//evil.test/s"': "machines.roots.p.windows",
    '[apps.mpv]\nfind.linux = ["/tmp/{version}/x"]': "apps.mpv.find.linux",
    '[apps.mpv]\ncheck.args = ["-c"]': "apps.mpv.check.args",
    '[apps.mpv]\nscript = "blender.py"': "apps.mpv.script",
    '[apps.blender]\nno_scripts = ["-y"]': "apps.blender.no_scripts",
    '[apps.mpv]\nopens = [".lua"]': "apps.mpv.opens",
    '[apps.mpv]\nwrap = ["/tmp/evil"]': "apps.mpv.wrap",
    "[apps.mpv]\nbatch = true": "apps.mpv.batch",
    '[apps.maya]\nworkspace.marker = "workspace.mel"': "apps.maya.workspace.marker",
    '[actions.b]\ntitle = "B"\nkind = "launch"\napp = "mpv"\nbefore = ["{roots.p}/x"]': "actions.b.before",
    '[[actions.a.when]]\ntask_types = ["X"]\nargs = ["--x"]': "actions.a.when.args",
    '[roots.p]\nlinux = "/mnt/p"\nrun_scripts = true': "roots.p.run_scripts",
    '[actions.b]\ntitle = "B"\nkind = "launch"\napp = "mpv"\nargs = ["--x"]': "actions.b.args",
    '[actions.b]\ntitle = "B"\nkind = "launch"\napp = "mpv"\nenv.A = "x"': "actions.b.env.A",
    '[projects.P]\napps.mpv.env.A = "x"': "projects.P.apps.mpv.env.A",
    '[[machines]]\nmatch = { os = "windows" }\napps.mpv.executable = "C:/evil.exe"': "machines.apps.mpv.executable",
}


@pytest.mark.parametrize("text", LOCKED)
async def test_without_a_key_a_file_may_not_say_which_code_runs(td: Td, text: str):
    """Real: TLS, an https server, files on disk. Each with its line; what was right before stays."""
    td.name_in_machine(key="")
    td.publish(PAGE.format(name="Before", serial=0), signed=False)
    assert await td.fetch()
    assert (told(td), name(td)) == ([], "Before")
    td.publish(PAGE.format(name="Evil", serial=0) + text, signed=False)

    await td.fetch()

    last = len((PAGE + text).splitlines())
    assert [text for text in told(td) if UNSIGNED in text] == [f"URL:{last}: {LOCKED[text]}: {UNSIGNED}"]
    assert told(td)[-1] == STAYS
    assert name(td) == "Before"


async def test_without_a_key_a_file_may_not_say_where_newer_versions_are_told_of(td: Td):
    """Real: as above. Whoever names the feed sends people to a page of his own for the next version."""
    td.name_in_machine(key="")
    feed = f'[studio.feed]\nurl = "https://evil.test/x.json"\nkey = "{td.key}"\n'
    td.publish(PAGE.format(name="Evil", serial=0) + feed, signed=False)

    await td.fetch()

    line = len(PAGE.splitlines()) + 1
    assert [text for text in told(td) if UNSIGNED in text] == [f"URL:{line}: studio.feed: {UNSIGNED}"]
    assert td.machine.load().config.studio.feed is None


async def test_without_a_key_it_may_say_which_program_opens_which_file(td: Td):
    """Real: as above. The catalogue's own way of starting it stays."""
    td.name_in_machine(key="")
    td.publish(
        '[roots.prod]\nlinux = "/mnt/prod"\nmarker = ".prod"\n[apps.blender]\nversion = ">=4"\n'
        '[actions.b]\ntitle = "B"\nkind = "launch"\napp = "blender"\n'
        'file = "{roots.prod}/{entity.name}_v{revision}.blend"\nwhen_missing = "empty"\n',
        signed=False,
    )

    assert await td.fetch()

    assert told(td) == []
    loaded = td.machine.load()
    assert list(loaded.config.actions) == ["b"]
    assert loaded.config.apps["blender"].version == ">=4"


async def test_all_that_is_locked_is_told_at_once(td: Td):
    """The texts whole, in the order of their lines."""
    td.name_in_machine(key="")
    td.publish('[apps.mpv]\nenv.A = "x"\nenv.B = "y"\nargs = ["-x"]\nvresion = "1"\n', signed=False)
    await td.fetch()

    assert told(td) == [
        f"URL:2: apps.mpv.env.A: {UNSIGNED}",
        f"URL:3: apps.mpv.env.B: {UNSIGNED}",
        f"URL:4: apps.mpv.args: {UNSIGNED}",
        'URL:5: apps.mpv: unknown key "vresion"; did you mean "version"?',
    ]


async def test_a_stolen_server_without_the_key_changes_nothing(td: Td):
    """Real: the file of a thief, who has no key: it does not count, harmless or not, and what it wanted is told."""
    td.publish(PAGE.format(name="Good", serial=5))
    assert await td.fetch()
    assert name(td) == "Good"
    td.publish(PAGE.format(name="Stolen", serial=6) + CODE, signed=False)

    assert not await td.fetch()

    needs = "decides which code runs, so it needs the signature"
    assert told(td) == [
        "URL: has no signature at URL.sig; kitsu-launcher config sign makes one",
        f"URL:8: apps.mpv.env.LD_PRELOAD: {needs}",
        STAYS,
    ]
    assert name(td) == "Good"
    td.publish(PAGE.format(name="Stolen", serial=6), signed=False)
    await td.fetch()
    assert told(td) == ["URL: has no signature at URL.sig; kitsu-launcher config sign makes one", STAYS]


async def test_a_signature_by_another_key_counts_no_more_than_none(td: Td):
    """Real: somebody else's Ed25519 key."""
    td.publish(PAGE.format(name="Good", serial=1))
    await td.fetch()
    assert name(td) == "Good"
    his = td.machine.home / "his.pem"
    signing.make_key(his)
    td.publish(PAGE.format(name="Forged", serial=2), key_file=his)

    assert not await td.fetch()

    assert told(td) == [f"URL: {STRANGE}", STAYS]
    assert name(td) == "Good"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sig: b"",
        lambda sig: b"not a signature",
        lambda sig: base64.b64encode(b"\0" * 64),
        lambda sig: base64.b64encode(b"\xff" * 64),
        lambda sig: sig[:-4],
        lambda sig: sig + b"AAAA",
        lambda sig: b"\xff\xfe" + sig,
        lambda sig: b"#" * 4000,
    ],
)
async def test_a_signature_that_is_none_is_none(td: Td, spoil: Callable[[bytes], bytes]):
    """Real: what a server may answer instead."""
    td.publish(PAGE.format(name="Good", serial=1))
    td.server.files["/studio.toml.sig"] = spoil(td.server.files["/studio.toml.sig"])

    assert not await td.fetch()

    assert len(told(td)) == 1
    assert td.machine.load().config.actions == {}


@pytest.mark.parametrize("change", [b" ", b"\n", b"\n# Fetched from x\n# signature x\n", b"\r\n"])
async def test_one_byte_more_than_was_signed_is_too_much(td: Td, change: bytes):
    """Real: a text changed on its way, also by lines that look like ours."""
    td.publish(PAGE.format(name="Good", serial=1))
    td.server.files["/studio.toml"] += change

    assert not await td.fetch()

    assert told(td) == [f"URL: {STRANGE}"]


async def test_an_older_signed_file_is_refused_and_the_last_good_copy_stays(td: Td):
    """Real: a replay by whoever holds the server; after a restart too, and with the copies of before."""
    td.publish(PAGE.format(name="Old", serial=3))
    old = dict(td.server.files)
    await td.fetch()
    assert name(td) == "Old"
    td.publish(PAGE.format(name="New", serial=4))
    await td.fetch()
    assert name(td) == "New"
    td.server.files = old

    assert await td.fetch(), "it is signed"

    older = "URL:3: studio.serial: is 3, and 4 was in use here already: an older file counts no more"
    assert told(td) == [older, STAYS]
    assert name(td) == "New"
    td.machine.last_good.unlink()
    assert told(td) == [older]
    assert td.machine.load().config.actions == {}


async def test_a_signed_file_without_a_serial_counts_only_before_there_was_one(td: Td):
    """Real: as above; a TD may not forget it."""
    td.publish(PAGE.format(name="Good", serial=2))
    await td.fetch()
    assert name(td) == "Good"
    bare = PAGE.format(name="Bare", serial=0).replace("serial = 0\n", "")
    seen = td.machine.home / "td" / "studio.toml"
    seen.write_text(bare)
    key = signing._key(td.key_file)
    td.server.files = {
        "/studio.toml": bare.encode(),
        "/studio.toml.sig": base64.b64encode(key.sign(bare.encode())),
    }

    assert await td.fetch()

    assert told(td)[0] == "URL:1: studio.serial: is 0, and 2 was in use here already: an older file counts no more"
    assert name(td) == "Good"


async def test_another_key_of_the_machine_makes_what_was_signed_before_worthless(td: Td):
    """Real: the old key was stolen, IT names a new one; the last good copy was signed by the old one."""
    td.publish(PAGE.format(name="Good", serial=2))
    await td.fetch()
    assert name(td) == "Good"
    new = td.machine.home / "new.pem"
    td.name_in_machine(key=signing.make_key(new))

    assert told(td) == [f"URL: {STRANGE}"]
    assert td.machine.load().config.actions == {}
    td.publish(PAGE.format(name="New", serial=1), key_file=new)
    assert await td.fetch()
    assert (told(td), name(td)) == ([], "New")


@pytest.mark.parametrize("variable", [False, True])
async def test_by_http_nothing_is_ever_asked(td: Td, variable: bool):
    """Real: the server would hear it."""
    url = td.server.url.replace("https", "http")
    if variable:
        td.machine.environ["KITSU_LAUNCHER_CONFIG"] = url
    else:
        td.machine.write(machine=f'studio = "{url}"\n')
    says = "KITSU_LAUNCHER_CONFIG:" if variable else "machine/machine.toml: studio:"

    assert told(td) == [f'{says} "{url}" must begin with https://: on the way, anybody could change it']
    assert td.server.asked == []


@pytest.mark.parametrize("path", ["/studio.toml", "/studio.toml.sig"])
@pytest.mark.parametrize("where", ["https://127.0.0.1:1/x", "/elsewhere.toml", "http://127.0.0.1:{port}/studio.toml"])
async def test_a_redirect_is_not_followed(td: Td, path: str, where: str):
    """Real: 302, also to the same server."""
    td.publish(PAGE.format(name="Good", serial=1))
    to = where.format(port=td.server.port)
    td.server.files["/elsewhere.toml"] = td.server.files["/studio.toml"]
    td.server.special[path] = redirect(to)

    assert not await td.fetch()

    url = f"URL{path.removeprefix('/studio.toml')}"
    assert [text.partition(": ")[2].partition(": ")[2] for text in told(td)] == [
        f"{url} sends us elsewhere, which is not followed: '{to}'"
    ]
    assert ("/elsewhere.toml", 200) not in td.server.asked


async def test_more_than_a_megabyte_is_not_taken(td: Td):
    """Real: a server that does not stop."""
    td.publish(PAGE.format(name="Good", serial=1))
    td.server.files["/studio.toml"] += b"#" * 1_000_001

    assert not await td.fetch()

    assert told(td)[0].endswith("URL is larger than 1,000,000 bytes")
    assert not (td.machine.home / "config" / sealed.COPY).exists()


async def test_what_is_packed_is_not_taken(td: Td):
    """Real: a small answer that would fill a disk."""

    def packed(request: Any) -> None:
        request.send_response(200)
        request.send_header("Content-Encoding", "gzip")
        request.send_header("Content-Length", "3")
        request.end_headers()
        request.wfile.write(b"\x1f\x8b\x08")

    td.server.special["/studio.toml"] = packed

    assert not await td.fetch()

    assert told(td)[0].endswith("URL answers with something packed")


async def test_a_server_that_does_not_answer_leaves_what_there_is(td: Td, monkeypatch: pytest.MonkeyPatch):
    """Real: a server that hangs, with a shorter patience than ours of ten seconds."""
    td.publish(PAGE.format(name="Good", serial=1))
    await td.fetch()
    assert name(td) == "Good"
    td.server.special["/studio.toml"] = hang
    assert (fetch.TIMEOUT.total, fetch.TIMEOUT.sock_connect) == (10, 3)
    monkeypatch.setattr(fetch, "TIMEOUT", aiohttp.ClientTimeout(total=0.5))

    assert not await td.fetch()

    (text,) = told(td)
    assert text.startswith("URL: could not be fetched since ")
    assert ": URL did not answer in time; the copy of " in text
    assert td.machine.load().problems[0].warning
    assert name(td) == "Good"
    del td.server.special["/studio.toml"]
    assert await td.fetch()
    assert told(td) == []


async def test_a_server_that_nobody_vouches_for_is_not_believed(td: Td):
    """Real: TLS by an authority that this machine does not know."""
    td.publish(PAGE.format(name="Good", serial=1))
    td.machine.write(machine=f'studio = "{td.server.url}"\nkey = "{td.key}"\n')

    assert not await td.fetch()

    assert ": the certificate of URL is not trusted: " in told(td)[0]
    assert td.server.asked == []


async def test_what_has_not_changed_is_not_sent_again(td: Td):
    """Real: ETag. Only what counts is asked for by its age: what does not is fetched again whole."""
    td.publish(PAGE.format(name="Good", serial=1))
    await td.fetch()
    copied = (td.machine.home / "config" / sealed.COPY).stat()
    await td.fetch()
    assert td.server.asked == [("/studio.toml", 200), ("/studio.toml.sig", 200), ("/studio.toml", 304)]
    assert (td.machine.home / "config" / sealed.COPY).stat().st_ino == copied.st_ino
    signature = td.server.files.pop("/studio.toml.sig")
    td.server.files["/studio.toml"] += b"\n"
    td.server.asked.clear()
    await td.fetch()
    td.server.files["/studio.toml"] = td.server.files["/studio.toml"][:-1]
    td.server.files["/studio.toml.sig"] = signature
    assert await td.fetch()
    assert td.server.statuses == [200, 404, 200, 200]


async def test_a_key_beside_a_file_at_an_address_would_lie_nowhere(td: Td):
    """Real: a whole path or a variable only, signed or not."""
    text = '[studio]\nserial = 1\nkeys = ["file:studio.key", "env:KITSU_LAUNCHER_KEY", "file:/etc/studio.key"]\n'
    td.name_in_machine(key="")
    td.publish(text, signed=False)
    await td.fetch()

    assert told(td) == [
        'URL:3: studio.keys: must be "env:NAME", or "file:" and a whole path: this file lies in no folder'
    ]


@pytest.mark.parametrize("file", [sealed.COPY, sealed.TROUBLE, sealed.SERIALS])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{}", b"[" * 60_000, b"\n# Fetched from \n", b'{"url": 1}'])
async def test_damaged_files_of_ours_do_not_break_a_start(td: Td, file: str, content: bytes):
    """Real: files on disk; the next fetch repairs them."""
    td.publish(PAGE.format(name="Good", serial=1))
    await td.fetch()
    assert name(td) == "Good"
    (td.machine.home / "config" / file).write_bytes(content)

    td.machine.load()
    assert await td.fetch()

    assert name(td) == "Good"
    assert told(td) == []


async def test_what_is_fetched_is_readable_by_this_person_alone_and_never_half(td: Td):
    """Real: modes on disk, and no other file left in the folder."""
    td.publish(PAGE.format(name="Good", serial=1))
    await td.fetch()
    assert name(td) == "Good"
    folder = td.machine.home / "config"

    kept = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert kept == {sealed.COPY: 0o600, "studio.last-good.toml": 0o600, sealed.SERIALS: 0o600}
    assert json.loads((folder / sealed.SERIALS).read_text()) == {f"{td.key} {td.server.url}": 1}


async def test_a_copy_that_cannot_be_written_is_told(td: Td):
    """Real: a file where our folder should be."""
    td.publish(PAGE.format(name="Good", serial=1))
    (td.machine.home / "config").write_text("")

    assert not await td.fetch()
    assert td.machine.load().config.actions == {}


async def test_a_machine_looks_again_and_again_and_sooner_where_something_was_wrong(
    td: Td, monkeypatch: pytest.MonkeyPatch
):
    """Real: the daemon's own loop, which waits for ten minutes and for one; here it does not wait so long."""
    assert (fetch.EVERY_S, fetch.SOON_S) == (600, 60)
    monkeypatch.setattr(fetch, "EVERY_S", 3600)
    monkeypatch.setattr(fetch, "SOON_S", 0.05)
    loop = asyncio.create_task(fetch.follow(td.machine.folders, td.machine.environ))
    await asyncio.to_thread(wait_until, lambda: td.server.asked, 10, "the first question")
    td.publish(PAGE.format(name="Late", serial=1))
    await asyncio.to_thread(wait_until, lambda: name(td) == "Late", 10, "the file")
    await asyncio.sleep(0.2)
    asked = len(td.server.asked)
    await asyncio.sleep(0.3)
    loop.cancel()
    assert len(td.server.asked) == asked, "all is well: there is an hour's time"


def test_who_has_a_file_on_a_disk_never_loads_what_judges_signatures(configured: Machine):
    """Real: a process of its own."""
    configured.write(PAGE.format(name="Good", serial=0))
    code = (
        "import sys, os; from launcher.config.load import load; from launcher.paths import folders, this_os\n"
        "loaded = load(folders(), os=this_os(), hostname='x', environ={}); assert loaded.config.actions\n"
        "print([name for name in ('cryptography', 'aiohttp', 'truststore') if name in sys.modules])"
    )
    env = {**os.environ, "KITSU_LAUNCHER_HOME": str(configured.home)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("key", [False, True])
def test_what_it_is_told_about_a_machine(td: Td, key: bool):
    """Real: the doctor of a machine, which looks into nobody's home."""
    td.name_in_machine(key=None if key else "")
    found = [one for one in look(td.machine.folders, OS.LINUX, "ws1") if one.key == "studio"]
    assert [(one.level, one.title) for one in found] == [
        ("good", f"The studio file comes from {td.server.url}, and must be signed.")
        if key
        else ("warning", f"The studio file comes from {td.server.url}, and anybody at that server may change it.")
    ]


# -- a file on a disk ------------------------------------------------------------------------------------------------
def test_a_studio_file_that_everybody_may_change_is_warned_of(configured: Machine):
    """Real: the file's mode. It counts: on many shares everybody has every right, and IT is told by the doctor."""
    configured.write(PAGE.format(name="Good", serial=0)).studio_file.chmod(0o666)
    (problem,) = configured.load().problems
    assert (problem.warning, problem.text) == (True, "everybody on this machine may change it; chmod o-w it")


@pytest.mark.parametrize("grant", ["apps.*", "apps.mpv.args"])
def test_what_the_studio_locks_no_person_sets(configured: Machine, grant: str):
    """Real: files on disk. Her file is left out whole, and says why."""
    studio = f'[studio]\nusers_may = ["{grant}"]\n[roots.p]\nlinux = "/p"\n'
    loaded = configured.write(studio, user="[roots.p]\nrun_scripts = true\n").load()
    assert [str(one).replace(f"{configured.home}/", "") for one in loaded.problems] == [
        "config/config.toml:2: roots.p.run_scripts: is not a person's to set; hers are apps.NAME.executable, desk, and"
        " what studio.users_may lists",
        "config/config.toml: is left out whole until this is repaired",
    ]
    assert not loaded.config.roots["p"].run_scripts


def test_the_server_of_the_tests_is_a_real_one(studio_server: StudioServer):
    """Without its authority nobody talks to it: the tests above would pass for a wrong reason otherwise."""
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(studio_server.url, timeout=5)
    context = ssl.create_default_context(cafile=studio_server.ca_file)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(studio_server.url, timeout=5, context=context)

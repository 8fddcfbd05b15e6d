"""Generated requests: whatever comes, an answer is a verdict or an error in plain words."""

import asyncio
import time
from collections import Counter

from launcher import incoming, logs, trust
from launcher.incoming import IncomingError
from launcher.launches import MOST_WAITING, OPEN_QUESTIONS
from launcher.model import Click
from launcher.trust import Ask, Go, Refuse, Rules
from launcher.web import guard
from tests.support.gate import Gate
from tests.support.requests import KEY, KITSU, WITHOUT_LENGTH, Request, generated, send
from tests.support.sample import Make, SampleStudio

PORT = 24517
RULES = Rules(PORT, frozenset({KITSU}), (KEY,), "key")


def judge(request: Request) -> Click | Refuse | IncomingError | None:
    """What becomes of a request, as guard and routes do it; None for what is no click at all."""
    head = guard.head(request.method, request.target, request.multidict(), own_uid=1000, peer_uid=1000)
    verdict = trust.check(head, RULES)
    if isinstance(verdict, Refuse):
        # Every refusal can be written to the log, in one bounded line.
        line = guard.line(verdict, head)
        assert len(line) <= guard.LONGEST_LINE
        assert line.isascii()
        assert line.isprintable()
        return verdict
    assert isinstance(verdict, Go | Ask)
    action = head.path.removeprefix("/run/")
    try:
        if request.method == "POST" and head.path.startswith("/run/"):
            content_type = head.content_types[0]
            read = incoming.ajax if content_type.startswith("application/json") else incoming.form
            return read(action, content_type, request.body)
        return incoming.question(action, head.query) if head.path.startswith("/run/") else None
    except IncomingError as error:
        return error


def test_100_000_generated_requests_end_in_a_verdict_or_in_plain_words() -> None:
    """Real: guard, trust and incoming, in process. Any other exception fails the test."""
    ends: Counter[str] = Counter()
    began = time.monotonic()

    for request in generated(seed=3, count=100_000, port=PORT):
        end = judge(request)
        ends["click" if isinstance(end, Click) else end.code if end else "harmless"] += 1
        if isinstance(end, Click):
            assert end.task_ids
            assert all(incoming.task_id(id) for id in end.task_ids)
            assert not {name.lower() for name, _ in end.received} & incoming.SECRET_FIELDS
            for _, value in end.received:
                value.encode()

    assert time.monotonic() - began < 40
    # The generator reaches everything that can be said to a click; the dashboard's pages have tests of their own.
    refusals = set(trust.REASONS) - {"peer", "session"}
    assert set(ends) >= refusals | {"click", "grammar", "body", "selection", "server"}, ends


def test_generated_requests_are_the_same_ones_each_time() -> None:
    """Real: the generator."""
    first, second = (list(generated(seed=5, count=200, port=PORT)) for _ in range(2))

    assert [r.raw() for r in first if r.target.isascii()] == [r.raw() for r in second if r.target.isascii()]


async def test_1_000_generated_requests_over_sockets_give_no_500(gate: Gate) -> None:
    """Real: bytes on sockets, aiohttp's parser, guard, trust and incoming."""
    seen: Counter[int] = Counter()

    for request in generated(seed=7, count=1_000, port=gate.port, faults=WITHOUT_LENGTH):
        seen[(await gate.send(request)).status] += 1

    assert set(seen) <= {0, 200, 202, 204, 303, 400, 403, 404, 405, 413, 415, 422}, seen
    assert {400, 403, 404, 405, 415, 422} <= set(seen)


def for_this_studio(request: Request, studio: SampleStudio) -> Request:
    """The request with this studio's own Kitsu in the place of the generator's."""
    request.body = request.body.replace(b"kitsu.studio.test", studio.host.encode())
    for name, values in request.headers.items():
        if isinstance(values, str):
            request.headers[name] = values.replace(KITSU, studio.origin)
    return request


async def test_5_000_generated_requests_start_nothing_and_leave_a_daemon_that_works(make_studio: Make) -> None:
    """Real: a daemon of its own process, sockets, a sample Kitsu, her login; afterwards her own click.

    The generator knows the studio's key. One request in ten says that it comes from her Kitsu; the person that they
    name is never she.
    """
    seen: Counter[int] = Counter()
    sample_studio = make_studio(more='[actions.open-in-blender]\ntitle = "Open"\nkind = "launch"\napp = "notes"\n')
    requests = generated(seed=11, count=5_000, port=sample_studio.port, faults=WITHOUT_LENGTH)
    whole = [for_this_studio(one, sample_studio) if i % 10 == 0 else one for i, one in enumerate(requests)]
    began = time.monotonic()

    for start in range(0, len(whole), 8):
        answers = await asyncio.gather(*(send(one.raw(), sample_studio.port) for one in whole[start : start + 8]))
        seen.update(answer.status for answer in answers)

    assert time.monotonic() - began < 60
    assert set(seen) <= {0, 200, 202, 204, 303, 400, 403, 404, 405, 413, 415, 422, 429}, seen
    assert {202, 204, 303, 400, 403, 404, 405, 415, 422} <= set(seen), seen
    # Those of somebody else wait for that person's login, as few as there may be; all others are refused.
    waiting = [launch for launch in sample_studio.launches() if launch["state"] == "preparing"]
    assert all(launch["waiting_for"] == sample_studio.origin for launch in waiting)
    assert len(waiting) <= MOST_WAITING + OPEN_QUESTIONS
    ended = [launch for launch in sample_studio.launches() if launch not in waiting]
    assert all(launch["state"] == "refused" or launch["error"]["code"] == "too-many" for launch in ended)
    assert sample_studio.notes() == []
    lines = sample_studio.log_lines()
    assert max(map(len, lines)) <= logs.LONGEST
    assert max(len(line) for line in lines if " refused " in line and "origin=" in line) <= guard.LONGEST_LINE + 40
    assert not [line for line in lines if " ERROR " in line or "Traceback" in line]
    assert len(lines) < 300
    launch = await asyncio.to_thread(sample_studio.clicked, sample_studio.form())
    assert launch["state"] == "done"
    assert len(sample_studio.notes()) == 1
    sample_studio.daemon.stop()
    assert "Warning" not in sample_studio.daemon.process.stderr.read()

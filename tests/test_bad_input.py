"""Generated requests: whatever comes, an answer is a verdict or an error in plain words."""

import time
from collections import Counter

from launcher import incoming, trust
from launcher.incoming import IncomingError
from launcher.model import Click
from launcher.trust import Ask, Go, Refuse, Rules
from launcher.web import guard
from tests.support.gate import Gate
from tests.support.requests import KEY, KITSU, WITHOUT_LENGTH, Request, generated

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
    # The generator reaches everything that can be said.
    refusals = set(trust.REASONS) - {"peer"}
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

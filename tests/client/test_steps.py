"""What is asked again, how often, and after which pauses: nothing is sent here, and nobody waits."""

from __future__ import annotations

from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING, Any

import pytest

from gridmask_client import Call, Patience, access, elements, tokens
from gridmask_client import errors as e
from gridmask_client.answer import Answer
from gridmask_client.shapes import Named
from gridmask_client.steps import Lost, Send, Told, Wait, carried_out

if TYPE_CHECKING:
    from collections.abc import Iterable

READ = access.whoami()
WRITE = tokens.take([Named("ce01")], "mine")
ME = b'{"name": "me", "kind": "person", "issuer": "", "grants": [], "new": {"member": 1}}'
DONE = b'{"revision": 1, "statuses": []}'
BROKEN = Lost(OSError("the connection broke"))
PATIENCE = Patience(attempts=4, first=1, longest=3, within=100)


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def problem(status: int, kind: str, members: str = "", **headers: str) -> Answer:
    body = f'{{"type": "urn:gridmask:problem:{kind}", "title": "T", "status": {status}, "detail": "D"{members}}}'
    return answer(status, body.encode(), content_type="application/problem+json", **headers)


def played(call: Call[Any], told: Iterable[Told], patience: Patience = PATIENCE) -> tuple[Any, list[Send], list[float]]:
    """What comes of ``call`` if this is what happens: what it gives or raises, what was sent, and the pauses."""
    sent: list[Send] = []
    pauses: list[float] = []
    coming, steps = iter(told), carried_out(call, patience, lambda: sum(pauses))
    back: Told = None
    try:
        while True:
            step = steps.send(back)
            if isinstance(step, Wait):
                pauses.append(step.seconds)
                back = None
            else:
                sent.append(step)
                back = next(coming)
    except StopIteration as done:
        return done.value, sent, pauses
    except e.GridmaskError as error:
        return error, sent, pauses


def test_what_a_newer_server_says_beside_is_passed_over() -> None:
    assert played(READ, [answer(200, ME)])[0].name == "me"


def test_a_change_is_sent_with_one_key_however_often() -> None:
    _, sent, _ = played(WRITE, [BROKEN, answer(503), answer(200, DONE)])
    (key,) = {step.call.key for step in sent}
    assert (len(sent), len(key)) == (3, 32)
    assert played(WRITE, [answer(200, DONE)])[1][0].call.key != key


def test_a_key_of_ones_own_stays() -> None:
    assert {step.call.key for step in played(WRITE.once("mine"), [BROKEN, answer(200, DONE)])[1]} == {"mine"}


def test_who_only_reads_needs_no_key() -> None:
    assert played(READ, [answer(200, ME)])[1][0].call.key == ""


@pytest.mark.parametrize(
    "told", [BROKEN, answer(408), answer(502), answer(503), answer(504), answer(429), problem(409, "in-progress")]
)
def test_what_may_pass_is_asked_again_so_often_and_no_more(told: Told) -> None:
    error, sent, pauses = played(WRITE, [told] * 9)
    assert (len(sent), len(pauses), error.permanent) == (4, 3, False)
    assert all(least <= pause <= most for pause, (least, most) in zip(pauses, [(0.5, 1), (1, 2), (1.5, 3)], strict=True))


REFUSALS = {
    "unauthenticated": (401, e.Unauthenticated),
    "forbidden": (403, e.Forbidden),
    "not-known": (404, e.NotFound),
    "conflict": (409, e.Conflict),
    "stale-write": (409, e.Stale),
    "stale-row": (412, e.Stale),
    "stale-layer": (412, e.Stale),
    "answer-lost": (409, e.AnswerLost),
    "invalid-request": (422, e.Invalid),
    "ambiguous": (422, e.Ambiguous),
    "key-reused": (422, e.KeyReused),
    "layer-refused": (422, e.PoliciesRefused),
    "source-failed": (502, e.SourceFailed),
    "fault": (500, e.Fault),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_what_is_refused_is_asked_once(kind: str) -> None:
    status, expected = REFUSALS[kind]
    error, sent, _ = played(WRITE, [problem(status, kind, x_request_id="r1")] * 9)
    assert (type(error), len(sent), str(error)) == (expected, 1, f"D ({status}, request r1)")


def test_the_server_says_how_long_to_wait() -> None:
    _, _, pauses = played(READ, [answer(503, retry_after="7"), answer(200, ME)])
    assert 7 <= pauses[0] <= 8
    dated = answer(429, retry_after="Fri, 21 Aug 2026 17:00:09 GMT", date="Fri, 21 Aug 2026 17:00:00 GMT")
    _, _, pauses = played(READ, [dated, answer(200, ME)])
    assert 9 <= pauses[0] <= 10


def test_who_would_have_to_wait_for_too_long_is_told_so_at_once() -> None:
    error, sent, pauses = played(READ, [problem(429, "too-much", retry_after="3600")] * 9)
    assert (type(error), error.wait, len(sent), pauses) == (e.TooMuch, 3600.0, 1, [])


def test_an_answer_that_never_came_tells_the_key_to_ask_again_with() -> None:
    error, sent, _ = played(WRITE, [BROKEN] * 9)
    assert (type(error), error.key) == (e.Unreachable, sent[0].call.key)
    assert str(error) == "POST /api/v1/tokens: no answer came (the connection broke)."
    assert isinstance(error.__cause__, OSError)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"name": 1}', b"\xff", b'{"name": "me"}'])
def test_what_is_no_answer_of_gridmask_is_told(body: bytes) -> None:
    error, sent, _ = played(READ, [answer(200, body)])
    assert (type(error), len(sent)) == (e.Unreadable, 1)


def test_nobody_is_sent_elsewhere() -> None:
    error, sent, _ = played(READ, [answer(302, location="https://elsewhere.example.org/")])
    assert (type(error), len(sent), "elsewhere.example.org" in str(error)) == (e.Unreadable, 1, True)


def test_a_list_that_does_not_end_is_given_up() -> None:
    listing = elements.list()
    page = elements.Elements((), 7)
    following = listing.after(page)
    assert following is not None
    with pytest.raises(e.Unreadable, match="does not end"):
        following.after(page)


def test_who_is_not_believed_is_not_asked_again() -> None:
    lost = OSError("it is somebody else")
    lost.__context__ = SSLCertVerificationError("self-signed")
    error, sent, _ = played(READ, [Lost(lost)] * 9)
    assert (type(error), len(sent)) == (e.Unreachable, 1)

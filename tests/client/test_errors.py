from __future__ import annotations

import pickle
from inspect import getdoc
from typing import TYPE_CHECKING, Any

import pytest

from gridmask_client import errors
from gridmask_client.answer import Answer
from gridmask_client.errors import (
    Ambiguous,
    AnswerLost,
    GridmaskError,
    InProgress,
    Invalid,
    NotFound,
    PoliciesRefused,
    Problem,
    Stale,
    TooLarge,
    Unreachable,
)
from gridmask_client.problems import trouble

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_the_picture_has_every_error_below_its_parent() -> None:
    drawn = [line.replace("│", " ").replace("├──", "   ").replace("└──", "   ") for line in (errors.__doc__ or "").splitlines()]
    words = {line.split()[0]: len(line) - len(line.lstrip()) for line in drawn if line.strip()}
    for kind in kinds(GridmaskError):
        assert words[kind.__name__] == 4 * len(kind.__mro__[:-3]) if kind is not GridmaskError else True, kind
        assert getdoc(kind)


def kinds(kind: type[GridmaskError]) -> Iterator[type[GridmaskError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from kinds(below)


def of(kind: type[Any], **facts: Any) -> Any:  # noqa: ANN401
    return kind(Problem(422, "k", "T", "D", facts))


def test_errors_carry_data() -> None:
    assert (of(NotFound, name="x", suggestion="y").suggestion, of(NotFound).what) == ("y", "")
    assert of(Ambiguous, candidates=["a", "b"]).candidates == ("a", "b")
    assert of(Stale, seen=3, current={"revision": 4}).current["revision"] == 4
    assert of(Invalid, errors=[{"in": "body", "field": "rows[0].name", "problem": "too long"}]).places == (
        ("body", "rows[0].name", "too long"),
    )
    assert (of(InProgress, key="k").key, of(AnswerLost, request="r").request) == ("k", "r")
    assert of(PoliciesRefused, problems=[{"file": "f", "line": 2, "key": "k", "text": "t"}]).problems[0].line == 2


@pytest.mark.parametrize("given", [None, "x", 3, [3], {"a": "b"}])
def test_data_that_is_not_as_it_should_be_is_none(given: object) -> None:
    invalid, refused, stale = of(Invalid, errors=given), of(PoliciesRefused, problems=given), of(Stale, current=given)
    assert (invalid.places, refused.problems, of(NotFound, suggestion=None).suggestion) == ((), (), None)
    assert str(stale) == "D (422)"


def test_errors_can_be_passed_to_another_process() -> None:
    for error in (Unreachable("gone", "key", None, 3.0), of(Stale, seen=1), TooLarge(7)):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.__dict__) == (type(error), str(error), error.__dict__)


@pytest.mark.parametrize(
    ("status", "headers", "body", "said"),
    [
        (404, {}, b"", "The server, or what stands before it, gives no reason (404)"),
        (502, {"content-type": "text/html"}, b"<h1>Bad</h1>", "The server, or what stands before it, gives no reason (502)"),
        (500, {"content-type": "text/plain"}, b"oh\x1b[31m no", "oh [31m no (500)"),
        (
            418,
            {"content-type": "application/problem+json"},
            b"{",
            "The server, or what stands before it, gives no reason (418)",
        ),
        (403, {"content-type": "application/problem+json"}, b'{"type": "about:blank", "title": "No"}', "No (403)"),
        (403, {"content-type": "application/problem+json"}, b'{"type": 3, "detail": null}', "no reason was given (403)"),
    ],
)
def test_what_something_else_says_is_told_as_far_as_it_can_be(
    status: int, headers: dict[str, str], body: bytes, said: str
) -> None:
    assert str(trouble(Answer(status, headers, body))) == said

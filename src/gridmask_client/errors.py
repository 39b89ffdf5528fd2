"""Every error of the client.

::

    GridmaskError
    ├── Unusable                 what the client was given cannot be used: an address, a token, a certificate, a name
    ├── Unavailable              no answer that counts, however often it was asked for; later there may be one
    │   ├── Unreachable          ... nobody answers, or not in time, or the connection breaks
    │   ├── TooMuch              ... somebody asks too often
    │   └── Behind               ... the server tells an older mask than the one that is held here
    ├── OutOfDate                a mask that is held locally is older than its reader wants
    ├── Unreadable               an answer that is none of Gridmask's: no JSON, without what it must have, a redirect
    │   └── TooLarge             ... or more than may be
    └── Refused                  Gridmask says no, and why
        ├── Unauthenticated      nobody knows who asks
        ├── Forbidden            it is known who asks, and they may not
        ├── NotFound             a VO, element, status type, downtime, source or batch that does not exist
        ├── Invalid              what was asked for makes no sense; ``places`` says where
        │   ├── Ambiguous        ... it could mean any of ``candidates``
        │   ├── KeyReused        ... its key stands for something else
        │   └── PoliciesRefused  ... policies in which something is wrong
        ├── NotResumable         no changes lead from what one has to what there is
        ├── Conflict             the world is not as was presumed
        │   ├── Stale            ... what was seen has changed; ``current`` is what it is now
        │   ├── InProgress       ... it is being done
        │   └── AnswerLost       ... it was done already, and what was answered is not there
        ├── SourceFailed         a source that was to be read gave no usable answer
        └── Fault                something is wrong with Gridmask, or with how it is set up

An error's text says what is wrong and what to do; its attributes carry the same as data. No text has a token in it.
``permanent`` tells whether the same can succeed later without anybody changing anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Problem:
    """What the server says is wrong, as :rfc:`9457` has it.

    Attributes:
        status: the status of HTTP.
        kind: what kind of problem, as in the reference of the HTTP API: ``not-known``, ``stale-write``...; empty where the
            status says it all.
        title: the kind in words.
        detail: what is wrong, where, and what to do.
        facts: the same as data.
        request: by which the audit and the server's logs know the request; empty if it was not told.
    """

    status: int
    kind: str = ""
    title: str = ""
    detail: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    request: str = ""

    def __str__(self) -> str:
        said = self.detail or self.title or "no reason was given"
        return f"{said} ({self.status}{f', request {self.request}' if self.request else ''})"


class Place(NamedTuple):
    """A place in a request where something is wrong: in its ``body``, ``query``, ``path`` or ``header``."""

    where: str
    field: str
    problem: str


class PolicyProblem(NamedTuple):
    """A place in policies where something is wrong. ``line``: None if it is not known."""

    file: str
    line: int | None
    key: str
    text: str


class GridmaskError(Exception):
    """Base of all errors of the client; its text is fit to be shown as it is."""

    permanent: ClassVar[bool] = True


class Unusable(GridmaskError):
    """What the client was given cannot be used. Nothing was sent."""


class Unavailable(GridmaskError):
    """No answer that counts, however often it was asked for.

    Attributes:
        text: what was the last that happened.
        key: the idempotency key of what was to be changed; empty if nothing was. It may be done, or not: carry out
            ``call.once(error.key)`` to know, and it is done once.
        problem: what the server said, if it said something.
        wait: seconds after which it can be asked for again, if that was said.
    """

    permanent = False

    def __init__(self, text: str, key: str = "", problem: Problem | None = None, wait: float | None = None) -> None:
        super().__init__(text, key, problem, wait)
        self.text = text
        self.key = key
        self.problem = problem
        self.wait = wait

    def __str__(self) -> str:
        return self.text


class Unreachable(Unavailable):
    """Nobody answers, or not in time, or the connection breaks."""


class TooMuch(Unavailable):
    """Somebody asks too often; ``wait`` says for how many seconds to be silent."""


class Behind(Unavailable):
    """The server tells an older mask than the one that is held here, or not all that changed; it is asked again."""


class OutOfDate(GridmaskError):
    """A mask that is held locally is older than its reader wants.

    Attributes:
        age: seconds since it was known to be right; infinite if nobody knows.
        limit: seconds that it may be old.
    """

    permanent = False

    def __init__(self, age: float, limit: float) -> None:
        super().__init__(age, limit)
        self.age = age
        self.limit = limit

    def __str__(self) -> str:
        return (
            f"The mask that is held here was last known to be right {self.age:,.0f} s ago; it may be {self.limit:,.0f} s old."
        )


class Unreadable(GridmaskError):
    """An answer that is none of Gridmask's API."""


class TooLarge(Unreadable):
    """An answer of more than ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"The answer has more than the {self.limit:,} bytes that are allowed; raise most_bytes, or ask for less."


class Refused(GridmaskError):
    """Gridmask says no; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return str(self.problem)

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the server says, as data."""
        return self.problem.facts


class Unauthenticated(Refused):
    """Nobody knows who asks: no token or certificate was shown, or it does not count."""


class Forbidden(Refused):
    """It is known who asks, and they may not."""


class NotFound(Refused):
    """There is no such thing."""

    @property
    def what(self) -> str:
        """What there is none of: ``VO``, ``element``...; empty if that was not said."""
        return str(self.facts.get("kind") or "")

    @property
    def name(self) -> str:
        """By what name it was asked for; empty if that was not said."""
        return str(self.facts.get("name") or "")

    @property
    def suggestion(self) -> str | None:
        """What may have been meant."""
        return self.facts.get("suggestion")


class Invalid(Refused):
    """What was asked for makes no sense, whoever asks."""

    @property
    def places(self) -> tuple[Place, ...]:
        """Where, and what is wrong there."""
        return tuple(Place(_said(one, "in"), _said(one, "field"), _said(one, "problem")) for one in _listed(self, "errors"))


class Ambiguous(Invalid):
    """What was asked for could mean several things."""

    @property
    def candidates(self) -> tuple[str, ...]:
        """These."""
        return tuple(map(str, self.facts.get("candidates") or ()))


class KeyReused(Invalid):
    """The idempotency key stands for another request."""


class PoliciesRefused(Invalid):
    """Something is wrong in policies that were put; all stays as it was."""

    @property
    def problems(self) -> tuple[PolicyProblem, ...]:
        """All that is wrong."""
        found = _listed(self, "problems")
        return tuple(PolicyProblem(_said(one, "file"), one.get("line"), _said(one, "key"), _said(one, "text")) for one in found)


class NotResumable(Refused):
    """No changes lead from the revision that one has to the mask that there is; read the whole mask."""


class Conflict(Refused):
    """The world is not as was presumed."""


class Stale(Conflict):
    """What was seen has changed since."""

    @property
    def seen(self) -> Any:  # noqa: ANN401 - a revision of rows, or those of policies
        """What was said to have been seen."""
        return self.facts.get("seen")

    @property
    def current(self) -> Mapping[str, Any]:
        """What it is now: of a row ``row``, ``status`` and ``revision``; of policies ``vo``, ``revision`` and ``author``."""
        return self.facts.get("current") or _NOTHING


class InProgress(Conflict):
    """It is being done at this moment, for whoever asked before with the same key."""

    permanent = False

    @property
    def key(self) -> str:
        """The idempotency key: carry out ``call.once(error.key)`` later for the answer."""
        return str(self.facts.get("key") or "")


class AnswerLost(Conflict):
    """It was done already, and what was answered is not there."""

    @property
    def request(self) -> str:
        """By which the audit tells what was done."""
        return str(self.facts.get("request") or "")


class SourceFailed(Refused):
    """A source that was to be read gave no usable answer; all stays as it was."""

    @property
    def source(self) -> str:
        """Which; empty if that was not said."""
        return str(self.facts.get("source") or "")


class Fault(Refused):
    """Something is wrong with Gridmask, or with how it is set up."""


def _listed(error: Refused, member: str) -> list[Mapping[str, Any]]:
    given = error.facts.get(member)
    return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []


def _said(given: Mapping[str, Any], member: str) -> str:
    return str(given.get(member) or "")

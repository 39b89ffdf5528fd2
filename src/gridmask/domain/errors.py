"""Every error that Gridmask raises on purpose.

::

    GridmaskError
    ├── InvalidConfiguration      a setting, policy or inventory file says something that cannot be
    ├── InvalidRequest            a caller asked for something that cannot be
    │   ├── Ambiguous             ... that could mean several things
    │   ├── KeyReused             ... under a key that stands for something else
    │   ├── NotOffered            ... for a VO, of an element that is not offered to it: in mask.py
    │   └── LayerRefused          ... policies in which something is wrong
    ├── NotKnown                  a VO, element, row, downtime or source that does not exist
    │   └── NotKnownThen          ... or did not at the moment that was asked for, as far as anybody knows
    ├── NotResumable              no changes lead from what a reader has to what there is
    ├── Unauthenticated           nobody knows who asks
    ├── Forbidden                 the actor may not do this
    ├── TooMuch                   somebody asks for more than their share
    ├── Conflict                  the world is not as the caller believed
    │   ├── InProgress            ... it is being done already
    │   ├── AnswerLost            ... it was done already, and nobody knows what was answered
    │   ├── StaleWrite            ... the row changed since the caller saw it
    │   │   └── StaleRow          ... and that was the caller's condition
    │   └── StaleLayer            ... a VO's policies did
    ├── SourceError               a source did not give a usable answer
    │   ├── FetchFailed           ... none came
    │   │   ├── TimedOut
    │   │   ├── Unreachable
    │   │   ├── BadStatus
    │   │   ├── TooLarge
    │   │   ├── TooManyRedirects
    │   │   └── CircuitOpen       ... none was asked for: it failed too often just now
    │   ├── MalformedAnswer       ... one came that is not what it should be
    │   ├── Quarantined           ... one came that would change too much of what was known
    │   └── Outdated              ... one came that is older than what was said last
    ├── NotTold                   an action could not tell the outside
    │   ├── Refused               ... and cannot, as things are
    │   └── Deferred              ... yet: it was asked to come again later
    └── StoreError
        ├── SchemaMismatch        the database is at another schema revision than this program
        ├── LeaseLost             the work that is to be committed is another process's by now
        └── StoreUnavailable      the database did not answer
            ├── StoreRefused      ... or did, and takes no changes: its disk is full, it is read-only...
            ├── StoreBusy         ... but gave up a transaction in favour of others
            ├── StoreLost         ... any more, before a transaction was done
            └── StoreInDoubt      ... any more, while one was committed: nobody knows what became of it

An error's text says what is wrong, where, and what to do; its attributes carry the same as data. ``permanent`` tells whether
the same call can succeed later without anybody changing anything.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, ClassVar

from gridmask.domain.spelling import hint, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gridmask.domain.upheaval import Upheaval


class GridmaskError(Exception):
    """Base of all errors that are meant for a reader; its text is fit to be shown as it is."""

    permanent: ClassVar[bool] = True


class InvalidConfiguration(GridmaskError):
    """A configuration file or value is wrong; nothing of it was applied.

    ``place`` names file and key (and line where it is known), ``problem`` what is wrong with it. ``details`` are the single
    problems, each with where in ``place`` it is: keys and indexes.
    """

    def __init__(self, place: str, problem: str, details: Iterable[tuple[tuple[str | int, ...], str]] = ()) -> None:
        super().__init__(f"{place}: {problem}")
        self.place = place
        self.problem = problem
        self.details = tuple(details) or (((), problem),)


class InvalidRequest(GridmaskError):
    """What was asked for makes no sense, whoever asks."""


class Ambiguous(InvalidRequest):
    """What was asked for could mean any of ``candidates``."""

    def __init__(self, what: str, candidates: Iterable[str]) -> None:
        self.candidates = tuple(candidates)
        super().__init__(f"{what} could be any of: {', '.join(self.candidates)}. Say which one.")


class KeyReused(InvalidRequest):
    """``key`` stands for another request of the same actor, which was ``request``."""

    def __init__(self, key: str, request: str) -> None:
        self.key = key
        self.request = request
        super().__init__(
            f"The idempotency key {key!r} stands for another request than this one. Take a new key for each thing to do, "
            "and the same one only to repeat it as it was."
        )


class LayerRefused(InvalidRequest):
    """Something is wrong in policies of ``vo`` that were to be put; nothing was changed.

    ``problems`` are all that is wrong: file, line where it is known, key, and text of each.
    """

    def __init__(self, vo: str, problems: Iterable[tuple[str, int | None, str, str]]) -> None:
        self.vo = vo
        self.problems = tuple(problems)
        told = (
            ": ".join(part for part in (file if line is None else f"{file}:{line}", key, text) if part)
            for file, line, key, text in self.problems
        )
        super().__init__(f"The policies of {vo} stay as they are. {'; '.join(told)}.")


class NotKnown(GridmaskError):
    """There is no ``kind`` called ``name``; ``suggestion`` is the nearest existing name, if one is near.

    Where none is, the names that there are are told, if they are few.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str] = ()) -> None:
        self.kind = kind
        self.name = name
        names = sorted(known) if isinstance(known, AbstractSet) else list(known)
        self.suggestion = suggest(name, names)
        super().__init__(f"There is no {kind} called {name!r}.{hint(self.suggestion, names)}")


class NotKnownThen(NotKnown):
    """Of the ``kind`` called ``name``, nothing is known at ``moment``; ``why`` says since or until when something is."""

    def __init__(self, kind: str, name: str, moment: datetime, why: str) -> None:
        super().__init__(kind, name)
        self.moment = moment
        self.args = (f"There was no {kind} {name!r} at {moment:%FT%TZ} that anything is known of: {why}.",)


class NotResumable(GridmaskError):
    """No changes lead from revision ``since`` of the mask of ``vo`` to what it is now.

    ``reason``: ``ahead``, it is not there, or not yet; ``other past``, it is not the one that the reader has, as after a
    restore; ``left``, the VO had left meanwhile; ``away``, only the database knows, and it does not answer.
    """

    _WORDS: ClassVar[dict[str, str]] = {
        "ahead": "there is none with that number here, or not yet",
        "other past": "the one with that number here is another; perhaps the database was restored",
        "left": "the VO had left meanwhile",
        "away": "only the database knows what changed since, and it does not answer",
    }

    def __init__(self, vo: str, since: int, reason: str) -> None:
        self.vo = vo
        self.since = since
        self.reason = reason
        super().__init__(f"No changes lead from revision {since} to {vo}'s mask: {self._WORDS[reason]}. Read the whole mask.")


class Unauthenticated(GridmaskError):
    """Who asks did not prove who they are, or not so that it counts; ``problem`` says why."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


class Forbidden(GridmaskError):
    """``actor`` may not do ``action``."""

    def __init__(self, actor: str, action: str, needed: str) -> None:
        self.actor = actor
        self.action = action
        super().__init__(f"{actor} may not {action}: that needs {needed}.")


class TooMuch(GridmaskError):
    """Somebody asks for more than their share, and can ask again after ``wait`` seconds."""

    permanent = False

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__(f"You ask too often. Ask again in {wait} s, and then not as fast.")


class Conflict(GridmaskError):
    """The world is not in the state that the caller's request presumes."""


class InProgress(Conflict):
    """What ``key`` stands for is being done at this moment, by ``request``."""

    permanent = False

    def __init__(self, key: str, request: str) -> None:
        self.key = key
        self.request = request
        super().__init__(f"What the idempotency key {key!r} stands for is being done already. Ask again for the answer.")


class AnswerLost(Conflict):
    """What ``key`` stands for was done at ``at``, by ``request``; what was answered is not there."""

    def __init__(self, key: str, request: str, at: datetime) -> None:
        self.key = key
        self.request = request
        super().__init__(
            f"What the idempotency key {key!r} stands for was done at {at:%FT%TZ}, and is not done again. What was answered "
            f"then is not kept; the audit tells what request {request} did."
        )


class StaleWrite(Conflict):
    """A row changed in ``current`` after the caller saw it in revision ``seen``; nothing was written."""

    def __init__(self, row: str, seen: int, current: int, status: str) -> None:
        self.row = row
        self.seen = seen
        self.current = current
        self.status = status
        super().__init__(
            f"{row} changed in revision {current} (it is {status} now) after you saw it in revision {seen}. "
            "Nothing was written; look again and repeat."
        )


class StaleRow(StaleWrite):
    """The same, where the row had to have one of certain revisions."""

    def __init__(self, row: str, seen: Iterable[int], current: int, status: str) -> None:
        super().__init__(row, max(seen, default=0), current, status)
        told = f"{row} is as revision {current} made it ({status}), which is not what the request names."
        self.args = (f"{told} Nothing was written; look again and repeat.",)


class StaleLayer(Conflict):
    """The policies of ``vo`` are not those that the caller saw: revision ``current`` is there now, which ``author`` put."""

    def __init__(self, vo: str, seen: str, current: str, author: str) -> None:
        self.vo = vo
        self.seen = seen
        self.current = current
        self.author = author
        by = f", put by {author}" if author else ""
        super().__init__(
            f"You saw revision {seen or 'none'} of the policies of {vo}, and {current[:12]} is there now{by}. "
            "Nothing was written; look again and repeat."
        )


class SourceError(GridmaskError):
    """A source gave no usable answer; what it said before still stands."""

    permanent = False


class FetchFailed(SourceError):
    """No answer came from ``url``."""

    def __init__(self, url: str, problem: str) -> None:
        self.url = url
        self.problem = problem
        super().__init__(f"{url}: {problem}")


class TimedOut(FetchFailed):
    """No complete answer within the time allowed."""


class Unreachable(FetchFailed):
    """No connection, or no such file."""


class BadStatus(FetchFailed):
    """An HTTP answer that is not a success."""

    def __init__(self, url: str, status: int) -> None:
        self.status = status
        super().__init__(url, f"answered with HTTP status {status}")


class TooLarge(FetchFailed):
    """The answer is longer than ``limit`` bytes; reading stopped there."""

    def __init__(self, url: str, limit: int) -> None:
        self.limit = limit
        super().__init__(url, f"answered with more than the {limit:,} bytes allowed")


class TooManyRedirects(FetchFailed):
    """The answer is a chain of redirects that is too long, or a circle."""


class CircuitOpen(FetchFailed):
    """The source failed repeatedly and is left alone for ``retry_in`` seconds."""

    def __init__(self, url: str, retry_in: float) -> None:
        self.retry_in = retry_in
        super().__init__(url, f"failed repeatedly; left alone for another {retry_in:.0f} s")


class MalformedAnswer(SourceError):
    """An answer came and is not what the source's format says; ``place`` is where in it."""

    def __init__(self, place: str, problem: str) -> None:
        self.place = place
        self.problem = problem
        super().__init__(f"{place}: {problem}")


class Quarantined(SourceError):
    """An answer of ``source`` would change too much of what is known, as ``upheaval`` has it; it is kept for people to see."""

    permanent = True

    def __init__(self, source: str, upheaval: Upheaval) -> None:
        self.source = source
        self.upheaval = upheaval
        super().__init__(
            f"{source}: this answer would {upheaval.problem}. All stays as it was, and the answer is kept in quarantine. "
            f"To see what it would change: gridmask source quarantine {source}"
        )


class Outdated(SourceError):
    """What ``source`` says dates from ``dated``, before what it said last, which dates from ``last``."""

    def __init__(self, source: str, dated: datetime, last: datetime, until: datetime) -> None:
        self.source = source
        self.dated = dated
        self.last = last
        super().__init__(
            f"{source}: this answer dates from {dated:%FT%TZ}, and the last one from {last:%FT%TZ}: it is no news. All stays "
            f"as it was. If the source says nothing newer, this is taken from {until:%FT%TZ} on; at once, by: "
            f"gridmask sync {source} --force"
        )


class NotTold(GridmaskError):
    """An action could not tell ``whom`` of something; ``problem`` says why."""

    permanent = False

    def __init__(self, whom: str, problem: str) -> None:
        self.whom = whom
        self.problem = problem
        super().__init__(f"{whom}: {problem}")


class Refused(NotTold):
    """Whoever was to be told does not take it, and will not if it is tried again."""

    permanent = True


class Deferred(NotTold):
    """Whoever was to be told asks to be told later: in ``wait`` seconds, where that is known."""

    def __init__(self, whom: str, problem: str, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(whom, problem)


class StoreError(GridmaskError):
    """The database cannot be used."""


class SchemaMismatch(StoreError):
    """The database's schema is at revision ``found`` where this program needs ``needed``.

    ``known`` tells whether this program knows ``found``; one that it does not know is a later program's.
    """

    def __init__(self, found: str | None, needed: str, *, known: bool = True) -> None:
        self.found = found
        self.needed = needed
        self.known = known
        state = "has no Gridmask schema yet" if found is None else f"is at schema revision {found}"
        advice = "Run: gridmask db upgrade" if known else "A later Gridmask made that: run that one, or go back to a backup."
        super().__init__(f"The database {state}; this program needs {needed}. {advice}")


class LeaseLost(StoreError):
    """This process was silent for so long that another has its work by now; nothing was changed."""

    def __init__(self, work: str) -> None:
        self.work = work
        super().__init__(
            f"{work} is another process's work by now, since this one was silent for too long; nothing was changed."
        )


class StoreUnavailable(StoreError):
    """The database did not answer; the same call may succeed later."""

    permanent = False


class StoreRefused(StoreUnavailable):
    """The database takes no changes: its disk is full, it is read-only... Nothing was changed; somebody has to see to it."""


class StoreBusy(StoreUnavailable):
    """The database gave up this transaction so that others could go on; nothing of it was kept.

    ``reason`` says in a word or two why.
    """

    def __init__(self, text: str, reason: str = "busy") -> None:
        self.reason = reason
        super().__init__(text)


class StoreLost(StoreUnavailable):
    """The connection to the database broke in the middle of a transaction; nothing of it was kept."""

    reason = "connection lost"


class StoreInDoubt(StoreUnavailable):
    """The connection to the database broke while a transaction was committed; all of it was kept, or nothing."""

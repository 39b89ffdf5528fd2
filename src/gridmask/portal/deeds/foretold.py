"""Foretold: what a deed would lead to, as it is shown to whoever is about to do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.element import Element, ElementKey, RowKey
    from gridmask.domain.row import Row
    from gridmask.domain.token import Token
    from gridmask.service.foresight import Foreseen
    from gridmask.service.what_if import Would

MOST_SHOWN = 40
"""So many rows are told one by one; of all there are, how many."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row that would be another, in a line: status types about which the same is to be said are together.

    ``before`` None: there is none of its own yet. ``opinion``: what automation would make it, where that is something else
    than what it would be.
    """

    element: ElementKey
    aspects: tuple[str, ...]
    vo: str
    before: Status | None
    after: Status
    held: bool
    ends: bool
    opinion: Status | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of a VO at a site would be others."""

    vo: str
    site: str
    rows: int


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a deed would lead to.

    Attributes:
        rows: how many rows would be others; ``lines``: the first of them.
        counts: how many of whom, where.
        others: VOs whose masks would be others beside the one that is acted for, by whose rows they follow.
        beyond: how many of the rows are of elements that are not named.
        held: how many the guard would hold.
        token: in whose hands the rows would be, and until when.
        opposed: how many of them automation would make something else, once it may.
        unmoved: how many rows stay as they are in people's hands, while automation would ask for something else.
        digest: all of that in short.
    """

    rows: int
    lines: tuple[Line, ...]
    counts: tuple[Count, ...]
    others: tuple[str, ...]
    beyond: int
    held: int
    token: Token | None
    opposed: int
    unmoved: int
    digest: str

    @property
    def shown(self) -> int:
        """How many of the rows are in ``lines``."""
        return sum(len(line.aspects) for line in self.lines)

    def is_seen(self, aware: Collection[str], told: str) -> bool:
        """Whether whoever does it knows whom it affects: by the page that they look at, or since they were ``told`` so."""
        return told == self.digest or (not self.beyond and set(self.others) <= set(aware))


def foretold(foreseen: Foreseen, named: Iterable[RowKey], vo: str, reads: Collection[str]) -> Foretold:
    """What is ``foreseen`` of a deed about the rows ``named``, for ``vo``, told to somebody who ``reads`` these VOs."""
    elements = {row.element for row in named}
    told = [would for would in foreseen.rows if would.key.vo in reads]
    whose = Counter((would.key.vo, _site(foreseen.elements, would.key.element)) for would in told)
    tokens = {would.after.token for would in told if would.key.element in elements and not would.ends}
    return Foretold(
        len(told),
        tuple(_lines(told))[:MOST_SHOWN],
        tuple(Count(whom, site, count) for (whom, site), count in sorted(whose.items())),
        tuple(sorted((foreseen.masks & set(reads)) - {ALL, vo})),
        sum(would.key.element not in elements for would in told) if elements else 0,
        sum(would.held for would in told),
        _one(tokens),
        sum(_opposed(would.after) is not None for would in told),
        sum(would.key.vo in reads for would in foreseen.unmoved),
        _digest(foreseen.rows),
    )


def _lines(told: Iterable[Would]) -> Iterable[Line]:
    alike: dict[tuple[object, ...], list[Would]] = {}
    for would in told:
        key, was = would.key, would.before
        same = (key.element, key.vo, was and was.status, would.after.status, would.held, would.ends)
        alike.setdefault((*same, _opposed(would.after)), []).append(would)
    for group in alike.values():
        one = group[0]
        aspects = tuple(would.key.status_type for would in group)
        before = one.before.status if one.before else None
        opinion = _opposed(one.after)
        yield Line(one.key.element, aspects, one.key.vo, before, one.after.status, one.held, one.ends, opinion)


def _opposed(row: Row) -> Status | None:
    """What automation would make ``row``, where a person would have it be something else."""
    return row.opinion if row.token is not None and row.opinion is not row.status else None


def _one(tokens: Collection[Token | None]) -> Token | None:
    """The token, where it is one and the same."""
    ends = {(token.owner, token.expires_at, token.agreed) for token in tokens if token is not None}
    return next((token for token in tokens if token is not None), None) if len(ends) == 1 else None


def _site(elements: Mapping[ElementKey, Element], key: ElementKey) -> str:
    return elements[key].site if key in elements else ""


def _digest(rows: Iterable[Would]) -> str:
    said = [f"{would.key}|{would.after.status}|{would.held}|{would.ends}" for would in rows]
    return blake2b("\n".join(said).encode(), digest_size=9).hexdigest()


def ends_of(row: Row) -> datetime | None:
    """When the downtime is over by which ``row`` is what it is; None where it is not by one that ends."""
    return max((reason.until for reason in row.reasons if reason.kind == "downtime" and reason.until), default=None)

"""Answers: what an element is for a VO and why, those of rows about which the same is to be said together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from gridmask.domain.automation import Mode
from gridmask.domain.decision import ReasonKind, Verdict
from gridmask.domain.downtime import MANUAL
from gridmask.domain.outlook import Way, WayKind
from gridmask.domain.rights import Action, needed
from gridmask.domain.status import Status, allowed
from gridmask.domain.vo import ALL
from gridmask.portal.frame.addresses import web

if TYPE_CHECKING:
    from gridmask.domain.decision import Reason
    from gridmask.domain.element import Element
    from gridmask.domain.evidence import Evidence
    from gridmask.domain.row import Row
    from gridmask.portal.frame.reader import Reader
    from gridmask.service.statuses import Explanation


@dataclass(frozen=True, slots=True)
class Answer:
    """Why rows about which the same is to be said are what they are; ``aspects`` are their status types."""

    aspects: tuple[str, ...]
    said: Explanation

    @property
    def row(self) -> Row:
        """The first of the rows."""
        return self.said.seen.row

    @property
    def allowed(self) -> str:
        """What the VO may use it for."""
        return allowed(self.row.status)

    @property
    def verdicts(self) -> list[tuple[Verdict, str]]:
        """What each policy says, and what that weighs; those first that decide."""
        winners = self.said.winners
        ordered = sorted(self.row.verdicts, key=lambda verdict: (verdict not in winners, verdict.status))
        return [(verdict, self._weight(verdict, wins=verdict in winners)) for verdict in ordered]

    def _weight(self, verdict: Verdict, *, wins: bool) -> str:
        if verdict.advisory:
            return "advisory"
        if not wins:
            return "outvoted"
        return "would decide" if self.row.token else "decides"

    @property
    def is_fine(self) -> bool:
        """Whether there is nothing to do about it: automation has it usable, and would not have it otherwise."""
        row = self.row
        plain = row.token is None and row.hold is None and not row.binding and self.said.mode is Mode.FULL
        return plain and row.status is Status.ACTIVE and row.opinion is Status.ACTIVE

    @property
    def setter(self) -> Reason | None:
        """By whom and why it was set, if a person set it."""
        return next((reason for reason in self.row.reasons if reason.kind is ReasonKind.PERSON), None)

    @property
    def deciding(self) -> tuple[Verdict, ...]:
        """The verdicts that make it what it is; none where a person or the guard does, or it is not what they ask for."""
        row = self.row
        if row.token or row.hold or row.binding or row.opinion is not row.status:
            return ()
        return self.said.winners

    @property
    def next(self) -> Way | None:
        """What it becomes by itself, and when."""
        return next((way for way in self.said.ways if way.kind is WayKind.TIME), None)

    @property
    def lasts_until(self) -> datetime | None:
        """Until when it lasts as far as anybody announced: whoever holds it, or else the last of its reasons."""
        if self.row.token:
            return self.row.token.expires_at
        ends = [reason.until for reason in self.row.reasons]
        return max((end for end in ends if end is not None), default=None) if all(ends) else None


def answers(explanations: Iterable[Explanation]) -> list[Answer]:
    """``explanations``, those of rows about which the same is to be said together; the worst first."""
    ordered = sorted(explanations, key=_content)
    alike = [list(group) for _, group in groupby(ordered, key=_content)]
    return [Answer(tuple(one.seen.row.key.status_type for one in group), group[0]) for group in alike]


def _content(one: Explanation) -> tuple[object, ...]:
    row = one.seen.row
    said = (row.reasons, row.verdicts, row.token, row.binding, row.due, one.decided_at, row.standing, row.hold, row.penalty)
    return int(row.status), row.key.vo, repr(said)


@dataclass(frozen=True, slots=True)
class Hand:
    """What can be done, and by whom; ``you``: whoever reads is one of them. ``link``: where."""

    who: str
    what: str
    you: bool = False
    link: str | None = None


def hands(answer: Answer, vo: str, reader: Reader, by_api: frozenset[str] = frozenset()) -> tuple[Hand, ...]:
    """In whose hands an answer is that ``vo`` gets; ``by_api``: the VOs that keep their policies by the API."""
    return tuple(_hands(answer, vo, reader, by_api))


def _hands(answer: Answer, vo: str, reader: Reader, by_api: frozenset[str]) -> Iterator[Hand]:
    row, actor = answer.row, reader.actor

    def may(action: Action, whose: str, what: str) -> Hand:
        return Hand(needed(action, whose), what, actor.may(action, whose))

    if row.binding:
        yield may(Action.HOLD_ROWS, ALL, "lift what binds every VO")
        return
    if row.hold and not row.hold.dropped:
        yield may(Action.CONFIRM_HELD, row.key.vo, f"confirm or drop batch {row.hold.batch}")
    if row.token:
        yield Hand(row.token.owner, "release it", actor.name == row.token.owner)
        yield may(Action.HOLD_ROWS, row.key.vo, "release it or take it over")
    else:
        yield may(Action.SET_STATUSES, vo, f"set it for {'every VO' if vo == ALL else vo}")
    yield from _announcers(answer.row.reasons)
    for verdict in answer.deciding:
        by_hand = verdict.layer not in by_api
        who = "whoever keeps the policy files" if by_hand else needed(Action.PUT_POLICIES, verdict.layer)
        may_change = not by_hand and actor.may(Action.PUT_POLICIES, verdict.layer)
        yield Hand(who, f"change policy {verdict.policy} of {verdict.layer}", may_change)


def _announcers(reasons: Iterable[Reason]) -> Iterator[Hand]:
    for reason in reasons:
        if reason.kind is ReasonKind.DOWNTIME:
            where = "here" if reason.source == MANUAL else f"in {reason.source}"
            yield Hand("whoever announced it", f"end the downtime {where}", link=web(reason.url))


_CONTACTS = {"support_center": "support centre", "roc": "operations centre", "facility": "facility", "contact": "contact"}


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask; ``link``: where."""

    what: str
    who: str
    link: str | None = None


def contacts(element: Element, site: Element | None) -> tuple[Contact, ...]:
    """Whom the inventory names to be asked about ``element``: what it says of the element itself comes first."""
    told: list[Mapping[str, object]] = [element.facts, *([site.facts] if site else [])]
    found: dict[str, Contact] = {}
    for facts in told:
        for key, what in _CONTACTS.items():
            said = facts.get(key)
            if isinstance(said, str) and said:
                found.setdefault(what, Contact(what, said, web(said)))
    homes = (web(str(facts.get("home_url", ""))) for facts in told)
    if home := next(filter(None, homes), None):
        found["home page"] = Contact("home page", home, home)
    return tuple(found.values())


def tickets(measured: Iterable[Evidence], now: datetime) -> tuple[str, ...]:
    """Where people can read the tickets about an element that are open."""
    urls = (url for one in measured if one.counts(now) for url in getattr(one.value, "urls", ()))
    return tuple(dict.fromkeys(url for url in urls if web(url)))

"""Why a row is what it is, for somebody who was woken up by it: the answer first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from gridmask.cli.words import distance, moment, utc
from gridmask.domain.automation import Mode
from gridmask.domain.damping import UNDAMPED
from gridmask.domain.decision import ReasonKind
from gridmask.domain.mask import Absence
from gridmask.domain.outlook import WayKind
from gridmask.domain.status import allowed
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.damping import Damping
    from gridmask.domain.decision import Reason, Verdict
    from gridmask.domain.guard import Hold
    from gridmask.domain.outlook import Way
    from gridmask.domain.row import Row
    from gridmask.service.statuses import Explanation


def explained(explanations: Sequence[Explanation], now: datetime, damping: Damping = UNDAMPED) -> Iterator[str]:
    """``explanations`` of one element's rows as lines; rows about which the same is to be said, together.

    ``damping`` is when flapping is damped there.
    """
    for number, (_, alike) in enumerate(groupby(sorted(explanations, key=_content), key=_content)):
        if number:
            yield ""
        together = list(alike)
        yield from _explained(together[0], [one.seen.row.key.status_type for one in together], now, damping)


def _content(one: Explanation) -> tuple[object, ...]:
    """What is to be said of a row, but for its name."""
    row = one.seen.row
    said = (row.reasons, row.verdicts, row.token, row.binding, row.due, one.decided_at, row.standing, row.penalty)
    return int(row.status), row.key.vo, repr(said)


def _explained(one: Explanation, aspects: Sequence[str], now: datetime, damping: Damping) -> Iterator[str]:
    row = one.seen.row
    yield _answer(one, aspects, now)
    yield from _absence(one)
    yield f"  {_whose(one)}"
    yield "Because:"
    for reason in row.reasons:
        yield from _reason(reason, now)
    yield from _held(one, now)
    yield from _flaps(row, now, damping)
    yield from _verdicts(one)
    yield from _outlook(one, now)


def _answer(one: Explanation, aspects: Sequence[str], now: datetime) -> str:
    row = one.seen.row
    named = "" if aspects == ["all"] else f" {', '.join(aspects)}"
    since = row.standing.since
    what = f"{row.key.element}{named} is {row.status.label} for {one.seen.vo} ({allowed(row.status)})"
    return f"{what}, since {utc(since)}, {distance(since, now)}."


def _absence(one: Explanation) -> Iterator[str]:
    if one.seen.absence is Absence.OUT_OF_SERVICE:
        yield "  But its inventory says that it is out of service: it is in no mask, whatever its status."


def _whose(one: Explanation) -> str:
    vo, row = one.seen.vo, one.seen.row
    if row.binding:
        return f"A binding row of {ALL}: it outranks every VO's own row."
    if row.key.vo != vo:
        return f"{vo} has no row of its own here; this is the row of {ALL}."
    return f"This is the row of {vo} itself." if vo != ALL else "This is what VOs without a row of their own see."


def _reason(reason: Reason, now: datetime) -> Iterator[str]:
    yield f"  - {reason.text}"
    by = _BY.get(reason.kind, "source")
    where = [reason.source and f"{by} {reason.source}", reason.record and f"record {reason.record}", reason.url]
    if reason.since is not None:
        where.append(f"since {utc(reason.since)}" if reason.since <= now else f"from {utc(reason.since)}")
    if reason.until is not None:
        where.append(f"until {utc(reason.until)}, {distance(reason.until, now)}")
    if any(where):
        yield f"      {', '.join(filter(None, where))}"


_BY = {ReasonKind.PERSON: "set by", ReasonKind.TOKEN: "held by"}


def _held(one: Explanation, now: datetime) -> Iterator[str]:
    """Whose it is, and what automation would make of it."""
    row = one.seen.row
    if row.hold is not None:
        yield f"{_hold(row.hold)} Automation asks for {row.opinion.label}: too much would be taken at once."
    yield from _restrained(one)
    if row.token is None:
        return
    until = row.token.expires_at
    ends = f"until {utc(until)}, {distance(until, now)}" if until else "until it is released"
    ends += ", or automation agrees" if row.token.agreed else ""
    review = row.token.review_at
    ends += f", to be reviewed by {utc(review)}" if review and review != until else ""
    if one.mode is Mode.OFF:
        yield f"Held by {row.token.owner} {ends}."
        return
    yield f"Held by {row.token.owner} {ends}. Automation would make it {row.opinion.label}" + (
        "." if row.opinion is not row.status else ", too."
    )


def _restrained(one: Explanation) -> Iterator[str]:
    """That automation does not go all the way here, and who decided so."""
    if one.mode is Mode.FULL:
        return
    by = f"{one.ruling.by} decided so on {utc(one.ruling.at)}: {one.ruling.reason}" if one.ruling else "the policies say so"
    yield f"{_RESTRAINTS[one.mode]} ({by})."


_RESTRAINTS = {
    Mode.EXCLUDE_ONLY: "Automation may exclude it, and leaves it to people to free it",
    Mode.OBSERVE_ONLY: "Automation only says what it would do with it",
    Mode.OFF: "Automation is off for it",
}


def _hold(hold: Hold) -> str:
    if hold.dropped:
        return f"Kept as it is until {utc(hold.until)}: batch {hold.batch} was dropped."
    return f"Held in batch {hold.batch} until somebody decides, or {utc(hold.until)}."


def _flaps(row: Row, now: datetime, damping: Damping) -> Iterator[str]:
    """What it has gathered by flapping."""
    left = row.penalty.by(now, damping) if row.penalty is not None and damping.is_on else 0.0
    if left >= _LEAST and row.penalty is not None:
        goes = (
            f"it is let go below {damping.reuse:g}" if row.penalty.damped else f"at {damping.suppress:g} it would be held back"
        )
        yield f"Its penalty for bans of late is {left:.1f}; {goes}."


_LEAST = 0.1
"""A penalty below it is not worth a word."""


def _verdicts(one: Explanation) -> Iterator[str]:
    row, winners = one.seen.row, one.winners
    yield "Verdicts of the policies:" if row.verdicts else "No policy has a verdict."
    for verdict in sorted(row.verdicts, key=lambda verdict: (verdict not in winners, verdict.status)):
        yield f"  - {verdict.policy} (of {verdict.layer}): {verdict.status.label}, {_weight(verdict, winners, row)}"
        if verdict not in winners or not _is_done(row):
            yield from (f"      {reason.text}" for reason in verdict.reasons)


def _weight(verdict: Verdict, winners: Iterable[Verdict], row: Row) -> str:
    old = " (repeated from before: its evidence is missing)" if verdict.held else ""
    if verdict.advisory:
        return f"advisory, without a say{old}"
    if verdict not in winners:
        return f"outvoted by what is more restrictive{old}"
    return ("decides" if _is_done(row) else "would decide") + old


def _is_done(row: Row) -> bool:
    """Whether what automation asks for is what the row is, for the reasons that it has."""
    return row.token is None and row.opinion is row.status


def _outlook(one: Explanation, now: datetime) -> Iterator[str]:
    yield from _ways(one.ways, now)
    due = one.seen.row.due
    decided = f" The policies have said this since {utc(one.decided_at)}." if one.decided_at else ""
    when = f"at {utc(due)}, {distance(due, now)}, or" if due else "with the next sweep, or"
    yield f"Next look {when} when something is learnt.{decided}"
    told = (f"{name} answered {_age(at, now)}" for name, at in sorted(one.sources.items()))
    if one.sources:
        yield f"Sources: {'; '.join(told)}."


_WHAT_IF = {
    WayKind.RELEASE: "Once {name} releases it, it becomes {status}.",
    WayKind.BATCH: "Once batch {name} is confirmed, it becomes {status}.",
    WayKind.AUTOMATION: "With automation not kept to {name}, it would be {status}.",
    WayKind.POLICY: "Without {name}, {status} would be asked for.",
}


def _ways(ways: Iterable[Way], now: datetime) -> Iterator[str]:
    """What would change it."""
    for way in ways:
        if way.at is not None and way.kind is WayKind.TIME:
            yield f"If nothing is learnt, it becomes {way.status.label} at {utc(way.at)}, {distance(way.at, now)}."
        elif way.kind in _WHAT_IF:
            yield _WHAT_IF[way.kind].format(name=way.name, status=way.status.label)


def _age(at: datetime | None, now: datetime) -> str:
    return "never" if at is None else f"{distance(at, now)} ({moment(at)})"

"""When two systems disagreed about what may be used, for people and for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gridmask.cli import words
from gridmask.cli.comparing import row, said
from gridmask.cli.output import stacked, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from gridmask.cli.comparing import About
    from gridmask.domain.disputes import Dispute, Spell
    from gridmask.service.comparison import PastComparison

_HOUR = timedelta(hours=1)


def shown(past: PastComparison, about: About) -> Iterator[str | Table]:
    """The rows about which they disagreed, that of the most hours first; then each time that they did."""
    stricter = f"hours stricter in {about.whom}"
    if past.disputes:
        columns = ("element", "status type", "VO", "hours", "times", "first (UTC)", "last (UTC)", stricter)
        yield table(columns, map(_line, past.disputes), right=("hours", "times", stricter))
        yield ""
        columns = ("from (UTC)", "to (UTC)", "element", "status type", "VO", about.whom, about.here, "reasons")
        yield table(columns, (_spell(one, spell, about) for one in past.disputes for spell in one.spells))
        yield ""
    yield _summary(past)


def _line(one: Dispute) -> tuple[str, ...]:
    identity = (str(one.row.element), one.row.status_type, one.row.vo)
    times = (words.moment(one.spells[0].start), words.moment(one.spells[-1].end))
    return (*identity, f"{one.length / _HOUR:,.1f}", f"{len(one.spells):,}", *times, f"{one.stricter_there / _HOUR:,.1f}")


def _spell(one: Dispute, spell: Spell, about: About) -> tuple[str, ...]:
    times = (words.moment(spell.start), words.moment(spell.end))
    identity = (str(one.row.element), one.row.status_type, one.row.vo)
    reasons = stacked(f"{about.whom}: {spell.theirs.reason}", f"{about.here}: {spell.ours.reason}", joint=" | ")
    return (*times, *identity, spell.theirs.label, spell.ours.label, reasons)


def _summary(past: PastComparison) -> str:
    period = f"From {words.utc(past.since)} to {words.utc(past.until)}"
    if not past.compared:
        return f"{period}, there is nothing that could be compared."
    hours = sum((one.length for one in past.disputes), timedelta()) / _HOUR
    about = f"about {len(past.disputes):,} of {words.rows(past.compared)}, for {hours:,.1f} hours in all"
    outcome = f"they disagreed {about}." if past.disputes else f"they agreed about {words.rows(past.compared)}."
    shorter = f" Disagreements of up to {words.span(past.least)} are passed over." if past.least else ""
    return f"{period}, {outcome}{shorter}"


def told(past: PastComparison) -> dict[str, Any]:
    """The same as JSON. Lengths are in hours."""
    return {
        "since": past.since,
        "until": past.until,
        "longer_than_seconds": past.least.total_seconds(),
        "equal": past.is_equal,
        "compared": past.compared,
        "hours": sum(one.length / _HOUR for one in past.disputes),
        "disputes": [
            {
                **row(one.row),
                "hours": one.length / _HOUR,
                "hours_stricter_there": one.stricter_there / _HOUR,
                "spells": [
                    {"from": spell.start, "to": spell.end, "theirs": said(spell.theirs), "ours": said(spell.ours)}
                    for spell in one.spells
                ],
            }
            for one in past.disputes
        ],
    }

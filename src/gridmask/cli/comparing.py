"""How two masks differ, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gridmask.cli import words
from gridmask.cli.output import stacked, table
from gridmask.dirac_db.report import About as Remark
from gridmask.dirac_db.report import Report
from gridmask.domain.comparison import NOTHING
from gridmask.domain.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from gridmask.domain.comparison import Comparison, Difference, Said
    from gridmask.domain.element import RowKey

_REMARKS = {
    Remark.UNKNOWN_STATUS: "statuses that there are none of; they count as Unknown",
    Remark.BLANK_STATUS: "rows without a status; they count as Unknown",
    Remark.UNKNOWN_STATUS_TYPE: "statuses of kinds that the element's type does not have; they are left out",
    Remark.UNKNOWN_VO: "VOs that are not known here; their rows are left out",
}
_ORDER = {label: number for number, label in enumerate([*(status.label for status in Status), "usable", "not usable", NOTHING])}


@dataclass(frozen=True, slots=True)
class About:
    """What is told of a comparison: with whom, whether by opinions, whether only what matters, and what was read there."""

    whom: str
    opinions: bool = False
    only_usable: bool = False
    report: Report = field(default_factory=Report)

    @property
    def here(self) -> str:
        """What our side is called."""
        return "automation here" if self.opinions else "Gridmask"

    @property
    def remarks(self) -> list[Remark]:
        """What there is to remark on what was read there."""
        return [remark for remark in _REMARKS if self.report.counts[remark]]


def shown(made: Comparison, about: About) -> Iterator[str | Table]:
    """What differs, what matters first; then how much agrees, and what was left out."""
    differences = made.mattering if about.only_usable else made.differences
    if differences:
        columns = (
            "usable",
            "element",
            "status type",
            "VO",
            about.whom,
            "since (UTC)",
            about.here,
            "since here (UTC)",
            "reasons",
        )
        yield table(columns, (_line(one, about) for one in differences))
        yield ""
    yield _summary(made)
    if made.compared:
        yield ""
        yield _matrix(made, about)
    yield from _left_out(made, about)


def _line(one: Difference, about: About) -> tuple[str, ...]:
    theirs, ours = one.theirs, one.ours
    matters = f"only {'there' if theirs is not None and theirs.usable else 'here'}" if one.matters else "same"
    told = ((about.whom, theirs), (about.here, ours))
    reasons = [f"{whom}: {said.reason or 'no reason'}" for whom, said in told if said is not None]
    row = (str(one.row.element), one.row.status_type, one.row.vo)
    return (matters, *row, *_told_by(theirs), *_told_by(ours), stacked(*reasons, joint=" | "))


def _told_by(said: Said | None) -> tuple[str, str]:
    return (NOTHING, NOTHING) if said is None else (said.label, words.moment(said.since))


def _summary(made: Comparison) -> str:
    if not made.compared:
        return "There is nothing that could be compared."
    otherwise = len(made.differences) - len(made.mattering)
    agree = f"{made.agreeing:,} of {words.rows(made.compared)} agree"
    return f"{agree}; whether they may be used differs for {len(made.mattering):,}, something else for {otherwise:,}."


def _matrix(made: Comparison, about: About) -> Table:
    there = sorted({pair[0] for pair in made.pairs}, key=_ORDER.__getitem__)
    here = sorted({pair[1] for pair in made.pairs}, key=_ORDER.__getitem__)
    lines = [(one, *(f"{made.pairs.get((one, other), 0) or '.':}" for other in here)) for one in there]
    return table((f"{about.whom} \\ {about.here}", *here), lines, right=here)


def _left_out(made: Comparison, about: About) -> Iterator[str]:
    lines = [f"- {type_}: {words.rows(count)}, of which {about.whom} knows nothing." for type_, count in _sorted(made)]
    if made.not_offered:
        names = _some([str(key) for key in sorted(made.not_offered)])
        lines.append(f"- {words.elements(len(made.not_offered))} here not offered to the VO: {names}.")
    if lines:
        yield from ("", "Left out:", *lines)
    if about.remarks:
        yield from ("", f"In {about.whom}:")
    for remark in about.remarks:
        yield f"- {about.report.counts[remark]:,} {_REMARKS[remark]}: {_some(list(about.report.named[remark]))}."


def _sorted(made: Comparison) -> list[tuple[str, int]]:
    return sorted(made.not_there.items())


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def told(made: Comparison, about: About) -> dict[str, Any]:
    """The same as JSON."""
    differences = made.mattering if about.only_usable else made.differences
    return {
        "with": about.whom,
        "opinions": about.opinions,
        "equal": made.is_equal,
        "compared": made.compared,
        "agreeing": made.agreeing,
        "differing_in_usability": len(made.mattering),
        "differences": [
            {"usability": one.matters, **row(one.row), "theirs": said(one.theirs), "ours": said(one.ours)}
            for one in differences
        ],
        "pairs": [{"theirs": one, "ours": other, "rows": count} for (one, other), count in sorted(made.pairs.items())],
        "not_there": dict(_sorted(made)),
        "not_offered": [{"type": key.type, "name": key.name} for key in sorted(made.not_offered)],
        "remarks": [
            {"about": remark, "number": about.report.counts[remark], "for_example": list(about.report.named[remark])}
            for remark in about.remarks
        ],
    }


def row(key: RowKey) -> dict[str, str]:
    """What a row is, as JSON."""
    family, type_, name = key.element
    return {"family": family, "type": type_, "name": name, "status_type": key.status_type, "vo": key.vo}


def said(one: Said | None) -> dict[str, Any] | None:
    """What one system says, as JSON."""
    if one is None:
        return None
    status = one.status.label if one.status is not None else None
    return {"usable": one.usable, "status": status, "reason": one.reason, "since": one.since, "row_of": one.vo}

"""What came of a policy test, as it is told to people and programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridmask.domain.decision import combine
from gridmask.junit import Case

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.mask import Absence
    from gridmask.domain.row import Row
    from gridmask.domain.status import Status
    from gridmask.policies.testing.script import Expectation


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader sees: why nothing, or else a row. ``at`` is when."""

    absence: Absence | None
    row: Row | None
    at: datetime

    @property
    def status(self) -> Status | Absence | None:
        """The status, or why there is none."""
        return self.absence or (self.row.status if self.row else None)


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that does not hold at a moment: what of it, as it should be, and as it is."""

    at: datetime
    expectation: Expectation
    differences: tuple[tuple[str, str, str], ...]
    seen: Seen

    def lines(self, file: str) -> Iterator[str]:
        """It as a difference, and why it is so."""
        yield f"      {file}:{self.expectation.line}: at {self.at:%Y-%m-%d %H:%M}, {self.expectation.row}"
        for what, expected, found in self.differences:
            yield f"        - {what:<10} {expected}"
            yield f"        + {what:<10} {found}"
        yield from (f"        {line}" for line in why(self.seen))

    def told(self) -> dict[str, Any]:
        """It for programs."""
        row = self.expectation.row
        return {
            "line": self.expectation.line,
            "at": self.at,
            "element": {"family": row.element.family, "type": row.element.type, "name": row.element.name},
            "status_type": row.status_type,
            "vo": row.vo,
            "differences": [{"what": what, "expected": e, "found": f} for what, e, f in self.differences],
            "why": [*why(self.seen)],
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one test.

    ``broken``: why it could not be played, or not to its end.
    """

    file: str
    line: int | None
    name: str
    moments: int = 0
    expectations: int = 0
    failures: tuple[Failure, ...] = ()
    broken: str = ""

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.failures and not self.broken

    def lines(self) -> Iterator[str]:
        """It for people: one line, if it passed."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        if self.passed:
            yield f"ok    {place}: {self.name} ({self.expectations} expected)"
            return
        yield f"FAIL  {place}: {self.name}"
        if self.broken:
            yield f"      {self.broken}"
        for failure in self.failures:
            yield from failure.lines(self.file)

    def case(self) -> Case:
        """It for build servers."""
        failed = f"{len(self.failures)} of {self.expectations} expectations do not hold" if self.failures else ""
        details = "" if self.passed else "\n".join(self.lines())
        return Case(self.file, self.name, self.broken or failed, details, broken=bool(self.broken), line=self.line)

    def told(self) -> dict[str, Any]:
        """It for programs."""
        return {
            "file": self.file,
            "line": self.line,
            "name": self.name,
            "passed": self.passed,
            "moments": self.moments,
            "expectations": self.expectations,
            "broken": self.broken or None,
            "failures": [failure.told() for failure in self.failures],
        }


def why(seen: Seen) -> Iterator[str]:
    """Why a reader sees what they see."""
    row = seen.row
    if row is None:
        yield "because there is no such row"
        return
    yield f"because (row of {row.key.vo}, since {row.standing.since:%Y-%m-%d %H:%M}):"
    yield from (f"  {reason.text}" for reason in row.reasons)
    winners = combine(row.verdicts).winners
    for verdict in row.verdicts:
        wins = "would decide" if row.held(seen.at) else "decides"
        weight = "advisory" if verdict.advisory else wins if verdict in winners else "outvoted"
        told = "; ".join(reason.text for reason in verdict.reasons)
        held = ", repeated from before" if verdict.held else ""
        yield f"  {verdict.policy} (of {verdict.layer}): {verdict.status.label}, {weight}{held}: {told}"
    if row.held(seen.at) and row.token is not None:
        yield f"  held by {row.token.owner}; automation would make it {row.opinion.label}"

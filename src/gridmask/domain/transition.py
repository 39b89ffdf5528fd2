"""The state machine of a row: from what is asked for to what it becomes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gridmask.domain.making import quickly_made
from gridmask.domain.matching import agrees
from gridmask.domain.measurements import PROBE, Probe
from gridmask.domain.status import Status, usable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.domain.evidence import Evidence


@dataclass(frozen=True, slots=True)
class ProbingExit:
    """When automation may free a row from ``Probing``: the verdicts were good long and often enough, or a probe validates it.

    Attributes:
        dwell: how long the verdicts must have been good without a break.
        checks: how many consecutive good verdicts there must have been.
        spacing: how far apart two verdicts must be for both to count.
        validated_by: patterns of the probes that validate; without any, none does.
    """

    dwell: timedelta = timedelta(minutes=30)
    checks: int = 2
    spacing: timedelta = timedelta(minutes=10)
    validated_by: tuple[str, ...] = ()

    def is_passed(self, standing: Standing, evidence: Iterable[Evidence], now: datetime) -> bool:
        """Whether a probe validates what is ``standing`` in ``Probing``.

        One of those that may has to say ``OK``, and none of them ``WARNING`` or ``CRITICAL``, in a result that is newer than
        the probing: what was found before says nothing of what has been done since.
        """
        if not self.validated_by or standing.status is not Status.PROBING:
            return False
        results = {
            e.value.result
            for e in evidence
            if e.kind == PROBE and isinstance(e.value, Probe) and agrees(self.validated_by, e.value.metric)
            if standing.since < e.observed_at <= now and e.counts(now)
        }
        return "OK" in results and results.isdisjoint({"WARNING", "CRITICAL"})


DEFAULT_EXIT = ProbingExit()


@dataclass(frozen=True, slots=True)
class GoodRun:
    """The unbroken run of good verdicts of a row in ``Probing``."""

    since: datetime
    checks: int
    checked_at: datetime

    def continued(self, now: datetime, exit_: ProbingExit) -> GoodRun:
        """The run with one more good verdict, if enough time has passed since the last that counted."""
        if now < self.checked_at + exit_.spacing or now == self.checked_at:
            return self
        return replace(self, checks=self.checks + 1, checked_at=now)

    def suffices(self, now: datetime, exit_: ProbingExit) -> bool:
        """Whether it frees the row."""
        return now >= self.since + exit_.dwell and self.checks >= exit_.checks

    def due(self, exit_: ProbingExit) -> datetime:
        """When looking again can make a difference."""
        return self.since + exit_.dwell if self.checks >= exit_.checks else self.checked_at + exit_.spacing


@quickly_made
@dataclass(frozen=True, slots=True)
class Standing:
    """Where a row stands.

    Attributes:
        status: its status.
        since: since when it has it.
        owes_probing: whether automation must lead it through ``Probing`` before it is free. The debt of a ban survives detours
            through ``Error`` and ``Unknown`` (promise D2).
        run: its good run, while it is in ``Probing`` and asked to leave it.
    """

    status: Status
    since: datetime
    owes_probing: bool = False
    run: GoodRun | None = None

    def frees_no_sooner_than(self, other: Standing) -> bool:
        """Whether whoever goes on from here instead of from ``other`` owes no less."""
        if not other.owes_probing:
            return True
        return self.owes_probing and self.status <= other.status and self.run in {None, other.run}


def advance(
    standing: Standing, asked: Status, now: datetime, exit_: ProbingExit, *, lasting: bool, validated: bool = False
) -> Standing:
    """What becomes of ``standing`` when the policies ask for ``asked`` (promise D2).

    Whatever is asked for is granted, but for one thing: a row that owes its ``Probing`` gets that instead of a usable status
    until ``exit_`` is satisfied, or it is ``validated`` there. A ban that is not ``lasting`` adds no debt, and leaves an
    existing one as it is.
    """
    owes = standing.owes_probing or asked is Status.PROBING or (asked is Status.BANNED and lasting)
    if not (owes and usable(asked)):
        return _become(standing, asked, now, owes=owes)
    if validated and standing.status is Status.PROBING:
        return _become(standing, asked, now, owes=False)
    if standing.run is None:
        return _become(standing, Status.PROBING, now, owes=True, run=GoodRun(now, 1, now))
    run = standing.run.continued(now, exit_)
    if run.suffices(now, exit_):
        return _become(standing, asked, now, owes=False)
    return _become(standing, Status.PROBING, now, owes=True, run=run)


def decree(standing: Standing, status: Status, now: datetime) -> Standing:
    """What becomes of ``standing`` when a person sets ``status``: just that.

    People are not bound (promise D2), but what they ban or put on probation, automation must lead through ``Probing`` later.
    """
    restricts = status in (Status.BANNED, Status.PROBING)
    owes = restricts or (standing.owes_probing and not usable(status))
    return _become(standing, status, now, owes=owes)


def _become(standing: Standing, status: Status, now: datetime, *, owes: bool, run: GoodRun | None = None) -> Standing:
    if status is not standing.status:
        return Standing(status, now, owes, run)
    # most rows stay where they are
    return standing if owes == standing.owes_probing and run == standing.run else Standing(status, standing.since, owes, run)

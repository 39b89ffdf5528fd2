"""Verdicts of policies, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from gridmask.domain.confirmation import Check
from gridmask.domain.making import quickly_made
from gridmask.domain.status import Status, most_restrictive

if TYPE_CHECKING:
    from collections.abc import Iterable


class ReasonKind(StrEnum):
    """Why, as a program reads it."""

    DOWNTIME = "downtime"
    NO_DOWNTIME = "no-downtime"
    CONSTANT = "constant"
    MEASUREMENT = "measurement"
    PROBE = "probe"
    ERROR = "rule-error"
    MISSING = "missing-evidence"
    NO_POLICY = "no-policy"
    UNCONFIRMED = "unconfirmed"
    PROPAGATION = "propagation"
    PROBING = "probing"
    DAMPED = "damped"
    PERSON = "person"
    TOKEN = "token"  # noqa: S105 - not a password
    INHERITED = "inherited"
    IMPORTED = "imported"
    NEW = "new"


@quickly_made
@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict or a row is what it is.

    Attributes:
        kind: as a program reads it.
        text: as a person reads it.
        source, record, url: where the evidence can be found, where there is any.
        since, until: when what it names begins and ends, where that is known.
    """

    kind: ReasonKind
    text: str
    source: str = ""
    record: str = ""
    url: str = ""
    since: datetime | None = None
    until: datetime | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class Verdict:
    """What one policy says about one row.

    Attributes:
        policy: the policy's name.
        layer: whose policy it is, a VO or :data:`~gridmask.domain.vo.ALL`.
        status: the status that it asks for.
        reasons: why.
        advisory: recorded, but without influence on the status.
        lasting: whether a ban by it must be left through ``Probing`` (promise D2).
        held: repeated from before, since the evidence for a new one is missing (promise D3).
        checks: what the last checks found, where they do not all agree with the status: a change is on its way.
    """

    policy: str
    layer: str
    status: Status
    reasons: tuple[Reason, ...]
    advisory: bool = False
    lasting: bool = True
    held: bool = False
    checks: tuple[Check, ...] = ()


def records_named(verdicts: Iterable[Verdict]) -> frozenset[tuple[str, str]]:
    """The sources that the reasons of ``verdicts`` name, each with the record; an empty one is any."""
    return frozenset((reason.source, reason.record) for verdict in verdicts for reason in verdict.reasons if reason.source)


@dataclass(frozen=True, slots=True)
class Combination:
    """What verdicts add up to: the most restrictive status, and the verdicts that ask for it."""

    status: Status
    winners: tuple[Verdict, ...]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The reasons of the winners, kept apart."""
        return tuple([reason for verdict in self.winners for reason in verdict.reasons]) or (NO_POLICY,)

    @property
    def lasting(self) -> bool:
        """Whether a ban by it must be left through ``Probing``."""
        return any(verdict.lasting for verdict in self.winners)


NO_POLICY = Reason(ReasonKind.NO_POLICY, "No policy has a verdict on this row.")


def combine(verdicts: Iterable[Verdict]) -> Combination:
    """Combine ``verdicts``: the most restrictive wins, advisory ones have no say, none at all is ``Unknown`` (promise D1)."""
    voting = [verdict for verdict in verdicts if not verdict.advisory]
    status = most_restrictive([verdict.status for verdict in voting])
    return Combination(status, tuple([verdict for verdict in voting if verdict.status is status]))

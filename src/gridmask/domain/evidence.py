"""Evidence: what sources observed about elements, and until when it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from gridmask.domain.making import quickly_made
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from gridmask.domain.element import Element
    from gridmask.domain.naming import Target

DOWNTIME = "downtime"

DECLARATIONS = frozenset({DOWNTIME})
"""Kinds that add up. A declaration about one VO does not make a declaration about everyone untrue, whereas
a measurement about one VO stands in place of the general one."""


class EvidenceKey(NamedTuple):
    """The identity of a piece of evidence: who said it, in which record, about what."""

    source: str
    record: str
    about: Target


@quickly_made
@dataclass(frozen=True, slots=True)
class Evidence:
    """A typed, dated observation.

    Attributes:
        key: source, record in that source, and what it is about.
        kind: what sort of observation; it determines the type of ``value``.
        value: the observation, e.g. a :class:`~gridmask.domain.downtime.Downtime`.
        observed_at: since when it is known.
        valid_until: when it stops counting; None is never.
        vo: whom it is about; :data:`~gridmask.domain.vo.ALL` where it says nothing of VOs.
    """

    key: EvidenceKey
    kind: str
    value: object
    observed_at: datetime
    valid_until: datetime | None = None
    vo: str = ALL

    def counts(self, now: datetime) -> bool:
        """Whether it has not expired."""
        return self.valid_until is None or now < self.valid_until


@dataclass(frozen=True, slots=True)
class Used:
    """A piece of evidence as a decision keeps it. ``value``: as plain data; None where every version is kept anyway."""

    source: str
    record: str
    kind: str
    observed_at: datetime
    vo: str = ALL
    value: Any = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """That a source speaks about a kind of evidence, and until when its last complete answer counts.

    Without it, silence could not be told from "nothing to report". ``answered_at`` None: it never answered.
    ``inventories``: it covers only elements that these inventory sources list, whosever they are; empty is all.
    """

    source: str
    kind: str
    answered_at: datetime | None = None
    valid_until: datetime | None = None
    inventories: frozenset[str] = frozenset()

    def covers(self, element: Element) -> bool:
        """Whether its silence says something about ``element``."""
        if not self.inventories or element.source in self.inventories:
            return True
        return any(who in self.inventories for who, _ in element.elsewhere)

    def counts(self, now: datetime) -> bool:
        """Whether the last complete answer is young enough to conclude something from what it does not contain."""
        return self.answered_at is not None and (self.valid_until is None or now < self.valid_until)

    def continues(self, before: Coverage | None, now: datetime) -> bool:
        """Whether what was concluded from the silence of ``before`` can stand: about the same, and for no less long."""
        if before is None or not before.counts(now) or before.inventories != self.inventories:
            return False
        return self.valid_until is None or (before.valid_until is not None and before.valid_until <= self.valid_until)


def among(records: Collection[tuple[str, str]], evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The part of ``evidence`` that comes from ``records``: sources, each with the record; an empty one is any."""
    return tuple(e for e in evidence if (e.key.source, e.key.record) in records or (e.key.source, "") in records)


def _topic(evidence: Evidence) -> tuple[str, str]:
    """What it is about within its element: of two probes, say, one may be run for a VO and the other for everyone."""
    return evidence.kind, getattr(evidence.value, "topic", "")


def heard_by(vo: str, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The part of ``evidence`` that speaks for ``vo`` (promise V2), in an order that does not depend on its arrival.

    :data:`~gridmask.domain.vo.ALL` hears only what says nothing of VOs. A VO hears what is about itself, and what says nothing
    of VOs unless a measurement of the same kind is about itself.
    """
    evidence = tuple(evidence)
    if not evidence:
        return ()
    general = [e for e in evidence if e.vo == ALL]
    if vo == ALL:
        heard = general
    else:
        own = [e for e in evidence if e.vo == vo]
        outranked = {_topic(e) for e in own if e.kind not in DECLARATIONS}
        heard = own + [e for e in general if _topic(e) not in outranked]
    return tuple(sorted(heard, key=lambda e: e.key)) if len(heard) > 1 else tuple(heard)

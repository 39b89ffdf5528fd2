"""Values with sensible defaults, so that a test writes down only what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from immutables import Map

from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import RESOURCE, WHOLE, Element, ElementKey, RowKey, TypeRegistry
from gridmask.domain.evidence import DOWNTIME, Coverage, Evidence, EvidenceKey, heard_by
from gridmask.domain.measurements import VALUES
from gridmask.domain.policy import Case, Policy, PolicySet
from gridmask.domain.row import Row
from gridmask.domain.state import State, group, with_evidence
from gridmask.domain.status import Status
from gridmask.domain.transition import DEFAULT_EXIT, ProbingExit, Standing
from gridmask.domain.vo import ALL
from gridmask.rules import DeclaredDowntime
from gridmask.testing.times import Time, moment

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.measurements import Measurement

LONG_AGO = "2026-01-01T00:00"

DECLARED_DOWNTIMES = Policy("declared-downtimes", DeclaredDowntime())
"""The policy of a fresh installation."""


def element(name: str = "ce.example.org", type: str = "ComputingElement", **attributes: Any) -> Element:  # noqa: A002, ANN401
    """An element in service, offered to everyone; ``attributes`` are those of ``Element``, and ``family``."""
    key = ElementKey(attributes.pop("family", RESOURCE), type, name)
    offered = frozenset(attributes.pop("offered", ()))
    return Element(key, **{"site": "Example", "source": "inventory", "offered": offered, **attributes})


def row(
    of: Element,
    status: Status = Status.ACTIVE,
    *,
    vo: str = ALL,
    status_type: str = WHOLE,
    since: Time = LONG_AGO,
    owes_probing: bool = False,
    **attributes: Any,  # noqa: ANN401
) -> Row:
    """A row of ``of``; ``attributes`` are those of ``Row``."""
    standing = Standing(status, moment(since), owes_probing, attributes.pop("run", None))
    return Row(RowKey(of.key, status_type, vo), standing, **{"opinion": status, **attributes})


def downtime(
    start: Time,
    end: Time | None,
    *targets: Element,
    record: str = "1",
    source: str = "feed",
    **attributes: Any,  # noqa: ANN401
) -> Downtime:
    """An outage of ``targets``; ``attributes`` are those of ``Downtime``."""
    interval = Interval(moment(start), moment(end) if end else None)
    named = frozenset(target.key for target in targets)
    return Downtime(DowntimeKey(source, record), named, interval, **{"severity": "OUTAGE", **attributes})


def measured(
    value: Measurement,
    of: Element,
    *,
    record: str = "1",
    source: str = "feed",
    at: Time = LONG_AGO,
    **attributes: Any,  # noqa: ANN401
) -> Evidence:
    """Evidence that ``value`` was measured of ``of``; ``attributes`` are those of ``Evidence``, times as tests write them."""
    kind = next(kind for kind, known in VALUES.items() if isinstance(value, known))
    valid_until = _moment(attributes.pop("valid_until", None))
    return Evidence(EvidenceKey(source, record, of.key), kind, value, moment(at), valid_until, **attributes)


def coverage(
    source: str = "feed",
    *,
    answered_at: Time | None = LONG_AGO,
    valid_until: Time | None = None,
    kind: str = DOWNTIME,
    inventories: Iterable[str] = (),
) -> Coverage:
    """That ``source`` answered, and counts for ever unless told otherwise."""
    return Coverage(source, kind, _moment(answered_at), _moment(valid_until), frozenset(inventories))


def _moment(time: Time | None) -> datetime | None:
    return None if time is None else moment(time)


def policies(*made: Policy, probing: ProbingExit = DEFAULT_EXIT) -> PolicySet:
    """A set of policies. Its revision differs where they do."""
    return PolicySet(made, sha256(repr((made, probing)).encode()).hexdigest(), probing)


def case(
    of: Element,
    *downtimes: Downtime,
    at: Time,
    vo: str = ALL,
    status_type: str = WHOLE,
    covered_by: Iterable[Coverage] = (),
    evidence: Iterable[Evidence] = (),
) -> Case:
    """What a rule is asked about ``of`` when it is ``at``, with ``downtimes`` and other ``evidence`` known."""
    known = (*evidence, *(e for downtime in downtimes for e in downtime.evidence(moment(LONG_AGO))))
    heard = heard_by(vo, (e for e in known if e.key.about == of.key))
    return Case(RowKey(of.key, status_type, vo), of, heard, tuple(covered_by), moment(at))


def state(
    *elements: Element,
    by: PolicySet | None = None,
    vos: Iterable[str] = (),
    rows: Iterable[Row] = (),
    downtimes: Iterable[Downtime] = (),
    covered_by: Iterable[Coverage] = (),
    types: TypeRegistry | None = None,
) -> State:
    """A world of ``elements`` that is decided ``by`` policies: unless told otherwise, those of a fresh installation."""
    return State(
        policies=by or policies(DECLARED_DOWNTIMES),
        types=types or TypeRegistry(),
        vos=frozenset(vos),
        elements=Map({one.key: one for one in elements}),
        rows=group(rows),
        evidence=with_evidence(Map(), (e for downtime in downtimes for e in downtime.evidence(moment(LONG_AGO)))),
        coverage={(c.source, c.kind): c for c in covered_by},
    )

"""A grid to measure on: elements as an inventory lists them, what sources tell of them, and VOs with policies of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import RESOURCE, SITE, Element, ElementKey
from gridmask.domain.evidence import DOWNTIME, Coverage, Evidence, EvidenceKey
from gridmask.domain.matching import Match
from gridmask.domain.measurements import (
    JOBS,
    PILOTS,
    PROBE,
    SPACE,
    TICKETS,
    TRANSFERS,
    Jobs,
    Pilots,
    Probe,
    Space,
    Tickets,
    Transfers,
)
from gridmask.domain.policy import Policy, PolicySet, Rule
from gridmask.domain.quantities import Share, Size
from gridmask.domain.status import Status
from gridmask.rules import (
    Cel,
    DeclaredDowntime,
    FreeSpace,
    JobDoneRatio,
    JobEfficiency,
    PilotEfficiency,
    ProbeResults,
    TransferQuality,
)
from gridmask.rules import Tickets as TicketsRule
from gridmask.rules.cel import When

NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = "feed"

SITES = 100
PER_SITE = {"ComputingElement": 11, "StorageElement": 5, "Squid": 2, "net.perfSONAR.Latency": 1}
"""What stands at each site: with the site itself, twenty elements. Storage has four status types, everything else has one."""

CATEGORIES = {"ComputingElement": "computing", "StorageElement": "storage", "Squid": "cache"}
VOS_OF_MOST = 10
"""Every other element is open to all VOs; the others are offered to so many."""

COMPUTING, STORAGE, WRITING, SITES_ONLY = (
    Match.of(category="computing"),
    Match.of(category="storage"),
    Match.of(category="storage", status_type="WriteAccess"),
    Match.of(category="site"),
)


def vos(number: int) -> tuple[str, ...]:
    """So many VOs."""
    return tuple(f"vo{n}" for n in range(number))


def elements(of: tuple[str, ...]) -> tuple[Element, ...]:
    """All elements, for these VOs."""
    return tuple(_elements(of))


def _elements(of: tuple[str, ...]) -> Iterator[Element]:
    for number in range(SITES):
        site, tags = f"SITE-{number:02}", frozenset({"tier1" if number % 10 == 0 else "tier2"})
        yield Element(ElementKey(SITE, SITE, site), site, category="site", tags=tags, source="inventory")
        for type_, count in PER_SITE.items():
            for n in range(count):
                key = ElementKey(RESOURCE, type_, f"{type_.lower()}{n}.site{number}.example.org")
                some = frozenset(of[(number + step) % len(of)] for step in range(VOS_OF_MOST))
                offered = some if n % 2 else frozenset()
                yield Element(key, site, offered, category=CATEGORIES.get(type_, "network"), tags=tags, source="inventory")


def evidence(about: Sequence[Element]) -> tuple[Evidence, ...]:
    """What sources tell of these elements: all is well, but for one in fifty of each."""
    return tuple(item for number, element in enumerate(about) for item in _evidence(element, number % 50 == 1))


def _evidence(element: Element, is_bad: bool) -> Iterator[Evidence]:  # noqa: FBT001 - of two kinds
    match element.category:
        case "computing":
            yield measured(element, JOBS, Jobs(done=90, completed=5, failed=200 if is_bad else 5, running=40))
            yield measured(element, PILOTS, Pilots(100, 2))
            yield measured(element, PROBE, Probe("submit", "CRITICAL" if is_bad else "OK"))
        case "storage":
            yield measured(element, SPACE, Space(10**15, 10**10 if is_bad else 10**14))
            yield measured(element, TRANSFERS, Transfers("source", 200, 80 if is_bad else 3))
            yield measured(element, TRANSFERS, Transfers("destination", 200, 4))
        case "site":
            yield measured(element, TICKETS, Tickets(int(is_bad)))


def measured(element: Element, kind: str, value: object, at: datetime = NOON - HOUR) -> Evidence:
    """That a source measured ``value`` of ``element``."""
    record = getattr(value, "direction", kind)
    return Evidence(EvidenceKey("monitoring", record, element.key), kind, value, at, NOON + 24 * HOUR)


def downtime(element: Element) -> Downtime:
    """That ``element`` is down until two."""
    return Downtime(
        DowntimeKey(FEED, element.key.name), frozenset({element.key}), Interval(NOON - HOUR, NOON + 2 * HOUR), "OUTAGE"
    )


COVERAGE = Coverage(FEED, DOWNTIME, NOON - HOUR, NOON + 24 * HOUR)


def policies(number: int, of: tuple[str, ...], *, revision: str, overdue: int = 2, full: float = 1e12) -> PolicySet:
    """So many policies of the installation, 10 or more, and two of each VO: one overrides, one adds.

    ``overdue``: so many tickets degrade a site; ``full``: below so many free bytes, the first VO takes storage for degraded.
    """
    made = [*_general(overdue)]
    made += (_local(n) for n in range(number - len(made)))
    made += (policy for n, vo in enumerate(of) for policy in _own(vo, full if n == 0 else 1e12))
    return PolicySet(tuple(made), revision)


def _general(overdue: int) -> Iterator[Policy]:
    yield Policy("declared", DeclaredDowntime())
    yield Policy("drain", DeclaredDowntime(lead={"WriteAccess": 12 * HOUR}), STORAGE)
    yield Policy("free-space", FreeSpace(), WRITING)
    yield Policy("transfers", TransferQuality(), STORAGE)
    yield Policy("submission", ProbeResults(("submit",)), COMPUTING)
    yield Policy("job-efficiency", JobEfficiency(), COMPUTING)
    yield Policy("jobs-done", JobDoneRatio(), COMPUTING)
    yield Policy("pilots", PilotEfficiency(), COMPUTING)
    yield Policy("failing", Cel((When("jobs.failed > jobs.done", Status.DEGRADED),), ("jobs",)), COMPUTING)
    yield Policy("tickets", TicketsRule(at_least=overdue), Match.of(category="site"))


_LOCAL: tuple[tuple[Rule, str], ...] = (
    (JobEfficiency(banned_below=Share(0.2)), "computing"),
    (FreeSpace(), "storage"),
    (ProbeResults(("sub*",)), "computing"),
    (TransferQuality(minimum=50), "storage"),
    (PilotEfficiency(), "computing"),
)


def _local(number: int) -> Policy:
    """A policy for ten sites, as an installation gathers them in time."""
    rule, category = _LOCAL[number % len(_LOCAL)]
    where = f"SITE-{number // len(_LOCAL) % 10}?"
    return Policy(f"local-{number}", rule, Match.of(category=category, site=where))


def _own(vo: str, full: float) -> Iterator[Policy]:
    yield Policy("free-space", FreeSpace(degraded_below=Size(full)), WRITING, vo)
    strict = Cel((When("jobs.failed * 10 > jobs.done", Status.DEGRADED),), ("jobs",))
    yield Policy("strict", strict, Match.of(category="computing", tags="tier1"), vo)

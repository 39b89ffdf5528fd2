"""Sources that contradict each other: one finds a service well, while another finds it broken, or it is declared to be down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from gridmask.domain.excuse import END, Between, common, union
from gridmask.replay.proposals.proposal import FACTS, Fact, Kind, Proposal
from gridmask.replay.proposals.watching import BAD, OK
from gridmask.replay.truth import as_known, heard, without

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey
    from gridmask.domain.hindsight import Known
    from gridmask.replay.proposals.watching import Found, Watcher

LONG = timedelta(hours=24)
"""For so long, all elements together, two must have disagreed."""

DECLARATIONS = "declared outages"


@dataclass(slots=True)
class _Dispute:
    """How long two disagreed, on which elements, and when for longest."""

    time: timedelta = timedelta()
    by_element: dict[ElementKey, timedelta] = field(default_factory=dict)
    stretches: list[tuple[timedelta, datetime, ElementKey]] = field(default_factory=list)


def disputing(
    watcher: Watcher, outages: Mapping[ElementKey, Sequence[Known]], since: datetime, until: datetime
) -> Iterator[Proposal]:
    """The pairs of sources that disagreed for long."""
    found: dict[tuple[str, str], _Dispute] = {}
    for key, sources in watcher.sources():
        well, broken = _by_result(sources, OK, since, until), _by_result(sources, BAD, since, until)
        for one, other in combinations(sorted(sources), 2):
            for left, right in ((one, other), (other, one)):
                # a source of which two probes disagree says neither
                fine = tuple(without(well[left], broken[left]))
                _note(found, (left, right), key, common(fine, broken[right]))
        declared = as_known(heard(outages.get(key, ()), "all")).outages
        for source in sorted(sources):
            _note(found, (source, DECLARATIONS), key, common(tuple(without(well[source], broken[source])), declared))
    for pair, dispute in sorted(found.items()):
        if dispute.time >= LONG:
            yield _proposal(pair, dispute)


def _by_result(
    sources: Mapping[str, Sequence[Sequence[Found]]], result: str, since: datetime, until: datetime
) -> dict[str, tuple[Between, ...]]:
    return {
        source: union(one for past in pasts for one in _stretches(past, result, since, until))
        for source, pasts in sources.items()
    }


def _stretches(past: Sequence[Found], result: str, since: datetime, until: datetime) -> Iterator[Between]:
    for number, one in enumerate(past):
        end = past[number + 1].at if number + 1 < len(past) else END
        if one.result == result:
            yield max(one.at, since), min(end, until)


def _note(found: dict[tuple[str, str], _Dispute], pair: tuple[str, str], key: ElementKey, when: Iterator[Between]) -> None:
    for start, end in when:
        dispute = found.setdefault(pair, _Dispute())
        dispute.time += end - start
        dispute.by_element[key] = dispute.by_element.get(key, timedelta()) + (end - start)
        dispute.stretches.append((end - start, start, key))


def _proposal(pair: tuple[str, str], dispute: _Dispute) -> Proposal:
    source, against = pair
    hours = dispute.time / timedelta(hours=1)
    longest = sorted(dispute.stretches, reverse=True)[:FACTS]
    what = "they were declared to be down" if against == DECLARATIONS else f"{against} found them broken"
    advice = (
        "Look whether these probes see what users do, or whether outages are declared for more than is down."
        if against == DECLARATIONS
        else "Look which of the two sees what users do; let the other be advisory, or ask for several checks (confirm)."
    )
    return Proposal(
        Kind.DISPUTE,
        f"{source} and {against}",
        f"{source} found {len(dispute.by_element)} elements well while {what}, for {hours:,.1f} hours in all. {advice}",
        {"hours": round(hours, 1), "elements": len(dispute.by_element), "times": len(dispute.stretches)},
        tuple(Fact(start, f"{key}: for {length / timedelta(hours=1):,.1f} hours") for length, start, key in longest),
        weight=hours,
    )

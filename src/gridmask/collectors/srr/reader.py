"""Reads what a storage service reports: the free space of elements, and the states of their shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from gridmask.collectors.decoding import expecting
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.collectors.srr.document import Document, Service, Share, moment
from gridmask.collectors.srr.options import SrrOptions
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import SPACE, Space

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What a document of WLCG's Storage Resource Reporting says.

    A share counts since its own timestamp, else since the document's, else since it was read. What several shares of one
    element have adds up, and counts since the oldest of them.

    Raises:
        MalformedAnswer: it is no such document.
    """
    with expecting("storage resource report", source.name):
        service = msgspec.json.decode(answer.bodies[0], type=Document, strict=False).storageservice
    return Observations.of(_found(service, answer.provenance.fetched_at, source, types))


@dataclass
class _Sum:
    """What the shares of one element have for one VO. ``spoilt``: of one of them the size cannot be true."""

    since: list[datetime] = field(default_factory=list)
    total: float = 0
    free: float = 0
    known: bool = True
    spoilt: bool = False

    def add(self, share: Share, since: datetime) -> None:
        self.since.append(since)
        self.known &= share.totalsize > 0
        self.total += share.totalsize
        self.free += max(share.totalsize - share.usedsize, 0)

    @property
    def space(self) -> Space:
        return Space(self.total, self.free) if self.known else Space(0, 0)


@dataclass
class _Report:
    """A document that is being read, and what was found in it so far."""

    service: Service
    fetched_at: datetime
    options: SrrOptions
    shares: list[Share] = field(default_factory=list)
    sums: dict[tuple[str, str], _Sum] = field(default_factory=dict)

    def read(self) -> Iterator[Problem]:
        """Take in all shares, and tell what is wrong with them."""
        for number, raw in enumerate(self.service.storageshares):
            try:
                share = msgspec.json.decode(raw, type=Share, strict=False)
                flaw = self.take(share)
            except (msgspec.ValidationError, ValueError) as error:
                yield Problem(f"storageshares[{number}]: {error}")
            else:
                if flaw:
                    yield Problem(f"storageshares[{number}] ({share.called}): {flaw}")

    def take(self, share: Share) -> str:
        """Take in ``share``, and tell what is wrong with it if it is one of ours."""
        since, flaw = _since(share, self.service, self.fetched_at), _flaw(share)
        self.shares.append(share)
        places = [self.sums.setdefault(place, _Sum()) for place in self.options.places(share)]
        for place in places:
            place.add(share, since)
            place.spoilt |= bool(flaw)
        return flaw if places else ""

    def missing(self) -> Iterator[Problem]:
        """What the settings name and the document does not have."""
        for table in self.options.share:
            if not any(map(table.means, self.shares)):
                yield Problem(f"there is no share {table.name or table.path!r}, which is to be {table.element}", left_out=False)


def _found(service: Service, fetched_at: datetime, source: Source, types: TypeRegistry) -> Iterator[Evidence | Problem]:
    report = _Report(service, fetched_at, SrrOptions.of(source))
    yield from report.read()
    yield from report.missing()
    for (name, vo), found in report.sums.items():
        if not found.spoilt:
            key = key_of(source.name, report.options.named(name, types), SPACE, name, vo=vo)
            since = min(found.since)
            yield Evidence(key, SPACE, found.space, since, since + source.valid_for, vo)


def _since(share: Share, service: Service, fetched_at: datetime) -> datetime:
    seconds = share.timestamp or service.updated
    return moment(seconds) if seconds else fetched_at


def _flaw(share: Share) -> str:
    if share.totalsize < 0 or share.usedsize < 0:
        return f"its sizes are less than nothing (total {share.totalsize:,.0f}, used {share.usedsize:,.0f})"
    return ""

"""Reads what a storage service reports: the free space of elements, and the states of their shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING

import msgspec

from gridmask.collectors.decoding import expecting
from gridmask.collectors.doubts import Doubts
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import MOST, Observations, Problem
from gridmask.collectors.srr.document import Document, Named, Service, Share, moment
from gridmask.collectors.srr.options import SrrOptions
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import SPACE, Space

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What a document of WLCG's Storage Resource Reporting says.

    A share counts since its own timestamp, else since the document's, else since it was read. What several shares of one
    element have adds up, and counts since the oldest of them. Of an element nothing is said if one of its shares is not there
    or cannot be read: the others are less than there is.

    Raises:
        MalformedAnswer: it is no such document.
    """
    with expecting("storage resource report", source.name):
        service = msgspec.json.decode(answer.bodies[0], type=Document, strict=False).storageservice
    if len(service.storageshares) > MOST:
        raise MalformedAnswer(
            source.name, f"has {len(service.storageshares):,} shares, more than the {MOST:,} that are allowed."
        )
    return Observations.of(_found(service, answer.provenance.fetched_at, source, types))


@dataclass
class _Sum:
    """What the shares of one element have for one VO."""

    since: list[datetime] = field(default_factory=list)
    total: float = 0
    free: float = 0
    known: bool = True

    def add(self, share: Share, since: datetime) -> None:
        self.since.append(since)
        self.known &= share.totalsize > 0
        self.total += share.totalsize
        self.free += max(share.totalsize - share.usedsize, 0)

    @property
    def space(self) -> Space:
        return Space(self.total, self.free)


@dataclass
class _Report:
    """A document that is being read, and what was found in it so far."""

    service: Service
    fetched_at: datetime
    options: SrrOptions
    shares: list[Share] = field(default_factory=list)
    doubts: Doubts = field(default_factory=Doubts)
    sums: dict[tuple[str, str], _Sum] = field(default_factory=dict)

    def read(self) -> Iterator[Problem]:
        """Take in all shares, and tell what is wrong with them."""
        for number, raw in enumerate(self.service.storageshares):
            try:
                share = msgspec.json.decode(raw, type=Share, strict=False)
                flaw = self.take(share)
            except (msgspec.ValidationError, ValueError) as error:
                self.doubt(raw)
                yield Problem(f"storageshares[{number}]: {error}")
            else:
                if flaw:
                    yield Problem(f"storageshares[{number}] ({share.called}): {flaw}")

    def take(self, share: Share) -> str:
        """Take in ``share``, and tell what is wrong with it if it is one of ours."""
        since, flaw = _since(share, self.service, self.fetched_at), _flaw(share)
        self.shares.append(share)
        places = list(self.options.places(share))
        for place in places:
            self.sums.setdefault(place, _Sum()).add(share, since)
            if flaw:
                self.doubts.add(*place)
        return flaw if places else ""

    def doubt(self, raw: msgspec.Raw) -> None:
        """Of a share that cannot be read, doubt what it is part of; where it does not even tell its name, all."""
        try:
            named = msgspec.json.decode(raw, type=Named)
        except msgspec.ValidationError:
            named = Named()
        share = Share(name=named.name, path=named.path)
        self.shares.append(share)
        if not named.name and not named.path:
            self.doubts.add(None, None)
        for place in self.options.places(share):
            self.doubts.add(*place)

    def missing(self) -> Iterator[Problem]:
        """What the settings name and the document does not have. Where it is a part of something, the rest is not the whole."""
        for table in self.options.share:
            if not any(map(table.means, self.shares)):
                place = table.element, table.vo
                self.doubts.add(*place)
                told = f"there is no share {table.name or table.path!r}, which is to be {table.element}"
                yield Problem(told, left_out=place in self.sums)


def _found(service: Service, fetched_at: datetime, source: Source, types: TypeRegistry) -> Iterator[Evidence | Problem]:
    report = _Report(service, fetched_at, SrrOptions.of(source))
    yield from report.read()
    yield from report.missing()
    for (name, vo), found in report.sums.items():
        if report.doubts.concern(name, vo):
            continue
        if not found.known:  # that is no size of nought, by which it would be full
            yield Problem(f"{name}: its size is not known (a totalsize is 0), and nothing is said of it", left_out=False)
            continue
        key = key_of(source.name, report.options.named(name, types), SPACE, name, vo=vo)
        since = min(found.since)
        yield Evidence(key, SPACE, found.space, since, since + source.valid_for, vo)


def _since(share: Share, service: Service, fetched_at: datetime) -> datetime:
    seconds = share.timestamp or service.updated
    return moment(seconds) if seconds else fetched_at


def _flaw(share: Share) -> str:
    if not (isfinite(share.totalsize) and isfinite(share.usedsize)):
        return f"its sizes are no numbers (total {share.totalsize}, used {share.usedsize})"
    if share.totalsize < 0 or share.usedsize < 0:
        return f"its sizes are less than nothing (total {share.totalsize:,.0f}, used {share.usedsize:,.0f})"
    return ""

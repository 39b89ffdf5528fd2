"""The document: a list of measurements, each of which says what it is about, what was measured, and until when that counts.

::

    {"measurements": [
      {"kind": "space", "about": {"type": "StorageElement", "name": "EXAMPLE-DISK"}, "vo": "cms",
       "value": {"total": 5e15, "free": 2e14}, "observed_at": "2026-08-21T17:00:00Z", "valid_for": "2h"},
      {"kind": "probe", "about": {"host": "ce01.example.org", "service": "arc-ce"}, "record": "submit@ce01",
       "value": {"metric": "submit", "result": "OK"}, "observed_at": "2026-08-21T17:00:00Z"}
    ]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec

from gridmask.collectors.observations import Observations, Problem
from gridmask.documents import duration
from gridmask.domain.element import RESOURCE, ElementKey
from gridmask.domain.errors import GridmaskError, MalformedAnswer
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import VALUES
from gridmask.domain.naming import HostedService, Target
from gridmask.domain.spelling import suggest
from gridmask.domain.vo import ALL, canonical

MOST = 100_000
"""So many measurements one document may hold."""

VALID_FOR = timedelta(hours=2)
"""How long a measurement counts that does not say."""


AHEAD = timedelta(minutes=5)
"""So far clocks may differ."""


class About(msgspec.Struct, forbid_unknown_fields=True):
    """What a measurement is about: an element by type and name, or a service on a host."""

    type: str = ""
    name: str = ""
    family: str = RESOURCE
    host: str = ""
    service: str = ""

    def target(self) -> Target:
        """It, as evidence names it."""
        if self.host and not (self.type or self.name):
            return HostedService(self.host.lower(), self.service.lower())
        if self.type and self.name and not (self.host or self.service):
            return ElementKey("Site" if self.type == "Site" else self.family, self.type, self.name)
        raise ValueError("about: name an element by its type and name, or a service by its host")


class Item(msgspec.Struct, forbid_unknown_fields=True):
    """One measurement."""

    kind: str
    about: About
    value: dict[str, Any]
    observed_at: datetime
    vo: str = ALL
    record: str = ""
    valid_for: str = ""
    valid_until: datetime | None = None


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    measurements: list[msgspec.Raw]


def read(body: bytes, source: str, valid_for: timedelta = VALID_FOR) -> Observations:
    """What the document ``body`` of ``source`` says; ``valid_for``: how long that counts which does not say itself.

    Raises:
        MalformedAnswer: it is no such document, or too long.
    """
    try:
        listed = msgspec.json.decode(body, type=_Document).measurements
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise MalformedAnswer(source, f"is no document of measurements: {error}.") from error
    if len(listed) > MOST:
        raise MalformedAnswer(source, f"lists {len(listed):,} measurements, more than the {MOST:,} that are allowed.")
    return observed(listed, source, valid_for)


def observed(
    listed: Sequence[msgspec.Raw],
    source: str,
    valid_for: timedelta = VALID_FOR,
    aliases: Mapping[str, str] = MappingProxyType({}),
) -> Observations:
    """What the ``listed`` measurements say, each by itself. ``aliases``: what VOs are called, by other names of theirs."""
    return Observations.of(_found(listed, source, valid_for, aliases))


def _found(
    listed: Sequence[msgspec.Raw], source: str, valid_for: timedelta, aliases: Mapping[str, str]
) -> Iterator[Evidence | Problem]:
    for number, raw in enumerate(listed):
        try:
            item = msgspec.json.decode(raw, type=Item)
            vo = canonical(item.vo)
            yield _evidence(item, source, valid_for, aliases.get(vo, vo))
        except (msgspec.DecodeError, msgspec.ValidationError, GridmaskError, ValueError) as error:
            yield Problem(f"measurements[{number}]: {error}")


def _evidence(item: Item, source: str, valid_for: timedelta, vo: str) -> Evidence:
    if item.kind not in VALUES:
        near = suggest(item.kind, VALUES)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(VALUES)}"
        raise ValueError(f"kind: there is no {item.kind!r}; {hint}")
    if item.observed_at.tzinfo is None or (item.valid_until is not None and item.valid_until.tzinfo is None):
        raise ValueError("times need a time zone, as in 2026-08-21T17:00:00Z")
    value = msgspec.convert(item.value, VALUES[item.kind])
    if value.flaw:
        raise ValueError(f"value: {value.flaw}")
    target = item.about.target()
    observed_at, until = _counts(item, valid_for)
    record = item.record or "/".join(filter(None, (item.kind, *_detail(value), "" if vo == ALL else vo)))
    if len(record) > 255 or not all(len(part) <= 255 for part in target):
        raise ValueError("a name or record is longer than the 255 characters that make sense")
    return Evidence(EvidenceKey(source, record, target), item.kind, value, observed_at, until, vo)


def _counts(item: Item, valid_for: timedelta) -> tuple[datetime, datetime]:
    """Since when ``item`` counts, and until when; both in UTC."""
    try:
        since = item.observed_at.astimezone(UTC)
        until = item.valid_until or since + (duration(item.valid_for) if item.valid_for else valid_for)
        until = until.astimezone(UTC)
    except OverflowError:
        raise ValueError("its times reach beyond the calendar") from None
    if until <= since:
        raise ValueError("it would have stopped counting before it was observed")
    return since, until


def _detail(value: object) -> Iterator[str]:
    """What tells measurements of one kind about one element apart."""
    for attribute in ("metric", "name", "direction", "other"):
        if found := getattr(value, attribute, ""):
            yield str(found)

"""Documents of MonIT, CERN's monitoring: each tells of one site or service at one time, and what it was told with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from gridmask.collectors.cms_sst.said import Found, Said
from gridmask.collectors.decoding import expecting
from gridmask.collectors.observations import Problem
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import PROBE, SERIES, STATE, Point, Probe, ProbeResult, Series, State, is_number

MOST_SUMMARY = 1000

RESULTS: dict[str, ProbeResult] = {
    "ok": "OK",
    "warning": "WARNING",
    "error": "CRITICAL",
    "unknown": "UNKNOWN",
    "downtime": "MISSING",
}
"""What CMS' words are as results. A site that is down was not judged: that is no result."""


class _Metadata(msgspec.Struct, frozen=True):
    path: str
    timestamp: int


class _Told(msgspec.Struct, frozen=True):
    metadata: _Metadata
    data: dict[str, Any]

    @property
    def at(self) -> datetime:
        """The beginning of the time that it is about."""
        return datetime.fromtimestamp(self.metadata.timestamp / 1000, UTC)

    def text(self, member: str) -> str:
        """What a member of its data says; empty: nothing."""
        said = self.data.get(member)
        return said.strip() if isinstance(said, str) else ""

    def required(self, member: str) -> str:
        """The same of one that must be there."""
        if not (said := self.text(member)):
            raise ValueError(f"data.{member} says nothing")
        return said

    def number(self, member: str) -> float | None:
        """The number that a member of its data is; None: it is none."""
        said = self.data.get(member)
        return float(said) if isinstance(said, int | float) and not isinstance(said, bool) and is_number(said) else None

    @property
    def result(self) -> Probe:
        """Its status, as that of a probe."""
        word, detail = self.text("status"), " ".join(self.text("detail").split())
        summary = ": ".join(filter(None, (word, detail)))[:MOST_SUMMARY]
        return Probe(self.metadata.path, RESULTS.get(word.casefold(), "UNKNOWN"), summary)


def readiness(body: bytes, source: str) -> Iterator[Found]:
    """The last result for each site as a probe, all of them as a series of words, and, of what is counted, one of numbers.

    A document about the same time as one before it is its correction.

    Raises:
        MalformedAnswer: there is no such document in it.
    """
    results: dict[tuple[str, str], dict[datetime, _Told]] = defaultdict(dict)
    for told in _told(body, source):
        try:
            if isinstance(told, Problem):
                yield told
            else:
                told.required("status")
                results[told.metadata.path, told.required("name")][told.at] = told
        except ValueError as error:
            yield Problem(str(error))
    for (path, name), said in results.items():
        in_time = [said[at] for at in sorted(said)]
        yield Said(PROBE, f"{PROBE}/{path}/{name}", name, in_time[-1].result, in_time[-1].at)
        yield from _series(path, name, in_time)


def states(body: bytes, source: str, member: str) -> Iterator[Found]:
    """The state of each site that ``member`` says.

    Raises:
        MalformedAnswer: there is no such document in it.
    """
    for told in _told(body, source):
        try:
            if isinstance(told, Problem):
                yield told
            else:
                value = State(told.required(member), told.text("detail")[:MOST_SUMMARY])
                yield Said(STATE, told.required("name"), told.required("name"), value, told.at)
        except ValueError as error:
            yield Problem(str(error))


def downtimes(body: bytes, source: str) -> Iterator[Found]:
    """What CMS takes for a downtime of each site or service.

    Raises:
        MalformedAnswer: there is no such document in it.
    """
    for told in _told(body, source):
        try:
            if isinstance(told, Problem):
                yield told
            else:
                name, kind = told.required("name"), told.required("type")
                value = State(told.required("status"), told.text("detail")[:MOST_SUMMARY])
                service = None if kind.casefold() == "site" else kind
                yield Said(STATE, f"{kind}/{name}", name, value, told.at, service)
        except ValueError as error:
            yield Problem(str(error))


def _series(path: str, name: str, in_time: Sequence[_Told]) -> Iterator[Said]:
    words = [Point(told.at, told.text("status")) for told in in_time]
    numbers = [Point(told.at, number) for told in in_time if (number := told.number("value")) is not None]
    for called, points in ((path, words), (f"{path}.value", numbers)):
        if points:
            yield Said(SERIES, f"{SERIES}/{called}/{name}", name, Series(called, tuple(points)), points[-1].at)


def _told(body: bytes, source: str) -> Iterator[_Told | Problem]:
    """The documents: in a list, or one after the other, as MonIT keeps them."""
    documents, found = _apart(body, source), 0
    for number, raw in enumerate(documents):
        try:
            told = msgspec.json.decode(raw, type=_Told)
            told.at  # noqa: B018 - whether there is such a time
        except (msgspec.DecodeError, ValueError, OverflowError, OSError, RecursionError) as error:
            yield Problem(f"document {number}: {error}")
            continue
        found += 1
        yield told
    if documents and not found:
        raise MalformedAnswer(source, "has no document of MonIT.")


def _apart(body: bytes, source: str) -> Sequence[bytes | msgspec.Raw]:
    if not body.strip():
        raise MalformedAnswer(source, "is empty.")
    if not body.lstrip().startswith(b"["):
        lines = [line for line in body.splitlines() if line.strip()]
        with expecting("list of documents, whole to the last one", source):
            msgspec.json.decode(lines[-1])
        return lines
    with expecting("list of documents", source):
        return msgspec.json.decode(body, type=list[msgspec.Raw])

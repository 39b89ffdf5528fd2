"""Downtimes as CSV: a line for each version of one, and for each element that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from gridmask.collectors.record import NAME_LIMIT, TEXT_LIMIT, WORD_LIMIT
from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.vo import ALL, canonical
from gridmask.replay.importers.histories import SOURCE, History, Version
from gridmask.replay.importers.reading import csv_lines, moment, refuse

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

REQUIRED = ("record", "type", "name", "severity", "start")
OPTIONAL = ("end", "known_from", "known_to", "family", "scheduling", "description", "vo")

_LIMITS = {"record": NAME_LIMIT, "type": WORD_LIMIT, "name": NAME_LIMIT, "severity": WORD_LIMIT, "description": TEXT_LIMIT}


def history(path: Path, types: TypeRegistry) -> History:
    """The versions in the file at ``path``. Lines that differ in the element alone are one version, which names several.

    Raises:
        InvalidConfiguration: it cannot be read, or something in it is not as it should be.
    """
    versions: dict[tuple[str, str], Version] = {}
    for number, written in csv_lines(path, REQUIRED, OPTIONAL):
        try:
            one = _version(written, types)
            identity = one.downtime.key.record, one.known_from.isoformat()
            versions[identity] = _together(versions.get(identity), one)
        except (ValueError, InvalidRequest) as error:
            refuse(path, number, str(error))
    return History(tuple(versions.values()))


def _version(written: Mapping[str, str], types: TypeRegistry) -> Version:
    for name in REQUIRED:
        if not written[name]:
            raise ValueError(f"{name} is empty")
    for name, limit in _LIMITS.items():
        if len(written.get(name, "")) > limit:
            raise ValueError(f"{name} is longer than {limit:,} characters")
    start = _moment(written, "start")
    assert start is not None
    end, known_from, known_to = (_moment(written, name) for name in ("end", "known_from", "known_to"))
    if end is not None and end < start:
        raise ValueError("it ends before it starts")
    known = known_from or start
    if known_to is not None and known_to < known:
        raise ValueError(
            "known_to is before known_from" if known_from else "known_to is before its start, at which it was known"
        )
    return Version(_downtime(written, Interval(start, end), types), known, known_to)


def _downtime(written: Mapping[str, str], interval: Interval, types: TypeRegistry) -> Downtime:
    type_ = written["type"]
    element = ElementKey(written.get("family") or types.get(type_).family, type_, written["name"])
    vo = written.get("vo") or ALL
    return Downtime(
        DowntimeKey(SOURCE, written["record"]),
        frozenset({element}),
        interval,
        written["severity"],
        (written.get("scheduling") or "UNSCHEDULED").upper(),
        written.get("description", ""),
        vo if vo == ALL else canonical(vo),
    )


def _moment(written: Mapping[str, str], name: str) -> datetime | None:
    text = written.get(name, "")
    try:
        return moment(text) if text else None
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _together(before: Version | None, one: Version) -> Version:
    if before is None:
        return one
    targets = before.downtime.targets | one.downtime.targets
    whole = replace(before, downtime=replace(before.downtime, targets=targets))
    if replace(one, downtime=replace(one.downtime, targets=targets)) != whole:
        raise ValueError(f"a line before says something else of {one.downtime.key.record!r}, known from the same moment")
    return whole

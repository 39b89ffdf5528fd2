"""OSG Topology's history: the versions of its downtimes as lines of JSON, and its inventory as lines of JSON.

A line of downtimes is a version, with ``known_from`` and ``known_to``: from when until when it was to be seen. One of the
inventory is a resource group. What its fields mean is as in the document that Topology serves, so that this is
made of the lines, and read as the loop reads it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec

from gridmask.collectors.osg.downtimes import CLASS_LIMIT, OPEN_FROM
from gridmask.collectors.osg.service_types import names
from gridmask.collectors.record import NAME_LIMIT, TEXT_LIMIT, WORD_LIMIT
from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import ElementKey
from gridmask.inventory import osg
from gridmask.replay.importers.histories import SOURCE, Early, History, Inventory, Version
from gridmask.replay.importers.reading import json_lines, refuse, whole

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.collectors.service_names import ServiceNames

RECORDED_FROM = datetime(2018, 5, 22, tzinfo=UTC)
"""What is told to have been known before this moment came by a bulk import of older records, in the days before it."""


class _Published(msgspec.Struct, frozen=True):
    """A version of a downtime as the file has it; what else it has is not needed."""

    id: int | None
    resource: str
    severity: str
    start: datetime
    end: datetime
    services: tuple[str, ...]
    known_from: datetime
    known_to: datetime | None = None
    cls: str = "UNSCHEDULED"
    description: str | None = None
    created: datetime | None = None


class _Resource(msgspec.Struct, frozen=True):
    name: str
    services: dict[str, Any]
    id: int | None = None
    active: bool | None = None
    disable: bool | None = None
    fqdn: str | None = None
    wlcg: dict[str, Any] = {}
    aliases: tuple[str, ...] = ()
    vo_ownership: dict[str, float] = {}
    allowed_vos: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class _Group(msgspec.Struct, frozen=True):
    group: str
    resources: tuple[_Resource, ...] = ()
    group_id: int | None = None
    facility: str = ""
    site: str = ""
    site_info: dict[str, Any] = {}
    production: bool | None = None
    disable: bool | None = None


def history(path: Path, early: Early = Early.HAPPENED, early_until: datetime | None = RECORDED_FROM) -> History:
    """The versions in the file at ``path``. One that ends before it starts is left out: it announces nothing.

    Raises:
        InvalidConfiguration: it cannot be read, or something in it is not as it should be.
    """
    services, found, problems = names({}), [], []
    for number, one in json_lines(path, _Published):
        if (flaw := _flaw(one)) is not None:
            refuse(path, number, flaw)
        if one.end < one.start:
            problems.append(f"{path}, line {number:,}: it ends before it starts; it announces nothing.")
        else:
            # one that has no number is a downtime of its own: nothing tells what became of it
            identity = f"line-{number}" if one.id is None else str(one.id)
            found.append(Version(_downtime(one, identity, services), one.known_from, one.known_to))
    return History(tuple(found), (*problems, *services.problems()), early_until, early)


def _flaw(one: _Published) -> str | None:
    moments = {"start": one.start, "end": one.end, "known_from": one.known_from, "known_to": one.known_to}
    naive = next((name for name, at in moments.items() if at is not None and at.tzinfo is None), None)
    if naive is not None:
        return f"{naive} does not say in which time zone it is"
    if not one.services:
        return "it names no service"
    lengths = ((one.resource, NAME_LIMIT - 21), (one.severity, WORD_LIMIT), (one.cls, CLASS_LIMIT))
    longest = max(map(len, one.services))
    if (one.id or 0) < 0 or longest > WORD_LIMIT or any(not text or len(text) > limit for text, limit in lengths):
        return "its id, resource, services, severity or cls is empty or longer than makes sense"
    return None


def _downtime(one: _Published, identity: str, services: ServiceNames) -> Downtime:
    kinds = (services.type_of(service) for service in one.services)
    return Downtime(
        DowntimeKey(SOURCE, f"{identity}@{one.resource}"),
        frozenset(ElementKey(kind.family, kind.name, one.resource) for kind in kinds),
        Interval(one.start, None if one.end.year >= OPEN_FROM else one.end),
        one.severity,
        one.cls.upper() or "UNSCHEDULED",
        (one.description or "")[:TEXT_LIMIT],
        created_at=one.created if one.created is None or one.created.tzinfo else None,
    )


def inventory(path: Path) -> Inventory:
    """What the document at ``path`` lists: as Topology serves it, or as lines of JSON, where its name ends with ``.jsonl``.

    Raises:
        InvalidConfiguration: it cannot be read, or is neither. MalformedAnswer: it is no such document.
    """
    body = _summary(path) if path.suffix == ".jsonl" else whole(path)
    return Inventory.of(osg.read(body, path.name))


def _summary(path: Path) -> bytes:
    """The document that Topology would serve of the groups in the file."""
    root = Element("ResourceSummary")
    for _, group in json_lines(path, _Group):
        _add_group(root, group)
    body: bytes = tostring(root)
    return body


def _add_group(root: Element, group: _Group) -> None:
    told = SubElement(root, "ResourceGroup")
    _add(told, GroupName=group.group, GroupID=group.group_id, Disable=group.disable, Production=group.production)
    _add(SubElement(told, "Facility"), Name=group.facility)
    _add(SubElement(told, "Site"), Name=group.site, Country=str(group.site_info.get("Country", "")))
    resources = SubElement(told, "Resources")
    for resource in group.resources:
        _add_resource(SubElement(resources, "Resource"), resource)


_CAPACITY = ("HEPSPEC", "StorageCapacityMax")


def _add_resource(told: Element, resource: _Resource) -> None:
    _add(told, Name=resource.name, ID=resource.id, Active=resource.active, Disable=resource.disable, FQDN=resource.fqdn)
    for parent, tag, texts in (("FQDNAliases", "FQDNAlias", resource.aliases), ("Tags", "Tag", resource.tags)):
        inside = SubElement(told, parent)
        for text in texts:
            SubElement(inside, tag).text = text
    services, ownership = SubElement(told, "Services"), SubElement(told, "VOOwnership")
    for name in resource.services:
        _add(SubElement(services, "Service"), Name=name)
    for vo, percent in resource.vo_ownership.items():
        _add(SubElement(ownership, "Ownership"), VO=vo, Percent=round(percent))
    _add(SubElement(told, "WLCGInformation"), **{name: resource.wlcg.get(name) for name in _CAPACITY})
    if resource.allowed_vos:
        allowed = SubElement(told, "AllowedVOs")
        for vo in resource.allowed_vos:
            _add(allowed, VO=vo)


def _add(parent: Element, **texts: object) -> None:
    for name, text in texts.items():
        if text is not None and text != "":
            SubElement(parent, name).text = str(text).lower() if isinstance(text, bool) else str(text)

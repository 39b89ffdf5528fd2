"""What each VO's mask must be, worked out the slow and obvious way from OSG's documents. Nothing of Gridmask's is used.

Written from ``docs/reference/osg.md`` and from the published schemas, with regular expressions and the standard library alone.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

K = TypeVar("K")
T = TypeVar("T")

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOTHING = ("(information not available)", "not available")

STORAGE = {
    *("EOS", "GridFtp", "Pelican origin", "SRMv1", "SRMv2", "SRMv2.disk", "SRMv2.tape", "WebDAV", "WebDAV.disk", "WebDAV.tape"),
    *("XRootD component", "XRootD HA component", "XRootD origin server", "StorageElement"),
}
ASPECTS = ("ReadAccess", "WriteAccess", "CheckAccess", "RemoveAccess")
RENAMED = {"CE": "ComputingElement", "LFC": "Catalog", "Message Bus": "MessageQueue"}
NO_RESOURCES = {"Site": "OSG Site", "Queue": "OSG Queue"}

WORST_FIRST = ("Banned", "Degraded", "Active")
MEANING = {
    "Outage": "Banned",
    "Severe": "Banned",
    "Intermittent Outage": "Degraded",
    "No Significant Outage Expected": "Active",
    "OUTAGE": "Banned",
    "WARNING": "Degraded",
}

Key = tuple[str, str, str]
Mask = dict[Key, tuple[str, dict[str, str]]]
"""By family, type and name: the site, and the status of each aspect."""


class Thing(NamedTuple):
    """A site or a service as the inventory has it; ``rest`` is all else that could make two entries differ."""

    site: str
    usable: bool
    vos: frozenset[str]
    aspects: tuple[str, ...]
    rest: str


class Outage(NamedTuple):
    """A downtime of some services of one resource; ``end`` None is open."""

    start: datetime
    end: datetime | None
    severity: str
    hit: frozenset[Key]
    rest: str

    def is_on(self, now: datetime) -> bool:
        return self.start <= now and (self.end is None or now < self.end)


class Unreadable(Exception):
    """A record says something that cannot be."""


@dataclass
class BruteForce:
    """Remembers what was published, and answers what every mask must be."""

    things: dict[Key, Thing] = field(default_factory=dict)
    outages: dict[str, Outage] = field(default_factory=dict)
    vos: set[str] = field(default_factory=set)

    def mask(self, vo: str, now: datetime) -> Mask:
        """What ``vo`` (``all``: the installation) must be told at ``now``."""
        hits: dict[Key, list[str]] = defaultdict(list)
        for outage in self.outages.values():
            if outage.is_on(now):
                for key in outage.hit:
                    hits[key].append(MEANING.get(outage.severity, "Banned"))
        expected: Mask = {}
        for key, thing in self.things.items():
            if thing.usable and (vo == "all" or not thing.vos or vo in thing.vos):
                status = min(hits[key] or ["Active"], key=WORST_FIRST.index)
                expected[key] = (thing.site, dict.fromkeys(thing.aspects, status))
        return expected

    def inventory(self, body: bytes) -> None:
        """Take in a ``ResourceSummary``."""
        listed: dict[Key, list[Thing | None]] = defaultdict(list)
        complete = True
        for group in ET.fromstring(body).findall("ResourceGroup"):
            site = words(group.findtext("GroupName"))
            if not site:
                complete = False
                continue
            listed["Site", "Site", site].append(_read(partial(_site, group, site)))
            for resource, service in _services(group):
                kind, name = words(service.findtext("Name")), words(resource.findtext("Name"))
                thing = _read(partial(_service, group, resource, service))
                if kind and name:
                    listed[_key(kind, name)].append(thing)
                    self.vos |= thing.vos | _owners(resource) if thing else set()
                else:
                    complete = False
        self.things = _updated(self.things, listed, complete=complete)

    def downtimes(self, body: bytes, now: datetime) -> None:
        """Take in the ``Downtimes`` that are published at ``now``."""
        listed: dict[str, list[Outage | None]] = defaultdict(list)
        complete = True
        for downtime in ET.fromstring(body).iter("Downtime"):
            number, resource = words(downtime.findtext("ID")), words(downtime.findtext("ResourceName"))
            if not re.fullmatch("[0-9]{1,20}", number) or not resource:
                complete = False
                continue
            listed[f"{number}@{resource}"].append(_read(partial(_outage, downtime, resource)))
        over = {record for record, outage in self.outages.items() if outage.end is not None and outage.end <= now}
        kept = {record: outage for record, outage in self.outages.items() if record in over - listed.keys()}
        self.outages = {**kept, **_updated(self.outages, listed, complete=complete)}


def _updated(known: dict[K, T], listed: dict[K, list[T | None]], *, complete: bool) -> dict[K, T]:
    """What is known after a list: what is on it once, or always the same, is new; what cannot be read stays."""
    kept = {key: value for key, value in known.items() if key in listed or not complete}
    good = {key: entries[0] for key, entries in listed.items() if len(set(entries)) == 1}
    return kept | {key: value for key, value in good.items() if value is not None}


def _services(group: ET.Element) -> Iterator[tuple[ET.Element, ET.Element]]:
    for resource in group.findall("Resources/Resource"):
        if not words(resource.findtext("Name")):
            yield resource, ET.Element("Service")
        for service in resource.findall("Services/Service"):
            yield resource, service


def _site(group: ET.Element, site: str) -> Thing:
    return Thing(site, not flag(group, "Disable", default=False), frozenset(), ("all",), _all_text(group))


def _service(group: ET.Element, resource: ET.Element, service: ET.Element) -> Thing:
    on = flag(resource, "Active", default=True) and not flag(resource, "Disable", default=False)
    usable = on and not flag(group, "Disable", default=False)
    aspects = tuple(sorted(ASPECTS)) if words(service.findtext("Name")) in STORAGE else ("all",)
    rest = _all_text(resource) + _all_text(service)
    return Thing(words(group.findtext("GroupName")), usable, _allowed(resource, service), aspects, rest)


def _allowed(resource: ET.Element, service: ET.Element) -> frozenset[str]:
    for place in (service, resource):
        names = _names(place.iter("AllowedVOs") if place is service else place.findall("AllowedVOs"))
        if names:
            break
    else:
        return frozenset()
    if {"any", "any_public"} & {name.lower() for name in names}:
        return frozenset()
    vos = frozenset(vo for name in names if (vo := vo_name(name)))
    if not vos:
        raise Unreadable
    return vos


def _names(lists: Iterable[ET.Element]) -> list[str]:
    text = " ".join(" ".join(entry.itertext()) for entry in lists)
    return re.sub(r"\([^()]* not available\)|[,;]", " ", text, flags=re.IGNORECASE).split()


def _outage(downtime: ET.Element, resource: str) -> Outage:
    start, end = moment(downtime.findtext("StartTime")), moment(downtime.findtext("EndTime"))
    kinds = [words(service.findtext("Name")) for service in downtime.findall("Services/Service")]
    severity = words(downtime.findtext("Severity"))
    if end < start or not kinds or "" in kinds or not severity:
        raise Unreadable
    rest = words(downtime.findtext("Class")).upper() + words(downtime.findtext("Description"))
    rest += words(downtime.findtext("CreatedTime"))
    return Outage(start, end if end.year < 2100 else None, severity, frozenset(_key(kind, resource) for kind in kinds), rest)


def _read(how: Callable[[], T]) -> T | None:
    try:
        return how()
    except Unreadable:
        return None


def _key(kind: str, name: str) -> Key:
    return ("Resource", NO_RESOURCES.get(kind, RENAMED.get(kind, kind)), name)


def _owners(resource: ET.Element) -> set[str]:
    owners = [owner.text or "" for owner in resource.findall("VOOwnership/Ownership/VO")]
    return {vo for name in owners if (vo := vo_name(name))}


def _all_text(element: ET.Element) -> str:
    """All that an entry says beside what is read from it elsewhere; VO names have no case."""
    read = ("Name", "Active", "Disable", "AllowedVOs", "Services", "Resources")
    return "|".join(words(" ".join(child.itertext())).lower() for child in element if child.tag not in read)


def words(text: str | None) -> str:
    """``text`` with single spaces; nothing where it only says that there is nothing."""
    single = " ".join((text or "").split())
    return "" if single.lower() in NOTHING or re.fullmatch(r"\(No [\w ]*description\)", single, re.IGNORECASE) else single


def vo_name(text: str) -> str | None:
    """The VO that ``text`` names, if a VO can be called so."""
    name = text.strip().lower()
    return name if re.fullmatch(r"[a-z0-9][a-z0-9._+-]{0,63}", name) and name != "all" else None


def flag(element: ET.Element, tag: str, *, default: bool) -> bool:
    """A yes or no."""
    said = words(element.findtext(tag)).lower()
    if said not in ("", "true", "false"):
        raise Unreadable
    return default if said == "" else said == "true"


def moment(text: str | None) -> datetime:
    """OSG's ``Aug 07, 2026 19:00 PM UTC``."""
    found = re.fullmatch(r"([A-Z][a-z][a-z]) (\d\d?), (\d{4}) (\d\d?):(\d\d) (AM|PM) UTC", words(text))
    if not found or found[1] not in MONTHS:
        raise Unreadable
    hour = int(found[4])
    if found[6] == "PM" and 1 <= hour <= 11:
        hour += 12
    elif found[6] == "AM" and hour == 12:
        hour = 0
    elif (found[6] == "AM" and hour > 12) or (found[6] == "PM" and hour == 0):
        raise Unreadable
    try:
        return datetime(int(found[3]), MONTHS.index(found[1]) + 1, int(found[2]), hour, int(found[5]), tzinfo=UTC)
    except ValueError as error:
        raise Unreadable from error

"""OSG Topology's documents: ``ResourceSummary``, its inventory, and ``Downtimes``, in sections by time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from gridmask.demo.elements import document, element, fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from gridmask.demo.play import Announced, Play
    from gridmask.demo.world import ListedResource

SUMMARY, DOWNTIMES = "/rgsummary/xml", "/rgdowntime/xml"

SHOW_PAST = "downtime_attrs_showpast"
"""The parameter that asks for downtimes that are over: of so many days, or ``all``. Without it there are none."""

_SCHEMA = {"xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"}
_SERVICES = {"CE": 1, "Squid": 138}  # the numbers of the others matter as little
_UNNUMBERED = 200


@dataclass(frozen=True, slots=True)
class Topology:
    """Answers with what is played."""

    play: Play

    def summary(self) -> bytes:
        """The inventory."""
        groups = groupby(self.play.world.resources(), key=lambda listed: listed.group_id)
        inside = (_group(list(resources)) for _, resources in groups)
        return document(element("ResourceSummary", inside, **_SCHEMA), "\t")

    def downtimes(self, asked: Mapping[str, str], now: datetime) -> bytes:
        """The downtimes, as far as they are ``asked`` for."""
        sections: dict[str, list[Element]] = {"PastDowntimes": [], "CurrentDowntimes": [], "FutureDowntimes": []}
        for downtime in sorted(self.play.announced("osg", now), key=lambda announced: announced.number):
            if downtime.end > now or SHOW_PAST in asked:
                sections[_section(downtime, now)].extend(_downtimes(self.play, downtime))
        return document(element("Downtimes", (element(*section) for section in sections.items()), **_SCHEMA), "\t")


def moment(time: datetime) -> str:
    """``time`` as OSG writes it: the hour of a 24-hour clock, and AM or PM."""
    return f"{time:%b %d, %Y %H:%M} {'AM' if time.hour < 12 else 'PM'} UTC"


def _section(downtime: Announced, now: datetime) -> str:
    if downtime.end <= now:
        return "PastDowntimes"
    return "FutureDowntimes" if downtime.start > now else "CurrentDowntimes"


def _group(resources: list[ListedResource]) -> Element:
    group, number = resources[0].group, resources[0].group_id
    begin = fields(
        ("GridType", "OSG Production Resource"), ("GroupID", number), ("GroupName", group.name), ("Disable", "false")
    )
    facility = element("Facility", fields(("ID", number + 10_000), ("Name", group.facility), ("IsCCStar", "false")))
    site = element("Site", fields(("ID", number + 20_000), ("Name", group.name), ("Country", group.country)))
    support = element("SupportCenter", fields(("ID", 0), ("Name", "Self Supported")))
    end = fields(("GroupDescription", "(No resource group description)"), ("IsCCStar", "false"), ("Production", "true"))
    inside = (*begin, facility, site, support, *end, element("Resources", map(_resource, resources)))
    return element("ResourceGroup", inside)


def _resource(listed: ListedResource) -> Element:
    name = listed.resource.name
    begin = fields(("ID", listed.id), ("Name", name), ("Active", "true"), ("Disable", "false"))
    allowed = fields(("AllowedVOs", ", ".join(listed.vos)))
    end = fields(
        ("Description", f"{name}, which does not exist"),
        ("FQDN", listed.fqdn),
        ("VOOwnership", "(Information not available)"),
        ("WLCGInformation", "(Information not available)"),
    )
    return element("Resource", (*begin, _services(listed), element("Tags"), *allowed, *end, element("FQDNAliases")))


def _services(listed: ListedResource) -> Element:
    return element("Services", map(_service, listed.resource.services))


def _service(name: str) -> Element:
    return element("Service", fields(("ID", _SERVICES.get(name, _UNNUMBERED)), ("Name", name), ("Description", name)))


def _downtimes(play: Play, downtime: Announced) -> Iterator[Element]:
    """One for each resource; all of them have the same identifier."""
    found = {r.id: r for target in downtime.incident.targets for r in play.world.resources_called(target)}
    for listed in found.values():
        group = element("ResourceGroup", fields(("GroupName", listed.group.name), ("GroupID", listed.group_id)))
        begin = fields(("ID", downtime.number), ("ResourceID", listed.id))
        named = fields(("ResourceName", listed.resource.name), ("ResourceFQDN", listed.fqdn))
        told = fields(*_told(downtime))
        description = fields(("Description", downtime.incident.description))
        yield element("Downtime", (*begin, group, *named, *told, _services(listed), *description))


def _told(downtime: Announced) -> tuple[tuple[str, object], ...]:
    return (
        ("StartTime", moment(downtime.start)),
        ("EndTime", moment(downtime.end)),
        ("Class", "SCHEDULED" if downtime.incident.scheduled else "UNSCHEDULED"),
        ("Severity", downtime.incident.severity),
        ("CreatedTime", moment(downtime.inserted)),
        ("UpdateTime", "Not Available"),
    )

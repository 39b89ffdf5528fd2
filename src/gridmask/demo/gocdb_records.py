"""What GOCDB lists, record by record, in its format: ``SITE``, ``SERVICE_ENDPOINT`` and ``DOWNTIME``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.demo.elements import element, fields

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from gridmask.demo.play import Announced
    from gridmask.demo.world import GocdbSite, ListedService, World

PORTAL = "https://gocdb.example.org/portal/index.php?Page_Type={page}&id={number}"
FIRST_ENDPOINT = 9_000
DOWNTIME_KEY = 80_000
"""A downtime's primary key is another number than its identifier: so much larger here."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A record that can be asked for.

    Attributes:
        id: its number, by which pages follow each other.
        elements: the record; a downtime can have several, one for each service.
        scopes: the scopes that it is in.
        site: the name of the site that it belongs to; empty, where it belongs to several.
        start, end: the time of a downtime.
    """

    id: int
    elements: Sequence[Element]
    scopes: frozenset[str]
    site: str = ""
    start: datetime | None = None
    end: datetime | None = None


def sites(world: World) -> Iterator[Listed]:
    """The records of ``get_site``."""
    for number, site in world.sites():
        yield Listed(number, [_site(number, site)], frozenset(site.scopes), site.name)


def service_endpoints(world: World) -> Iterator[Listed]:
    """The records of ``get_service_endpoint``."""
    for listed in world.services():
        yield Listed(listed.id, [_service_endpoint(listed)], frozenset(_scopes(listed)), listed.site.name)


def nested_downtimes(world: World, announced: Iterator[Announced]) -> Iterator[Listed]:
    """The records of ``get_downtime_nested_services``."""
    for downtime, services in _by_number(world, announced):
        inside = (*_told(downtime), _portal("Downtime", downtime.number), element("SERVICES", map(_nested_service, services)))
        yield _listed(downtime, services, [_downtime(downtime, inside)])


def flat_downtimes(world: World, announced: Iterator[Announced]) -> Iterator[Listed]:
    """The records of ``get_downtime``: each downtime once for each of its services."""
    for downtime, services in _by_number(world, announced):
        yield _listed(downtime, services, [_flat(downtime, service) for service in services])


def _by_number(world: World, announced: Iterator[Announced]) -> Iterator[tuple[Announced, list[ListedService]]]:
    for downtime in sorted(announced, key=lambda announced: announced.number):
        found = {s.id: s for target in downtime.incident.targets for s in world.services_called(target)}
        yield downtime, list(found.values())


def _listed(downtime: Announced, services: Sequence[ListedService], elements: Sequence[Element]) -> Listed:
    scopes = frozenset(scope for service in services for scope in _scopes(service))
    return Listed(downtime.number, elements, scopes, "", downtime.start, downtime.end)


def _site(number: int, site: GocdbSite) -> Element:
    inside = fields(
        ("PRIMARY_KEY", f"{number}G0"),
        ("SHORT_NAME", site.name),
        ("OFFICIAL_NAME", site.official),
        ("GOCDB_PORTAL_URL", PORTAL.format(page="Site", number=number)),
        ("HOME_URL", f"https://{site.domain}"),
        ("COUNTRY_CODE", site.code),
        ("COUNTRY", site.country),
        ("ROC", site.ngi),
        ("PRODUCTION_INFRASTRUCTURE", "Production"),
        ("CERTIFICATION_STATUS", "Certified"),
        ("NOTIFICATIONS", "TRUE"),
    )
    domain = element("DOMAIN", fields(("DOMAIN_NAME", site.domain)))
    more = (domain, _scope_list((*site.scopes, *site.vos)), element("EXTENSIONS"))
    return element("SITE", (*inside, *more), ID=str(number), PRIMARY_KEY=f"{number}G0", NAME=site.name)


def _service_endpoint(listed: ListedService) -> Element:
    site, service = listed.site, listed.service
    in_production = "Y" if service.production else "N"
    begin = fields(
        ("PRIMARY_KEY", f"{listed.id}G0"),
        ("HOSTNAME", listed.hostname),
        ("GOCDB_PORTAL_URL", PORTAL.format(page="Service", number=listed.id)),
        ("BETA", "N"),
        ("SERVICE_TYPE", service.type),
    )
    middle = fields(
        ("IN_PRODUCTION", in_production),
        ("NODE_MONITORED", in_production),
        ("NOTIFICATIONS", "Y"),
        ("SITENAME", site.name),
        ("COUNTRY_NAME", site.country),
        ("COUNTRY_CODE", site.code),
        ("ROC_NAME", site.ngi),
    )
    end = (
        element("URL", service.endpoint),
        element("ENDPOINTS", _endpoints(listed)),
        _scope_list(_scopes(listed)),
        element("EXTENSIONS"),
    )
    return element("SERVICE_ENDPOINT", (*begin, element("CORE"), *middle, *end), PRIMARY_KEY=f"{listed.id}G0")


def _downtime(downtime: Announced, inside: Sequence[Element]) -> Element:
    return element(
        "DOWNTIME",
        inside,
        ID=str(downtime.number),
        PRIMARY_KEY=_key(downtime),
        CLASSIFICATION="SCHEDULED" if downtime.incident.scheduled else "UNSCHEDULED",
    )


def _flat(downtime: Announced, service: ListedService) -> Element:
    begin = (*fields(("PRIMARY_KEY", _key(downtime)), *_named(service)), _portal("Downtime", downtime.number))
    return _downtime(downtime, (*begin, element("AFFECTED_ENDPOINTS", _endpoints(service)), *_told(downtime)))


def _nested_service(service: ListedService) -> Element:
    named = fields(("PRIMARY_KEY", f"{service.id}G0"), *_named(service))
    return element("SERVICE", (*named, element("AFFECTED_ENDPOINTS", _endpoints(service))))


def _key(downtime: Announced) -> str:
    return f"{downtime.number + DOWNTIME_KEY}G0"


def _named(service: ListedService) -> tuple[tuple[str, object], ...]:
    return (
        ("HOSTNAME", service.hostname),
        ("SERVICE_TYPE", service.service.type),
        ("ENDPOINT", service.hostname + service.service.type),  # glued together, as GOCDB does
        ("HOSTED_BY", service.site.name),
    )


def _told(downtime: Announced) -> list[Element]:
    """What a downtime says of itself; the dates also in a form that people can read, spelt as GOCDB does."""
    return fields(
        ("SEVERITY", downtime.incident.severity),
        ("DESCRIPTION", downtime.incident.description),
        ("INSERT_DATE", int(downtime.inserted.timestamp())),
        ("START_DATE", int(downtime.start.timestamp())),
        ("END_DATE", int(downtime.end.timestamp())),
        ("FORMATED_START_DATE", f"{downtime.start:%Y-%m-%d %H:%M}"),
        ("FORMATED_END_DATE", f"{downtime.end:%Y-%m-%d %H:%M}"),
    )


def _portal(page: str, number: int) -> Element:
    return element("GOCDB_PORTAL_URL", PORTAL.format(page=page, number=number))


def _endpoints(listed: ListedService) -> list[Element]:
    service = listed.service
    if not service.endpoint:
        return []
    number = FIRST_ENDPOINT + listed.id
    begin = fields(("ID", number), ("NAME", f"{service.host} {service.type}"))
    end = fields(("URL", service.endpoint), ("INTERFACENAME", service.type), ("ENDPOINT_MONITORED", "Y"))
    return [element("ENDPOINT", (*begin, element("EXTENSIONS"), *end))]


def _scopes(listed: ListedService) -> tuple[str, ...]:
    return (*listed.site.scopes, *listed.vos)


def _scope_list(scopes: Sequence[str]) -> Element:
    return element("SCOPES", fields(*(("SCOPE", scope) for scope in scopes)))

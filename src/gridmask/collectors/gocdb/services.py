"""The services of GOCDB's inventory, and how several of them are one element."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.collectors.gocdb.extensions import extensions
from gridmask.collectors.gocdb.record import LINK_LIMIT
from gridmask.collectors.gocdb.scopes import offered, scopes
from gridmask.collectors.hosts import host_of
from gridmask.collectors.record import told
from gridmask.domain.element import Element, ElementKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmask.collectors.gocdb.record import GocdbRecord
    from gridmask.domain.element import ElementType


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A record of a service: what GOCDB calls its kind, and on which host it is."""

    record: GocdbRecord
    service: str
    type: ElementType
    host: str

    @property
    def key(self) -> ElementKey:
        """The identity of the element that it is or belongs to: called like its host, and of its service's type."""
        return ElementKey(self.type.family, self.type.name, self.host)

    @property
    def site(self) -> str:
        """The name of its site.

        Raises:
            MalformedAnswer: it does not tell.
        """
        return self.record.required("SITENAME")

    @property
    def identifier(self) -> str:
        """What GOCDB knows it by."""
        return self.record.cut("PRIMARY_KEY", 64)

    def in_production(self) -> bool:
        """Whether it is said to be in use.

        Raises:
            MalformedAnswer: it says neither yes nor no.
        """
        return self.record.flag("IN_PRODUCTION", default=True)

    def hosts(self) -> frozenset[str]:
        """The hosts that it answers under; those of its endpoints need not be its own."""
        urls = [self.record.whole("URL"), *(endpoint.whole("URL") for endpoint in self.record.listed("ENDPOINTS/ENDPOINT"))]
        return frozenset(filter(None, map(host_of, urls)))

    def facts(self) -> dict[str, object]:
        """What is told of this service alone."""
        return told(
            service=self.service,
            id=self.identifier,
            url=self.record.link("GOCDB_PORTAL_URL"),
            endpoint_url=self.record.cut("URL", LINK_LIMIT),
            os=self.record.cut("HOST_OS"),
            architecture=self.record.cut("HOST_ARCH"),
            beta=self.record.whole("BETA").casefold() == "y" or None,
            monitored=_flag(self.record, "NODE_MONITORED"),
            endpoints=sorted(map(_endpoint, self.record.listed("ENDPOINTS/ENDPOINT")), key=repr),
            extensions=extensions(self.record),
        )


def merged(entries: Sequence[ServiceEntry], source: str, vo_scopes: frozenset[str], *, site_in_service: bool) -> Element:
    """The element that ``entries``, services of one type on one host at one site, are together.

    Those in production speak for it; the others, only where none is.

    Raises:
        MalformedAnswer: one of them says something that cannot be.
    """
    in_order = sorted(entries, key=lambda entry: (_number(entry.identifier), entry.service))
    used = [entry for entry in in_order if entry.in_production()]
    speaking, first = used or in_order, in_order[0]
    vos = [offered(entry.record, vo_scopes) for entry in speaking]
    others = frozenset().union(*(entry.hosts() for entry in speaking)) - {first.host}
    return Element(
        first.key,
        site=first.site,
        offered=frozenset().union(*vos) if all(vos) else frozenset(),
        in_service=bool(used) and site_in_service,
        category=first.type.category,
        hosts=(first.host, *sorted(others)),
        tags=frozenset().union(*(scopes(entry.record) for entry in speaking)),
        facts=_shared(speaking[0].record) | {"services": [entry.facts() for entry in in_order]},
        source=source,
        services=frozenset(entry.service.lower() for entry in speaking),
        identity=f"service:{first.identifier}" if first.identifier else "",
    )


def _shared(record: GocdbRecord) -> dict[str, object]:
    """What is told with each service of a site."""
    return told(country=record.cut("COUNTRY_NAME"), country_code=record.cut("COUNTRY_CODE"), roc=record.cut("ROC_NAME"))


def _endpoint(record: GocdbRecord) -> dict[str, object]:
    return told(
        name=record.cut("NAME"),
        url=record.cut("URL", LINK_LIMIT),
        interface=record.cut("INTERFACENAME"),
        monitored=_flag(record, "ENDPOINT_MONITORED"),
        extensions=extensions(record),
    )


def _flag(record: GocdbRecord, name: str) -> bool | None:
    return {"y": True, "n": False}.get(record.whole(name).casefold())


def _number(identifier: str) -> tuple[int, str]:
    """Identifiers such as ``14202G0`` in the order in which they were given."""
    digits = re.match("[0-9]{1,18}", identifier)
    return int(digits[0]) if digits else 0, identifier

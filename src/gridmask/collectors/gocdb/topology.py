"""GOCDB's inventory, the answers to ``get_site`` and ``get_service_endpoint``, as elements.

A site is a site. A service is an element of the type that its service type means, called like its host; services of one type on
one host are one element together.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.collectors.gocdb.answer import records
from gridmask.collectors.gocdb.doubts import identified, strange_hosts, uncontested
from gridmask.collectors.gocdb.service_types import names
from gridmask.collectors.gocdb.services import ServiceEntry, merged
from gridmask.collectors.gocdb.sites import TYPE, SiteEntry, key_of
from gridmask.collectors.hosts import host_of
from gridmask.collectors.listing import Listing
from gridmask.collectors.record import LEFT_OUT, STANDS, WORD_LIMIT
from gridmask.domain.element import BUILT_IN_TYPES, Element
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.listing import some

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gridmask.collectors.gocdb.record import GocdbRecord
    from gridmask.collectors.service_names import ServiceNames
    from gridmask.domain.element import ElementKey, ElementType

METHODS = ("get_service_endpoint", "get_site")
"""In this order, so that a site which is registered meanwhile is not missing where its services are listed."""

_SITE, _SERVICE = "SITE", "SERVICE_ENDPOINT"


def questions(scope: str) -> tuple[dict[str, str], ...]:
    """What to ask GOCDB for. Without a scope it would give what has its default scope only; an empty one is all."""
    return tuple({"method": method, "scope": scope} for method in METHODS)


def read(
    bodies: Sequence[bytes],
    source: str,
    service_types: Mapping[str, ElementType] = {},
    vo_scopes: frozenset[str] = frozenset(),
) -> Listing:
    """What the pages ``bodies`` list.

    Args:
        bodies: the answers as they came, those to both questions.
        source: the inventory source that the elements belong to.
        service_types: element types by GOCDB's service type, which go before
            :data:`~gridmask.collectors.gocdb.service_types.SERVICE_TYPES`.
        vo_scopes: the scopes that are VOs, as canonical names.

    Raises:
        MalformedAnswer: one of them is no page, or there are services and not one site. A record that cannot be read is a
            problem of the listing instead.
    """
    reading = _Reading(source, names(service_types), vo_scopes)
    for entry in records(bodies, source, _SITE, _SERVICE):
        reading.take(entry)
    if len(bodies) > 1 and reading.services and not reading.sites:
        raise MalformedAnswer(
            source, "lists services and not one site, which cannot be; which of them are closed is not known."
        )
    return reading.listing()


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    source: str
    names: ServiceNames
    vo_scopes: frozenset[str]
    sites: defaultdict[str, list[SiteEntry]] = field(default_factory=lambda: defaultdict(list))
    services: defaultdict[tuple[ElementKey, str], list[ServiceEntry]] = field(default_factory=lambda: defaultdict(list))
    types: dict[str, ElementType] = field(default_factory=dict)
    elements: list[Element] = field(default_factory=list)
    unreadable: set[ElementKey] = field(default_factory=set)
    strange: set[str] = field(default_factory=set)
    conclusive: bool = True
    problems: list[str] = field(default_factory=list)

    def take(self, entry: GocdbRecord | MalformedAnswer) -> None:
        """Notes what ``entry`` is about, or that this cannot be told."""
        try:
            if isinstance(entry, MalformedAnswer):
                raise entry
            if entry.element.tag == _SITE:
                self.take_site(entry)
            else:
                self.take_service(entry)
        except MalformedAnswer as error:
            self.conclusive = False
            self.problems.append(f"{error} {LEFT_OUT}")

    def take_site(self, record: GocdbRecord) -> None:
        """Notes a site."""
        name = record.text("NAME") or record.required("SHORT_NAME")
        self.sites[name].append(SiteEntry(record.called(f"site {name} ({record.place})"), name))

    def take_service(self, record: GocdbRecord) -> None:
        """Notes a service."""
        named, service = record.required("HOSTNAME"), record.required("SERVICE_TYPE", WORD_LIMIT)
        named_record = record.called(f"{service} on {named} ({record.place})")
        host = host_of(named)
        if not host:
            self.strange.add(named)
        entry = ServiceEntry(named_record, service, self.names.type_of(service), host or named.lower())
        if entry.type not in BUILT_IN_TYPES:
            self.types[entry.type.name] = entry.type
        try:
            self.services[entry.key, entry.site].append(entry)
        except MalformedAnswer as error:
            self.misread(entry.key, error)

    def misread(self, key: ElementKey, error: MalformedAnswer | str) -> None:
        """Notes that the element ``key`` is listed, and that it cannot be told what it is."""
        self.unreadable.add(key)
        self.problems.append(f"{error} {STANDS}")

    def listing(self) -> Listing:
        """All that was read."""
        standing = {name: self.add_site(entries) for name, entries in self.sites.items()}
        unlisted = {site for _, site in self.services} - standing.keys()
        if self.conclusive:
            self.add_unlisted(unlisted)
            standing |= dict.fromkeys(unlisted, True)
        for (key, site), entries in self.services.items():
            self.add_service(key, entries, site_in_service=standing.get(site))
        uncontested_elements, contested = uncontested(self.elements)
        elements, shared = identified(uncontested_elements)
        return Listing(
            elements,
            tuple(self.types[name] for name in sorted(self.types)),
            frozenset().union(*(element.offered for element in elements)),
            frozenset(self.unreadable),
            conclusive=self.conclusive,
            problems=tuple(
                dict.fromkeys((*self.problems, *contested, *shared, *strange_hosts(self.strange), *self.names.problems()))
            ),
        )

    def add_site(self, entries: Sequence[SiteEntry]) -> bool | None:
        """Adds a site, and gives whether it is in service; None where that cannot be told."""
        try:
            self.elements += [entry.element(self.source, self.vo_scopes) for entry in entries]
            standing = {entry.in_service() for entry in entries}
        except MalformedAnswer as error:
            self.misread(entries[0].key, error)
            return None
        return standing.pop() if len(standing) == 1 else None

    def add_unlisted(self, sites: set[str]) -> None:
        """Adds sites that are not listed, of which services say that they are there."""
        self.elements += [Element(key_of(name), name, category=TYPE.category, source=self.source) for name in sorted(sites)]
        if sites:
            named = f"services are at sites that are not listed: {some(sorted(sites), 10)}"
            self.problems.append(f"{named}. Each is taken as a site of which no more is known.")

    def add_service(self, key: ElementKey, entries: Sequence[ServiceEntry], *, site_in_service: bool | None) -> None:
        """Adds the element ``key``, unless it or its site cannot be read."""
        if site_in_service is None:
            self.misread(key, f"{entries[0].record.place}: whether its site {entries[0].site} is in service cannot be told.")
            return
        try:
            self.elements.append(merged(entries, self.source, self.vo_scopes, site_in_service=site_in_service))
        except MalformedAnswer as error:
            self.misread(key, error)

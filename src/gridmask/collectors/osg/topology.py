"""OSG Topology's inventory, the ``ResourceSummary`` document, as elements.

A resource group is a site. Each service of a resource is an element called like the resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors.listing import Listing
from gridmask.collectors.osg.entries import ServiceEntry, SiteEntry
from gridmask.collectors.osg.record import OsgRecord
from gridmask.collectors.osg.service_types import names
from gridmask.collectors.osg.vos import vo_of
from gridmask.collectors.record import LEFT_OUT, STANDS, WORD_LIMIT
from gridmask.collectors.xml import parse
from gridmask.domain.element import BUILT_IN_TYPES
from gridmask.domain.errors import MalformedAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gridmask.collectors.service_names import ServiceNames
    from gridmask.domain.element import Element, ElementKey, ElementType


def read(body: bytes, source: str, service_types: Mapping[str, ElementType] = {}) -> Listing:
    """What the ``ResourceSummary`` document ``body`` lists.

    Args:
        body: the answer as it came.
        source: the inventory source that the elements belong to.
        service_types: element types by OSG service name, which go before
            :data:`~gridmask.collectors.osg.service_types.SERVICE_TYPES`.

    Raises:
        MalformedAnswer: it is no such document. A record in it that cannot be read is a problem of the listing instead.
    """
    root = OsgRecord(parse(body, "ResourceSummary", source), source)
    services = names(service_types)
    entries, unidentified = _divided(_groups(root, services))
    elements, unreadable = _elements(entries, source)
    types = {entry.type.name: entry.type for entry in entries if entry.type not in BUILT_IN_TYPES}
    problems = (
        *(f"{error} {LEFT_OUT}" for error in unidentified),
        *(f"{error} {STANDS}" for error in unreadable.values()),
        *services.problems(),
    )
    return Listing(
        tuple(elements),
        tuple(types[name] for name in sorted(types)),
        _vos(elements),
        frozenset(unreadable),
        conclusive=not unidentified,
        problems=tuple(dict.fromkeys(problems)),  # what is wrong with a resource is told once, not for each service
    )


_Entry = SiteEntry | ServiceEntry


def _groups(root: OsgRecord, services: ServiceNames) -> Iterator[_Entry | MalformedAnswer]:
    """Every entry, and in place of what cannot be identified, what to say about it."""
    yield from root.strangers("ResourceGroup")
    for record in root.children("ResourceGroup", "ResourceGroup"):
        try:
            name = record.required("GroupName")
        except MalformedAnswer as error:
            yield error
        else:
            site = SiteEntry(record.called(f"ResourceGroup {name!r}"), name)
            yield site
            yield from _resources(site, services)


def _resources(site: SiteEntry, services: ServiceNames) -> Iterator[ServiceEntry | MalformedAnswer]:
    for record in site.record.children("Resources/Resource", "Resource"):
        try:
            name = record.required("Name")
        except MalformedAnswer as error:
            yield error
        else:
            yield from _services(record.called(f"Resource {name!r}"), name, site, services)


def _services(
    resource: OsgRecord, name: str, site: SiteEntry, services: ServiceNames
) -> Iterator[ServiceEntry | MalformedAnswer]:
    for record in resource.children("Services/Service", "Service"):
        try:
            kind = services.type_of(record.required("Name", WORD_LIMIT))
        except MalformedAnswer as error:
            yield error
        else:
            yield ServiceEntry(record.called(f"{kind.name} of {resource.place}"), resource, site, name, kind)


def _divided(listed: Iterable[_Entry | MalformedAnswer]) -> tuple[list[_Entry], list[MalformedAnswer]]:
    entries: list[_Entry] = []
    unidentified: list[MalformedAnswer] = []
    for entry in listed:
        if isinstance(entry, MalformedAnswer):
            unidentified.append(entry)
        else:
            entries.append(entry)
    return entries, unidentified


def _elements(entries: Iterable[_Entry], source: str) -> tuple[list[Element], dict[ElementKey, MalformedAnswer]]:
    elements: list[Element] = []
    unreadable: dict[ElementKey, MalformedAnswer] = {}
    for entry in entries:
        try:
            elements.append(entry.element(source))
        except MalformedAnswer as error:
            unreadable[entry.key] = error
    return elements, unreadable


def _vos(elements: Iterable[Element]) -> frozenset[str]:
    found: set[str] = set()
    for element in elements:
        ownership = element.facts.get("ownership")
        owners = ownership if isinstance(ownership, dict) else {}
        found.update(element.offered, filter(None, map(vo_of, owners)))
    return frozenset(found)

"""An inventory file of our own, in TOML.

::

    [type."Tape Robot"]               # a type of your own, where the built-in ones do not do
    category = "storage"
    status_types = ["ReadAccess", "WriteAccess"]

    [[site]]
    name = "EXAMPLE-T2"
    country = "Switzerland"
    tags = ["tier2"]
    offered = ["cms", "atlas"]        # who may use the site, and its resources that say nothing else

    [[site.resource]]
    name = "ce01"
    type = "ComputingElement"
    hosts = ["ce01.example.org"]

    [[site.resource]]
    name = "store"
    types = ["StorageElement", "Tape Robot"]   # two services of one resource: two elements
    offered = []                               # everyone
    in_service = false

    [[resource]]                      # or apart from its site
    name = "fts01"
    site = "EXAMPLE-T2"
    type = "FTS"

A resource is in service unless it, or its site, says ``in_service = false``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.documents import parse, validated
from gridmask.domain.element import SITE, Element, ElementKey, ElementType, TypeRegistry
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.spelling import suggest
from gridmask.inventory.publication import Publication
from gridmask.inventory.toml_tables import InventoryFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gridmask.inventory.toml_tables import ResourceTable, SiteTable

BUILT_IN = TypeRegistry()
"""The types that every file can use."""


def read(body: bytes, source: str, types: TypeRegistry = BUILT_IN) -> Publication:
    """What the inventory file ``body`` says.

    Args:
        body: the file's content.
        source: the inventory source that the elements belong to; errors begin with it.
        types: the element types that the file may use beside those that it declares.

    Raises:
        InvalidConfiguration: it says something that cannot be. Nothing of it is to be used then.
    """
    try:
        file = validated(InventoryFile, parse(body, source), source)
    except (RecursionError, ValueError) as error:  # what the parser makes of endless nesting and endless numbers
        raise InvalidConfiguration(source, f"not TOML that can be read: {error}") from error
    declared = tuple(_declared(file, source))
    elements: dict[ElementKey, Element] = {}
    places: dict[ElementKey, str] = {}
    for place, element in _elements(file, source, types.with_types(*declared)):
        if element.key in elements:
            raise _wrong(source, place, f"{element.key} is in the file already, as {places[element.key]}")
        elements[element.key], places[element.key] = element, place
    vos = frozenset(vo for element in elements.values() for vo in element.offered)
    return Publication(elements, declared, vos)


def _declared(file: InventoryFile, source: str) -> Iterator[ElementType]:
    for name, table in file.type.items():
        if name == SITE:
            raise _wrong(source, f"type.{name}", "is built in and cannot be declared otherwise")
        yield ElementType(name, table.family, table.category, table.status_types)


def _elements(file: InventoryFile, source: str, types: TypeRegistry) -> Iterator[tuple[str, Element]]:
    """Every element of the file, and where it stands there."""
    for number, site in enumerate(file.site):
        yield f"site[{number}]", _site(site, source)
        for position, resource in enumerate(site.resource):
            yield from _services(f"site[{number}].resource[{position}]", resource, site, source, types)
    sites = {site.name: site for site in file.site}
    for number, outlying in enumerate(file.resource):
        place = f"resource[{number}]"
        if outlying.site not in sites:
            raise _wrong(source, f"{place}.site", f"the file has no site {outlying.site!r}{_hint(outlying.site, sites)}")
        yield from _services(place, outlying, sites[outlying.site], source, types)


def _site(site: SiteTable, source: str) -> Element:
    return Element(
        ElementKey(SITE, SITE, site.name),
        site=site.name,
        offered=site.offered or frozenset(),
        in_service=site.in_service,
        category=BUILT_IN.get(SITE).category,
        aliases=site.aliases,
        tags=site.tags,
        facts=_told(description=site.description, country=site.country),
        source=source,
    )


def _services(
    place: str, resource: ResourceTable, site: SiteTable, source: str, types: TypeRegistry
) -> Iterator[tuple[str, Element]]:
    for kind in _types(place, resource, source, types):
        yield place, _service(kind, resource, site, source)


def _service(kind: ElementType, resource: ResourceTable, site: SiteTable, source: str) -> Element:
    offered = site.offered if resource.offered is None else resource.offered
    return Element(
        ElementKey(kind.family, kind.name, resource.name),
        site=site.name,
        offered=offered or frozenset(),
        in_service=resource.in_service and site.in_service,
        category=kind.category,
        hosts=resource.hosts,
        aliases=resource.aliases,
        services=resource.services,
        tags=resource.tags,
        facts=_told(description=resource.description, country=site.country),
        source=source,
    )


def _types(place: str, resource: ResourceTable, source: str, types: TypeRegistry) -> Iterator[ElementType]:
    if (resource.type is None) == (not resource.types):
        raise _wrong(source, place, "must have either 'type', for one service, or 'types', for several")
    if resource.type is not None:
        yield _type(resource.type, f"{place}.type", source, types)
    for position, name in enumerate(resource.types):
        yield _type(name, f"{place}.types[{position}]", source, types)


def _type(name: str, place: str, source: str, types: TypeRegistry) -> ElementType:
    usable = sorted(known.name for known in types.by_name.values() if known.family != SITE)
    if name not in usable:
        allowed = f"allowed are {', '.join(usable)}, and what the file declares as [type.NAME]"
        raise _wrong(source, place, f"resources have no type {name!r}{_hint(name, usable)}; {allowed}")
    return types.get(name)


def _wrong(source: str, place: str, problem: str) -> InvalidConfiguration:
    return InvalidConfiguration(f"{source}: {place}", problem)


def _hint(name: str, known: Iterable[str]) -> str:
    near = suggest(name, known)
    return f"; did you mean {near!r}?" if near else ""


def _told(**facts: str | None) -> dict[str, object]:
    return {name: fact for name, fact in facts.items() if fact}

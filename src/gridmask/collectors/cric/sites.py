"""The sites of CRIC, which are an experiment's own: of one resource centre of GOCDB or OSG, there can be several."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gridmask.collectors.cric.record import in_service
from gridmask.collectors.record import told
from gridmask.collectors.service_names import BUILT_IN
from gridmask.domain.element import SITE, Element, ElementKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gridmask.collectors.cric.record import CricRecord

TYPE = BUILT_IN[SITE]


def key_of(name: str) -> ElementKey:
    """The identity of the site called ``name``."""
    return ElementKey(TYPE.family, TYPE.name, name)


@dataclass(frozen=True, slots=True)
class Place:
    """A site, and what other registries call the resource centres that it is, or is a part of."""

    element: Element
    centres: tuple[str, ...]


def place(record: CricRecord, name: str, offered: frozenset[str], source: str) -> Place:
    """The site called ``name`` of the site document.

    Raises:
        MalformedAnswer: the record says something that cannot be, or it is no record of a site.
    """
    if isinstance(record.members.get("site"), str):
        raise record.malformed("is at a site, so it is none: this is another document of CRIC than the settings say.")
    return _place(record, name, offered, source, in_use=in_service(record))


def place_around(record: CricRecord, name: str, offered: frozenset[str], source: str) -> Place:
    """The site called ``name``, by a record of something at it.

    Raises:
        MalformedAnswer: the record says something that cannot be.
    """
    in_use = record.is_active("site_state", "rc_site_state", "rcsite_state")
    return _place(record, name, offered, source, in_use=in_use)


def _place(record: CricRecord, name: str, offered: frozenset[str], source: str, *, in_use: bool) -> Place:
    centres = tuple(sorted(_centres(record)))
    tier = record.members.get("tier_level")
    element = Element(
        key_of(name),
        site=name,
        offered=offered,
        in_service=in_use,
        category=TYPE.category,
        tags=frozenset(filter(None, (record.brief("cloud"), f"tier{tier}" if isinstance(tier, int) else ""))),
        facts=told(
            country=record.brief("country") or record.brief("rc_country"),
            cloud=record.brief("cloud"),
            tier=tier if isinstance(tier, int) else None,
            facility=record.brief("facility"),
            federation=record.brief("rc"),
            resource_centres=list(centres),
        ),
        source=source,
    )
    return Place(element, centres)


def _centres(record: CricRecord) -> Iterator[str]:
    """The names of the resource centres that ``record`` mentions."""
    said = record.members.get("sites")
    listed = said if isinstance(said, list) else []
    names = (record.brief("rc_site"), record.brief("rcsite"), record.child("rcsite").brief("name"), *listed)
    yield from {name for name in names if isinstance(name, str) and name}


def known_elsewhere(places: Sequence[Place], main: Mapping[str, str]) -> Iterator[Element]:
    """The sites, those that are a resource centre known by its name as well.

    Of several sites of one centre, it is the one that ``main`` says; or the one that is called like it; or the one that is in
    service, if only one is; else none: that they have one name in common does not make them one.
    """
    of_centre: defaultdict[str, list[Element]] = defaultdict(list)
    for one in places:
        for centre in one.centres:
            of_centre[centre].append(one.element)
    aliases: defaultdict[str, set[str]] = defaultdict(set)
    names = Counter(one.element.key.name for one in places)
    for centre, sites in of_centre.items():
        chosen = main.get(centre) or (centre if centre in names else _only(sites))
        if chosen and chosen != centre:
            aliases[chosen].add(centre)
    for one in places:
        found = aliases.get(one.element.key.name, ())
        yield replace(one.element, aliases=tuple(sorted(found)))


def _only(sites: Sequence[Element]) -> str:
    """The name of the one of ``sites`` that is in service, or of the only one that there is."""
    used = {site.key.name for site in sites if site.in_service} or {site.key.name for site in sites}
    return used.pop() if len(used) == 1 else ""

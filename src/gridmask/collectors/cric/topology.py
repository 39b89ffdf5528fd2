"""CRIC's inventory, the documents that the settings name, as elements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gridmask.collectors.cric.computing import CE, QUEUE, Door, PandaQueue, computing_element, doors_by_key
from gridmask.collectors.cric.record import CricRecord, in_service, records, vo_of
from gridmask.collectors.cric.sites import Place, key_of, known_elsewhere, place, place_around
from gridmask.collectors.cric.storage import TYPE as STORAGE
from gridmask.collectors.cric.storage import key_of as storage_key
from gridmask.collectors.cric.storage import storage
from gridmask.collectors.gocdb.doubts import identified
from gridmask.collectors.listing import Listing
from gridmask.collectors.record import LEFT_OUT, NAME_LIMIT, STANDS
from gridmask.domain.element import Element, ElementKey
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.listing import some
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.collectors.cric.options import CricOptions

RESOURCE_TYPES = {"SE": STORAGE, "CE": CE}
"""What CMS calls the kinds of a site's resources."""


def read(bodies: Sequence[bytes], source: str, options: CricOptions) -> Listing:
    """What the documents ``bodies`` list, which are those of ``options`` in their order.

    Raises:
        MalformedAnswer: one of them is no such document, or has nothing in it. A record that cannot be read is a problem of the
            listing instead.
    """
    reading = _Reading(source, options)
    for document, body in zip(options.documents, bodies, strict=True):
        for name, record in records(body, source).items():
            reading.take(document, name, record)
    return reading.listing()


@dataclass(slots=True)
class _Reading:
    """What was read so far.

    ``around``: what is at each site, which tells of the site where no site document does; ``haunted``: the sites of what could
    not be read.
    """

    source: str
    options: CricOptions
    places: dict[str, Place] = field(default_factory=dict)
    around: defaultdict[str, list[CricRecord]] = field(default_factory=lambda: defaultdict(list))
    doors: list[Door] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    unreadable: set[ElementKey] = field(default_factory=set)
    haunted: set[str] = field(default_factory=set)
    conclusive: bool = True
    problems: list[str] = field(default_factory=list)

    def take(self, document: str, called: str, members: Any) -> None:  # noqa: ANN401 - whatever there is
        """Take in a record of ``document``, or note why not."""
        record = CricRecord(members if isinstance(members, dict) else {}, f"{document} {called[:NAME_LIMIT]}")
        try:
            if not isinstance(members, dict):
                raise record.malformed("is no record.")
            # what PanDA's queues have as their name is "default"
            name = called if document == "pandaqueue" else record.text("name") or called
            if not 0 < len(name) <= NAME_LIMIT or not name.isprintable():
                raise record.malformed(f"its name is not one of up to {NAME_LIMIT} printable characters.")
        except MalformedAnswer as error:
            self.leave_out(error)
            return
        {"site": self.take_site, "ddmendpoint": self.take_storage, "pandaqueue": self.take_queue}[document](record, name)

    def take_site(self, record: CricRecord, name: str) -> None:
        """Take in a site, and the resources that are listed in it."""
        try:
            found = place(record, name, self.offered(record), self.source)
        except MalformedAnswer as error:
            self.misread(key_of(name), error)
            self.leave_out(record.malformed("what is at it cannot be told."))
            return
        if name in self.places:
            self.leave_out(record.malformed(f"there is another site {name}."))
            return
        self.places[name] = found
        try:
            self.elements += filter(None, [self.resource(child, found) for child in record.children("resources")])
        except MalformedAnswer as error:
            self.leave_out(error)

    def resource(self, record: CricRecord, at: Place) -> Element | None:
        """A resource of a site, as CMS lists them; None for one of a type that is none of ours."""
        kind = RESOURCE_TYPES.get(record.required("type").upper())
        if kind is None:
            return None
        return Element(
            ElementKey(kind.family, kind.name, record.required("name")),
            site=at.element.key.name,
            offered=at.element.offered,
            in_service=at.element.in_service and in_service(record),
            category=kind.category,
            source=self.source,
        )

    def take_storage(self, record: CricRecord, name: str) -> None:
        """Take in a storage endpoint."""
        try:
            found = storage(record, name, self.offered(record), self.source)
        except MalformedAnswer as error:
            self.misread(storage_key(name), error)
            self.haunted.add(record.brief("site"))
            return
        self.elements.append(found)
        self.around[found.site].append(record)

    def take_queue(self, record: CricRecord, name: str) -> None:
        """Take in a queue, and its computing elements."""
        queue = PandaQueue(record, name)
        try:
            if queue.is_virtual:
                return
            offered = self.offered(record)
            self.elements.append(queue.element(offered, self.source))
            self.doors += queue.doors(offered)
        except MalformedAnswer as error:
            self.misread(queue.key, error)
            self.leave_out(record.malformed("its computing elements cannot be told."))
            return
        self.around[queue.site].append(record)

    def offered(self, record: CricRecord) -> frozenset[str]:
        """The VOs that ``record`` is offered to; none is everyone.

        Raises:
            MalformedAnswer: it names a VO that none can be.
        """
        if self.options.vo is not None:
            return frozenset((self.options.vo,)) - {ALL}
        return vo_of(record) or frozenset(filter(None, (self.options.preset,)))

    def misread(self, key: ElementKey, error: MalformedAnswer) -> None:
        """Note that the element ``key`` is listed, and that it cannot be told what it is."""
        self.unreadable.add(key)
        self.problems.append(f"{error} {STANDS}")

    def leave_out(self, error: MalformedAnswer) -> None:
        """Note that something is listed of which cannot be told what."""
        self.conclusive = False
        self.problems.append(f"{error} {LEFT_OUT}")

    def listing(self) -> Listing:
        """All that was read.

        Raises:
            MalformedAnswer: that is nothing.
        """
        if not (self.elements or self.places or self.unreadable or self.problems):
            raise MalformedAnswer(self.source, "lists nothing at all.")
        self.add_unlisted({name for name in self.around if name not in self.places and key_of(name) not in self.unreadable})
        if self.haunted - self.places.keys():
            self.leave_out(MalformedAnswer(self.source, "at a site that is not listed, all that is there cannot be read."))
        self.elements += [computing_element(doors, self.source) for doors in doors_by_key(self.doors)]
        if strange := set(self.options.main_sites.values()) - self.places.keys():
            self.problems.append(f"main_sites names what is no site here: {some(sorted(strange), 10)}.")
        sites = known_elsewhere(list(self.places.values()), self.options.main_sites)
        elements, shared = identified([*sites, *self.elements])
        return Listing(
            elements,
            (QUEUE,) if any(element.key.type == QUEUE.name for element in elements) else (),
            frozenset().union(*(element.offered for element in elements)),
            frozenset(self.unreadable),
            conclusive=self.conclusive,
            problems=tuple(dict.fromkeys((*self.problems, *shared))),
        )

    def add_unlisted(self, names: set[str]) -> None:
        """Add sites that are not listed, by what is at them; where a site document is read, they are told."""
        for name in sorted(names):
            found = [place_around(record, name, self.offered(record), self.source) for record in self.around[name]]
            used = [one for one in found if one.element.in_service] or found
            vos = [one.element.offered for one in found]
            offered = frozenset[str]().union(*vos) if all(vos) else frozenset[str]()
            self.places[name] = replace(used[0], element=replace(used[0].element, offered=offered))
        if names and "site" in self.options.documents:
            named = some(sorted(names), 10)
            self.problems.append(f"sites are not in the site document: {named}. Each is taken as what is at it says.")

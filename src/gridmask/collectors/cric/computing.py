"""PanDA's queues (``pandaqueue``), and the computing elements that they send jobs to.

A queue is one element, whatever number of computing elements it has. It is of a type of its own: a queue of a batch system,
as DIRAC lists them, is something else on the same host. A computing element is one as well, whatever number of queues has it:
it is called like its host, as in GOCDB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.collectors.cric.record import in_service
from gridmask.collectors.hosts import host_of
from gridmask.collectors.record import told
from gridmask.collectors.service_names import BUILT_IN
from gridmask.domain.element import NODE, Element, ElementKey, ElementType

if TYPE_CHECKING:
    from gridmask.collectors.cric.record import CricRecord

QUEUE = ElementType("PandaQueue", NODE, "computing")
CE = BUILT_IN["ComputingElement"]

FLAVOURS: Mapping[str, frozenset[str]] = {
    "ARC-CE": frozenset({"arc-ce", "org.nordugrid.arex"}),
    "HTCONDOR-CE": frozenset({"org.opensciencegrid.htcondorce"}),
    "CREAM-CE": frozenset({"cream-ce"}),
}
"""What registries call the service of a computing element, by CRIC's flavour."""


@dataclass(frozen=True, slots=True)
class Door:
    """A computing element as one queue has it."""

    record: CricRecord
    host: str
    site: str
    centre: str
    offered: frozenset[str]
    in_use: bool

    @property
    def key(self) -> ElementKey:
        """The identity of the computing element."""
        return ElementKey(CE.family, CE.name, self.host)

    @property
    def services(self) -> frozenset[str]:
        """What registries call its service; empty where that is not known."""
        return FLAVOURS.get(self.record.brief("ce_flavour").upper(), frozenset())


@dataclass(frozen=True, slots=True)
class PandaQueue:
    """A record of a queue, by its name."""

    record: CricRecord
    name: str

    @property
    def key(self) -> ElementKey:
        """The queue's identity."""
        return ElementKey(QUEUE.family, QUEUE.name, self.name)

    @property
    def is_virtual(self) -> bool:
        """Whether it is none, but what others take their settings from.

        Raises:
            MalformedAnswer: it does not say so by yes or no.
        """
        return self.record.flag("is_virtual")

    @property
    def site(self) -> str:
        """The site that it is at. PanDA groups queues in sites of its own (``site``), which are not in the site document.

        Raises:
            MalformedAnswer: it does not tell.
        """
        return self.record.text("atlas_site") or self.record.required("site")

    def doors(self, offered: frozenset[str] = frozenset()) -> list[Door]:
        """Its computing elements; what names no host is none.

        Raises:
            MalformedAnswer: what it says of one cannot be.
        """
        around = self.record.is_active("site_state", "rc_site_state", "rcsite_state")
        site, centre = self.site, self.record.brief("rc_site")
        found = [(child, host_of(child.text("ce_endpoint"))) for child in self.record.children("queues")]
        return [
            Door(child, host, site, centre, offered, around and child.is_active("ce_state")) for child, host in found if host
        ]

    def element(self, offered: frozenset[str], source: str) -> Element:
        """The queue.

        It goes by the host of its computing element only if it has one: that one of several is down leaves the others.

        Raises:
            MalformedAnswer: the record says something that cannot be.
        """
        if "queues" not in self.record.members and "panda_resource" not in self.record.members:
            raise self.record.malformed("is no queue: this is another document of CRIC than the settings say.")
        doors = self.doors()
        hosts = {door.host for door in doors}
        brief = self.record.brief
        return Element(
            self.key,
            site=self.site,
            offered=offered,
            in_service=in_service(self.record),
            category=QUEUE.category,
            hosts=tuple(hosts) if len(hosts) == 1 else (),
            services=_services(doors) if len(hosts) == 1 else frozenset(),
            tags=frozenset(filter(None, map(brief, ("type", "capability", "cloud", "resource_type")))),
            facts=told(
                panda_site=brief("panda_site"),
                panda_resource=brief("panda_resource"),
                resource_centre=brief("rc_site"),
                workflow=brief("workflow"),
                computing_elements=sorted(hosts),
            ),
            source=source,
        )


def computing_element(doors: Sequence[Door], source: str) -> Element:
    """The computing element that ``doors``, all on one host, are together.

    At several sites, it is at the one that is called like their resource centre; else it has none.
    """
    sites, centres = {door.site for door in doors}, {door.centre for door in doors}
    used = [door for door in doors if door.in_use]
    vos = [door.offered for door in used or doors]
    names = {door.record.brief("ce_name") for door in doors} - {""}
    identifiers = sorted(number for door in doors if isinstance(number := door.record.members.get("ce_id"), int))
    return Element(
        doors[0].key,
        site=next(iter(sites if len(sites) == 1 else sites & centres if len(sites & centres) == 1 else {""})),
        offered=frozenset().union(*vos) if all(vos) else frozenset(),
        in_service=bool(used),
        category=CE.category,
        hosts=(doors[0].host,),
        aliases=tuple(sorted(names - {doors[0].host})),
        services=_services(used or doors),
        facts=told(
            flavours=sorted({door.record.brief("ce_flavour") for door in doors} - {""}),
            batch_systems=sorted({door.record.brief("ce_jobmanager") for door in doors} - {""}),
            resource_centre=min(centres) if len(centres) == 1 else "",
            at=sorted(sites) if len(sites) > 1 else None,
        ),
        source=source,
        identity=f"ce:{identifiers[0]}" if identifiers else "",
    )


def _services(doors: Sequence[Door]) -> frozenset[str]:
    """What registries call the services of ``doors``; empty, for whatever there is, where it is not known of one of them."""
    services = [door.services for door in doors]
    return frozenset().union(*services) if all(services) else frozenset()


def doors_by_key(doors: Sequence[Door]) -> Iterator[list[Door]]:
    """``doors``, those of each computing element together."""
    found: dict[ElementKey, list[Door]] = {}
    for door in doors:
        found.setdefault(door.key, []).append(door)
    yield from found.values()

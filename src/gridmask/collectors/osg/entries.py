"""What the inventory lists, entry by entry: resource groups, which are sites, and the services of resources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.collectors.osg.vos import allowed, shares
from gridmask.collectors.record import TEXT_LIMIT, told
from gridmask.domain.element import BUILT_IN_TYPES, SITE, Element, ElementKey, ElementType

if TYPE_CHECKING:
    from gridmask.collectors.osg.record import OsgRecord

_SITE_TYPE = next(declared for declared in BUILT_IN_TYPES if declared.name == SITE)
_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """A resource group, by its name."""

    record: OsgRecord
    name: str
    type: ElementType = _SITE_TYPE

    @property
    def key(self) -> ElementKey:
        """The site's identity."""
        return ElementKey(self.type.family, self.type.name, self.name)

    def element(self, source: str) -> Element:
        """The site.

        Raises:
            MalformedAnswer: the entry says something that cannot be.
        """
        return Element(
            self.key,
            site=self.name,
            in_service=self.in_service(),
            category=self.type.category,
            facts=self.facts() | told(description=self.record.text("GroupDescription", TEXT_LIMIT)),
            source=source,
            identity=self.record.text("GroupID"),
        )

    def in_service(self) -> bool:
        """Whether the group, and with it all that is in it, may be used."""
        return not self.record.flag("Disable", default=False)

    def facts(self) -> dict[str, object]:
        """What is told of the group and holds for everything in it."""
        text = self.record.text
        return told(
            group_id=_number(text("GroupID")),
            facility=text("Facility/Name"),
            osg_site=text("Site/Name"),
            country=text("Site/Country"),
            support_center=text("SupportCenter/Name"),
            grid_type=text("GridType"),
            production=_FLAGS.get(text("Production").casefold()),
        )


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A service of the resource ``name``."""

    record: OsgRecord
    resource: OsgRecord
    site: SiteEntry
    name: str
    type: ElementType

    @property
    def key(self) -> ElementKey:
        """The service's identity: an element of the service's type, called like its resource."""
        return ElementKey(self.type.family, self.type.name, self.name)

    def element(self, source: str) -> Element:
        """The service as an element.

        Raises:
            MalformedAnswer: the entry, its resource or its group says something that cannot be.
        """
        hosts = map(str.lower, (self.resource.text("FQDN"), *self.resource.texts("FQDNAliases/FQDNAlias")))
        return Element(
            self.key,
            site=self.site.name,
            offered=allowed(self.resource, self.record),
            in_service=self.in_service(),
            category=self.type.category,
            hosts=tuple(dict.fromkeys(filter(None, hosts))),
            tags=frozenset(self.resource.texts("Tags/Tag")),
            facts=self.site.facts() | self.facts(),
            source=source,
            identity=self.resource.text("ID"),
        )

    def in_service(self) -> bool:
        """Whether resource and group are said to be in use."""
        flag = self.resource.flag
        return flag("Active", default=True) and not flag("Disable", default=False) and self.site.in_service()

    def facts(self) -> dict[str, object]:
        """What is told of the resource and the service."""
        return told(
            resource_id=_number(self.resource.text("ID")),
            description=self.resource.text("Description", TEXT_LIMIT),
            service_description=self.record.text("Description", TEXT_LIMIT),
            ownership=shares(self.resource),
            **self._capacity(),
        )

    def _capacity(self) -> dict[str, object]:
        """How much there is of it, as pledged to WLCG: HEPSPEC06, which HS23 continues at the same scale; or terabytes."""
        pledged = {"computing": ("hs23", "HEPSPEC"), "storage": ("storage_tb", "StorageCapacityMax")}
        if (said := pledged.get(self.type.category)) is None:
            return {}
        return {said[0]: _amount(self.resource.text(f"WLCGInformation/{said[1]}"))}


def _amount(text: str) -> float | None:
    """What ``text`` says there is; None: it says nothing, or nothing that can be true."""
    amount = float(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text) else 0.0
    return amount or None


def _number(text: str) -> int | str:
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else text

"""Elements: the things that have a status, and the types that say which aspects of them have one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gridmask.domain.vo import ALL

SITE: Final = "Site"
RESOURCE: Final = "Resource"
NODE: Final = "Node"

WHOLE = "all"
"""The one status type of an element type that declares no others."""


class ElementKey(NamedTuple):
    """The identity of an element. Types are open; names are case-sensitive and unique within a type."""

    family: str
    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.type} {self.name}"


class RowKey(NamedTuple):
    """The identity of a row: one status of one element, for one VO or for :data:`~gridmask.domain.vo.ALL`."""

    element: ElementKey
    status_type: str
    vo: str

    def __str__(self) -> str:
        aspect = "" if self.status_type == WHOLE else f" {self.status_type}"
        return f"{self.element}{aspect} for {self.vo}"


@dataclass(frozen=True, slots=True)
class Element:
    """A site, or one service endpoint of one type.

    Attributes:
        key: its identity.
        site: the name of the ``Site`` element it belongs to; a site belongs to itself.
        offered: canonical names of the VOs that may use it; empty means everyone.
        in_service: whether its inventory says it is to be used at all; if not, it is in no mask.
        category: what kind of service it is (``computing``, ``storage``...), from its type.
        hosts: the host names it answers under.
        aliases: other names it goes by.
        tags: free labels that policies can match.
        facts: what else its inventory tells (ownership, identifiers, description); metadata, never decided upon.
        source: the inventory source that it comes from.
        services: what registries that announce downtimes call its kind of service, in lower case (``webdav``, ``arc-ce``).
            Empty: whatever is announced about one of its hosts concerns it.
        identity: its identifier in its source, which stays when its name changes; empty if there is none.
        elsewhere: what other sources that list it call it and its hosts, each with the source; of each at least the name.
            With its own source: what it was called there before it was renamed, until something else is called so.
    """

    key: ElementKey
    site: str
    offered: frozenset[str] = frozenset()
    in_service: bool = True
    category: str = "other"
    hosts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)
    source: str = ""
    services: frozenset[str] = frozenset()
    identity: str = ""
    elsewhere: frozenset[tuple[str, str]] = frozenset()

    @property
    def is_site(self) -> bool:
        """Whether it is a site itself."""
        return self.key.family == SITE

    def is_offered_to(self, vo: str) -> bool:
        """Whether ``vo`` may use it. :data:`ALL` is the installation's own view and sees everything."""
        return not self.offered or vo == ALL or vo in self.offered


@dataclass(frozen=True, slots=True)
class ElementType:
    """A declared type: which family and category it is of, and which of its aspects have a status of their own."""

    name: str
    family: str = RESOURCE
    category: str = "other"
    status_types: tuple[str, ...] = (WHOLE,)


ACCESS = ("ReadAccess", "WriteAccess", "CheckAccess", "RemoveAccess")
"""The status types of storage, as DIRAC names them."""

BUILT_IN_TYPES = (
    ElementType(SITE, SITE, "site"),
    ElementType("Queue", NODE, "computing"),
    *(
        ElementType(name, category=category, status_types=ACCESS if category == "storage" else (WHOLE,))
        for category, names in {
            "computing": ("ComputingElement", "CloudCompute", "Submit Node", "VOBox", "WorkloadManager"),
            "storage": (
                *("StorageElement", "CloudStorage", "GridFtp", "SRMv2", "SRMv2.tape"),
                *("WebDAV", "WebDAV.tape", "XRootD component", "XRootD.tape"),
            ),
            "cache": ("Squid",),
            "catalog": ("Catalog",),
            "network": ("Network", "net.perfSONAR.Bandwidth", "net.perfSONAR.Latency"),
            "information": ("InformationProvider", "Portal"),
            "transfer": ("FTS",),
            "messaging": ("MessageQueue",),
            "database": ("Database",),
            "software": ("CVMFS Stratum-0", "CVMFS Stratum-1"),
            "security": ("Authorization", "IdentityProvider", "MyProxy", "VOMS Server"),
            "monitoring": ("Accounting", "Monitoring"),
        }.items()
        for name in names
    ),
)
"""The types that every deployment has. What several registries list has its type here, under one name for all of them: that of
DIRAC, or else that of OSG. A service of storage has the four accesses; a cache, as everything else, is on or off."""


@dataclass(frozen=True, slots=True)
class TypeRegistry:
    """The declared element types by name. A type that is not declared has the one status type :data:`WHOLE`."""

    by_name: Mapping[str, ElementType] = field(default_factory=lambda: {t.name: t for t in BUILT_IN_TYPES})

    def with_types(self, *types: ElementType) -> TypeRegistry:
        """This registry and ``types``; a later declaration of a name replaces an earlier one."""
        return TypeRegistry({**self.by_name, **{t.name: t for t in types}})

    def get(self, name: str) -> ElementType:
        """The type called ``name``, declared or not."""
        return self.by_name.get(name) or ElementType(name)

    def status_types(self, element: ElementKey) -> tuple[str, ...]:
        """The status types of ``element``."""
        return self.get(element.type).status_types

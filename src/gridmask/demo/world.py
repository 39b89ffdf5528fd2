"""The world of the demonstration: its sites and services, as the registries list them.

They are written down in ``world.toml``. None of them exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from gridmask.demo.data import EVERY_KEY_IS_KNOWN, read

FIRST_SITE = 700
FIRST_SERVICE = 14_000
"""The identifiers that registries give are numbered from here, in the order of the file."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service endpoint, as GOCDB lists it. See :class:`GocdbSite` for ``host`` and ``vos``.

    Attributes:
        type: GOCDB's name of the kind of service.
        endpoint: the URL under which it is used, where its host differs from ``host``.
        production: whether it is in production.
    """

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    host: str
    type: str
    vos: tuple[str, ...] = ()
    endpoint: str = ""
    production: bool = True


@dataclass(frozen=True, slots=True)
class GocdbSite:
    """A site, as GOCDB lists it.

    Attributes:
        domain: what follows the dot after each ``host`` of its services.
        vos: those that its services are for, where these say nothing; none: everyone.
    """

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    name: str
    official: str
    country: str
    code: str
    ngi: str
    domain: str
    scopes: tuple[str, ...]
    services: tuple[Service, ...]
    vos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource, as OSG Topology lists it: a host with services."""

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    name: str
    host: str
    services: tuple[str, ...]
    vos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceGroup:
    """A resource group of OSG Topology: what is a site elsewhere."""

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    name: str
    facility: str
    country: str
    domain: str
    resources: tuple[Resource, ...]
    vos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedService:
    """A service of GOCDB with its identifier and its site."""

    id: int
    site: GocdbSite
    service: Service

    @property
    def hostname(self) -> str:
        """Its host, in full."""
        return f"{self.service.host}.{self.site.domain}"

    @property
    def vos(self) -> tuple[str, ...]:
        """Those that it is for; none: everyone."""
        return self.service.vos or self.site.vos


@dataclass(frozen=True, slots=True)
class ListedResource:
    """A resource of OSG with its identifier and its group."""

    id: int
    group: ResourceGroup
    group_id: int
    resource: Resource

    @property
    def fqdn(self) -> str:
        """Its host, in full."""
        return f"{self.resource.host}.{self.group.domain}"

    @property
    def vos(self) -> tuple[str, ...]:
        """Those that it is for; none: everyone."""
        return self.resource.vos or self.group.vos


@dataclass(frozen=True, slots=True)
class World:
    """All that there is, by the registry that lists it."""

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    gocdb: tuple[GocdbSite, ...] = ()
    osg: tuple[ResourceGroup, ...] = ()

    def sites(self) -> Iterator[tuple[int, GocdbSite]]:
        """GOCDB's sites with their identifiers."""
        return iter(enumerate(self.gocdb, FIRST_SITE))

    def services(self) -> Iterator[ListedService]:
        """GOCDB's services."""
        every = ((site, service) for site in self.gocdb for service in site.services)
        return (ListedService(number, site, service) for number, (site, service) in enumerate(every, FIRST_SERVICE))

    def resources(self) -> Iterator[ListedResource]:
        """OSG's resources."""
        every = ((number, group, r) for number, group in enumerate(self.osg, FIRST_SITE) for r in group.resources)
        return (ListedResource(n, group, group_id, r) for n, (group_id, group, r) in enumerate(every, FIRST_SERVICE))

    def services_called(self, target: str) -> tuple[ListedService, ...]:
        """GOCDB's services that ``target`` means: a site, a host, or ``host/type``."""
        return tuple(s for s in self.services() if target in {s.site.name, s.hostname, f"{s.hostname}/{s.service.type}"})

    def resources_called(self, target: str) -> tuple[ListedResource, ...]:
        """OSG's resources that ``target`` means: a resource group, or a resource."""
        return tuple(r for r in self.resources() if target in {r.group.name, r.resource.name})


@cache
def the_world() -> World:
    """The world that ``world.toml`` describes."""
    return read("world.toml", World)

"""An endpoint of ARGO's, which is a service of GOCDB's as a rule, and a group that is a site; and how they are elements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from gridmask.collectors.gocdb.sites import CERTIFIED, TYPE, key_of
from gridmask.collectors.hosts import host_of
from gridmask.collectors.record import told
from gridmask.domain.element import Element, ElementKey

if TYPE_CHECKING:
    from gridmask.domain.element import ElementType

_NO = frozenset({"0", "n", "no", "false"})


class Endpoint(msgspec.Struct, frozen=True):
    """``tags`` hold what its registry told: with ``hostname`` in them, the member of that name has an identifier in it."""

    group: str
    hostname: str
    service: str
    type: str = "SITES"
    tags: dict[str, str] = {}

    @property
    def host(self) -> str:
        """The host that it is on, in lower case."""
        name = self.tags.get("hostname") or self.hostname
        return host_of(name) or name.lower()

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts in its addresses, which need not be its own."""
        urls = ",".join(self.tags.get(tag, "") for tag in ("info_URL", "info_service_endpoint_URL"))
        return frozenset(filter(None, map(host_of, urls.split(","))))

    @property
    def in_production(self) -> bool:
        """Whether it is in use; so it is where that is not told."""
        return self.tags.get("production", "").strip().lower() not in _NO

    @property
    def identifier(self) -> str:
        """What its registry knows it by."""
        return self.tags.get("info_ID", "").strip()


class Group(msgspec.Struct, frozen=True):
    """A group of groups, such as an NGI, and one that is in it."""

    group: str
    subgroup: str
    type: str = ""
    tags: dict[str, str] = {}

    @property
    def is_about_a_site(self) -> bool:
        """Whether what is in it is a site: only of these it is told whether they are certified, and for production."""
        return bool(self.tags.get("certification") or self.tags.get("infrastructure"))

    @property
    def in_service(self) -> bool:
        """Whether the site is certified; so it is where that is not told."""
        return self.tags.get("certification", CERTIFIED).strip().casefold() in ("", CERTIFIED.casefold())


def scopes(tags: dict[str, str]) -> frozenset[str]:
    """The scopes, which stand in one text with commas between."""
    return frozenset(filter(None, (scope.strip() for scope in tags.get("scope", "").split(","))))


def offered(found: Sequence[frozenset[str]], vo_scopes: frozenset[str]) -> frozenset[str]:
    """The VOs that things with these scopes are offered to: of one that names none, everyone."""
    vos = [frozenset(map(str.casefold, names)) & vo_scopes for names in found]
    return frozenset[str]().union(*vos) if all(vos) else frozenset()


@dataclass(frozen=True, slots=True)
class Site:
    """A site, and what groups say of it."""

    name: str
    groups: tuple[Group, ...]

    def in_service(self) -> bool:
        """Whether each group of it that tells has it as certified."""
        return all(group.in_service for group in self.groups)

    def element(self, source: str, vo_scopes: frozenset[str]) -> Element:
        """The site."""
        found = [scopes(group.tags) for group in self.groups]
        tags = [group.tags for group in self.groups]
        return Element(
            key_of(self.name),
            site=self.name,
            offered=offered(found, vo_scopes) if found else frozenset(),
            in_service=self.in_service(),
            category=TYPE.category,
            tags=frozenset[str]().union(*found),
            facts=told(
                groups=sorted({group.group for group in self.groups}),
                certification=next((said["certification"] for said in tags if said.get("certification")), ""),
                infrastructure=next((said["infrastructure"] for said in tags if said.get("infrastructure")), ""),
            ),
            source=source,
        )


def service(kind: ElementType, endpoints: Sequence[Endpoint], source: str, vo_scopes: frozenset[str], *, site: Site) -> Element:
    """The element that ``endpoints``, of one type on one host at one site, are together. Those in production speak for it."""
    used = [one for one in endpoints if one.in_production]
    speaking, host = used or list(endpoints), endpoints[0].host
    identifiers = sorted({one.identifier for one in endpoints} - {""})
    return Element(
        ElementKey(kind.family, kind.name, host),
        site=site.name,
        offered=offered([scopes(one.tags) for one in speaking], vo_scopes),
        in_service=bool(used) and site.in_service(),
        category=kind.category,
        hosts=(host, *sorted(frozenset[str]().union(*(one.hosts for one in speaking)) - {host})),
        tags=frozenset[str]().union(*(scopes(one.tags) for one in speaking)),
        facts=told(
            service_types=sorted({one.service for one in endpoints}),
            monitored=any(one.tags.get("monitored", "").strip() == "1" for one in endpoints),
            urls=sorted({one.tags["info_URL"] for one in endpoints if one.tags.get("info_URL")}),
        ),
        source=source,
        services=frozenset(one.service.lower() for one in speaking),
        identity=f"service:{identifiers[0]}" if identifiers else "",
    )

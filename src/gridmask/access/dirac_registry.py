"""DIRAC's registry: who has which certificate, who is in which group, and what members of it may do.

::

    DIRAC/VirtualOrganization                  # the VO of groups that name none
    Registry/DefaultGroup                      # of whoever chose none
    Registry/Users/NAME/{DN, DefaultGroup, Suspended}
    Registry/Groups/NAME/{Users, Properties, VO}
    Registry/Hosts/NAME/{DN, Properties}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.access.distinguished_names import folded, unescaped
from gridmask.dirac_cfg.syntax import parse

if TYPE_CHECKING:
    from gridmask.access.identity import Claims
    from gridmask.dirac_cfg.tree import Section

HOSTS = "hosts"
"""What DIRAC calls the group of all hosts."""

_BETWEEN = re.compile(r",\s*(?=/)")


@dataclass(frozen=True, slots=True)
class Group:
    """A group: who is in it, for which VO they work, and what they may do."""

    users: frozenset[str]
    vo: str
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a certificate.

    Attributes:
        name: what DIRAC calls it.
        default_groups: groups to be in where none was chosen, the first best.
        suspended: the VOs for which a user may do nothing.
        properties: of a host; None: it is a user.
    """

    name: str
    default_groups: tuple[str, ...] = ()
    suspended: frozenset[str] = frozenset()
    properties: tuple[str, ...] | None = None

    @property
    def is_host(self) -> bool:
        """Whether it is a host."""
        return self.properties is not None

    @property
    def key(self) -> str:
        """What it is called, unlike any other: no user has a slash in the name."""
        return f"host/{self.name}" if self.is_host else self.name


@dataclass(frozen=True, slots=True)
class DiracRegistry:
    """The registry, by the names of certificates.

    Attributes:
        members: users and hosts by the name of their certificate; a name that several have is nobody's.
        groups: by name.
        doubtful: the names that several have.
    """

    members: Mapping[str, Member] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()

    def claims(self, member: Member, chosen: str) -> Claims:
        """What is known of ``member``, who chose the group ``chosen``; empty: none.

        Whoever chose a group of which it is no member is in none.
        """
        if member.properties is not None:
            return {"dirac_host": [member.name], "dirac_group": [HOSTS], "dirac_properties": list(member.properties)}
        name = next((name for name in ((chosen,) if chosen else member.default_groups) if self._is_in(member, name)), None)
        if name is None:
            return {"dirac_user": [member.name]}
        group = self.groups[name]
        known = {"dirac_user": [member.name], "dirac_group": [name], "dirac_properties": list(group.properties)}
        return {**known, "dirac_vo": [group.vo]} if group.vo else known

    def _is_in(self, member: Member, name: str) -> bool:
        group = self.groups.get(name)
        return group is not None and member.name in group.users and group.vo not in member.suspended


def read(body: bytes, place: str) -> DiracRegistry:
    """The registry in DIRAC's configuration ``body``; ``place`` is what to call it in errors.

    Raises:
        MalformedAnswer: it is no such text.
    """
    root = parse(body, place).root
    registry = root.section("Registry")
    general = registry.list("DefaultGroup")
    users = ((dn, _user(name, user, general)) for name, user in registry.section("Users") for dn in _names(user))
    hosts = ((dn, _host(name, host)) for name, host in registry.section("Hosts") for dn in _names(host))
    members, doubtful = _distinct([*users, *hosts])
    vo = root.section("DIRAC").value("VirtualOrganization")
    return DiracRegistry(members, {name: _group(group, vo) for name, group in registry.section("Groups")}, doubtful)


def _user(name: str, user: Section, general: tuple[str, ...]) -> Member:
    return Member(name, user.list("DefaultGroup") + general, frozenset(user.list("Suspended")))


def _host(name: str, host: Section) -> Member:
    return Member(name, properties=host.list("Properties"))


def _group(group: Section, vo: str) -> Group:
    return Group(frozenset(group.list("Users")), group.value("VO") or vo, group.list("Properties"))


def _names(member: Section) -> list[str]:
    """The names of its certificates: between commas, which may also be part of a name."""
    return [unescaped(name.strip()) for name in _BETWEEN.split(member.value("DN")) if name.startswith("/")]


def _distinct(found: Iterable[tuple[str, Member]]) -> tuple[dict[str, Member], frozenset[str]]:
    """Whose names are theirs alone; and those that are not, since others have them, or one that could pass for them."""
    pairs = dict.fromkeys(found)
    owners: dict[str, set[str]] = {}
    for dn, member in pairs:
        owners.setdefault(folded(dn), set()).add(member.key)
    doubtful = frozenset(dn for dn, _ in pairs if len(owners[folded(dn)]) > 1)
    return {dn: member for dn, member in pairs if dn not in doubtful}, doubtful

"""Certificates of people, hosts and their proxies: who somebody is by what they showed, here or to a proxy in front."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from gridmask.access import chains
from gridmask.access.distinguished_names import unescaped
from gridmask.access.extra import TRUSTED_HOST
from gridmask.access.granting import GrantRule, granted
from gridmask.access.identity import LONGEST_NAME, OF_CERTIFICATES, Identity
from gridmask.access.leaf import leaf
from gridmask.access.voms import NONE
from gridmask.domain.actor import ActorKind
from gridmask.domain.errors import Unauthenticated
from gridmask.domain.rights import Grant, Role
from gridmask.domain.vo import VoRegistry

if TYPE_CHECKING:
    from gridmask.access.dirac_registry import DiracRegistry, Member
    from gridmask.access.extra import Extra
    from gridmask.access.identity import Claims
    from gridmask.access.leaf import Leaf
    from gridmask.access.voms import Voms
    from gridmask.clock import Clock

LEEWAY = 60
"""Seconds by which the clock of who made a certificate may be ahead. None by which it may have ended."""

OF_REGISTRY = (
    GrantRule(Role.READER, "{dirac_vo}", {"dirac_group": ("*",)}),
    GrantRule(Role.OPERATOR, "{dirac_vo}", {"dirac_properties": ("SiteManager",)}),
)
"""What DIRAC's registry grants by itself: who may write to its own Resource Status System operates the VO of the group."""


OF_VOMS = (GrantRule(Role.READER, "{voms_vo}", {"voms_vo": ("*",)}),)
"""What VOMS grants by itself."""


class Delegated(StrEnum):
    """What proxies of proxies may do: the last one alone does not tell of what sort those before it are."""

    REFUSE = "refuse"
    READ = "read"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Terms:
    """On which certificates count.

    Attributes:
        rules: what it takes to be granted something.
        delegated: what proxies of proxies may do.
    """

    rules: tuple[GrantRule, ...] = ()
    delegated: Delegated = Delegated.READ


Vos = Callable[[], Awaitable[VoRegistry]]
"""Tells which VOs there are."""

Registry = Callable[[], Awaitable["DiracRegistry"]]
"""Tells what DIRAC's registry says."""


class Certificates:
    """Checks certificates.

    Args:
        terms: on which they count.
        vos: tells which VOs there are.
        clock: where the time comes from.
        registry: DIRAC's; None: without it, what a proxy says of a group counts for nothing.
        voms: believes attributes of VOMS; None: they count for nothing.
    """

    def __init__(
        self, terms: Terms, vos: Vos, clock: Clock, registry: Registry | None = None, voms: Voms | None = None
    ) -> None:
        self._terms = terms
        self._vos = vos
        self._clock = clock
        self._registry = registry
        self._voms = voms
        self._rules = terms.rules + (OF_REGISTRY if registry else ()) + (OF_VOMS if voms else ())

    async def identify(self, presented: bytes | chains.Pems, extra: Extra | None = None) -> Identity:
        """Whose certificate that is; or in whose name its owner asks, if ``extra`` says so, and it is a host that is trusted.

        Args:
            presented: as a proxy in front passes it on, or with the chain that was verified here.
            extra: what a client of DIRAC says beside it.

        Raises:
            Unauthenticated: it is nobody's that counts, or does not bear out what ``extra`` says; the text says why.
            RegistryUnavailable: nobody can tell, for now.
        """
        shown = leaf(presented) if isinstance(presented, bytes) else chains.leaf(presented)
        self._require_current(shown)
        self._require_wanted(shown)
        registry = await self._registry() if self._registry else None
        member = registry.members.get(shown.standing.owner) if registry else None
        if extra is not None and extra.is_delegated:
            return await self._in_the_name_of(extra, shown, member, registry)
        known = registry.claims(member, _chosen(shown, member, extra)) if registry and member else {}
        said = await self._voms.attributes(shown, self._clock().timestamp()) if self._voms else NONE
        grants = granted(self._rules, _claims(shown, {**known, **said.claims}), await self._vos())
        kind = ActorKind.SERVICE if member and member.is_host else ActorKind.PERSON
        vouched, name = shown.issuer or shown.standing.owner, member.key if member else shown.standing.owner
        return Identity(_name(name), vouched, self._cut(shown, grants), kind, min(shown.ends, said.ends))

    async def _in_the_name_of(self, extra: Extra, shown: Leaf, host: Member | None, registry: DiracRegistry | None) -> Identity:
        """The user in whose name a host asks: what DIRAC's registry says of the user counts, and no more than that."""
        if host is None or TRUSTED_HOST not in (host.properties or ()) or shown.standing.proxies:
            raise Unauthenticated(f"Only a host with the property {TRUSTED_HOST} asks in the name of others: not this one.")
        user = registry.members.get(unescaped(extra.owner.strip())) if registry else None
        known = registry.claims(user, extra.group) if registry and user and not user.is_host else {}
        if user is None or "dirac_group" not in known:
            who = f"{extra.owner[:128]!r} in the group {extra.group[:64]!r}"
            raise Unauthenticated(f"DIRAC's registry knows no user {who} who may do anything.")
        # the name of a certificate is no claim of somebody who did not show it
        grants = granted(self._rules, known, await self._vos())
        return Identity(_name(user.key), shown.standing.owner, grants, ActorKind.PERSON, shown.ends)

    def _require_current(self, shown: Leaf) -> None:
        now = self._clock().timestamp()
        if not shown.begins - LEEWAY <= now < shown.ends:
            raise Unauthenticated("The certificate expired, or does not count yet: make another proxy, or ask for another.")

    def _require_wanted(self, shown: Leaf) -> None:
        if shown.standing.proxies > 1 and self._terms.delegated is Delegated.REFUSE:
            raise Unauthenticated("Proxies of proxies are not accepted here: use one that your own certificate signed.")

    def _cut(self, shown: Leaf, grants: frozenset[Grant]) -> frozenset[Grant]:
        of_another = shown.own is None and shown.standing.proxies > 1 and self._terms.delegated is not Delegated.ACT
        if not (shown.standing.is_limited or of_another):
            return grants
        return frozenset(Grant(Role.READER, grant.vo) for grant in grants if grant.role.includes(Role.READER))


def _claims(shown: Leaf, known: Claims) -> Claims:
    # lists: the words of a name are no names. A user chooses some of them
    issuer = {"issuer": [shown.issuer]} if shown.issuer else {}
    return {"subject": [shown.standing.owner], **issuer, **known}


def _chosen(shown: Leaf, member: Member | None, extra: Extra | None) -> str:
    """The group that somebody chose: by a proxy, else by what they say. A proxy of a proxy may hide one that chose another."""
    if extra is None or member is None:
        return shown.group
    if member.is_host != extra.is_host:
        raise Unauthenticated(f"DIRAC's registry does not know {shown.standing.owner} to be in the group {extra.group[:64]!r}.")
    return shown.group or (extra.group if shown.own or shown.standing.proxies <= 1 else "")


def _name(owner: str) -> str:
    """Unlike anybody else's: names of certificates begin with a slash, and what DIRAC calls its users has none."""
    name = f"{owner}@{OF_CERTIFICATES}"
    return name if len(name) <= LONGEST_NAME else f"{owner[:80]}...{sha256(owner.encode()).hexdigest()[:32]}@{OF_CERTIFICATES}"

"""Certificates of people, hosts and their proxies: who somebody is by the certificate that a proxy in front passes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from gridmask.access.granting import GrantRule, granted
from gridmask.access.identity import LONGEST_NAME, OF_CERTIFICATES, Identity
from gridmask.access.leaf import leaf
from gridmask.domain.actor import ActorKind
from gridmask.domain.errors import Unauthenticated
from gridmask.domain.rights import Grant, Role
from gridmask.domain.vo import VoRegistry

if TYPE_CHECKING:
    from gridmask.access.dirac_registry import DiracRegistry, Member
    from gridmask.access.identity import Claims
    from gridmask.access.leaf import Leaf
    from gridmask.clock import Clock

LEEWAY = 60
"""Seconds by which the clock of who made a certificate may be ahead. None by which it may have ended."""

OF_REGISTRY = (
    GrantRule(Role.READER, "{dirac_vo}", {"dirac_group": ("*",)}),
    GrantRule(Role.OPERATOR, "{dirac_vo}", {"dirac_properties": ("SiteManager",)}),
)
"""What DIRAC's registry grants by itself: who may write to its own Resource Status System operates the VO of the group."""


class Delegated(StrEnum):
    """What proxies of proxies may do: the last one does not tell of what sort those before it are."""

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
    """

    def __init__(self, terms: Terms, vos: Vos, clock: Clock, registry: Registry | None = None) -> None:
        self._terms = terms
        self._vos = vos
        self._clock = clock
        self._registry = registry
        self._rules = terms.rules + (OF_REGISTRY if registry else ())

    async def identify(self, escaped: bytes) -> Identity:
        """Whose certificate that is.

        Raises:
            Unauthenticated: it is nobody's that counts; the text says why.
            RegistryUnavailable: nobody can tell, for now.
        """
        shown = leaf(escaped)
        self._require_current(shown)
        self._require_wanted(shown)
        registry = await self._registry() if self._registry else None
        member = registry.members.get(shown.standing.owner) if registry else None
        known = registry.claims(member, shown.group) if registry and member else {}
        grants = granted(self._rules, _claims(shown, known), await self._vos())
        kind = ActorKind.SERVICE if member and member.is_host else ActorKind.PERSON
        vouched = shown.issuer or shown.standing.owner
        return Identity(_name(shown, member), vouched, self._cut(shown, grants), kind, shown.ends)

    def _require_current(self, shown: Leaf) -> None:
        now = self._clock().timestamp()
        if not shown.begins - LEEWAY <= now < shown.ends:
            raise Unauthenticated("The certificate expired, or does not count yet: make another proxy, or ask for another.")

    def _require_wanted(self, shown: Leaf) -> None:
        if shown.standing.proxies > 1 and self._terms.delegated is Delegated.REFUSE:
            raise Unauthenticated("Proxies of proxies are not accepted here: use one that your own certificate signed.")

    def _cut(self, shown: Leaf, grants: frozenset[Grant]) -> frozenset[Grant]:
        of_another = shown.standing.proxies > 1 and self._terms.delegated is not Delegated.ACT
        if not (shown.standing.is_limited or of_another):
            return grants
        return frozenset(Grant(Role.READER, grant.vo) for grant in grants if grant.role.includes(Role.READER))


def _claims(shown: Leaf, known: Claims) -> Claims:
    # lists: the words of a name are no names. A user chooses some of them
    issuer = {"issuer": [shown.issuer]} if shown.issuer else {}
    return {"subject": [shown.standing.owner], **issuer, **known}


def _name(shown: Leaf, member: Member | None) -> str:
    """Unlike anybody else's: names of certificates begin with a slash, and what DIRAC calls its users has none."""
    owner = member.key if member else shown.standing.owner
    name = f"{owner}@{OF_CERTIFICATES}"
    return name if len(name) <= LONGEST_NAME else f"{owner[:80]}...{sha256(owner.encode()).hexdigest()[:32]}@{OF_CERTIFICATES}"

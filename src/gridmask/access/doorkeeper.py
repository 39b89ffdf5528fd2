"""The doorkeeper: who asks, by what they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING, Protocol

from gridmask.domain.actor import Actor, Origin
from gridmask.domain.errors import Unauthenticated
from gridmask.domain.rights import Grant, Role
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.access.extra import Extra
    from gridmask.access.identity import Identity
    from gridmask.access.sessions import Sessions

LOCAL = Actor.administrator("local")
"""Whoever comes from this very machine, to an installation without authentication."""

NOBODY = "anonymous"
"""What who shows nothing is called."""

READS_ALL = frozenset({Grant(Role.READER, ALL)})

Network = IPv4Network | IPv6Network


Presented = bytes | tuple[str, ...]
"""A certificate: as a proxy in front tells of it, or as it was seen here."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows who asks.

    Attributes:
        address: whence the connection came; empty: nobody knows.
        request: the identifier of the request.
        authorization: the header of that name; empty: there is none.
        certificate: what a proxy in front passes on, escaped; or the chain that was verified here, in PEM, the first by whom
            it was shown; empty: none. A token counts for more.
        session: what a browser kept of a session; empty: nothing. It counts for more than a certificate.
        extra: what a client of DIRAC says beside its certificate; None: nothing. Beside another proof it means nothing.
    """

    address: str
    request: str
    authorization: str = ""
    certificate: Presented = ()
    session: str = ""
    extra: Extra | None = None


class Checks(Protocol):
    """Knows a kind of token."""

    def takes(self, token: str) -> bool:
        """Whether ``token`` is of this kind, by its look."""

    async def identify(self, token: str) -> Identity:
        """Whom ``token`` is about.

        Raises:
            Unauthenticated: it proves nothing.
        """


class ChecksCertificates(Protocol):
    """Knows certificates."""

    async def identify(self, presented: Presented, extra: Extra | None = None) -> Identity:
        """Whose certificate that is, or in whose name its owner asks.

        Raises:
            Unauthenticated: it is nobody's that counts.
        """


class Doorkeeper:
    """Tells who asks. Without ``reading``, it is always who sits at this machine.

    Args:
        reading: who may read: ``public``, ``authenticated`` or ``vo``; None: there is no authentication.
        checks: the kinds of tokens that count; the first one that takes a token has the say.
        certificates: has the say of certificates; None: nobody is known by one.
        sessions: has the say of sessions; None: nobody can log in.
    """

    def __init__(
        self,
        reading: str | None,
        checks: Sequence[Checks] = (),
        certificates: ChecksCertificates | None = None,
        sessions: Sessions | None = None,
    ) -> None:
        self.asks = reading is not None
        self._of_anybody = READS_ALL if reading == "public" else frozenset[Grant]()
        self._of_known = frozenset[Grant]() if reading == "vo" else READS_ALL
        self._checks = checks
        self._certificates = certificates
        self._sessions = sessions

    @property
    def takes_certificates(self) -> bool:
        """Whether somebody can be known by a certificate."""
        return self._certificates is not None

    async def admit(self, shown: Shown) -> Actor:
        """Who asks.

        Raises:
            Unauthenticated: what is shown proves nothing; who shows nothing is somebody, if hardly anybody.
            KeysUnavailable: nobody can tell, for now.
        """
        if not self.asks:
            return Actor(LOCAL.name, LOCAL.kind, LOCAL.grants, Origin("", shown.address, shown.request))
        if shown.extra and shown.extra.is_delegated and not self._goes_by_certificate(shown):
            raise Unauthenticated("Only who shows the certificate of a trusted host can ask in the name of others.")
        identity = await self._identity(shown)
        if identity is None:
            return Actor(NOBODY, grants=self._of_anybody, origin=Origin("", shown.address, shown.request))
        return identity.actor(shown.address, shown.request, self._of_known)

    def _goes_by_certificate(self, shown: Shown) -> bool:
        return bool(self._certificates and shown.certificate) and not (shown.authorization or shown.session)

    async def _identity(self, shown: Shown) -> Identity | None:
        if not shown.authorization:
            in_session = self._sessions.identify(shown.session) if self._sessions and shown.session else None
            return in_session or await self._of_certificate(shown.certificate, shown.extra)
        scheme, _, token = shown.authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("Show a token: 'Authorization: Bearer TOKEN'.")
        return await self._of_token(token.strip())

    async def _of_certificate(self, presented: Presented, extra: Extra | None) -> Identity | None:
        return await self._certificates.identify(presented, extra) if self._certificates and presented else None

    async def _of_token(self, token: str) -> Identity:
        for check in self._checks:
            if check.takes(token):
                return await check.identify(token)
        raise Unauthenticated("What was sent as a token is none that is accepted here.")


def is_anonymous(actor: Actor) -> bool:
    """Whether nobody knows who that is."""
    return actor.name == NOBODY and not actor.origin.issuer


def within(address: str, networks: Sequence[Network]) -> bool:
    """Whether ``address`` belongs to one of ``networks``."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)


def origin_of(address: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """Whence a request came: ``address``; or if that is a proxy, the last in ``X-Forwarded-For`` that is none."""
    hops = [address, *(hop.strip() for hop in reversed(forwarded.split(",")))] if forwarded else [address]
    for hop in hops:
        if not within(hop, proxies):
            # what a stranger wrote there is no address
            return hop if hop == address or _is_address(hop) else address
    return hops[-1]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True

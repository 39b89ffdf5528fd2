"""The gate: whether a request may come in at all, and who it is that asks."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import uuid4

from gridmask.access import chains, leaf
from gridmask.access.cookies import Cookies
from gridmask.access.doorkeeper import Shown, is_anonymous, origin_of, within
from gridmask.api import problems
from gridmask.api.throttle import Throttle, network_of, plain
from gridmask.domain.errors import Unauthenticated
from gridmask.loopback import names_loopback

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from starlette.responses import Response
    from starlette.types import Scope

    from gridmask.access.doorkeeper import Presented
    from gridmask.access.extra import Extra
    from gridmask.access.forwarding import Forwarding
    from gridmask.access.settings import Access
    from gridmask.bootstrap import Installation
    from gridmask.domain.actor import Actor

_IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Gate:
    """The gate of an installation. One without authentication answers to names of this machine only."""

    def __init__(self, gridmask: Installation) -> None:
        self._gridmask = gridmask

    @cached_property
    def throttle(self) -> Throttle | None:
        """Tells who asks too often; None: who sits at this machine may."""
        return Throttle(self._gridmask.settings.limits) if self._access else None

    @property
    def origins(self) -> Collection[str]:
        """Those of pages from elsewhere that may read."""
        return self._access.origins if self._access else ()

    @property
    def patience(self) -> float:
        """Seconds that the body of a request may take to arrive."""
        return self._gridmask.settings.limits.body.total_seconds()

    @property
    def _access(self) -> Access | None:
        return self._gridmask.settings.access

    @property
    def _forwarding(self) -> Forwarding:
        return self._gridmask.forwarding

    def refusal(self, headers: Mapping[bytes, bytes]) -> Response | None:
        """Why a request is refused for the name by which it asks for the server; None if it is not.

        A page from elsewhere can have its own name point at this machine, and then read what it finds here.
        """
        host = headers.get(b"host", b"").decode("latin-1")
        if self._access is None:
            told = f"Without authentication, this server answers to names of this machine only, not to {host!r}."
            return None if names_loopback(host) else problems.answer(421, told)
        name = host.rpartition(":")[0] if re.search(r":[0-9]*$", host) else host
        if not self._access.hosts or name.lower() in self._access.hosts or names_loopback(host):
            return None
        return problems.answer(421, f"This server is not called {host!r}.")

    def request_id(self, scope: Scope, headers: Mapping[bytes, bytes]) -> str:
        """The identifier of a request: the one that a proxy gave it, or a new one."""
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        believed = _IDENTIFIER.fullmatch(given) and self._forwarding.believes(_peer(scope), headers)
        return given if believed else uuid4().hex

    def address(self, scope: Scope, headers: Mapping[bytes, bytes]) -> str:
        """Whence a request came."""
        peer, forwarded = _peer(scope), headers.get(b"x-forwarded-for", b"").decode("latin-1")
        believed = forwarded and self._forwarding.believes(peer, headers)
        return origin_of(peer, forwarded, self._forwarding.proxies) if believed else peer

    async def actor(self, scope: Scope, headers: Mapping[bytes, bytes], request: str, extra: Extra | None = None) -> Actor:
        """Who asks. ``extra``: what a client of DIRAC says beside its certificate.

        Raises:
            Unauthenticated, KeysUnavailable: as the doorkeeper has it.
        """
        address = self.address(scope, headers)
        authorization = headers.get(b"authorization", b"").decode("latin-1")
        certificate = () if authorization else self._certificate(scope, headers)
        session = "" if authorization else self.session(scope, headers)
        shown = Shown(address, request, authorization, certificate, session, extra)
        return await self._gridmask.doorkeeper.admit(shown)

    async def speaking(self, scope: Scope, extra: Extra) -> Actor:
        """Who asks, by what a client of DIRAC says in a request that came in.

        Raises:
            Unauthenticated: what it shows does not bear that out. KeysUnavailable: as the doorkeeper has it.
        """
        return await self.actor(scope, dict(scope["headers"]), scope["state"]["actor"].origin.request, extra)

    async def again(self, scope: Scope, before: Actor) -> Actor:
        """Who asks, some time after it was ``before``: by then, what they showed may prove nothing any more.

        Raises:
            Unauthenticated: it does not, or proves that it is somebody else. KeysUnavailable: as the doorkeeper has it.
        """
        now = await self.actor(scope, dict(scope["headers"]), before.origin.request)
        if (now.name, now.origin.issuer) != (before.name, before.origin.issuer):
            raise Unauthenticated("What you showed does not count any more.")
        return now

    def bucket(self, actor: Actor) -> str:
        """What ``actor`` is counted as: by name, or, of whom nobody knows, by address; empty: nobody is told apart."""
        if self._access is None:
            return ""
        return network_of(actor.origin.address) if is_anonymous(actor) else actor.name

    def session(self, scope: Scope, headers: Mapping[bytes, bytes]) -> str:
        """The session that counts for a request; empty: none does."""
        logins = self._gridmask.logins
        return Cookies(logins.url).session(scope["method"], scope["path"], headers) if logins else ""

    def _certificate(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Presented:
        """The certificate that a proxy passes on. From anybody else that is nothing: certificates are no secret.

        Then it is the one by which the connection was made. That of a proxy is none of those for whom it asks.
        """
        if not self._gridmask.doorkeeper.takes_certificates:
            return ()
        peer = _peer(scope)
        if within(peer, self._forwarding.proxies):
            return leaf.shown(scope["headers"]) if self._forwarding.believes(peer, headers) else ()
        return chains.shown(scope.get("extensions", {}))


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return plain(client[0]) if client else ""

"""Logging in: by an authorization code of OpenID Connect, with PKCE (:rfc:`9700` tells what can go wrong there).

What has to be remembered between being sent to an issuer and coming back, the browser keeps under our seal: so nobody can come
back who was not sent, or to another issuer, or twice.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, NamedTuple

from gridmask.access import id_tokens
from gridmask.access.bearer import identity_of
from gridmask.access.keys import KeysUnavailable
from gridmask.access.provider import Provider
from gridmask.access.redeeming import Talk
from gridmask.access.return_paths import HOME, local
from gridmask.access.spent import Spent
from gridmask.domain.errors import NotKnown, Unauthenticated

if TYPE_CHECKING:
    from gridmask.access.bearer import Issuer, Registry
    from gridmask.access.identity import Claims, Identity
    from gridmask.access.provider import Endpoints
    from gridmask.access.redeeming import Redeemed, Registration
    from gridmask.access.sessions import Sessions
    from gridmask.clock import Clock
    from gridmask.http import Client

WITHIN = 600
"""Seconds in which one has to come back."""

FAREWELL_WITHIN = 3
"""Seconds that who leaves waits for an issuer to say where to leave it as well."""

_PURPOSE = "gridmask-login"
_LONGEST_CODE = 4096
_AGAIN = "Log in again."


@dataclass(frozen=True, slots=True)
class Party:
    """An issuer that people can log in by, and as what it knows us."""

    issuer: Issuer
    registration: Registration


class Begun(NamedTuple):
    """Somebody is to be sent to ``address``, and their browser to keep ``kept``."""

    address: str
    kept: str


class LoggedIn(NamedTuple):
    """Somebody is known; their browser is to keep ``session``, and to go on at ``path``."""

    identity: Identity
    session: str
    path: str


@dataclass(frozen=True, slots=True)
class _Way:
    issuer: Issuer
    client_id: str
    provider: Provider
    talk: Talk


class Logins:
    """Lets people log in by ``parties``, to the server that is known to them at ``url``."""

    def __init__(
        self,
        parties: Sequence[Party],
        url: str,
        sessions: Sessions,
        *,
        client: Client,
        clock: Clock,
        registry: Registry,
    ) -> None:
        self.url = url.rstrip("/")
        self.sessions = sessions
        self._seals = sessions.seals
        self._clock = clock
        self._registry = registry
        self._ways = {party.issuer.name: self._way(party, client) for party in parties}
        self._spent = Spent(clock)

    def _way(self, party: Party, client: Client) -> _Way:
        name, registration = party.issuer.name, party.registration
        talk = Talk(name, registration, f"{self.url}{back_to(name)}", client)
        return _Way(party.issuer, registration.client_id, Provider(party.issuer.url, client, self._clock), talk)

    @property
    def names(self) -> tuple[str, ...]:
        """By whom one can log in."""
        return tuple(self._ways)

    async def begin(self, name: str, back: str = HOME) -> Begun:
        """Begin a log-in by the issuer called ``name``, after which somebody is led ``back``.

        Raises:
            NotKnown: there is no such issuer. KeysUnavailable: it does not answer.
        """
        way = self._find(name)
        endpoints = await way.provider.endpoints()
        said = {"state": secrets.token_urlsafe(32), "nonce": secrets.token_urlsafe(32), "verifier": secrets.token_urlsafe(48)}
        kept = {**said, "issuer": name, "back": local(back), "until": self._clock().timestamp() + WITHIN}
        return Begun(way.talk.address(endpoints, **said), self._seals.seal(_PURPOSE, kept))

    async def finish(self, name: str, kept: str, answer: Mapping[str, str]) -> LoggedIn:
        """Finish a log-in by the issuer called ``name``, which sent somebody back with ``answer``.

        Args:
            name: the issuer.
            kept: what the browser kept of its beginning; empty: nothing.
            answer: the parameters with which it came back, each given once.

        Raises:
            NotKnown: there is no such issuer. Unauthenticated: it proves nothing.
            KeysUnavailable: nobody can tell, for now. InvalidRequest: nobody could keep such a session.
        """
        way = self._find(name)
        begun = self._begun(name, kept, answer.get("state", ""))
        endpoints = await way.provider.endpoints()
        code = _code(way.issuer, endpoints, answer)
        redeemed = await way.talk.redeem(endpoints, code, begun["verifier"])
        claims = await self._claims(way, redeemed, begun["nonce"])
        identity = identity_of(way.issuer, claims, await self._registry())
        return LoggedIn(identity, self.sessions.begin(identity), local(begun["back"]))

    def vouching(self, identity: Identity) -> str:
        """What the issuer is called by which somebody logged in."""
        return next(name for name, way in self._ways.items() if way.issuer.url == identity.issuer)

    async def farewell(self, name: str) -> str:
        """Where somebody can log out of the issuer called ``name`` as well; empty: nowhere, or nobody can tell for now.

        Raises:
            NotKnown: there is no such issuer.
        """
        way = self._find(name)
        with suppress(KeysUnavailable, TimeoutError):
            async with asyncio.timeout(FAREWELL_WITHIN):
                return way.talk.farewell(await way.provider.endpoints(), f"{self.url}{HOME}")
        return ""

    def _find(self, name: str) -> _Way:
        if name not in self._ways:
            raise NotKnown("issuer to log in by", name, self._ways)
        return self._ways[name]

    def _begun(self, name: str, kept: str, state: str) -> Mapping[str, Any]:
        begun = self._seals.open(_PURPOSE, kept)
        if (
            begun is None
            or begun["issuer"] != name
            or not compare_digest(begun["state"].encode(), state.encode(errors="replace"))
        ):
            raise Unauthenticated(f"This log-in was not begun in this browser, or another one was since. {_AGAIN}")
        if begun["until"] <= self._clock().timestamp():
            raise Unauthenticated(f"This log-in took more than {WITHIN // 60} minutes. {_AGAIN}")
        if state in self._spent:
            raise Unauthenticated(f"This log-in was finished before. {_AGAIN}")
        self._spent.add(state, begun["until"])
        return begun

    async def _claims(self, way: _Way, redeemed: Redeemed, nonce: str) -> Claims:
        now = int(self._clock().timestamp())
        claims = await id_tokens.checked(
            redeemed.given, way.issuer.url, way.provider.keys, client_id=way.client_id, nonce=nonce, now=now
        )
        if redeemed.more and redeemed.more.get("sub") != claims["sub"]:
            raise Unauthenticated(f"{way.issuer.name} tells of two people at once. {_AGAIN}")
        # what is signed counts for more
        return {**redeemed.more, **claims}


def back_to(name: str) -> str:
    """The path to which the issuer called ``name`` sends people back: its own, so that none can pass for another."""
    return f"/login/{name}/callback"


def _code(issuer: Issuer, endpoints: Endpoints, answer: Mapping[str, str]) -> str:
    """The code with which somebody came back.

    Raises:
        Unauthenticated: another issuer sent them; or there is none.
    """
    if answer.get("iss", "" if endpoints.tells_issuer else issuer.url) != issuer.url:
        raise Unauthenticated(f"Another issuer than {issuer.name} sent you back. {_AGAIN}")
    code = answer.get("code", "")
    if "error" in answer or not 0 < len(code) <= _LONGEST_CODE:
        raise Unauthenticated(f"{issuer.name} did not let you in. {_AGAIN}")
    return code

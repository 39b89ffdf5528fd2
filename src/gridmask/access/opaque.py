"""Service tokens as they are shown: ``gridmask_ID_SECRET``. The secret is random, so its plain digest tells nothing of it."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, NamedTuple

from gridmask.access.identity import OF_SERVICE_TOKENS, Identity
from gridmask.domain.actor import ActorKind
from gridmask.domain.errors import StoreUnavailable, Unauthenticated

if TYPE_CHECKING:
    from gridmask.clock import Clock
    from gridmask.domain.service_token import ServiceToken

PREFIX = "gridmask_"
"""By which those who look for leaked secrets find them."""

REMEMBERED_FOR = timedelta(seconds=5)
"""How long what the database said of a token counts: so long, at most, a revoked one opens doors."""

KEPT_FOR = timedelta(minutes=10)
"""The same, while the database is away."""

ISSUER = OF_SERVICE_TOKENS

MOST_STRANGE = 4
"""How many tokens that nobody has seen are looked up at once: whoever invents them must not keep others from the database."""

_MOST_REMEMBERED = 1024
_FORM = re.compile(rf"{PREFIX}([a-z0-9]{{12}})_([A-Za-z0-9_-]{{43}})")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class Minted(NamedTuple):
    """A new secret: what it is called, what is shown, and what is kept of it."""

    id: str
    shown: str
    digest: str


def mint() -> Minted:
    """A new one, that nobody can guess: 256 bits."""
    number = "".join(secrets.choice(_LETTERS) for _ in range(12))
    secret = secrets.token_urlsafe(32)
    return Minted(number, f"{PREFIX}{number}_{secret}", digest(secret))


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return sha256(secret.encode()).hexdigest()


def called(name: str) -> str:
    """What somebody is called who shows a token of that name: never as a person is, or a service that others vouch for."""
    return f"{name}@{OF_SERVICE_TOKENS}"


Find = Callable[[str], Awaitable[tuple["ServiceToken", str] | None]]
"""Gives a token by its id, and the digest of its secret."""


class ServiceTokens:
    """Checks service tokens."""

    def __init__(self, find: Find, clock: Clock) -> None:
        self._find = find
        self._clock = clock
        self._known: dict[str, tuple[datetime, tuple[ServiceToken, str]]] = {}
        self._strange = asyncio.Semaphore(MOST_STRANGE)

    def takes(self, token: str) -> bool:
        """Whether ``token`` looks like one."""
        return token.startswith(PREFIX)

    async def identify(self, token: str) -> Identity:
        """Whom ``token`` is about.

        Raises:
            Unauthenticated: there is none such, or none any more; which of these is not told.
            StoreUnavailable: nobody can tell, for now.
        """
        shown = _FORM.fullmatch(token)
        found = await self._look_up(shown[1]) if shown else None
        if shown is None or found is None or not compare_digest(found[1], digest(shown[2])):
            raise Unauthenticated("The service token is none that was issued here.")
        known = found[0]
        if not known.counts(self._clock()):
            raise Unauthenticated(f"The service token {known.id} expired, or was revoked: ask for another.")
        return Identity(called(known.name), ISSUER, known.grants, ActorKind.SERVICE, known.expires_at.timestamp())

    async def _look_up(self, number: str) -> tuple[ServiceToken, str] | None:
        now = self._clock()
        read_at, known = self._known.get(number, (None, None))
        if read_at is not None and now - read_at < REMEMBERED_FOR:
            return known
        try:
            async with nullcontext() if known else self._strange:
                found = await self._find(number)
        except StoreUnavailable:
            if read_at is not None and now - read_at < KEPT_FOR:
                return known
            raise
        self._known.pop(number, None)
        if found is not None:
            # what nobody issued is not remembered: there is no end to what can be invented
            self._known[number] = now, found
        while len(self._known) > _MOST_REMEMBERED:
            self._known.pop(next(iter(self._known)))
        return found

"""What a probe works with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic

from gridmask.clock import Clock
from gridmask.probes.address import Address
from gridmask.probes.identities import Identities
from gridmask.probes.resolving import Resolver
from gridmask.probes.secrets import password_in, token_of
from gridmask.probes.target import Credentials, Target
from gridmask.probes.wire import Wire, opened


class Workshop:
    """What all probes share: who resolves names, and TLS contexts. To be closed."""

    def __init__(self, clock: Clock, ca: Path | None = None) -> None:
        """``ca``: the certificate authorities to trust where a probe names none; None: the system's."""
        self.clock = clock
        self.resolver = Resolver()
        self.identities = Identities(ca, clock)

    def close(self) -> None:
        """Give back what it holds."""
        self.resolver.close()


@dataclass(slots=True)
class ProbeEnv:
    """What one run of a probe works with.

    Attributes:
        workshop: what all share.
        seconds: how long it may take.
        doing: what it is at, for whoever wonders what takes so long.
        is_ours: whether it is our fault, and none of the service, if that takes too long.
    """

    workshop: Workshop
    seconds: float
    doing: str = "beginning"
    is_ours: bool = False
    _began: float = field(default_factory=monotonic)

    @property
    def now(self) -> datetime:
        """The time of day."""
        return self.workshop.clock()

    @property
    def left(self) -> float:
        """How many seconds are left."""
        return max(self._began + self.seconds - monotonic(), 0.0)

    @property
    def overdue(self) -> float:
        """How many seconds ago its time was up; negative before."""
        return monotonic() - self._began - self.seconds

    @asynccontextmanager
    async def wire(self, target: Target, address: Address | None = None, *, tls: bool | None = None) -> AsyncIterator[Wire]:
        """A connection to ``target``, or to ``address`` in its name; ``tls``: None is as the address says.

        Raises:
            Trouble: there is none.
        """
        where = address or target.address
        secure = where.secure if tls is None else tls
        context = await self.workshop.identities.context(target.credentials.access) if secure else None
        found = await self.addresses(where.host)
        async with opened(self, where, found, context) as wire:
            yield wire

    async def addresses(self, host: str) -> tuple[str, ...]:
        """The addresses of ``host``, of which there is at least one.

        Raises:
            Trouble: there is none, or no name server answers.
        """
        self.doing, self.is_ours = f"looking up {host}", True
        found = await self.workshop.resolver.addresses(host)
        self.is_ours = False
        return found

    async def token(self, target: Target) -> tuple[str, str] | None:
        """The header with the token of ``target``; None if it has none.

        Raises:
            NotMade: it cannot be used.
        """
        return await token_of(target.credentials.access, self.now)

    async def login(self, credentials: Credentials) -> tuple[str, str]:
        """User and password; either may be empty.

        Raises:
            NotMade: the password cannot be read.
        """
        return credentials.user, await password_in(credentials.password_file)

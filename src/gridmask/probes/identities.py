"""TLS contexts, one for each identity under which probes are made, made anew when their files change."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509

from gridmask.clock import Clock
from gridmask.domain.errors import InvalidConfiguration
from gridmask.http import ANYBODY, Access
from gridmask.http.tls import context_for
from gridmask.probes.finding import NotMade


class Identities:
    """Gives out TLS contexts. To make one takes longer than most probes, so that they are kept."""

    def __init__(self, ca: Path | None, clock: Clock) -> None:
        """``ca``: the certificate authorities to trust where an access names none; None: the system's."""
        self._ca = ca
        self._clock = clock
        self._made: dict[Access, tuple[tuple[object, ...], ssl.SSLContext, datetime | None]] = {}
        self._making = asyncio.Lock()

    async def context(self, access: Access) -> ssl.SSLContext:
        """What connections under ``access`` are made with.

        Raises:
            NotMade: its files cannot be used, or its certificate has expired.
        """
        identity = access.identity()
        if identity == ANYBODY and identity in self._made:
            return self._made[identity][1]
        try:
            async with self._making:
                return await self._current(identity)
        except InvalidConfiguration as error:
            raise NotMade(str(error)) from error

    async def _current(self, identity: Access) -> ssl.SSLContext:
        stamp = await asyncio.to_thread(identity.stamp) if identity != ANYBODY else ()
        known = self._made.get(identity)
        if known is None or known[0] != stamp:
            known = (stamp, *await asyncio.to_thread(self._make, identity))
            self._made[identity] = known
        if known[2] is not None and known[2] <= self._clock():
            raise NotMade(f"our certificate in {identity.certificate} expired at {known[2]:%Y-%m-%d %H:%M} UTC")
        return known[1]

    def _make(self, identity: Access) -> tuple[ssl.SSLContext, datetime | None]:
        context = context_for(identity, self._ca, trust_env=False)
        return context, _expiry(identity.certificate) if identity.certificate else None


def _expiry(file: Path) -> datetime:
    """Until when the first certificate in ``file``, and all above it, count."""
    return min(certificate.not_valid_after_utc for certificate in x509.load_pem_x509_certificates(file.read_bytes()))

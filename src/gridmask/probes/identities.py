"""TLS contexts, one for each identity under which probes are made, made anew when their files change."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import monotonic

from cryptography import x509

from gridmask.clock import Clock
from gridmask.domain.errors import InvalidConfiguration
from gridmask.http import Access
from gridmask.http.tls import context_for
from gridmask.probes.finding import NotMade

BETWEEN_LOOKS = 5.0
"""Seconds between two looks whether a file was replaced."""


@dataclass(slots=True)
class _Made:
    stamp: tuple[object, ...]
    context: ssl.SSLContext
    expires: datetime | None
    looked: float


class Identities:
    """Gives out TLS contexts. To make one takes longer than most probes, so that they are kept."""

    def __init__(self, ca: Path | None, clock: Clock) -> None:
        """``ca``: the certificate authorities to trust where an access names none; None: the system's."""
        self._ca = ca
        self._clock = clock
        self._made: dict[Access, _Made] = {}
        self._making = asyncio.Lock()

    async def context(self, access: Access) -> ssl.SSLContext:
        """What connections under ``access`` are made with.

        Raises:
            NotMade: its files cannot be used, or its certificate has expired.
        """
        identity = access.identity()
        identity = identity if identity.ca else replace(identity, ca=self._ca)
        made = self._made.get(identity)
        if made is None or self._has_expired(made) or monotonic() - made.looked >= BETWEEN_LOOKS:
            made = await self._current(identity)
        if self._has_expired(made):
            raise NotMade(f"our certificate in {identity.certificate} expired at {made.expires:%Y-%m-%d %H:%M} UTC")
        return made.context

    async def _current(self, identity: Access) -> _Made:
        try:
            async with self._making:
                stamp = await asyncio.to_thread(identity.stamp)
                made = self._made.get(identity)
                if made is None or made.stamp != stamp:
                    made = self._made[identity] = await asyncio.to_thread(_make, identity, stamp)
                made.looked = monotonic()
                return made
        except InvalidConfiguration as error:
            raise NotMade(str(error)) from error

    def _has_expired(self, made: _Made) -> bool:
        return made.expires is not None and made.expires <= self._clock()


def _make(identity: Access, stamp: tuple[object, ...]) -> _Made:
    context = context_for(identity, None, trust_env=False)
    return _Made(stamp, context, _expiry(identity.certificate) if identity.certificate else None, monotonic())


def _expiry(file: Path) -> datetime:
    """Until when the first certificate in ``file``, and all above it, count."""
    return min(certificate.not_valid_after_utc for certificate in x509.load_pem_x509_certificates(file.read_bytes()))

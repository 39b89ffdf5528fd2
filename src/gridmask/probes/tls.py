"""``tls``: the handshake, and how long the certificate still counts."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, Result, unusable
from gridmask.probes.target import Target
from gridmask.probes.wire import Wire


@dataclass(frozen=True, slots=True)
class Tls:
    """The certificate is trusted, is that of the host, and counts for long enough.

    Attributes:
        warning_days: with so many days left or fewer, it is ``WARNING``.
        critical_days: with so many days left or fewer, it is ``CRITICAL``, as it is once it has expired.
    """

    schemes: ClassVar[tuple[str, ...]] = ("tls", "https", "amqps", "ldaps", "mqtts", "rediss", "stomps")
    url: ClassVar[str] = "tls://{host}"

    warning_days: int = 14
    critical_days: int = 0

    def __post_init__(self) -> None:
        if self.critical_days > self.warning_days:
            raise ValueError(f"critical_days ({self.critical_days}) must not be more than warning_days ({self.warning_days})")

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        async with env.wire(target) as wire:
            until = _expiry(wire)
        left = (until - env.now).total_seconds() / 86_400
        summary = f"its certificate counts until {until:%Y-%m-%d %H:%M} UTC"
        return Finding(self._result(left), summary, {"days_left": round(left, 3)})

    def _result(self, left: float) -> Result:
        if left <= self.critical_days:
            return "CRITICAL"
        return "WARNING" if left <= self.warning_days else "OK"


def _expiry(wire: Wire) -> datetime:
    said = wire.certificate.get("notAfter")
    if not isinstance(said, str):
        unusable("it shows no certificate")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(said), UTC)

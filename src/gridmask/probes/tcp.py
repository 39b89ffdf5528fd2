"""``tcp``: something listens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, shown, unusable
from gridmask.probes.target import Target


@dataclass(frozen=True, slots=True)
class Tcp:
    """A connection can be made; with ``greeting``, the service says that text within its first line.

    Attributes:
        greeting: what its first line must contain; empty: it need not say anything.
    """

    schemes: ClassVar[tuple[str, ...]] = ("tcp", "tls")
    url: ClassVar[str] = ""

    greeting: str = ""

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        async with env.wire(target) as wire:
            if not self.greeting:
                return Finding("OK", "it takes connections")
            env.doing = "waiting for its greeting"
            said = await wire.line()
            if self.greeting.encode() not in said:
                unusable(f"it greets with {shown(said, 80)!r}, and not with {self.greeting!r}")
            return Finding("OK", "it greets as it should")

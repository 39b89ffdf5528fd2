"""Targets: what one probe is made at, for whom, and with which credentials."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gridmask.domain.element import ElementKey
from gridmask.domain.vo import ALL
from gridmask.http import Access
from gridmask.probes.address import Address


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a probe proves who it is with. It holds paths, never what is in the files; these are read for each probe."""

    access: Access = Access()
    user: str = ""
    password_file: Path | None = None

    @property
    def any(self) -> bool:
        """Whether there is anything to prove it with."""
        return bool(self.access.token_place or self.access.certificate or self.password_file or self.user)


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to probe: an address of an element, for a VO or for :data:`~gridmask.domain.vo.ALL`."""

    element: ElementKey
    address: Address
    vo: str = ALL
    credentials: Credentials = field(default=Credentials(), compare=False)

    @property
    def host(self) -> str:
        """Who must not be asked for too much at once."""
        return self.address.host.casefold()

    def __str__(self) -> str:
        return str(self.address) if self.vo == ALL else f"{self.address} for {self.vo}"

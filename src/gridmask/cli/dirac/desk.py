"""DIRAC's services, asked without a network: what is said in DIRAC's words is done as the door for its clients does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmask.dirac_rpc.encoding import naive
from gridmask.dirac_rpc.protocol import Caller
from gridmask.dirac_rpc.resource_management import DOWNTIMES, ResourceManagement
from gridmask.dirac_rpc.resource_status import ResourceStatus
from gridmask.domain.vo import ALL
from gridmask.service.dirac_evidence import DiracEvidence
from gridmask.service.dirac_reads import DiracReads
from gridmask.service.dirac_records import DiracRecords
from gridmask.service.dirac_writes import DiracWrites

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from gridmask.dirac_rpc.protocol import Answer
    from gridmask.domain.actor import Actor

Said = dict[str, Any]
"""A record, or what is said of one, by column."""


class Desk:
    """Where an ``actor`` who knows DIRAC's words is served, in an installation."""

    def __init__(self, installation: Installation, actor: Actor, *, declares: bool = False) -> None:
        """``declares``: elements of which nobody knows may be brought in, where the settings let clients of DIRAC do so."""
        inspector, clock = installation.inspector, installation.clock
        reads = DiracReads(inspector, installation.board)
        declares = declares and installation.settings.dirac_rpc.declare_unknown
        self.actor = actor
        self._vos = installation.vos
        self._clock = clock
        self._caller = Caller(actor, ALL)
        records = DiracRecords(inspector, self._vos)
        self._statuses = ResourceStatus(reads, DiracWrites(inspector, self._vos, declares=declares), records, self._vos, clock)
        self._caches = ResourceManagement(reads, DiracEvidence(inspector, self._vos), records, clock)

    def now(self) -> datetime:
        """The time, as DIRAC has it."""
        return naive(self._clock())

    async def vo(self, name: str | None) -> str | None:
        """The canonical name of the VO called ``name``; None stands for itself.

        Raises:
            NotKnown: there is none.
        """
        return None if name is None else await self._vos.resolve(name)

    async def select(self, table: str, where: Said) -> list[Said]:
        """The records of a table of statuses for which ``where`` holds, each column of it one of several values."""
        return _records((await self._statuses.select(self._caller, table, _said(where))).answer)

    async def modify(self, table: str, said: Said) -> None:
        """Make rows what is ``said`` of them: see :func:`gridmask.dirac_rpc.writes.wish`."""
        await self._statuses.add_or_modify(self._caller, table, _said(said))

    async def delete(self, table: str, where: Said) -> int:
        """Delete records of a table of statuses, as far as that can be. Returns how many."""
        return int((await self._statuses.delete(self._caller, table, _said(where))).answer["Value"])

    async def downtimes(self, where: Said) -> list[Said]:
        """The downtimes for which ``where`` holds."""
        return _records((await self._caches.select(self._caller, DOWNTIMES, _said(where))).answer)

    async def put_downtime(self, said: Said) -> None:
        """Take in a downtime, or what is new about it."""
        await self._caches.add_or_modify(self._caller, DOWNTIMES, _said(said))

    async def delete_downtimes(self, where: Said) -> int:
        """Withdraw downtimes that were taken in so. Returns how many."""
        return int((await self._caches.delete(self._caller, DOWNTIMES, _said(where))).answer["Value"])


def _said(said: Said) -> Said:
    return {column: value for column, value in said.items() if value is not None}


def _records(answer: Answer) -> list[Said]:
    return [dict(zip(answer["Columns"], record, strict=True)) for record in answer["Value"]]

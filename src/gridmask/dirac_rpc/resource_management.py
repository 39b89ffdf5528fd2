"""The service ``ResourceStatus/ResourceManagement``: what DIRAC remembers of the world, and what its policies said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

from gridmask.dirac_rpc import evidence
from gridmask.dirac_rpc.kept import Kept, nothing, said_of
from gridmask.dirac_rpc.protocol import ThereAlready, ok
from gridmask.dirac_rpc.rights import require_reader
from gridmask.dirac_rpc.selection import Selection, selection
from gridmask.dirac_rpc.tables import CACHES, FAMILIES, cache
from gridmask.dirac_rpc.told import Told
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.measurements import SPACE, TICKETS
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.clock import Clock
    from gridmask.dirac_rpc.kept import Row, Taken
    from gridmask.dirac_rpc.protocol import Caller
    from gridmask.dirac_rpc.selection import Record
    from gridmask.dirac_rpc.told import Method
    from gridmask.domain.evidence import Evidence
    from gridmask.service.dirac_evidence import DiracEvidence
    from gridmask.service.dirac_reads import DiracReads
    from gridmask.service.dirac_records import DiracRecords
    from gridmask.service.offers import Reads
    from gridmask.store.dirac_views.names import Names

DOWNTIMES, OCCUPANCY, VERDICTS, GGUS = "DowntimeCache", "SpaceTokenOccupancyCache", "PolicyResult", "GGUSTicketsCache"
PILOTS, JOBS = "PilotCache", "JobCache"

OF_OLD = {
    "AccountingCache": ("Name", "PlotType", "PlotName", "Result", "DateEffective", "LastCheckTime", "Meta"),
    OCCUPANCY: ("Endpoint", "Token", "Total", "Guaranteed", "Free", "LastCheckTime", "Meta"),
}
"""Tables for which DIRAC 9's client has fewer methods than DIRAC 8's, with the columns in the order of these."""

_AS_EVIDENCE: dict[str, Callable[[Row, Names], tuple[Evidence, ...]]] = {
    OCCUPANCY: evidence.occupancy,
    GGUS: evidence.tickets,
    PILOTS: evidence.pilots,
    JOBS: evidence.jobs,
}
"""What records are taken as, that clients write."""


class ResourceManagement:
    """The service."""

    def __init__(self, reads: DiracReads, known: DiracEvidence, records: DiracRecords, clock: Clock) -> None:
        self._reads = reads
        self._known = known
        self._clock = clock
        self._kept = {name: Kept(table, records, clock) for name, table in CACHES.items() if name != DOWNTIMES}
        self._ours: dict[str, Callable[[Selection, Reads], Awaitable[list[Record]]]] = {
            DOWNTIMES: self._downtimes,
            OCCUPANCY: self._occupancy,
            GGUS: self._tickets,
            VERDICTS: self._verdicts,
        }

    @property
    def methods(self) -> dict[str, Method]:
        """What can be called, by name."""
        return {
            "select": self.select,
            "insert": self.insert,
            "delete": self.delete,
            "addOrModify": self.add_or_modify,
            **{f"{deed}{table}": self._of_old(deed, table) for table in OF_OLD for deed in ("select", "delete", "addOrModify")},
        }

    def _of_old(self, deed: str, table: str) -> Method:
        """A method that DIRAC 8's client has, and that DIRAC 9's asks its server for: it is given columns by position."""
        columns = OF_OLD[table] if deed == "select" else OF_OLD[table][:-1]

        async def do(caller: Caller, *values: object) -> Told:
            # as many as are given
            params = dict(zip(columns, values, strict=False))
            return await self.methods[deed](caller, table, params)

        of = (
            Parameter(f"{column[0].lower()}{column[1:]}", Parameter.POSITIONAL_OR_KEYWORD, default=None) for column in columns
        )
        first = Parameter("caller", Parameter.POSITIONAL_ONLY)
        do.__signature__ = Signature([first, *of])  # type: ignore[attr-defined]  # what looks at it is told by this
        return do

    async def select(self, caller: Caller, table: object, params: object) -> Told:
        """``select(table, params)``: what clients wrote, as they wrote it, and what is known here beside that."""
        chosen = selection(cache(table), params)
        if "VO" in chosen.table.columns:
            require_reader(caller.actor, chosen.texts("VO"))
        return Told(chosen.answer(await self._records(chosen, partial(caller.actor.may, Action.READ))))

    async def insert(self, caller: Caller, table: object, params: object) -> Told:
        """``insert(table, params)``: a record that is there already is an error."""
        known = cache(table)
        if known.name == DOWNTIMES:
            said = said_of(known, params)
            if await self._downtime(said.get("DowntimeID", "")) is not None:
                raise ThereAlready(f"{known.name} has {said['DowntimeID']!r} already; nothing was changed.")
            return await self._put_downtime(caller, said)
        await self._kept[known.name].insert(caller.actor, params, await self._taken(known.name))
        return Told(ok())

    async def add_or_modify(self, caller: Caller, table: object, params: object) -> Told:
        """``addOrModify(table, params)``."""
        known = cache(table)
        if known.name == DOWNTIMES:
            return await self._put_downtime(caller, said_of(known, params))
        await self._kept[known.name].add_or_modify(caller.actor, params, await self._taken(known.name))
        return Told(ok())

    async def delete(self, caller: Caller, table: object, params: object) -> Told:
        """``delete(table, params)``: what clients wrote; what sources told stays."""
        chosen = selection(cache(table), params, strict=True)
        name = chosen.table.name
        if not chosen.says_something:
            raise InvalidRequest(f"That would delete all of {name}. Say what is meant.")
        if name == DOWNTIMES:
            found = chosen.chosen(await self._downtimes(chosen, partial(caller.actor.may, Action.READ)))
            return Told(ok(await self._known.withdraw(caller.actor, (record[0] for record in found))))
        return Told(ok(await self._kept[name].remove(caller.actor, chosen, await self._taken(name))))

    async def _taken(self, name: str) -> Taken:
        """What records of a cache are taken as."""
        told, names = _AS_EVIDENCE.get(name), await self._reads.names()
        return nothing if told is None else lambda row: told(row, names)

    async def _records(self, chosen: Selection, reads: Reads) -> list[Record]:
        table = chosen.table
        places = [table.columns.index(column) for column in table.key if column != "Endpoint"]
        kept = await self._kept[table.name].records(chosen) if table.name in self._kept else []
        ours = await self._ours[table.name](chosen, reads) if table.name in self._ours else []
        there = {tuple(record[place] for place in places) for record in kept}
        return [*kept, *(record for record in ours if tuple(record[place] for place in places) not in there)]

    async def _downtimes(self, _: Selection, reads: Reads) -> list[Record]:
        told = [one for one in await self._known.downtimes() if one.downtime.vo == ALL or reads(one.downtime.vo)]
        return evidence.downtime_records(told, await self._reads.names())

    async def _occupancy(self, _: Selection, reads: Reads) -> list[Record]:
        told = [one for one in await self._known.measured(SPACE) if one.vo == ALL or reads(one.vo)]
        return evidence.occupancy_records(told, await self._reads.names())

    async def _tickets(self, _: Selection, reads: Reads) -> list[Record]:
        return evidence.ticket_records([one for one in await self._known.measured(TICKETS) if one.vo == ALL or reads(one.vo)])

    async def _verdicts(self, chosen: Selection, _: Reads) -> list[Record]:
        families = [family for family in FAMILIES if family in (chosen.texts("Element") or FAMILIES)]
        names, called = await self._reads.names(), chosen.texts("Name")
        found: list[Record] = []
        for family in families:
            kept = None if called is None else names.kept(family, called)
            found += evidence.verdict_records(await self._reads.written(family, kept), names)
        return found

    async def _downtime(self, record: str) -> dict[str, Any] | None:
        table = CACHES[DOWNTIMES]
        told = evidence.downtime_records(await self._known.downtimes(), await self._reads.names())
        found = (one for one in told if one[0] == record)
        return next((dict(zip(table.columns, one, strict=True)) for one in found), None)

    async def _put_downtime(self, caller: Caller, said: dict[str, Any]) -> Told:
        before = await self._downtime(said.get("DowntimeID", ""))
        told = evidence.downtime(said, before, self._clock(), await self._reads.names())
        await self._known.put_downtime(caller.actor, told)
        return Told(ok())

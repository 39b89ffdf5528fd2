"""What clients deleted of logs: records that they are told no more, and that stay in the history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridmask.dirac_rpc import encoding
from gridmask.dirac_rpc.selection import Record, Selection, selection
from gridmask.dirac_rpc.tables import status_table

if TYPE_CHECKING:
    from gridmask.domain.actor import Actor
    from gridmask.service.dirac_reads import DiracReads


@dataclass(frozen=True, slots=True)
class Hidden:
    """Records of a log up to the one with the number ``last``, as far as ``chosen`` means them."""

    chosen: Selection
    last: int

    def has(self, record: Record) -> bool:
        """Whether ``record`` is one of them."""
        return record[0] <= self.last and self.chosen.accepts(record)


class HiddenRecords:
    """All of them, as they stand in the books."""

    def __init__(self, reads: DiracReads) -> None:
        self._reads = reads
        self._seen = 0
        self._of: dict[str, list[Hidden]] = {}

    async def hide(self, actor: Actor, chosen: Selection, params: dict[str, Any]) -> None:
        """Hide the records that there are now and that ``chosen``, made of ``params``, means."""
        said = {"table": chosen.table.name, "params": params, "last": await self._reads.last_change()}
        await self._reads.hide(actor, encoding.encoded(said).decode("ascii"))

    async def without(self, table: str, records: Iterable[Record]) -> list[Record]:
        """Those of ``records`` of ``table`` that nobody hid."""
        for number, text in await self._reads.hidden(self._seen):
            self._take(encoding.decoded(text))
            self._seen = number
        hidden = self._of.get(table, ())
        return [record for record in records if not any(one.has(record) for one in hidden)]

    def _take(self, said: dict[str, Any]) -> None:
        table = status_table(said["table"])[2]
        one = Hidden(selection(table, said["params"]), said["last"])
        kept = self._of.setdefault(table.name, [])
        if not one.chosen.where:
            # those that differ in nothing but how far they reach come again and again
            kept[:] = [other for other in kept if other.chosen.where or not _reaches(one, other)]
        kept.append(one)


def _reaches(one: Hidden, other: Hidden) -> bool:
    """Whether ``one`` hides all that ``other`` hides; both say nothing but a bound."""
    a, b = one.chosen, other.chosen
    if a.newer is not None or b.newer is not None or other.last > one.last:
        return False
    if a.older is None:
        return True
    return b.older is not None and a.older[0] == b.older[0] and bool(b.older[1] <= a.older[1])

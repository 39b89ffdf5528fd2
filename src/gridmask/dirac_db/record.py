"""A record of DIRAC's, as it stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from gridmask.dirac_db.tables import Table


class Record(NamedTuple):
    """A status, now or once. All but ``table`` and ``number`` are as the columns say it.

    ``number`` is its ID in a table of the past, 0 elsewhere. Moments are naive, or whatever a driver makes of what is none.
    """

    table: Table
    number: int
    name: str
    status_type: str
    status: str
    reason: str
    effective: Any
    expires: Any
    element_type: str
    checked: Any
    owner: str
    vo: str

    @property
    def place(self) -> str:
        """Where it stands: the table, and its ID if it has one."""
        return f"{self.table.name}/{self.number}" if self.number else self.table.name

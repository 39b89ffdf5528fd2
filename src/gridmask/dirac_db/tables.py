"""DIRAC's tables of statuses: which there may be, and how they differ between versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gridmask.domain.element import NODE, RESOURCE, SITE

FAMILIES = (SITE, RESOURCE, NODE)
"""Whose tables there may be. DIRAC 9.1 has none of nodes any more."""


class Part(StrEnum):
    """What a table of a family is, in the order in which their records came about."""

    HISTORY = "History"
    LOG = "Log"
    STATUS = "Status"


JOURNALS = (Part.HISTORY, Part.LOG)
"""The tables that tell of the past; each record has an ``ID``."""

COLUMNS = (
    *("Name", "StatusType", "Status", "Reason", "DateEffective"),
    *("TokenExpiration", "ElementType", "LastCheckTime", "TokenOwner"),
)
"""What every version has. The VO came in 2020."""

OWNER_LENGTH = 16
"""As long the name of an owner can be, unless a table says otherwise."""


@dataclass(frozen=True, slots=True)
class Table:
    """One of the tables.

    Attributes:
        family, part: what it holds.
        has_vo: whether it tells for which VO a status is; where it does not, each is everyone's.
        owner_length: how long the name of an owner can be; a longer one was cut.
    """

    family: str
    part: Part
    has_vo: bool = True
    owner_length: int = OWNER_LENGTH

    @property
    def name(self) -> str:
        """What DIRAC calls it."""
        return f"{self.family}{self.part}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables that there are, by family and part."""

    tables: Mapping[tuple[str, Part], Table]

    @property
    def families(self) -> tuple[str, ...]:
        """The families that there are tables of."""
        return tuple(family for family in FAMILIES if (family, Part.STATUS) in self.tables)

    @property
    def has_vo(self) -> bool:
        """Whether the current statuses are told apart by VO."""
        return any(table.has_vo for table in self.tables.values() if table.part is Part.STATUS)

    def journals(self, family: str) -> tuple[Table, ...]:
        """The tables that tell of the past of a family, oldest first."""
        return tuple(self.tables[family, part] for part in JOURNALS if (family, part) in self.tables)

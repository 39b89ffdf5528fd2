"""Two masks of the same things, made by two systems: in what they differ, and whether that matters to a reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.domain.element import RowKey
from gridmask.domain.status import Status, usable
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.element import ElementKey

NOTHING = "-"
"""Stands for a side that says nothing."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one system says of a row.

    Attributes:
        usable: whether the row may be used.
        status: which status it has; None: the system tells no more than whether it may be used.
        reason: why.
        since: since when.
        vo: whose row says so: the reader's own, or that of ``all``.
        binding: whether it outranks every VO's row (promise V4).
    """

    usable: bool
    status: Status | None = None
    reason: str = ""
    since: datetime | None = None
    vo: str = ALL
    binding: bool = False

    @classmethod
    def of(
        cls, status: Status, reason: str = "", since: datetime | None = None, vo: str = ALL, *, binding: bool = False
    ) -> Said:
        """That a row has ``status``."""
        return cls(usable(status), status, reason, since, vo, binding)

    @property
    def label(self) -> str:
        """The status, or as much as is told of it."""
        if self.status is not None:
            return self.status.label
        return "usable" if self.usable else "not usable"

    def agrees(self, other: Said) -> bool:
        """Whether ``other`` says the same, as far as both tell."""
        if self.status is None or other.status is None:
            return self.usable == other.usable
        return self.status is other.status


Statements = Mapping[RowKey, Said]
"""What one system says: of rows as it keeps them, or of rows as a reader sees them."""


def seen_by(vo: str, row: RowKey, kept: Statements) -> Said | None:
    """What a reader asking for ``vo`` gets of a row (promises V1, V4): of its own, else of that of ``all``."""
    general = kept.get(row._replace(vo=ALL))
    if general is not None and general.binding:
        return general
    return kept.get(row._replace(vo=vo), general)


def rows_of_note(vo: str | None, *sides: Iterable[RowKey]) -> frozenset[RowKey]:
    """The rows in which sides can be compared: all that ``vo`` sees.

    None: those of ``all``, and of each VO those of which a side has one of its own; in all others it sees what ``all`` does.
    """
    kept = frozenset(key for side in sides for key in side)
    if vo is None:
        return kept
    return frozenset(key._replace(vo=vo) for key in kept if key.vo in {ALL, vo})


def seen(rows: Iterable[RowKey], kept: Statements) -> dict[RowKey, Said]:
    """What is said of each of ``rows`` to a reader asking for its VO; those of which nothing is said are left out."""
    return {row: said for row in rows if (said := seen_by(row.vo, row, kept)) is not None}


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of which two systems say different things; None: that one says nothing of it."""

    row: RowKey
    theirs: Said | None
    ours: Said | None

    @property
    def matters(self) -> bool:
        """Whether a reader may use it by the one and not by the other. What is not spoken of is not usable."""
        return _usable(self.theirs) != _usable(self.ours)

    @property
    def _rank(self) -> tuple[object, ...]:
        return not self.matters, self.theirs is None or self.ours is None, self.row


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two systems' statements differ.

    Attributes:
        differences: what differs, what matters to a reader first.
        pairs: how often the one said this and the other that, by the labels of both.
        not_there: by type, how many rows are left out since the other system knows nothing of that type.
        not_offered: elements that are left out since they are not offered to the VO here; the others know of no offers.
    """

    differences: tuple[Difference, ...]
    pairs: Mapping[tuple[str, str], int]
    not_there: Mapping[str, int] = field(default_factory=dict)
    not_offered: frozenset[ElementKey] = frozenset()

    @property
    def compared(self) -> int:
        """How many rows were compared."""
        return sum(self.pairs.values())

    @property
    def agreeing(self) -> int:
        """How many of them are said to be the same."""
        return self.compared - len(self.differences)

    @property
    def mattering(self) -> tuple[Difference, ...]:
        """The differences that a reader would notice."""
        return tuple(difference for difference in self.differences if difference.matters)

    @property
    def is_equal(self) -> bool:
        """Whether readers may use the same by both. Where nothing was compared, nobody knows."""
        return self.compared > 0 and not self.mattering


def compare(theirs: Statements, ours: Statements) -> Comparison:
    """How two systems' statements on the same rows differ."""
    both = [Difference(row, theirs.get(row), ours.get(row)) for row in theirs.keys() | ours.keys()]
    differing = (one for one in both if not (one.theirs and one.ours and one.theirs.agrees(one.ours)))
    pairs = Counter((_label(one.theirs), _label(one.ours)) for one in both)
    return Comparison(tuple(sorted(differing, key=lambda one: one._rank)), pairs)  # noqa: SLF001 - its own module's


def of_types(types: Iterable[str], statements: Statements) -> tuple[dict[RowKey, Said], dict[str, int]]:
    """The ``statements`` on elements of ``types``; and, by type, how many there are on others."""
    wanted = frozenset(types)
    left = Counter(row.element.type for row in statements if row.element.type not in wanted)
    return {row: said for row, said in statements.items() if row.element.type in wanted}, dict(left)


def _usable(said: Said | None) -> bool:
    return said is not None and said.usable


def _label(said: Said | None) -> str:
    return said.label if said is not None else NOTHING

"""Groups: the lines of a matrix as they stand together, in order, each group with how it fares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter, is_
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from gridmask.domain.element import SITE, WHOLE
from gridmask.domain.status import Purpose, Status, usable
from gridmask.portal.drawing.bars import Bar, bar
from gridmask.portal.frame.wording import aspect
from gridmask.service.matrix import countries

if TYPE_CHECKING:
    from gridmask.domain.element import Element
    from gridmask.domain.row import Row
    from gridmask.portal.matrix.asked import Asked, View
    from gridmask.service.matrix import Announced

FEW = 100
"""So many elements are shown whole, in the order of their sites' names. Of more, the groups in trouble come first, and open."""

FINE = frozenset({Status.ACTIVE, Status.UNKNOWN})
"""Statuses that are no trouble: where nothing is known there is nothing to do about it here."""

_SHORTEST = 40


class Lined(Protocol):
    """A line: an element, and rows of it."""

    @property
    def element(self) -> Element:
        """The element."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """Those of its rows that are seen."""


L = TypeVar("L", bound=Lined)


@dataclass(frozen=True, slots=True)
class Summary:
    """How a group fares, of all its lines, shown or not.

    Attributes:
        name: what it is called; empty: what is at no site, or in no country that anybody tells of.
        bar: how many of its rows have each status.
        status: that of the site itself, where the group is one that has its own.
        held: how many of its rows the guard holds.
        announced: the downtimes there, in words, where the group is a site.
    """

    name: str
    bar: Bar
    status: Status | None = None
    held: int = 0
    announced: str = ""

    @property
    def trouble(self) -> bool:
        """Whether somebody should look there."""
        return self.held > 0 or any(part.status not in FINE for part in self.bar.parts)


@dataclass(frozen=True, slots=True)
class Block(Generic[L]):
    """A group.

    Attributes:
        summary: how it fares.
        lines: those of its lines that are shown.
        noted: those of them beside which something is said.
        opened: whether they are unfolded.
    """

    summary: Summary
    lines: tuple[L, ...]
    noted: tuple[L, ...]
    opened: bool


@dataclass(frozen=True, slots=True)
class Shown(Generic[L]):
    """What a page shows of ``total`` elements: ``blocks``, which have ``shown`` of them. ``bar`` is of them all.

    ``types`` and ``owners`` are what could be asked for: element types, and people who hold rows.
    """

    asked: Asked
    total: int
    shown: int
    bar: Bar
    types: tuple[str, ...]
    owners: tuple[str, ...]
    blocks: tuple[Block[L], ...]
    countries: Mapping[str, str]

    @property
    def sites(self) -> int:
        """How many sites are shown."""
        return len({line.element.site for block in self.blocks for line in block.lines} - {""})

    @property
    def lines(self) -> Iterable[L]:
        """All lines that are shown, in order."""
        return (line for block in self.blocks for line in block.lines)


@dataclass(frozen=True, slots=True)
class Folder(Generic[L]):
    """What was found out about a group, from ``lines`` and from what was ``announced`` there: it holds while these stay."""

    lines: list[L]
    announced: Announced | None
    counted: Counter[Status]
    summary: Summary
    shown: tuple[L, ...]
    noted: tuple[L, ...]
    types: frozenset[str]
    owners: frozenset[str]

    def holds(self, lines: list[L], announced: Announced | None) -> bool:
        """Whether the group has the very same lines still."""
        is_same = len(lines) == len(self.lines) and all(map(is_, lines, self.lines))
        return is_same and announced == self.announced


@dataclass(slots=True)
class Folders(Generic[L]):
    """What was found out about groups, by name, while sites were ``where`` they are."""

    where: Mapping[str, str] = field(default_factory=dict)
    by_name: dict[str, Folder[L]] = field(default_factory=dict)


def show(
    lines: Sequence[L],
    asked: Asked,
    announced: Mapping[str, Announced] | None = None,
    known: Folders[L] | None = None,
) -> Shown[L]:
    """What is shown of ``lines``; ``announced`` tells of downtimes by site; ``known`` is what was found out the last time."""
    where = countries(line.element for line in lines)
    group, gathered = _grouper(asked.view, where), dict[str, list[L]]()
    for line in lines:
        gathered.setdefault(group(line.element), []).append(line)
    before = known.by_name if known is not None and known.where == where else {}
    folders = {name: _folder(name, its, asked, where, announced or {}, before) for name, its in gathered.items()}
    if known is not None:
        known.where, known.by_name = where, folders
    return _shown(folders.values(), len(lines), asked, where)


def _folder(
    name: str,
    lines: list[L],
    asked: Asked,
    where: Mapping[str, str],
    announced: Mapping[str, Announced],
    before: Mapping[str, Folder[L]],
) -> Folder[L]:
    known, there = before.get(name), announced.get(name)
    if known is not None and known.holds(lines, there):
        return known
    counted = Counter([row.status for line in lines for row in line.rows])
    accepts = asked.filters.accepts
    wanted = [line for line in lines if accepts(line.element, line.rows, where.get(line.element.site, ""))]
    shown = _ordered(wanted, asked.view)
    return Folder(
        lines,
        there,
        counted,
        _summary(name, lines, counted, asked, there),
        shown,
        tuple([line for line in shown if any(row.reasons for row in line.rows)]),
        frozenset([line.element.key.type for line in lines]),
        frozenset([row.token.owner for line in lines for row in line.rows if row.token]),
    )


def _shown(folders: Collection[Folder[L]], total: int, asked: Asked, where: Mapping[str, str]) -> Shown[L]:
    shown = sum(len(folder.shown) for folder in folders)
    is_few = shown <= FEW or asked.view.group == "none"
    blocks = [
        Block(folder.summary, folder.shown, folder.noted, is_few or folder.summary.trouble)
        for folder in folders
        if folder.shown
    ]
    counted = Counter[Status]()
    for folder in folders:
        counted.update(folder.counted)
    return Shown(
        asked,
        total,
        shown,
        bar(counted, purpose=asked.filters.judged_for),
        tuple(sorted(frozenset().union(*(folder.types for folder in folders)))),
        tuple(sorted(frozenset().union(*(folder.owners for folder in folders)))),
        tuple(_in_order(blocks, asked.view, few=is_few)),
        where,
    )


def columns(lines: Iterable[Lined]) -> tuple[str, ...]:
    """The status types that have columns of their own, in the order in which types declare them.

    A line that has one status alone has it across all columns: it needs none.
    """
    found = dict.fromkeys(
        aspects for line in lines if len(line.rows) > 1 for aspects in [tuple([row.key.status_type for row in line.rows])]
    )
    return tuple(dict.fromkeys(aspect for aspects in found for aspect in aspects)) or (WHOLE,)


def heads(status_types: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """What the columns of these status types are called, in full and in short."""
    return tuple((one, "Status" if one == WHOLE else aspect(one)) for one in status_types)


def downtimes(announced: Announced | None) -> str:
    """How many downtimes there are at a site, in words."""
    if announced is None:
        return ""
    running = f"{announced.running} downtime{'' if announced.running == 1 else 's'}" if announced.running else ""
    return ", ".join(filter(None, (running, f"{announced.coming} to come" if announced.coming else "")))


def tally(rows: Iterable[Row], purpose: Purpose) -> tuple[int, int, Status]:
    """Of how many rows are usable, how many there are, and the worst of their statuses. There is at least one."""
    statuses = [row.status for row in rows]
    return sum(usable(status, purpose) for status in statuses), len(statuses), min(statuses)


def _grouper(view: View, where: Mapping[str, str]) -> Callable[[Element], str]:
    if view.level == "site":
        by_site = {"country": lambda element: where.get(element.site, ""), "type": lambda element: element.key.type}
        return by_site.get(view.group, lambda _: "")
    match view.group:
        case "country":
            return lambda element: where.get(element.site, "")
        case "type":
            return lambda element: element.key.type
        case "none":
            return lambda _: ""
        case _:
            return attrgetter("site")


def _summary(
    name: str, lines: Sequence[Lined], counted: Mapping[Status, int], asked: Asked, announced: Announced | None
) -> Summary:
    drawn = bar(counted, _SHORTEST, asked.filters.judged_for)
    held = sum(row.hold is not None for line in lines for row in line.rows)
    if asked.view.group not in {"", "site"} or asked.view.level:
        return Summary(name, drawn, held=held)
    itself = next((line for line in lines if line.element.key.family == SITE and line.rows), None)
    return Summary(name, drawn, itself.rows[0].status if itself else None, held, downtimes(announced))


_FAR = 1e15
"""Later than any moment, in seconds."""


def _latest(lines: Iterable[Lined]) -> float:
    """When a row of ``lines`` last became what it is: the later, the smaller."""
    return -max((row.standing.since.timestamp() for line in lines for row in line.rows), default=-_FAR)


def _worst(lines: Iterable[Lined]) -> Status:
    return min((row.status for line in lines for row in line.rows), default=Status.UNKNOWN)


def _ordered(lines: Iterable[L], view: View) -> tuple[L, ...]:
    """``lines`` of one group in order."""
    orders: Mapping[str, Callable[[L], tuple[object, ...]]] = {
        "": lambda line: (line.element.key.family != SITE, line.element.key[1:]),
        "name": lambda line: (line.element.key.name.casefold(), line.element.key),
        "site": lambda line: (line.element.site.casefold(), line.element.key.family != SITE, line.element.key[1:]),
        "status": lambda line: (_worst([line]), line.element.key.name.casefold(), line.element.key),
        "since": lambda line: (_latest([line]), line.element.key),
    }
    plain = "site" if view.group in {"country", "none"} else ""
    return tuple(sorted(lines, key=orders[view.sort or plain]))


def _in_order(blocks: Iterable[Block[L]], view: View, *, few: bool) -> list[Block[L]]:
    def by_name(block: Block[L]) -> tuple[bool, str, str]:
        return not block.summary.name, block.summary.name.casefold(), block.summary.name

    match view.sort:
        case "status":
            return sorted(blocks, key=lambda block: (_worst(block.lines), by_name(block)))
        case "since":
            return sorted(blocks, key=lambda block: (_latest(block.lines), by_name(block)))
        case "":
            return sorted(blocks, key=lambda block: (not few and not block.summary.trouble, by_name(block)))
        case _:
            return sorted(blocks, key=by_name)

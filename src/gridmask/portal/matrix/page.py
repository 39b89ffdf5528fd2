"""``/vos/{vo}/matrix``: what a VO may use, site by site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response

from gridmask.domain.element import SITE
from gridmask.domain.status import Purpose, Status, usable
from gridmask.portal.drawing.bars import Bar, bar
from gridmask.portal.drawing.marks import Mark, marks, waiting_for
from gridmask.portal.frame import addresses, pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import frame
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.sections import MATRIX
from gridmask.service.matrix import Announced, Line, Matrix

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation

router = APIRouter(include_in_schema=False, tags=[TAG])

FEW = 100
"""So many elements are shown whole, in the order of their sites' names. Of more, the sites in trouble come first, and open."""

FINE = frozenset({Status.ACTIVE, Status.UNKNOWN})
"""Statuses that are no trouble: where nothing is known there is nothing to do about it here."""

_SHORTEST = 40


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show. Empty: everything."""

    q: str = ""
    status: str = ""
    type: str = ""
    unusable: str = ""
    mark: str = ""
    purpose: str = ""

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def accepts(self, line: Line) -> bool:
        """Whether ``line`` is shown."""
        if self.type and line.element.key.type != self.type:
            return False
        if self.status and all(row.status.label != self.status for row in line.rows):
            return False
        if self.unusable and all(usable(row.status, self.judged_for) for row in line.rows):
            return False
        if self.mark and all(Mark(self.mark) not in marks(row) for row in line.rows):
            return False
        return not self.q or any(self.q.casefold() in name.casefold() for name in _names(line))

    @property
    def judged_for(self) -> Purpose:
        """The purpose for which things are usable or not."""
        return Purpose.parse(self.purpose or Purpose.USE.value)

    def address(self, vo: str, **other: str) -> str:
        """The matrix of ``vo``, filtered so but for what is given."""
        return addresses.matrix(vo, {**asdict(self), **other})


@dataclass(frozen=True, slots=True)
class Block:
    """A site with those of its lines that are shown; ``bar`` is of them all, as is ``held``, how many rows the guard holds.

    What is at no site is together in one, too.
    """

    site: str
    itself: Line | None
    lines: tuple[Line, ...]
    bar: Bar
    held: int
    announced: Announced | None
    trouble: bool
    opened: bool

    @property
    def status(self) -> Status | None:
        """The status of the site itself, where the mask has one."""
        return self.itself.rows[0].status if self.itself and self.itself.rows else None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of a matrix: ``blocks``, which have ``shown`` of its elements. ``bar`` is of them all."""

    matrix: Matrix
    filters: Filters
    bar: Bar
    shown: int
    types: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def sites(self) -> int:
        """How many sites are shown."""
        return sum(bool(block.site) for block in self.blocks)


Choice = Literal["", "yes"]
StatusChoice = Literal["", "Active", "Degraded", "Probing", "Banned", "Error", "Unknown"]
PurposeChoice = Literal["", "use", "test"]
MarkChoice = Literal["", "held", "damped", "taken"]


@router.api_route("/vos/{vo}/matrix", methods=["GET", "HEAD"])
async def matrix(  # noqa: PLR0913, PLR0917 - each is a filter in the address
    request: Request,
    vo: str,
    q: Annotated[str, Query(max_length=255)] = "",
    status: StatusChoice = "",
    type: Annotated[str, Query(max_length=64)] = "",  # noqa: A002 - its name in the URL
    unusable: Choice = "",
    mark: MarkChoice = "",
    purpose: PurposeChoice = "",
) -> Response:
    """The page."""
    gridmask: Installation = request.app.state.installation
    filters = Filters(q.strip(), status, type, unusable, mark, purpose)
    reader = reader_of(request)

    async def make() -> pages.Page:
        found = await gridmask.matrices.of(vo)
        shown = await to_thread.run_sync(show, found, filters)
        around = frame(gridmask, await gridmask.masks.revisions(), reader, vo=found.vo, section=MATRIX)
        waiting = waiting_for(found.vo, await gridmask.batches.list(), found.lines)
        about = {"shown": shown, "vo": found.vo, "filters": filters, "waiting": waiting}
        return await pages.made("matrix/matrix.html", {**about, "frame": around, "reader": reader})

    return await pages.answer(request, make)


def show(matrix: Matrix, filters: Filters) -> Shown:
    """What the page shows of ``matrix``."""
    by_site: dict[str, list[Line]] = {}
    for line in matrix.lines:
        by_site.setdefault(line.element.site, []).append(line)
    wanted = {site: [line for line in lines if filters.accepts(line)] for site, lines in by_site.items()}
    shown = sum(map(len, wanted.values()))
    few = shown <= FEW
    blocks = [
        _block(site, found, by_site[site], matrix.announced.get(site), filters.judged_for, few=few)
        for site, found in wanted.items()
        if found
    ]
    ordered = sorted(
        blocks, key=lambda block: (not few and not block.trouble, not block.site, block.site.casefold(), block.site)
    )
    types = sorted({line.element.key.type for line in matrix.lines})
    whole = bar(count(matrix.lines), purpose=filters.judged_for)
    return Shown(matrix, filters, whole, shown, tuple(types), tuple(ordered))


def count(lines: Iterable[Line]) -> Mapping[Status, int]:
    """How many rows of ``lines`` have each status."""
    counted: dict[Status, int] = {}
    for line in lines:
        for row in line.rows:
            counted[row.status] = counted.get(row.status, 0) + 1
    return counted


def _block(
    site: str, shown: Iterable[Line], whole: Sequence[Line], announced: Announced | None, purpose: Purpose, *, few: bool
) -> Block:
    counted = count(whole)
    held = sum(row.hold is not None for line in whole for row in line.rows)
    trouble = held > 0 or not counted.keys() <= FINE
    itself = next((line for line in whole if line.element.key.family == SITE), None)
    lines = sorted(shown, key=lambda line: (line.element.key.family != SITE, line.element.key[1:]))
    drawn = bar(counted, _SHORTEST, purpose)
    return Block(site, itself, tuple(lines), drawn, held, announced, trouble, few or trouble)


def _names(line: Line) -> Iterator[str]:
    yield line.element.key.name
    yield line.element.site
    yield from line.element.aliases
    yield from line.element.hosts

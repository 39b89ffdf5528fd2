"""Lines of a matrix as HTML. They are written here and not by a template, since there can be tens of thousands of cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import escape

from gridmask.domain.element import WHOLE
from gridmask.domain.vo import ALL
from gridmask.portal.drawing.marks import marks
from gridmask.portal.frame import addresses, wording
from gridmask.portal.frame.zones import telling

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.element import Element, ElementKey
    from gridmask.domain.row import Row
    from gridmask.domain.status import Status
    from gridmask.portal.matrix.groups import Lined
    from gridmask.portal.matrix.site_line import SiteLine
    from gridmask.service.matrix import Across, Line


@dataclass(frozen=True, slots=True)
class Layout:
    """How lines are laid out: what is drawn alike of the same line.

    Attributes:
        vo: for whom they are looked at.
        columns: the status types, or the VOs, that have columns.
        group: by what they stand together.
        zone: in whose hours moments are told.
        chosen: whether lines can be chosen, to do something with them.
        noted: whether there is room for a note beside each.
        sites: whether they are sites, and not elements.
    """

    vo: str
    columns: tuple[str, ...]
    group: str = ""
    zone: str = "UTC"
    chosen: bool = False
    noted: bool = True
    sites: bool = False


def note_of(line: Lined, now: datetime) -> str:
    """What is said beside ``line`` at ``now``, if anything."""
    worst = min((row for row in line.rows if row.reasons), key=lambda row: row.status, default=None)
    return wording.note(worst, now) if worst is not None else ""


def element_line(line: Line, layout: Layout, note: str, *, left: bool = False) -> str:
    """A line of a VO's matrix; ``left``: it is no longer one of those that are asked for."""
    page = escape(addresses.element(line.element.key, layout.vo))
    if len(line.rows) == 1:
        cells, kind = _alone(line.rows[0], page, len(layout.columns) + 1, layout.vo, note), "one"
    else:
        of = {row.key.status_type: row for row in line.rows}
        drawn = [_cell(of.get(aspect), page, layout.vo) for aspect in layout.columns]
        cells, kind = "".join(drawn) + f'<td class="note" title="{escape(note)}">{escape(note)}</td>', ""
    return _line(line.element, page, layout, cells, f"{kind} left".strip() if left else kind)


def across_line(line: Across, layout: Layout, note: str, *, left: bool = False) -> str:
    """A line of a comparison: one status type of an element, as each VO sees it."""
    del note
    page = escape(addresses.element(line.element.key, layout.vo))
    pages = {vo: escape(addresses.element(line.element.key, vo)) for vo in layout.columns}
    cells = [_cell(row, pages[vo], vo) for vo, row in zip(layout.columns, line.cells, strict=True)]
    return _line(line.element, page, layout, "".join(cells), "left" if left else "")


def site_line(line: SiteLine, layout: Layout, address: str) -> str:
    """A line of a matrix of sites, which leads to ``address``: of each column, how many rows there may be used."""
    to = escape(address)
    anchor = escape(addresses.anchor_of(("site", line.group, line.site)))
    cells = "".join(_tally_cell(line.tallies.get(column), to) for column in layout.columns)
    head = f'<tr id="{anchor}"><th scope="row"><a href="{to}">{escape(line.site or "At no site")}</a></th>'
    elements = f"{line.elements:,} element{'' if line.elements == 1 else 's'}"
    return f'{head}<td>{elements}</td>{cells}<td class="note">{escape(line.note)}</td></tr>\n'


def _line(element: Element, page: str, layout: Layout, cells: str, kind: str) -> str:
    key, classes = element.key, f' class="{kind}"' if kind else ""
    name = escape(key.name)
    box = f'<input type="checkbox" value="{escape(_form_name(key))}" aria-label="Choose {name}">' if layout.chosen else ""
    head = f'<tr id="{escape(addresses.anchor_of(key))}"{classes}><th scope="row">{box}<a href="{page}">{name}</a></th>'
    return f"{head}<td>{escape(_beside(element, layout.group))}</td>{cells}</tr>\n"


def _form_name(key: ElementKey) -> str:
    """How a form begins to name a row of the element; the status type comes after it."""
    return "/".join(quote(part, safe="") for part in key)


def _beside(element: Element, group: str) -> str:
    """What of the element its group does not tell."""
    match group:
        case "type":
            return element.site
        case "country" | "none":
            return f"{element.key.type} · {element.site}" if element.site else element.key.type
        case _:
            return element.key.type


def _cell(row: Row | None, page: str, vo: str) -> str:
    if row is None:
        return '<td class="no"><span class="vh">nothing</span></td>'
    look, words = _look(row, vo)
    return f'<td><a {look} href="{page}#status-{quote(row.key.status_type)}">{words}</a></td>'


def _alone(row: Row, page: str, across: int, vo: str, note: str) -> str:
    look, words = _look(row, vo)
    aspect = "" if row.key.status_type == WHOLE else f"<span>{escape(wording.aspect(row.key.status_type))}</span> "
    said = f"<small>{escape(note)}</small>" if note else ""
    href = f"{page}#status-{quote(row.key.status_type)}"
    return f'<td colspan="{across}"><a {look} href="{href}">{aspect}<span>{words}</span>{said}</a></td>'


def _tally_cell(tally: tuple[int, int, Status] | None, to: str) -> str:
    if tally is None:
        return '<td class="no"><span class="vh">nothing</span></td>'
    good, whole, worst = tally
    hint = f"{good:,} of {whole:,} usable, the worst {worst.label}"
    return f'<td><a class="cell {worst.label}" tabindex="-1" title="{hint}" href="{to}">{good:,}/{whole:,}</a></td>'


def _look(row: Row, vo: str) -> tuple[str, str]:
    """The attributes of a cell, and its words."""
    if row.reasons or row.token or row.hold or row.penalty or row.binding:
        return _look_of(row, vo)
    # most rows are quiet, and alike
    return _quiet(row.key.status_type, row.status, row.standing.since, row.key.vo != ALL, vo, telling())


@lru_cache(65536)
def _quiet(aspect: str, status: Status, since: datetime, own: bool, vo: str, zone: str) -> tuple[str, str]:  # noqa: FBT001 - what is cached by
    del zone
    named = "" if aspect == WHOLE else f"{aspect}: "
    whose = f"\n{vo}'s own row" if own else ""
    hint = escape(f"{named}{status.label} since {wording.minute(since)}{whose}")
    return f'class="cell {status.label}{" own" if own else ""}" tabindex="-1" title="{hint}"', status.label


def _look_of(row: Row, vo: str) -> tuple[str, str]:
    its = marks(row)
    classes = " ".join((row.status.label, *(["own"] if row.key.vo != ALL else []), *its))
    shapes = "".join(f'<i class="mark {mark}"></i><span class="vh">, {mark.meaning}</span>' for mark in its)
    return f'class="cell {classes}" tabindex="-1" title="{escape(wording.told(row, vo))}"', f"{row.status.label}{shapes}"

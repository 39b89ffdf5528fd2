"""A matrix of sites: how many of the rows there may be used, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.portal.matrix.groups import Block, Lined, Shown, tally

if TYPE_CHECKING:
    from gridmask.domain.row import Row
    from gridmask.domain.status import Purpose, Status
    from gridmask.service.matrix import Announced


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site within a group: how many ``elements`` are shown of it, and of each status type how many rows are usable, how
    many there are, and the worst of them.
    """

    site: str
    group: str
    elements: int
    tallies: Mapping[str, tuple[int, int, Status]]
    note: str


def site_lines(block: Block[Lined], announced: Mapping[str, Announced], purpose: Purpose) -> list[SiteLine]:
    """The sites of ``block``, in the order in which its lines first name them."""
    gathered: dict[str, list[Lined]] = {}
    for line in block.lines:
        gathered.setdefault(line.element.site, []).append(line)
    return [_site(site, block.summary.name, its, announced.get(site), purpose) for site, its in gathered.items()]


def status_types(shown: Shown[Lined]) -> tuple[str, ...]:
    """The columns of a matrix of sites: every status type that there is."""
    orders = dict.fromkeys(tuple([row.key.status_type for row in line.rows]) for line in shown.lines)
    return tuple(dict.fromkeys(aspect for order in sorted(orders, key=len) for aspect in order))


def _site(site: str, group: str, lines: Sequence[Lined], announced: Announced | None, purpose: Purpose) -> SiteLine:
    of: dict[str, list[Row]] = {}
    for line in lines:
        for row in line.rows:
            of.setdefault(row.key.status_type, []).append(row)
    tallies = {aspect: tally(rows, purpose) for aspect, rows in of.items()}
    return SiteLine(site, group, len(lines), tallies, said(announced))


def said(announced: Announced | None) -> str:
    """How many downtimes there are at a site, in words."""
    if announced is None:
        return ""
    running = f"{announced.running} downtime{'' if announced.running == 1 else 's'}" if announced.running else ""
    return ", ".join(filter(None, (running, f"{announced.coming} to come" if announced.coming else "")))

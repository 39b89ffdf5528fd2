"""A matrix of sites: how many of the rows there may be used, column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from markupsafe import Markup

from gridmask.portal.matrix import grid
from gridmask.portal.matrix.cells import Layout, site_line
from gridmask.portal.matrix.groups import Block, Lined, Shown, downtimes, heads, tally
from gridmask.portal.matrix.site_line import SiteLine

if TYPE_CHECKING:
    from gridmask.domain.row import Row
    from gridmask.domain.status import Purpose
    from gridmask.service.matrix import Announced

L = TypeVar("L", bound=Lined)


def written(shown: Shown[L], vo: str, announced: Mapping[str, Announced], leading: Callable[[str, str], str]) -> grid.Written:
    """The groups of sites that are shown; ``leading``: where a site, within a group, leads to."""
    group = shown.asked.view.group if shown.asked.view.group in {"country", "type"} else "none"
    layout = Layout(vo, _status_types(shown.lines), group, sites=True)
    found = []
    for block in shown.blocks:
        its = site_lines(block, announced, shown.asked.filters.judged_for)
        lines = [site_line(one, layout, leading(one.site, one.group)) for one in its]
        found.append(grid.group(replace(block, opened=True), layout, heads(layout.columns), f"What {vo} may use", lines))
    return grid.Written(layout, heads(layout.columns), Markup("".join(found)))  # noqa: S704 - escaped where it is written


def site_lines(block: Block[L], announced: Mapping[str, Announced], purpose: Purpose) -> list[SiteLine]:
    """The sites of ``block``, in the order in which its lines first name them."""
    gathered: dict[str, list[L]] = {}
    for line in block.lines:
        gathered.setdefault(line.element.site, []).append(line)
    return [_site(site, block.summary.name, its, announced.get(site), purpose) for site, its in gathered.items()]


def _status_types(lines: Iterable[Lined]) -> tuple[str, ...]:
    """Every status type that there is: first that of what has one alone."""
    orders = dict.fromkeys(tuple([row.key.status_type for row in line.rows]) for line in lines)
    return tuple(dict.fromkeys(aspect for order in sorted(orders, key=len) for aspect in order))


def _site(site: str, group: str, lines: Sequence[Lined], announced: Announced | None, purpose: Purpose) -> SiteLine:
    of: dict[str, list[Row]] = {}
    for line in lines:
        for row in line.rows:
            of.setdefault(row.key.status_type, []).append(row)
    tallies = {aspect: tally(rows, purpose) for aspect, rows in of.items()}
    return SiteLine(site, group, len(lines), tallies, downtimes(announced))

"""The grid: groups of lines as HTML, whole, or only what of it became another since somebody looked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from markupsafe import Markup, escape

from gridmask.portal.frame.addresses import anchor_of
from gridmask.portal.frame.assets import environment
from gridmask.portal.matrix.cells import Layout, note_of
from gridmask.portal.matrix.groups import Block, Lined, Summary
from gridmask.portal.matrix.shelf import Shelf

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.element import ElementKey

L = TypeVar("L", bound=Lined)

FEW, MANY = 5, 12
"""More columns than so many leave less room for all else; more than so many are narrow, and scrolled."""


M_contra = TypeVar("M_contra", bound=Lined, contravariant=True)


class Draw(Protocol[M_contra]):
    """Writes lines."""

    def __call__(self, line: M_contra, layout: Layout, note: str, *, left: bool = False) -> str:
        """``line`` with ``note`` beside it; ``left``: it is no longer one of those that are asked for."""


@dataclass(frozen=True, slots=True)
class Ink(Generic[L]):
    """What a grid is written with.

    Attributes:
        layout: how its lines are laid out.
        draw: writes a line.
        heads: what its columns are called.
        about: what its tables are about, for who does not see them.
        shelf: where lines are that were written before.
    """

    layout: Layout
    draw: Draw[L]
    heads: tuple[tuple[str, str], ...]
    about: str
    shelf: Shelf[L]

    def drawn(self, line: L, note: str) -> str:
        """``line`` with ``note`` beside it."""
        return self.draw(line, self.layout, note)

    def written(self, groups: Markup) -> Written:
        """``groups`` as they were written with it."""
        return Written(self.layout, self.heads, groups)


@dataclass(frozen=True, slots=True)
class Written:
    """A grid as it was written: how it is laid out, what its columns are called, and its groups."""

    layout: Layout
    heads: tuple[tuple[str, str], ...]
    groups: Markup

    @property
    def breadth(self) -> str:
        """The class of grids with as many columns; empty where they are few."""
        return "many" if len(self.heads) > MANY else "several" if len(self.heads) > FEW else ""


def whole(blocks: Iterable[Block[L]], ink: Ink[L], now: datetime) -> Markup:
    """All groups."""
    written, found = ink.shelf.written.of(ink.layout), []
    for block in blocks:
        notes = {line.element.key: note_of(line, now) for line in block.noted}
        lines = [written.line(line, notes.get(line.element.key, ""), ink.drawn) for line in block.lines]
        found.append(_group(block, ink, lines))
    return Markup("".join(found))  # noqa: S704 - escaped where it is written


@dataclass(frozen=True, slots=True)
class Since:
    """What a reader has already.

    Attributes:
        touched: elements of which they may not have what there is.
        at: when they looked.
    """

    touched: frozenset[ElementKey]
    at: datetime


def part(blocks: Iterable[Block[L]], left: Iterable[L], ink: Ink[L], since: Since, now: datetime) -> Markup:
    """The lines that are others than ``since``, with the summaries of their groups; ``left``: lines not asked for any more."""
    written = ink.shelf.written.of(ink.layout)
    found = []
    for block in blocks:
        aged = {line.element.key for line in block.noted if note_of(line, now) != note_of(line, since.at)}
        news = [line for line in block.lines if line.element.key in since.touched or line.element.key in aged]
        if news:
            found.append(_group(block, ink, [written.line(line, note_of(line, now), ink.drawn) for line in news]))
    gone = "".join(
        ink.draw(line, ink.layout, note_of(line, now), left=True) for line in left if line.element.key in since.touched
    )
    return Markup("".join([*found, f"<table><tbody>{gone}</tbody></table>" if gone else ""]))  # noqa: S704 - as above


def _group(block: Block[L], ink: Ink[L], lines: Iterable[str]) -> str:
    return group(block, ink.layout, ink.heads, ink.about, lines)


def group(block: Block[L], layout: Layout, heads: tuple[tuple[str, str], ...], about: str, lines: Iterable[str]) -> str:
    """A group with ``lines``."""
    table = f"{_table_head(layout, heads, about, block.summary.name)}{''.join(lines)}</tbody></table>"
    if layout.group == "none":
        return f'<div class="site">{table}</div>'
    anchor = escape(anchor_of((layout.group or "site", block.summary.name)))
    opened = " open" if block.opened else ""
    folded = f'<details class="site" id="{anchor}" data-lines="{len(block.lines)}"{opened}>'
    return f'{folded}<summary id="in/{anchor}">{_summary(block.summary, layout.group)}</summary>{table}</details>\n'


@lru_cache(8192)
def _summary(summary: Summary, group: str) -> str:
    return str(environment().get_template("matrix/parts.html").module.summary(summary, group))  # type: ignore[attr-defined]  # a macro


@lru_cache(8192)
def _table_head(layout: Layout, heads: tuple[tuple[str, str], ...], about: str, name: str) -> str:
    template = environment().get_template("matrix/parts.html").module
    return str(template.table_head(layout, heads, about, name))  # type: ignore[attr-defined]  # a macro

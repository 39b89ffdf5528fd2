"""Changes: what becomes of rows and elements in a replay, a line each. From them, masks follow at every moment of it.

The first lines tell how everything stands when the replay begins; ``kind`` says what a line is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from gridmask.domain.element import Element, ElementKey
from gridmask.domain.instructions import EndRow, SaveElement, SaveRow, TakeOutElement
from gridmask.domain.state import NO_ROWS

if TYPE_CHECKING:
    from gridmask.domain.instructions import Instruction
    from gridmask.domain.row import Row
    from gridmask.domain.state import State
    from gridmask.replay.replaying import Played

ELEMENT, TAKEN_OUT = "element", "taken out"
"""An element is as the line says; it is not in the inventory any more."""

STANDING, DECIDED = "standing", "decided"
"""A row is so as the replay begins; it was decided about, and stays as it is. All others are as in a row's history."""

ENDED = "ended"


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line.

    Attributes:
        at: when.
        kind: what it is: ``element``, ``taken out``; ``standing``; ``opened``, ``status``, ``token``, ``held``, ``ended``,
            as in a row's history; ``decided``.
        family, type, name: the element.
        aspect, vo: the row: its status type, and whose it is.
        before, after: its status; empty: there was or is none.
        binding: whether it outranks every VO's row.
        owner: the person who holds it.
        batch: the batch in which it is held.
        opinion: what automation would make of it, where that is another status.
        because: why it is as it is.
        verdicts: what each policy said, where decisions are asked for.
        event, by: what happened that it comes from, and who did it.
        site, offered, in_service: of an element, its site, the VOs that may use it (none: everyone), and whether it is in use.
    """

    at: datetime
    kind: str
    family: str
    type: str
    name: str
    aspect: str = ""
    vo: str = ""
    before: str = ""
    after: str = ""
    binding: bool = False
    owner: str = ""
    batch: str = ""
    opinion: str = ""
    because: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    event: str = ""
    by: str = ""
    site: str = ""
    offered: tuple[str, ...] = ()
    in_service: bool = True

    @property
    def element(self) -> ElementKey:
        """The element."""
        return ElementKey(self.family, self.type, self.name)


def at_first(state: State, at: datetime) -> Iterator[Change]:
    """The lines that tell how ``state`` stands."""
    # an element that is not in the inventory may come back, and with it its rows
    for key in sorted({*state.elements, *state.rows}):
        if key in state.elements:
            yield _of_element(state.elements[key], at)
        yield from (_of_row(STANDING, None, row, at) for _, row in sorted(state.rows.get(key, NO_ROWS).items()))


def made_by(played: Played, *, decisions: bool = False) -> list[Change]:
    """The lines that ``played`` makes: of each element itself first, and of elements in their order.

    ``decisions``: also those about rows that stay as they are, and what each policy said.
    """
    found = [line for one in played.instructions if (line := _made(played, one, decisions=decisions)) is not None]
    return sorted(found, key=lambda line: (line.element, line.kind not in {ELEMENT, TAKEN_OUT}))


def _made(played: Played, one: Instruction, *, decisions: bool) -> Change | None:
    match one:
        case SaveElement(element):
            return _of_element(element, played.at)
        case TakeOutElement(key):
            return Change(played.at, TAKEN_OUT, *key)
        case SaveRow():
            kind = str(one.change) if one.change is not None else DECIDED
            if one.change is None and not (decisions and one.is_decision):
                return None
            return _of_row(kind, one.before, one.after, played.at, played, verdicts=decisions)
        case EndRow(row):
            return _ended(row, played)
        case _:
            return None


def _of_element(element: Element, at: datetime) -> Change:
    told = {"site": element.site, "offered": tuple(sorted(element.offered)), "in_service": element.in_service}
    return Change(at, ELEMENT, *element.key, **told)  # type: ignore[arg-type]  # they are what they are called


def _of_row(
    kind: str, before: Row | None, row: Row, at: datetime, played: Played | None = None, *, verdicts: bool = False
) -> Change:
    family, type_, name = row.key.element
    return Change(
        at,
        kind,
        family,
        type_,
        name,
        row.key.status_type,
        row.key.vo,
        before=before.status.label if before else "",
        after=row.status.label,
        binding=row.binding,
        owner=row.token.owner if row.token else "",
        batch=row.hold.batch if row.hold else "",
        opinion="" if row.opinion is row.status else row.opinion.label,
        because=tuple(reason.text for reason in row.reasons),
        verdicts=tuple(f"{one.policy} of {one.layer}: {one.status.label}" for one in row.verdicts) if verdicts else (),
        event=type(played.event).__name__ if played else "",
        by=played.event.actor.name if played else "",
    )


def _ended(row: Row, played: Played) -> Change:
    event = played.event
    told = {"before": row.status.label, "event": type(event).__name__, "by": event.actor.name}
    return Change(played.at, ENDED, *row.key.element, row.key.status_type, row.key.vo, **told)  # type: ignore[arg-type]  # text

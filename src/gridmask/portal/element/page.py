"""``/elements/{family}/{type}/{name}``: one element, and why it is what it is for a VO."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from gridmask.domain.decision import Verdict
from gridmask.domain.status import Status, allowed
from gridmask.domain.vo import ALL
from gridmask.portal.element.facts import facts
from gridmask.portal.element.measured import measured
from gridmask.portal.frame import addresses, pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import frame
from gridmask.portal.frame.reader import Reader, reader_of
from gridmask.portal.frame.sections import MATRIX
from gridmask.service.selection import ElementName

if TYPE_CHECKING:
    import sqlalchemy as sa

    from gridmask.bootstrap import Installation
    from gridmask.domain.row import Row
    from gridmask.service.portrait import Portrait
    from gridmask.service.statuses import Explanation

router = APIRouter(include_in_schema=False, tags=[TAG])

Asked = Annotated[str, Query(min_length=1, max_length=255)]


@dataclass(frozen=True, slots=True)
class Answer:
    """Why rows about which the same is to be said are what they are; ``aspects`` are their status types."""

    aspects: tuple[str, ...]
    said: Explanation

    @property
    def row(self) -> Row:
        """The first of the rows."""
        return self.said.seen.row

    @property
    def allowed(self) -> str:
        """What the VO may use it for."""
        return allowed(self.row.status)

    @property
    def verdicts(self) -> list[tuple[Verdict, str]]:
        """What each policy says, and what that weighs; those first that decide."""
        winners = self.said.winners
        ordered = sorted(self.row.verdicts, key=lambda verdict: (verdict not in winners, verdict.status))
        return [(verdict, self._weight(verdict, wins=verdict in winners)) for verdict in ordered]

    def _weight(self, verdict: Verdict, *, wins: bool) -> str:
        if verdict.advisory:
            return "advisory"
        if not wins:
            return "outvoted"
        return "would decide" if self.row.token else "decides"


@dataclass(frozen=True, slots=True)
class Change:
    """How rows changed about which the same is to be said; ``aspects`` are their status types."""

    aspects: tuple[str, ...]
    said: sa.Row[Any]

    @property
    def old(self) -> Status | None:
        """What they were; None if they were not."""
        return _status(self.said.old)

    @property
    def new(self) -> Status | None:
        """What they became; None if they ended."""
        return _status(self.said.new)


@router.api_route("/elements/{family}/{type}/{name:path}", methods=["GET", "HEAD"])
async def element(
    request: Request,
    family: str,
    type: str,  # noqa: A002 - its name in the URL
    name: str,
    vo: Asked = ALL,
) -> Response:
    """The page."""
    return await _answer(request, ElementName(name, type, family), vo)


@router.api_route("/elements", methods=["GET", "HEAD"])
async def element_asked_for(
    request: Request,
    family: Asked,
    type: Asked,  # noqa: A002 - its name in the URL
    name: Asked,
    vo: Asked = ALL,
) -> Response:
    """The page of an element that no path can name."""
    return await _answer(request, ElementName(name, type, family), vo)


async def _answer(request: Request, called: ElementName, vo: str) -> Response:
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)

    async def make() -> pages.Page:
        portrait = for_reader(await gridmask.portraits.of(called, vo), reader)
        return await pages.made("element/element.html", _context(gridmask, portrait, reader))

    return await pages.answer(request, make)


def for_reader(portrait: Portrait, reader: Reader) -> Portrait:
    """What ``reader`` may read of ``portrait``: what is of other VOs is left out."""
    shown = ((view, reader.readable(view.vos)) for view in portrait.views)
    views = tuple(replace(view, vos=vos) for view, vos in shown if vos)
    # whose business is one VO is told what was measured for everyone, too: that decides of its rows
    told = tuple(item for item in portrait.measured if item.vo == ALL or reader.reads(item.vo))
    to_come, past = (
        tuple(one for one in some if one.downtime.vo == ALL or reader.reads(one.downtime.vo))
        for some in (portrait.downtimes, portrait.past)
    )
    return replace(portrait, views=views, measured=told, downtimes=to_come, past=past)


def _context(gridmask: Installation, portrait: Portrait, reader: Reader) -> dict[str, object]:
    return {
        "reader": reader,
        "portrait": portrait,
        "vo": portrait.vo,
        "here": partial(addresses.element, portrait.element.key),
        "revision": portrait.revisions[portrait.vo],
        "answers": answers(portrait.explanations),
        "changes": together(portrait.changes),
        "facts": facts({name: told for name, told in portrait.element.facts.items() if name != "site"}),
        "measured": measured(portrait.vo, portrait.measured),
        "damping": gridmask.inspector.policies.damping,
        "frame": frame(gridmask, portrait.revisions, reader, vo=portrait.vo, section=MATRIX),
    }


def answers(explanations: Iterable[Explanation]) -> list[Answer]:
    """``explanations``, those of rows about which the same is to be said together; the worst first."""
    ordered = sorted(explanations, key=_content)
    alike = [list(group) for _, group in groupby(ordered, key=_content)]
    return [Answer(tuple(one.seen.row.key.status_type for one in group), group[0]) for group in alike]


def together(changes: Iterable[sa.Row[Any]]) -> list[Change]:
    """``changes``, those of several status types that differ in nothing else together."""
    alike = groupby(changes, key=lambda change: change.revision)
    return [change for _, group in alike for change in _merged(group)]


def _merged(changes: Iterable[sa.Row[Any]]) -> list[Change]:
    found: dict[str, list[sa.Row[Any]]] = {}
    for change in changes:
        said = (change.vo, change.old, change.new, change.actor, change.kind, change.token_owner, change.reasons)
        found.setdefault(repr(said), []).append(change)
    return [Change(tuple(c.status_type for c in reversed(alike)), alike[0]) for alike in found.values()]


def _content(one: Explanation) -> tuple[object, ...]:
    row = one.seen.row
    said = (row.reasons, row.verdicts, row.token, row.binding, row.due, one.decided_at, row.standing, row.hold, row.penalty)
    return int(row.status), row.key.vo, repr(said)


def _status(value: int | None) -> Status | None:
    return None if value is None else Status(value)

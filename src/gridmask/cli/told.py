"""What there is, as JSON tells it: in the very form in which the HTTP door says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel
    from sqlalchemy import Row as Record

    from gridmask.domain.downtime import Downtime
    from gridmask.service.masks import Part
    from gridmask.service.sources import Health
    from gridmask.service.statuses import Explanation, Seen
    from gridmask.store.downtimes import Version


def rows(seen: Iterable[Seen], following: int | None) -> BaseModel:
    """Part of the rows; ``following`` is the cursor of what comes after it."""
    from gridmask.api.statuses import RowsSaid, said

    return RowsSaid(statuses=list(map(said, seen)), next=following)


def changed(seen: Iterable[Seen], revision: int | None) -> BaseModel:
    """What became of rows."""
    from gridmask.api.statuses import Changed, said

    return Changed(revision=revision, statuses=list(map(said, seen)))


def explanations(explained: Iterable[Explanation]) -> BaseModel:
    """Why rows are what they are."""
    from gridmask.api.explanations import ExplanationsSaid, said

    return ExplanationsSaid(statuses=list(map(said, explained)))


def history(changes: list[Record[Any]], limit: int) -> BaseModel:
    """Changes of rows, of which ``limit`` were asked for."""
    from gridmask.api.explanations import HistorySaid, change_said

    return HistorySaid(changes=list(map(change_said, changes)), next=changes[-1].id if len(changes) == limit else None)


def versions(found: list[Version], limit: int) -> BaseModel:
    """Downtimes, of which ``limit`` were asked for."""
    from gridmask.api.downtimes import DowntimesSaid, version_said

    following = found[-1].number if len(found) == limit else None
    return DowntimesSaid(downtimes=list(map(version_said, found)), next=following)


def downtime(one: Downtime, revision: int | None) -> BaseModel:
    """What became of a downtime."""
    from gridmask.api.downtimes import DowntimeChanged, DowntimeSaid, members

    return DowntimeChanged(revision=revision, downtime=DowntimeSaid.model_validate(members(one)))


def sources(found: Iterable[Health]) -> BaseModel:
    """How each source fares."""
    from gridmask.api.sources import SourcesSaid, said

    return SourcesSaid(sources=list(map(said, found)))


def part(one: Part) -> dict[str, Any]:
    """What a mask says about some elements."""
    from gridmask.api.mask import said

    return {"vo": one.vo, "revision": one.revision, "elements": said(one)}

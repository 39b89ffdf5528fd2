"""What there is, as JSON tells it: in the very form in which the HTTP door says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel
    from sqlalchemy import Row as Record

    from gridmask.domain.downtime import Downtime
    from gridmask.domain.hindsight import Hindsight
    from gridmask.domain.row import Row
    from gridmask.inspection.plans import Report
    from gridmask.policies.check import Checked
    from gridmask.service.automation import Automation, Ruled
    from gridmask.service.masks import Part
    from gridmask.service.policy_layers import Put
    from gridmask.service.review import Ban
    from gridmask.service.sources import Health
    from gridmask.service.statuses import Explanation, Seen
    from gridmask.service.timelines import TimelinePage
    from gridmask.store.downtimes import Version
    from gridmask.store.ledger import Outcome
    from gridmask.store.policy_layers import Layer
    from gridmask.store.policy_layers import Version as PolicyVersion
    from gridmask.store.quarantine import HeldAnswer


def rows(seen: Iterable[Seen], following: int | None) -> BaseModel:
    """Part of the rows; ``following`` is the cursor of what comes after it."""
    from gridmask.api.statuses import RowsSaid, said

    return RowsSaid(statuses=list(map(said, seen)), next=following)


def changed(seen: Iterable[Seen], outcome: Outcome) -> BaseModel:
    """What became of rows."""
    from gridmask.api.statuses import dealt

    return dealt(outcome, seen)


def explanations(explained: Iterable[Explanation]) -> BaseModel:
    """Why rows are what they are."""
    from gridmask.api.explanations import ExplanationsSaid, said

    return ExplanationsSaid(statuses=list(map(said, explained)))


def history(changes: list[Record[Any]], limit: int) -> BaseModel:
    """Changes of rows, of which ``limit`` were asked for."""
    from gridmask.api.explanations import HistorySaid, change_said

    return HistorySaid(changes=list(map(change_said, changes)), next=changes[-1].id if len(changes) == limit else None)


def timelines(page: TimelinePage) -> BaseModel:
    """Timelines."""
    from gridmask.api.timelines import said

    return said(page)


def bans(found: list[Ban]) -> BaseModel:
    """Bans to look at."""
    from gridmask.api.review import bans_said

    return bans_said(found)


def tokens(held: list[Row]) -> BaseModel:
    """Rows that people hold."""
    from gridmask.api.tokens import tokens_said

    return tokens_said(held)


def automation(desk: Automation, rulings: list[Ruled]) -> BaseModel:
    """How far automation goes."""
    from gridmask.api.automation import automation_said

    return automation_said(desk, rulings)


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


def quarantine(found: Iterable[HeldAnswer]) -> dict[str, object]:
    """Answers in quarantine, in short."""
    from gridmask.api.sources import held_said

    return {"quarantine": [{"source": held.source, **held_said(held).model_dump(mode="json")} for held in found]}


def held_answer(held: HeldAnswer) -> BaseModel:
    """An answer in quarantine, and what it would change."""
    from gridmask.api.sources import held_answer_said

    return held_answer_said(held)


def report(one: Report) -> BaseModel:
    """What became of an answer."""
    from gridmask.api.sources import report_said

    return report_said(one)


def part(one: Part) -> dict[str, Any]:
    """What a mask says about some elements."""
    from gridmask.api.mask import said

    return {"vo": one.vo, "revision": one.revision, "elements": said(one)}


def hindsight(found: Hindsight, *, differences: bool) -> BaseModel:
    """What a mask of the past should have been; with ``differences``, the rows alone that were served otherwise."""
    from gridmask.api.hindsight import said

    return said(found, differences=differences)


def policy_layer(layer: Layer) -> BaseModel:
    """A VO's policies, kept by the API."""
    from gridmask.api.policies import said

    return said(layer)


def policy_put(put: Put) -> BaseModel:
    """What became of a VO's policies."""
    from gridmask.api.policies import put_said

    return put_said(put)


def policy_check(text: str, checked: Checked) -> BaseModel:
    """What is wrong with a text as a VO's policies."""
    from gridmask.api.policies import checked_said

    return checked_said(text, checked)


def policy_versions(found: list[PolicyVersion], limit: int) -> BaseModel:
    """Versions of a VO's policies, of which ``limit`` were asked for."""
    from gridmask.api.policies import versions_said

    return versions_said(found, limit)

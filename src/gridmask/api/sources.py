"""``/api/v1/sources``: what Gridmask reads, and how each fares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from gridmask.api import problems
from gridmask.api.dependencies import By, Here
from gridmask.api.models import Asked, Moment, Prose, Said, Some
from gridmask.domain.errors import SourceError

if TYPE_CHECKING:
    from datetime import timedelta

    from fastapi import Response

    from gridmask.inspection.plans import Report
    from gridmask.service.sources import Health
    from gridmask.store.quarantine import HeldAnswer

router = APIRouter(prefix="/api/v1/sources", tags=["sources"])

Name = Annotated[str, Path(max_length=64)]


class QuarantineSaid(Said):
    """An answer that would change too much, and that waits for a person."""

    state: Literal["held", "dropped"] = Field(description="`dropped`: a person said that it is wrong; it waits for nobody.")
    since: Moment = Field(description="Since when what the source says would change too much.")
    url: str = Field(description="Whence it came, without credentials.")
    fetched_at: Moment
    elapsed: float = Field(description="Seconds that it took to come.")
    sha256: str = Field(description="By this it is accepted or dropped.")
    size: int = Field(description="Its bytes.")
    repeated_at: Moment = Field(description="When the source last said what would change the same.")
    times: int = Field(description="How often it said so.")
    problem: str = Field(description="What is too much, after the words `This answer would`.")
    added: int = Field(description="How many elements, downtimes or measurements it would add;")
    changed: int = Field(description="how many it would change;")
    removed: int = Field(description="how many it would remove.")
    decided_at: Moment | None = Field(description="When it was dropped.")
    decided_by: Some
    reason: Some = Field(description="What whoever dropped it had to say.")


class ItemSaid(Said):
    """Something that an answer in quarantine would add, change or remove."""

    deed: Literal["add", "change", "remove"]
    name: str = Field(description="What it is.", examples=["ComputingElement ce01.example.org"])
    before: Some = Field(description="What it is now, as far as that would be another.")
    after: Some = Field(description="What it would be.")


class HeldAnswerSaid(QuarantineSaid):
    """An answer in quarantine, with what it would change."""

    source: str
    items: list[ItemSaid] = Field(description="The first 200 of those that it would remove, change and add, by name.")
    untold: int = Field(description="How many more there are.")


class QuarantineDecisionAsked(Asked):
    """What a person decides about an answer in quarantine."""

    sha256: str = Field(
        min_length=12,
        max_length=64,
        pattern="^[0-9A-Fa-f]+$",
        description="The hash of the answer that was looked at, or how it begins.",
    )
    reason: Prose = Field(description="Why, for those who come after.")


class SourceSaid(Said):
    """A source, and how it fares."""

    name: str
    kind: str = Field(examples=["osg-topology"])
    evidence: Some = Field(description="The kind of evidence that it gives; null: it is an inventory.")
    url: str = Field(description="Without credentials.")
    inventories: list[str] = Field(description="The inventory sources whose elements it speaks of; empty is all.")
    state: Literal["good", "failing", "quarantined", "stale", "never"] = Field(
        description="`failing`: the last attempt failed, but the last answer counts; `quarantined`: so it is, and an answer "
        "waits for a person; `stale`: the last answer does not count; `never` answered."
    )
    attempted_at: Moment | None
    next_at: Moment | None = Field(description="When it is asked next, more or less, if somebody is there to ask.")
    answered_at: Moment | None = Field(description="When it last gave a usable answer.")
    age: float | None = Field(description="Seconds since then.")
    between: float | None = Field(description="Seconds between that answer and the one before.")
    elapsed: float | None = Field(description="Seconds that it took to come.")
    valid_until: Moment | None = Field(description="Until when that answer counts.")
    failures: int = Field(description="Attempts that failed since the last usable answer.")
    failure: str | None = Field(description="Why the last attempt failed; null if it did not.")
    failing_since: Moment | None = Field(description="When the first of these attempts failed; null if the last one did not.")
    failed_at: Moment | None = Field(description="When an attempt last failed, whatever came of later ones.")
    last_failure: str | None = Field(description="Why that was.")
    problems: list[str] = Field(description="What could not be read in the last usable answer.")
    records: int = Field(description="How many elements, downtimes or measurements it lists.")
    in_force: int = Field(description="How many of these are there now, and count: those that are not over, or expired.")
    etag: Some
    last_modified: Some
    sha256: Some
    size: int | None = Field(description="Bytes of the last usable answer.")
    quarantine: QuarantineSaid | None = Field(description="Its answer that would change too much; null: there is none.")


class SourcesSaid(Said):
    """All sources."""

    sources: list[SourceSaid]


class ReportSaid(Said):
    """How reading a source went."""

    source: str
    unchanged: bool = Field(description="The answer was the same as the last one.")
    records: int
    added: int
    edited: int
    removed: int
    problems: list[str] = Field(description="What could not be read.")
    revision: int | None = Field(description="The revision that it led to; null: no status changed.")


@router.get("", summary="List the sources, and how each fares")
async def list_sources(gridmask: Here) -> SourcesSaid:
    """All sources that are configured, and those that nobody reads, whose evidence is brought."""
    return SourcesSaid(sources=list(map(said, await gridmask.sources.health())))


@router.get("/{name}/quarantine", summary="Look at an answer in quarantine")
async def read_quarantine(name: Name, gridmask: Here) -> HeldAnswerSaid:
    """The answer of a source that would change too much, with what it would change. The answer before it stays in force."""
    return held_answer_said(await gridmask.sources.quarantined(name))


@router.post("/{name}/quarantine/accept", summary="Accept an answer in quarantine")
async def accept_quarantine(name: Name, asked: QuarantineDecisionAsked, gridmask: Here, by: By) -> ReportSaid:
    """Take in exactly this answer, as any is, whatever it takes back; not what the source says by now."""
    report = await gridmask.sources.accept(by, name, asked.sha256, asked.reason)
    return report_said(report)


@router.post("/{name}/quarantine/drop", summary="Drop an answer in quarantine")
async def drop_quarantine(name: Name, asked: QuarantineDecisionAsked, gridmask: Here, by: By) -> HeldAnswerSaid:
    """It waits for nobody any more, as long as the source says what would change the same. What is in force stays."""
    return held_answer_said(await gridmask.sources.drop(by, name, asked.sha256, asked.reason))


@router.post(
    "/{name}/sync",
    summary="Read a source now",
    response_model=ReportSaid,
    responses={502: {"description": "It gave no usable answer, and all stays as it was."}},
)
async def sync_source(
    name: Name,
    gridmask: Here,
    by: By,
    force: Annotated[bool, Query(description="Even if that is too much to be believed unseen.")] = False,
) -> ReportSaid | Response:
    """Read a source, and take in what it says, without waiting for its time."""
    (report,) = [report async for report in gridmask.sources.sync(by, [name], force=force)]
    if report.failure is not None:
        return problems.answer(502, report.failure, kind=problems.KINDS[SourceError], facts={"source": name})
    return report_said(report)


def report_said(report: Report) -> ReportSaid:
    """How reading a source went, as the API says it."""
    members = {name: getattr(report, name) for name in ReportSaid.model_fields}
    return ReportSaid.model_validate({**members, "problems": list(report.problems)})


def held_said(held: HeldAnswer) -> QuarantineSaid:
    """An answer in quarantine as the API says it in short."""
    return QuarantineSaid(**_held(held))


def held_answer_said(held: HeldAnswer) -> HeldAnswerSaid:
    """An answer in quarantine as the API says it."""
    items = [ItemSaid.model_validate(item) for item in held.upheaval.items]
    return HeldAnswerSaid(**_held(held), source=held.source, items=items, untold=held.upheaval.untold)


def _held(held: HeldAnswer) -> dict[str, Any]:
    upheaval = held.upheaval
    names = (
        "state",
        "since",
        "url",
        "fetched_at",
        "sha256",
        "size",
        "repeated_at",
        "times",
        "decided_at",
        "decided_by",
        "reason",
    )
    counts = {name: getattr(upheaval, name) for name in ("problem", "added", "changed", "removed")}
    return {**{name: getattr(held, name) for name in names}, **counts, "elapsed": held.elapsed.total_seconds()}


def said(health: Health) -> SourceSaid:
    """A source as the API says it."""
    noted = health.noted
    return SourceSaid(
        name=noted.name,
        kind=noted.kind,
        evidence=noted.evidence,
        url=noted.url,
        inventories=sorted(noted.inventories),
        state=health.state,
        attempted_at=noted.attempted_at,
        next_at=health.next_at,
        answered_at=noted.answered_at,
        age=_seconds(health.age),
        between=_seconds(health.between),
        elapsed=None if noted.elapsed is None else noted.elapsed / 1000,
        valid_until=noted.valid_until,
        failures=noted.failures,
        failure=noted.failure,
        failing_since=noted.failing_since,
        failed_at=noted.failed_at,
        last_failure=noted.last_failure,
        problems=list(noted.problems),
        records=noted.records,
        in_force=health.in_force,
        etag=noted.etag,
        last_modified=noted.last_modified,
        sha256=noted.sha256,
        size=noted.size,
        quarantine=held_said(health.held) if health.held else None,
    )


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()

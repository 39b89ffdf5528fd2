"""``/api/v1/sources``: what Gridmask reads, and how each fares."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from gridmask.api import problems
from gridmask.api.dependencies import By, Here
from gridmask.api.models import Moment, Said, Some
from gridmask.domain.errors import SourceError

if TYPE_CHECKING:
    from fastapi import Response

    from gridmask.service.sources import Health

router = APIRouter(prefix="/api/v1/sources", tags=["sources"])


class SourceSaid(Said):
    """A source, and how it fares."""

    name: str
    kind: str = Field(examples=["osg-topology"])
    evidence: Some = Field(description="The kind of evidence that it gives; null: it is an inventory.")
    url: str = Field(description="Without credentials.")
    inventories: list[str] = Field(description="The inventory sources whose elements it speaks of; empty is all.")
    state: Literal["good", "failing", "stale", "never"] = Field(
        description="`failing`: the last attempt failed, but the last answer counts; `stale`: it does not; `never` answered."
    )
    attempted_at: Moment | None
    answered_at: Moment | None = Field(description="When it last gave a usable answer.")
    age: float | None = Field(description="Seconds since then.")
    valid_until: Moment | None = Field(description="Until when that answer counts.")
    failures: int = Field(description="Attempts that failed since the last usable answer.")
    failure: str | None = Field(description="Why the last attempt failed; null if it did not.")
    problems: list[str] = Field(description="What could not be read in the last usable answer.")
    records: int = Field(description="How many elements or downtimes it lists.")
    etag: Some
    last_modified: Some
    sha256: Some
    size: int | None = Field(description="Bytes of the last usable answer.")


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
    """All sources that are configured."""
    return SourcesSaid(sources=list(map(said, await gridmask.sources.health())))


@router.post(
    "/{name}/sync",
    summary="Read a source now",
    response_model=ReportSaid,
    responses={502: {"description": "It gave no usable answer, and all stays as it was."}},
)
async def sync_source(
    name: Annotated[str, Path(max_length=64)],
    gridmask: Here,
    by: By,
    force: Annotated[bool, Query(description="Even if that takes out more than the source's share.")] = False,
) -> ReportSaid | Response:
    """Read a source, and take in what it says, without waiting for its time."""
    (report,) = [report async for report in gridmask.sources.sync(by, [name], force=force)]
    if report.failure is not None:
        return problems.answer(502, report.failure, kind=problems.KINDS[SourceError], facts={"source": name})
    return ReportSaid.model_validate({**asdict(report), "problems": list(report.problems)})


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
        answered_at=noted.answered_at,
        age=(health.now - noted.answered_at).total_seconds() if noted.answered_at else None,
        valid_until=noted.valid_until,
        failures=noted.failures,
        failure=noted.failure,
        problems=list(noted.problems),
        records=noted.records,
        etag=noted.etag,
        last_modified=noted.last_modified,
        sha256=noted.sha256,
        size=noted.size,
    )

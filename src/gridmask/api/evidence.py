"""``/api/v1/evidence``: measurements that scripts report."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter
from pydantic import Field

from gridmask.api.dependencies import By, Here
from gridmask.api.models import Asked, Said, Word
from gridmask.domain.errors import InvalidRequest

router = APIRouter(prefix="/api/v1/evidence", tags=["evidence"])


class EvidenceAsked(Asked):
    """Measurements of one source."""

    source: Word = Field(description="Who measured: a name of its own, that no source in the settings has.")
    measurements: list[dict[str, Any]] = Field(
        [], description="Each in the form of the document of measurements.", max_length=1000
    )
    gone: list[dict[str, Any]] = Field(
        [],
        description="What is measured no more: each by `about` and `record`; without a record, all of the source about that.",
        max_length=1000,
    )


class EvidenceTaken(Said):
    """What came of a report."""

    taken: int = Field(description="How many measurements were taken in.")
    revision: int | None = Field(description="The revision that it led to; null: no status changed.")
    unheard: list[str] = Field(
        description="The records that nothing hears: about nothing in the inventory, or about a VO that has no row there."
    )
    outdated: list[str] = Field(description="The records of which something later is known: that stands.")
    gone: int = Field(description="How many records there are no more.")


@router.post("", summary="Report measurements")
async def report_evidence(asked: EvidenceAsked, gridmask: Here, by: By) -> EvidenceTaken:
    """Take in measurements, all of them or none. To report the same again changes nothing."""
    listed, gone = ([raw(item) for item in items] for items in (asked.measurements, asked.gone))
    reported = await gridmask.evidence.report(by, asked.source, listed, gone)
    told = {"unheard": list(reported.unheard), "outdated": list(reported.outdated), "gone": reported.gone}
    return EvidenceTaken(taken=reported.taken, revision=reported.outcome.revision, **told)


def raw(item: dict[str, Any]) -> msgspec.Raw:
    """What was sent, for those who read it themselves.

    Raises:
        InvalidRequest: a text in it is none.
    """
    try:
        return msgspec.Raw(msgspec.json.encode(item))
    except UnicodeEncodeError:
        raise InvalidRequest("A text has half of a character in it, such as \\ud83d alone. Nothing was taken.") from None

"""What of FTS is asked for, and what its storage is called."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from gridmask.collectors.options import VoName
from gridmask.documents import Period
from gridmask.source import Options

HOUR = timedelta(hours=1)


def _hours(period: timedelta) -> timedelta:
    if period % HOUR:
        raise ValueError("FTS counts in whole hours, such as '1h' or '6h'")
    return period


class FtsMonitoring(Options):
    """Options of ``fts-monitoring``."""

    window: Annotated[Period, AfterValidator(_hours)] = Field(
        HOUR, description="How far back transfers count that have ended: whole hours."
    )
    vos: tuple[VoName, ...] = Field((), description="The VOs whose transfers count. Empty: all.")
    per_vo: bool = Field(
        default=False, description="Whether each VO's transfers are told by themselves as well, beside those of all together."
    )
    service: str = Field(
        "", description="The kind of service that storage is here, such as `webdav`. Empty: all that its host does."
    )
    names: dict[str, str] = Field(
        {}, description="Hosts as they are called here, by what FTS calls them; others are called alike."
    )

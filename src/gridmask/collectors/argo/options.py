"""Which report is asked for."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from gridmask.collectors.options import Names, VoName
from gridmask.documents import Period
from gridmask.domain.vo import ALL


class ArgoStatus(Names):
    """Options of ``argo-status``."""

    type: str = Field("Site", description="The type of the elements that groups of endpoints are.")
    report: str = Field(min_length=1, description="The report, such as `Critical`.")
    vo: VoName = Field(ALL, description="The VO that the report is about.")


class ArgoResults(ArgoStatus):
    """Options of ``argo-results``."""

    window: Period = Field(timedelta(days=14), description="How far back availability and reliability are asked for.")

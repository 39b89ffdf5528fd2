"""Which jobs are counted, and of what."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from gridmask.collectors.options import Names, VoName
from gridmask.documents import Period
from gridmask.domain.vo import ALL


class DiracXJobs(Names):
    """Options of ``diracx-jobs``."""

    type: str = Field("Site", description="The type of the elements that it tells of.")
    parameter: str = Field("Site", min_length=1, description="The parameter of jobs that names the element.")
    vo: VoName = Field(ALL, description="The VO whose token it is, where elements have rows for several: its jobs are counted.")
    window: Period = Field(timedelta(hours=2), description="How far back jobs that ended are counted.")

"""Which of the documents a source has, and what sites and services are called here."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gridmask.collectors.options import Names, VoName

Document = Literal["usable-sites", "override", "ssb", "readiness", "status", "downtime"]
State = Literal["status", "prod_status", "crab_status", "rucio_status"]


class CmsSst(Names):
    """Options of ``cms-sst``."""

    type: str = Field("Site", description="The type of the elements that it tells of.")
    document: Document = Field(description="Which document it is: one of those above.")
    state: State = Field("status", description="Of `status`: which of its states counts; `status` is that of life.")
    services: dict[str, str] = Field(
        {}, description="Of `downtime`: kinds of service as they are called here, by what CMS calls them; others in lower case."
    )
    vo: VoName = Field("cms", description="Whom it is about.")

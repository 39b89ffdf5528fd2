"""What is counted, and by which method."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, NamedTuple

from pydantic import Field

from gridmask.collectors.options import Names, VoName
from gridmask.documents import Period
from gridmask.domain.vo import ALL


class Method(NamedTuple):
    """A method: the path of its service, the attribute that names elements if another is not wanted, and their type."""

    path: str
    attribute: str
    type: str


METHODS: Mapping[str, Method] = {
    "getCounters": Method("/WorkloadManagement/JobMonitoring", "Site", "Site"),
    "getSiteSummaryWeb": Method("/WorkloadManagement/WMSAdministrator", "Site", "Site"),
    "getPilotsCounters": Method("/Monitoring/WebApp", "GridSite", "Site"),
    "getPilotSummary": Method("/WorkloadManagement/PilotManager", "DestinationSite", "ComputingElement"),
}
"""The methods that are known."""


class DiracWms(Names):
    """Options of ``dirac-wms``."""

    method: Literal["getCounters", "getSiteSummaryWeb", "getPilotsCounters", "getPilotSummary"] = Field(
        "getCounters", description="What is asked for: see above."
    )
    type: str = Field("", description="The type of the elements that it tells of. Empty: as the method has it.")
    attribute: str = Field(
        "", description="For counters: the attribute of jobs or pilots that names the element. Empty: as the method has it."
    )
    where: dict[str, tuple[str, ...]] = Field(
        {}, description='For counters: what else attributes must be, such as `{ OwnerGroup = ["lhcb_user"] }`.'
    )
    vo: VoName = Field(ALL, description="The VO whose jobs or pilots they are, where elements have rows for several.")
    window: Period = Field(timedelta(hours=2), description="How far back what ended is counted; `getSiteSummaryWeb` has a day.")

    @property
    def called(self) -> Method:
        """The method, with what the settings say in place of its own."""
        known = METHODS[self.method]
        return Method(known.path, self.attribute or known.attribute, self.type or known.type)

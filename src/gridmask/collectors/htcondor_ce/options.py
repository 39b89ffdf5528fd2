"""Which computing element a scheduler is."""

from __future__ import annotations

from pydantic import Field

from gridmask.collectors.options import Names, VoName
from gridmask.domain.element import TypeRegistry
from gridmask.domain.naming import HostedService, Target
from gridmask.domain.vo import ALL

SERVICE = "org.opensciencegrid.htcondorce"
"""What registries call the service."""


class HTCondorCE(Names):
    """Options of ``htcondor-ce``."""

    type: str = Field(
        "", description="The type of the elements that `Name` names. Empty: it names hosts, of which the HTCondor-CE is meant."
    )
    vo: VoName = Field(ALL, description="The VO whose jobs they are, where elements have rows for several.")

    def about(self, name: str, types: TypeRegistry) -> Target:
        """What the scheduler called ``name`` is here; in front of its host can be a name of its own."""
        if self.type:
            return self.element(name, types)
        return HostedService(self.names.get(name, name.rpartition("@")[2]).lower(), SERVICE)

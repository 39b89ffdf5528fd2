"""Which topology is read, and what of it is a site."""

from __future__ import annotations

from pydantic import Field

from gridmask.collectors.options import ServiceTypes, VoScopes


class ArgoTopology(ServiceTypes, VoScopes):
    """Options of ``argo-topology``."""

    report: str = Field("", description="The report whose topology is read, such as `Critical`. Empty: all that is monitored.")
    group_type: str = Field("SITES", min_length=1, description="The type of the groups of endpoints that are sites.")

"""Which topology is read, and what of it is a site."""

from __future__ import annotations

from pydantic import Field, field_validator

from gridmask.collectors.options import ServiceTypes, VoName
from gridmask.domain.vo import ALL


class ArgoTopology(ServiceTypes):
    """Options of ``argo-topology``."""

    report: str = Field("", description="The report whose topology is read, such as `Critical`. Empty: all that is monitored.")
    group_type: str = Field("SITES", min_length=1, description="The type of the groups of endpoints that are sites.")
    vo_scopes: frozenset[VoName] = Field(
        frozenset(), description="The scopes that are VOs. What has one or several is offered to these VOs alone."
    )

    @field_validator("vo_scopes")
    @classmethod
    def _no_scope_is_all(cls, scopes: frozenset[str]) -> frozenset[str]:
        if ALL in scopes:
            raise ValueError(f"{ALL!r} stands for everyone and can name no VO")
        return scopes

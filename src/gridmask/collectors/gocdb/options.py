"""What the settings can say of a source of the kinds ``gocdb`` and ``gocdb-downtimes``."""

from __future__ import annotations

from pydantic import Field, field_validator

from gridmask.collectors.options import ServiceTypes, VoName
from gridmask.domain.vo import ALL
from gridmask.source import Options


class GocdbDowntimes(Options):
    """Options of ``gocdb-downtimes``."""

    scope: str = Field("", description="The scopes to ask for, separated by commas. Empty is all.")


class GocdbInventory(ServiceTypes, GocdbDowntimes):
    """Options of ``gocdb``."""

    vo_scopes: frozenset[VoName] = Field(
        frozenset(), description="The scopes that are VOs. What has one or several is offered to these VOs alone."
    )

    @field_validator("vo_scopes")
    @classmethod
    def _no_scope_is_all(cls, scopes: frozenset[str]) -> frozenset[str]:
        if ALL in scopes:
            raise ValueError(f"{ALL!r} stands for everyone and can name no VO")
        return scopes

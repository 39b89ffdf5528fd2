"""What the settings can say of a source of the kinds ``gocdb`` and ``gocdb-downtimes``."""

from __future__ import annotations

from pydantic import Field

from gridmask.collectors.options import ServiceTypes, VoScopes
from gridmask.source import Options


class GocdbDowntimes(Options):
    """Options of ``gocdb-downtimes``."""

    scope: str = Field("", description="The scopes to ask for, separated by commas. Empty is all.")


class GocdbInventory(ServiceTypes, VoScopes, GocdbDowntimes):
    """Options of ``gocdb``."""

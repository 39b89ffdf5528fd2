"""Which tickets count, and where they say what they are about."""

from __future__ import annotations

from pydantic import Field

from gridmask.collectors.options import Names


class ZammadOptions(Names):
    """Options of ``zammad``."""

    type: str = Field("Site", description="The type of the elements that it tells of.")
    search: str = Field(
        "!(state.name:solved OR state.name:unsolved OR state.name:verified OR state.name:closed)",
        description="The search that finds the tickets that are open.",
    )
    site_field: str = Field(
        "wlcg_sites", description="The field that names sites; of `NAME::more` and `NAME:more`, the name counts."
    )
    vo_field: str = Field("vo_support", description="The field that names the VO; a ticket that names none is about everyone.")
    per_vo: bool = Field(
        default=True, description="Whether a ticket that names a VO is about that VO alone; else it is about everyone."
    )
    page: int = Field(32, ge=1, le=200, description="How many tickets are asked for at once.")

"""Which storage elements are asked for, and which of their sizes count."""

from __future__ import annotations

from pydantic import Field

from gridmask.collectors.options import Names, VoName
from gridmask.domain.vo import ALL


class RucioOptions(Names):
    """Options of ``rucio-usage``."""

    expression: str = Field("", description="Which RSEs are asked for, as an expression of Rucio. Empty: all.")
    size: str = Field(
        "storage", description="Which of the sizes that Rucio has of an RSE counts: `storage` is what the storage itself told."
    )
    vo: VoName = Field(ALL, description="The VO that this Rucio belongs to, where elements have rows for several.")

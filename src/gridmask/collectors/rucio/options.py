"""Which storage elements and links are asked for, and what of them counts."""

from __future__ import annotations

from typing import Literal

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


class RucioTransfers(Names):
    """Options of ``rucio-transfers``."""

    window: Literal["1h", "6h"] = Field("1h", description="How far back transfers count that have ended: `1h` or `6h`.")
    activity: str = Field("", description="The one activity of Rucio whose transfers count. Empty: all.")
    destinations: tuple[str, ...] = Field(
        (), max_length=5_000, description="The RSEs to which links are asked for, each by itself. Empty: all links at once."
    )
    vo: VoName = Field(ALL, description="The VO that this Rucio belongs to, where elements have rows for several.")

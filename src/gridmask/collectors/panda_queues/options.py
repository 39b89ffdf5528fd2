"""What the states of queues are about."""

from __future__ import annotations

from pydantic import Field

from gridmask.collectors.options import Names, VoName
from gridmask.domain.vo import ALL


class PandaQueueOptions(Names):
    """Options of ``panda-queues``."""

    type: str = Field(
        "PandaQueue",
        description="The type of the elements that it tells of: the queues, or `ComputingElement` for those that they have, by "
        "host, or `Site` for their sites.",
    )
    vo: VoName = Field(ALL, description="The VO whose queues they are, where elements have rows for several.")

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
    cached: bool = Field(
        default=False,
        description="Whether somebody puts the document there now and then: it counts from when it was written, as that of "
        "a file does, by what the server says when it was last modified. Else it counts from when it was read.",
    )

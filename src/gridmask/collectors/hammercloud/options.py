"""What exclusions are about, and what their words mean."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from gridmask.collectors.options import Names, VoName
from gridmask.domain.measurements import ProbeResult
from gridmask.domain.vo import ALL

RESULTS: Mapping[str, ProbeResult] = {
    "ONLINE": "OK",
    "TEST": "CRITICAL",
    "BROKEROFF": "CRITICAL",
    "PAUSED": "CRITICAL",
    "OFFLINE": "CRITICAL",
}
"""The results that the words for a queue stand for: each but the first means that it gets no jobs, or none but tests."""


class HammerCloudOptions(Names):
    """Options of ``hammercloud``."""

    type: str = Field("PandaQueue", description="The type of the elements that it tells of.")
    metric: str = Field("exclusion", min_length=1, description="What the probe is called here.")
    results: dict[str, ProbeResult] = Field(
        {}, description='Results by word, such as `{ TEST = "WARNING" }`, before the table of the words.'
    )
    vo: VoName = Field(ALL, description="The VO whose queues they are, where elements have rows for several.")
    cached: bool = Field(
        default=False,
        description="Whether somebody puts the document there now and then: it counts from when it was written, as that of "
        "a file does, by what the server says when it was last modified. Else it counts from when it was read.",
    )

    def result(self, word: str) -> ProbeResult:
        """What ``word`` stands for; ``UNKNOWN`` if that is not known."""
        known = {**RESULTS, **{said.upper(): result for said, result in self.results.items()}}
        return known.get(word.upper(), "UNKNOWN")

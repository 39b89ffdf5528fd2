"""Which document it is, and what its words mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from gridmask.collectors.hammercloud.options import RESULTS
from gridmask.collectors.options import Names, VoName
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.measurements import ProbeResult
from gridmask.domain.vo import ALL

WORDS: Mapping[str, ProbeResult] = {**RESULTS, "ON": "OK", "OFF": "CRITICAL"}


class CricStatus(Names):
    """Options of ``cric-status``."""

    document: Literal["ddmendpointstatus", "pandaqueuestatus"] = Field(
        "ddmendpointstatus", description="What is asked for: `ddmendpointstatus` or `pandaqueuestatus`."
    )
    type: str = Field("", description="The type of the elements that it tells of. Empty: `StorageElement`, or `PandaQueue`.")
    results: dict[str, ProbeResult] = Field(
        {}, description='Results by word, such as `{ TEST = "WARNING" }`, before the table of the words.'
    )
    vo: VoName = Field(ALL, description="The VO whose CRIC it is, where elements have rows for several.")

    def result(self, word: str) -> ProbeResult:
        """What ``word`` stands for; ``UNKNOWN`` if that is not known."""
        known = {**WORDS, **{said.upper(): result for said, result in self.results.items()}}
        return known.get(word.upper(), "UNKNOWN")

    def about(self, theirs: str, types: TypeRegistry) -> ElementKey:
        """The element that CRIC calls ``theirs``."""
        type_ = types.get(self.type or ("PandaQueue" if self.document == "pandaqueuestatus" else "StorageElement"))
        return ElementKey(type_.family, type_.name, self.names.get(theirs, theirs))

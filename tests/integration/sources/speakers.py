"""Every kind of source, by its name."""

from __future__ import annotations

from collections.abc import Mapping

from tests.integration.sources.counting import COUNTING
from tests.integration.sources.downtimes import DOWNTIMES
from tests.integration.sources.inventories import INVENTORIES
from tests.integration.sources.judging import JUDGING

SPEAKERS = {speaker.kind: speaker for speaker in (*INVENTORIES, *DOWNTIMES, *JUDGING, *COUNTING)}
"""Every kind of source that is tried."""

UNTRIED: Mapping[str, str] = {
    "cric-status": "it lists what is excluded: a list with one exclusion less is one that is lifted",
}
"""Kinds that cannot be tried like all others, each with the reason."""

"""What a kind of source of evidence is: how it is asked, the reader that understands it, and the options that it heeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gridmask.asking import BEARER, Gather, once
from gridmask.collectors.observations import Observations
from gridmask.domain.downtime import Announcement
from gridmask.domain.element import TypeRegistry
from gridmask.domain.evidence import DOWNTIME
from gridmask.http import Gathered
from gridmask.source import Options, Source

DowntimeReader = Callable[[Gathered, Source, TypeRegistry], Announcement]
MeasurementReader = Callable[[Gathered, Source, TypeRegistry], Observations]


@dataclass(frozen=True, slots=True)
class DowntimeKind:
    """A kind of source that announces downtimes.

    Attributes:
        read: what all that it answered says.
        gather: how it is asked for them.
        options: what its source can be told in the settings beside what all can.
        token_as: as what it wants a token: a header, and perhaps a word before the token.
        evidence: the kind of evidence that it gives.
    """

    read: DowntimeReader
    gather: Gather = once
    options: type[Options] = Options
    token_as: str = BEARER
    evidence: str = DOWNTIME


@dataclass(frozen=True, slots=True)
class MeasurementKind:
    """A kind of source that measures; attributes as above."""

    read: MeasurementReader
    gather: Gather = once
    options: type[Options] = Options
    token_as: str = BEARER
    evidence: str = "measurements"

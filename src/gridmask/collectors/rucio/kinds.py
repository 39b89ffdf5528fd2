"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.kind import MeasurementKind
from gridmask.collectors.rucio import reader
from gridmask.collectors.rucio.asking import TOKEN_AS, gather
from gridmask.collectors.rucio.options import RucioOptions

KINDS = {"rucio-usage": MeasurementKind(reader.read, gather, RucioOptions, TOKEN_AS)}

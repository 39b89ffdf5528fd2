"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.kind import MeasurementKind
from gridmask.collectors.srr import reader
from gridmask.collectors.srr.options import SrrOptions

KINDS = {"wlcg-srr": MeasurementKind(reader.read, options=SrrOptions)}

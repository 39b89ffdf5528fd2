"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.cric_status import reader
from gridmask.collectors.cric_status.options import CricStatus
from gridmask.collectors.kind import MeasurementKind

KINDS = {"cric-status": MeasurementKind(reader.read, reader.gather, CricStatus)}

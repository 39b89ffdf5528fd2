"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.fts_monitoring import reader
from gridmask.collectors.fts_monitoring.asking import gather
from gridmask.collectors.fts_monitoring.options import FtsMonitoring
from gridmask.collectors.kind import MeasurementKind

KINDS = {"fts-monitoring": MeasurementKind(reader.read, gather, FtsMonitoring)}

"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.kind import MeasurementKind
from gridmask.collectors.occupancy import reader
from gridmask.collectors.occupancy.options import OccupancyOptions

KINDS = {"dirac-occupancy": MeasurementKind(reader.read, reader.gather, OccupancyOptions)}

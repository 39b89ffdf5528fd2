"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.dating import afresh
from gridmask.collectors.hammercloud import reader
from gridmask.collectors.hammercloud.options import HammerCloudOptions
from gridmask.collectors.kind import MeasurementKind

KINDS = {"hammercloud": MeasurementKind(reader.read, afresh, HammerCloudOptions)}

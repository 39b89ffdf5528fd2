"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.dirac_wms import reader
from gridmask.collectors.dirac_wms.asking import gather
from gridmask.collectors.dirac_wms.options import DiracWms
from gridmask.collectors.kind import MeasurementKind

KINDS = {"dirac-wms": MeasurementKind(reader.read, gather, DiracWms)}

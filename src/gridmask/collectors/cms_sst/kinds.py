"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.cms_sst import reader
from gridmask.collectors.cms_sst.options import CmsSst
from gridmask.collectors.kind import MeasurementKind

KINDS = {"cms-sst": MeasurementKind(reader.read, options=CmsSst)}

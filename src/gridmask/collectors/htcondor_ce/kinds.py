"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.htcondor_ce import reader
from gridmask.collectors.htcondor_ce.options import HTCondorCE
from gridmask.collectors.kind import MeasurementKind

KINDS = {"htcondor-ce": MeasurementKind(reader.read, options=HTCondorCE)}

"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.diracx_jobs import reader
from gridmask.collectors.diracx_jobs.asking import gather
from gridmask.collectors.diracx_jobs.options import DiracXJobs
from gridmask.collectors.kind import MeasurementKind

KINDS = {"diracx-jobs": MeasurementKind(reader.read, gather, DiracXJobs)}

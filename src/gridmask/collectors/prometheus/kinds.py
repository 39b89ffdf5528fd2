"""What a source of this kind is called in the settings."""

from __future__ import annotations

from gridmask.collectors.kind import MeasurementKind
from gridmask.collectors.prometheus import reader
from gridmask.collectors.prometheus.asking import gather
from gridmask.collectors.prometheus.options import PrometheusOptions

KINDS = {"prometheus": MeasurementKind(reader.read, gather, PrometheusOptions)}

"""What sources of these kinds are called in the settings."""

from __future__ import annotations

from gridmask.collectors.argo import asking, results, statuses
from gridmask.collectors.argo.options import ArgoResults, ArgoStatus
from gridmask.collectors.kind import MeasurementKind

TOKEN_AS = "x-api-key"  # noqa: S105 - the name of a header

KINDS = {
    "argo-status": MeasurementKind(statuses.read, asking.gather_statuses, ArgoStatus, TOKEN_AS),
    "argo-results": MeasurementKind(results.read, asking.gather_results, ArgoResults, TOKEN_AS),
}

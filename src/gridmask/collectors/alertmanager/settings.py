"""``[[receiver]]``: whom Alertmanager tells of alerts here, and what their labels mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from pydantic import Field, field_validator

from gridmask.collectors.labels import Labels
from gridmask.documents import Period

Result = Literal["CRITICAL", "WARNING"]


class Receiver(Labels):
    """``[[receiver]]``: takes alerts at ``/api/v1/evidence/alertmanager/NAME``."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description="What it is called here: as a source, and at the end of its address.",
    )
    severity_label: str = Field("severity", description="The label that tells how bad it is.")
    severities: dict[str, Result] = Field(
        {"critical": "CRITICAL", "warning": "WARNING"},
        description="What an alert is while it fires, by its severity. Those of others are passed over.",
    )
    without_severity: Result | Literal[""] = Field(
        "WARNING", description="What one is that names no severity. Empty: it is passed over."
    )
    valid_for: Period = Field(
        timedelta(hours=6),
        description="How long an alert counts of which nothing more is heard; longer than Alertmanager's `repeat_interval`.",
    )

    def result(self, labels: Mapping[str, str]) -> Result | None:
        """What an alert with these ``labels`` is while it fires; None: nothing."""
        severity = labels.get(self.severity_label, "")
        return self.severities.get(severity) if severity else self.without_severity or None

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        if name == "manual":
            raise ValueError("'manual' is what people declare themselves; take another name")
        return name

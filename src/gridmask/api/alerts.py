"""``/api/v1/evidence/alertmanager``: alerts of which Alertmanager tells."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from gridmask.api.dependencies import By, Here
from gridmask.api.evidence import raw
from gridmask.api.models import Said

router = APIRouter(prefix="/api/v1/evidence/alertmanager", tags=["evidence"])

Receiver = Annotated[str, Path(min_length=1, max_length=64)]


class AlertsAsked(BaseModel):
    """A notification, in the form of Alertmanager's webhooks. It is Alertmanager's: what else is in it is passed over."""

    model_config = ConfigDict(strict=True)

    version: Literal["4"] = Field(description="Of the form.")
    alerts: list[dict[str, Any]] = Field(description="The alerts, those that are over among them.")
    truncatedAlerts: int = Field(0, ge=0, description="How many more there are, which are not in it.")  # noqa: N815 - theirs


class AlertsTaken(Said):
    """What came of a notification."""

    taken: int = Field(description="How many alerts were taken in.")
    passed_over: int = Field(description="How many are of a severity that means nothing here.")
    problems: list[str] = Field(description="What was not taken in, and why; the first hundred of it.")
    revision: int | None = Field(description="The revision that it led to; null: no status changed.")
    unheard: list[str] = Field(
        description="The records that nothing hears: about nothing in the inventory, or about a VO that has no row there."
    )


@router.post("/{receiver}", summary="Tell of alerts")
async def report_alerts(receiver: Receiver, asked: AlertsAsked, gridmask: Here, by: By) -> AlertsTaken:
    """Take in each alert that can be; what is wrong with others is told. To tell the same again changes nothing."""
    listed = [raw(alert) for alert in asked.alerts]
    return AlertsTaken.model_validate(await gridmask.alerts.take(by, receiver, listed, asked.truncatedAlerts))

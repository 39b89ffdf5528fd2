"""An alert, as far as it is read."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

import msgspec


class Alert(msgspec.Struct, frozen=True, rename="camel"):
    """An alert. ``ends_at`` is of the year 1 while it fires."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    starts_at: datetime
    ends_at: datetime | None = None
    annotations: dict[str, str] = {}
    fingerprint: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it does not fire any more."""
        return self.status == "resolved"

    @property
    def name(self) -> str:
        """What it is called."""
        return self.labels.get("alertname", "")

    @property
    def identity(self) -> str:
        """What tells it from all others: a mark of its labels."""
        return self.fingerprint or hashlib.sha256(msgspec.json.encode(self.labels, order="sorted")).hexdigest()[:16]

    @property
    def summary(self) -> str:
        """What it says to people."""
        said = (self.annotations.get(name, "").strip() for name in ("summary", "description", "message"))
        return next(filter(None, said), "")

"""Posts each change to an address, as JSON.

The header ``Idempotency-Key`` is the same however often a change is sent, so that the receiver can tell a repetition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
import msgspec

from gridmask.domain.errors import BadStatus, Unreachable
from gridmask.http import redacted

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, slots=True)
class WebhookAction:
    """Tells one address. Redirects are not followed, and only a success counts as told."""

    name: str
    url: str
    timeout: timedelta

    async def tell(self, key: str, changes: dict[str, Any]) -> None:
        """See :class:`~gridmask.inspection.outbox.Action`."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        try:
            async with httpx2.AsyncClient(timeout=self.timeout.total_seconds(), trust_env=False) as client:
                answer = await client.post(self.url, content=msgspec.json.encode(changes), headers=headers)
        except httpx2.HTTPError as error:
            raise Unreachable(redacted(self.url), f"could not be told of {key}: {type(error).__name__}") from error
        if not answer.is_success:
            raise BadStatus(redacted(self.url), answer.status_code)

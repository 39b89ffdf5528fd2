"""Posts each change to an address, as JSON; as CloudEvents and signed, where that is wanted.

The header ``Idempotency-Key`` is the same however often a change is sent, so that the receiver can tell a repetition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2
from anyio import to_thread

from gridmask.actions.cloud_events import HERE, Form, in_header, posted
from gridmask.clock import Clock, system_clock
from gridmask.domain.errors import BadStatus, Deferred, Refused, Unreachable
from gridmask.http import redacted

if TYPE_CHECKING:
    from datetime import timedelta

    from gridmask.actions.signing import Signing
    from gridmask.domain.news import News

_LATER = frozenset({429, 503})
"""Answers by which a receiver asks to be told later; it may say when."""

_PASSING = frozenset({408, 425})
"""Answers that blame the sender, and that can be others the next time."""


@dataclass(frozen=True, slots=True)
class WebhookAction:
    """Tells one address. Redirects are not followed, and only a success counts as told.

    Attributes:
        name: what it is called.
        url: the address.
        timeout: how long it may take to answer.
        form: what is posted; ``source``: what CloudEvents call this installation.
        signing: signs what is posted, if anything does; ``clock``: the time that is signed.
    """

    name: str
    url: str
    timeout: timedelta
    form: Form = Form.PLAIN
    source: str = HERE
    signing: Signing | None = None
    clock: Clock = system_clock

    async def tell(self, news: News) -> None:
        """See :class:`~gridmask.actions.action.Action`."""
        wired = posted(news, self.form, self.source)
        proof = await to_thread.run_sync(self.signing.headers, news.key, self.clock(), wired.body) if self.signing else {}
        headers = {**wired.headers, **proof, "Idempotency-Key": in_header(news.key)}
        try:
            async with httpx2.AsyncClient(timeout=self.timeout.total_seconds(), trust_env=False) as client:
                answer = await client.post(self.url, content=wired.body, headers=headers)
        except httpx2.HTTPError as error:
            raise Unreachable(redacted(self.url), f"could not be told of {news.key}: {type(error).__name__}") from error
        if not answer.is_success:
            raise self._failure(answer)

    def _failure(self, answer: httpx2.Response) -> BadStatus | Deferred | Refused:
        where, told = redacted(self.url), f"answered with HTTP status {answer.status_code}"
        if answer.status_code in _LATER:
            return Deferred(where, told, _seconds(answer.headers.get("retry-after", "")))
        if answer.status_code < 500 and answer.status_code not in _PASSING:
            return Refused(where, told)
        return BadStatus(where, answer.status_code)


def _seconds(retry_after: str) -> float | None:
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None

"""Posts each change to an address, as JSON; as CloudEvents and signed, where that is wanted.

The header ``Idempotency-Key`` is the same however often a change is sent, so that the receiver can tell a repetition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2
from anyio import to_thread

from gridmask import tracing
from gridmask.actions.cloud_events import HERE, Form, in_header, posted
from gridmask.clock import Clock, system_clock
from gridmask.domain.errors import BadStatus, Deferred, Refused
from gridmask.http.retry import retry_after

if TYPE_CHECKING:
    from gridmask.actions.signing import Signing
    from gridmask.domain.news import News
    from gridmask.http.line import Line, Reply

_LATER = frozenset({429, 503})
"""Answers by which a receiver asks to be told later; it may say when."""

_PASSING = frozenset({408, 425})
"""Answers that blame the sender, and that can be others the next time."""


@dataclass(frozen=True, slots=True)
class WebhookAction:
    """Tells one address. Redirects are not followed, and only a success counts as told, whatever else is answered.

    Attributes:
        name: what it is called.
        line: the way to the address.
        form: what is posted; ``source``: what CloudEvents call this installation.
        signing: signs what is posted, if anything does; ``clock``: the time that is signed.
        traced: whether the address is told of which trace it is part.
    """

    name: str
    line: Line
    form: Form = Form.PLAIN
    source: str = HERE
    signing: Signing | None = None
    clock: Clock = system_clock
    traced: bool = True

    async def tell(self, news: News) -> None:
        """See :class:`~gridmask.actions.action.Action`."""
        wired, now = posted(news, self.form, self.source), self.clock()
        proof = await to_thread.run_sync(self.signing.headers, news.key, now, wired.body) if self.signing else {}
        headers = {**wired.headers, **proof, "Idempotency-Key": in_header(news.key)}
        with tracing.passing_on(self.traced):
            async with self.line.open() as line:
                reply = await line.send("POST", content=(wired.type, wired.body), headers=headers, unread=True)
        if not reply.is_success:
            raise self._failure(reply)

    def _failure(self, reply: Reply) -> BadStatus | Deferred | Refused:
        told = f"answered with HTTP status {reply.status}"
        if reply.status in _LATER:
            return Deferred(reply.place, told, retry_after(reply.headers.get("retry-after"), self.clock()))
        if httpx2.codes.is_redirect(reply.status):
            return Refused(reply.place, f"{told}: name the address that it leads to; redirects are not followed")
        if reply.status < 500 and reply.status not in _PASSING:
            return Refused(reply.place, told)
        return BadStatus(reply.place, reply.status)

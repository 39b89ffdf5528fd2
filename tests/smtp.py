"""A real SMTP server on this machine, which behaves as badly as it is told to."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from email.message import EmailMessage


@dataclass
class Post:
    """What a server was sent, and how it answers.

    Attributes:
        refusals: what it answers to recipients, in turn, before it takes them.
        bounces: what it answers to certain recipients each time.
        is_slow: whether it never answers to what is sent.
        letters: by recipient, what it took.
    """

    port: int = 0
    refusals: list[str] = field(default_factory=list)
    bounces: dict[str, str] = field(default_factory=dict)
    is_slow: bool = False
    letters: dict[str, list[EmailMessage]] = field(default_factory=lambda: defaultdict(list))

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: ANN401, N802 - as aiosmtpd calls it
        if answer := self.bounces.get(address) or (self.refusals.pop(0) if self.refusals else ""):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 - likewise
        if self.is_slow:
            await asyncio.Event().wait()
        message = message_from_bytes(envelope.content, policy=policy.default)
        for recipient in envelope.rcpt_tos:
            self.letters[recipient].append(message)
        return "250 OK"

    def bodies(self, recipient: str) -> list[str]:
        """What a recipient was told."""
        return [letter.get_content().replace("\r\n", "\n") for letter in self.letters[recipient]]

    @property
    def table(self) -> dict[str, Any]:
        """The settings to send mail by it."""
        return {"host": "127.0.0.1", "port": self.port, "sender": "Gridmask <gridmask@example.org>"}


@asynccontextmanager
async def post(made: Post | None = None, **manners: Any) -> AsyncIterator[Post]:  # noqa: ANN401 - what a post has
    """A server that listens."""
    made = made or Post(**manners)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(made, hostname="mail.example.org"), "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()

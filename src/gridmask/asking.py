"""Asking a source: its settings, what is known of it, and the client, put together for whoever knows what to ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from gridmask.http import Access, Answer, Client, Gathered, NotModified, Validators
from gridmask.http.files import is_file, path_of
from gridmask.source import Source

BEARER = "Authorization: Bearer"
"""As what a token is sent, where neither the settings nor the kind of source say otherwise."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One question to a source.

    Attributes:
        client: what asks.
        source: who is asked.
        now: the time.
        known: the validators of what it said last, if that may be answered with "not modified".
        token_as: as what its kind sends a token.
    """

    client: Client
    source: Source
    now: datetime
    known: Validators | None = None
    token_as: str = BEARER

    @property
    def access(self) -> Access:
        """What it is asked with."""
        return access_of(self.source, self.token_as)

    @property
    def is_document(self) -> bool:
        """Whether the source is one document that lies on this machine, and is read as the answer that it is.

        Raises:
            InvalidConfiguration: its file URL names no file.
        """
        return is_file(self.source.url) and not path_of(self.source.url).is_dir()

    async def whole(self, url: str = "") -> Gathered | NotModified:
        """What stands at the one URL of the source, or at ``url`` in its place, on the condition that it is news.

        Raises:
            SourceError: there is no answer that could be used.
        """
        answer = await self.client.get(url or self.source.url, self.known, access=self.access)
        return answer if isinstance(answer, NotModified) else Gathered.of([answer])

    async def get(self, url: str) -> Answer:
        """What stands at ``url``, whole.

        Raises:
            SourceError: there is no answer that could be used.
        """
        return await self.client.get(url, access=self.access)

    async def get_all(self, urls: Iterable[str]) -> list[Answer]:
        """What stands at each of ``urls``, in their order; as many are read at once as one host may be asked.

        Raises:
            SourceError: one of them gave no answer that could be used; the others are not waited for.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                under_way = [tasks.create_task(self.get(url)) for url in urls]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return [task.result() for task in under_way]

    async def post(self, url: str, document: object) -> Answer:
        """What is answered to the question ``document``, which is sent as JSON.

        Raises:
            SourceError: there is no answer that could be used.
        """
        return await self.client.post(url, document=document, access=self.access)

    async def properties(self, url: str, names: Iterable[str]) -> Answer:
        """WebDAV's properties ``names`` of what stands at ``url``.

        Raises:
            SourceError: there is no answer that could be used.
        """
        return await self.client.properties(url, names, access=self.access)


Gather = Callable[[Asking], Awaitable[Gathered | NotModified]]
"""Asks a source for all that it has to say."""


async def once(asking: Asking) -> Gathered | NotModified:
    """Reads the source's one URL."""
    return await asking.whole()


def access_of(source: Source, token_as: str = BEARER) -> Access:
    """What ``source``, whose kind sends a token as ``token_as``, is asked with."""
    return Access(source.certificate, source.key, source.token_file, token_as=source.token_as or token_as)

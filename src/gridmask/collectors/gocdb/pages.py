"""Asking GOCDB for everything of a kind, page by page.

GOCDB pages only if a cursor is given, so the first question has the cursor 0. Pages are in the order of identifiers, so that
what is added meanwhile comes on a later page, and nothing comes twice or is passed over. The last page with records is followed
by an empty one.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from gridmask.collectors.gocdb.answer import Page
from gridmask.domain.errors import TimedOut, TooLarge
from gridmask.http import redacted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from gridmask.http import Answer, Ask

MOST_PAGES = 1_000
"""So many pages are read; the largest answer that is known has less than 200."""

MOST_BYTES = 512 * 2**20
"""So many bytes all pages together may have."""

LONGEST = 900.0
"""So many seconds all pages together may take."""


async def ask_all(ask: Ask, base: str, question: Mapping[str, str]) -> tuple[Answer, ...]:
    """Every page of GOCDB's answer to ``question``.

    Args:
        ask: reads a URL.
        base: the address of the programmatic interface; what its query says is asked for along.
        question: the parameters, ``method`` among them.

    Raises:
        FetchFailed: a page did not come, or all together are too much.
        MalformedAnswer: a page is none, or the pages have no end.
    """
    method = question["method"]
    shown = redacted(address(base, question, 0))
    answers: list[Answer] = []
    cursor = 0
    async with _in_time(shown):
        while True:
            answers.append(await ask(address(base, question, cursor)))
            if sum(answer.provenance.size for answer in answers) > MOST_BYTES:
                raise TooLarge(shown, MOST_BYTES)
            page = await asyncio.to_thread(Page.of, answers[-1].body, f"page {len(answers)} of {method}")
            following = _following(page, cursor, first=len(answers) == 1)
            if following is None:
                return tuple(answers)
            if len(answers) >= MOST_PAGES:
                raise page.results.malformed(f"goes on after {MOST_PAGES:,} pages, which makes no sense.")
            cursor = following


def address(base: str, question: Mapping[str, str], cursor: int) -> str:
    """The URL by which to ask ``question`` at ``base``, from ``cursor`` on."""
    parts = urlsplit(base)
    query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **question, "next_cursor": str(cursor)}
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def _following(page: Page, cursor: int, *, first: bool) -> int | None:
    """The cursor of the page after ``page``, which was asked for by ``cursor``; None where there is none."""
    if page.meta is None and not first:
        raise page.results.malformed("has no <meta>, as if it were not one page of several.")
    if not page.held:
        return None
    following = page.cursor()
    if following is not None and following <= cursor:
        raise page.results.malformed(f"leads from the cursor {cursor} to {following}, so that there would be no end.")
    return following


@asynccontextmanager
async def _in_time(url: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(LONGEST):
            yield
    except TimeoutError as error:
        raise TimedOut(url, f"not all pages came within {LONGEST:g} s") from error

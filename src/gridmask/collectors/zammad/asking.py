"""Asks for all open tickets, page by page.

Pages go by the identifier, each beginning after the last ticket of the one before: numbered pages would skip tickets while
others are closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gridmask.collectors.dating import afresh
from gridmask.collectors.zammad.options import ZammadOptions
from gridmask.collectors.zammad.ticket import tickets_of
from gridmask.domain.errors import MalformedAnswer
from gridmask.http import Answer, Gathered

if TYPE_CHECKING:
    from gridmask.asking import Asking

PATH = "/api/v1/tickets/search"

MOST_PAGES = 500


async def gather(asking: Asking) -> Gathered:
    """All pages; of a file, the page that it is.

    Raises:
        SourceError: not all of them came.
    """
    if asking.is_document:
        return await afresh(asking)
    options, pages, last = ZammadOptions.of(asking.source), list[Answer](), 0
    while len(pages) < MOST_PAGES:
        page = await asking.get(_address(asking.source.url, options, last))
        pages.append(page)
        found = [ticket.id for ticket in tickets_of(page.body, asking.source.name)]
        if len(found) < options.page:
            return Gathered.of(pages)
        if max(found) <= last:
            raise MalformedAnswer(
                asking.source.name, f"answers with tickets up to {max(found)} where later ones were asked for"
            )
        last = max(found)
    raise MalformedAnswer(asking.source.name, f"has more than {MOST_PAGES:,} pages of open tickets")


def _address(url: str, options: ZammadOptions, last: int) -> str:
    search = f"({options.search}) AND id:>{last}"
    asked = {"query": search, "limit": options.page, "sort_by": "id", "order_by": "asc"}
    return f"{url.rstrip('/').removesuffix(PATH)}{PATH}?{urlencode(asked)}"

"""Counts open tickets by site and VO. A site about which none is left has none open.

Of a ticket that cannot be read, what it may be about is not counted at all: the others would be fewer than there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gridmask.collectors.doubts import Doubts
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.collectors.zammad.options import ZammadOptions
from gridmask.collectors.zammad.ticket import Ticket, tickets_of
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import TICKETS, Tickets
from gridmask.domain.vo import ALL, canonical

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source

MOST_LINKS = 20
"""So many tickets are linked to; the number is of all."""


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the pages of open tickets say.

    Raises:
        MalformedAnswer: one of them is no page of tickets.
    """
    return Observations.of(_found(answer, source, types), rest=Tickets(0))


def _found(answer: Gathered, source: Source, types: TypeRegistry) -> Iterator[Evidence | Problem]:
    options, doubts, open_about = ZammadOptions.of(source), Doubts(), defaultdict[tuple[str, str], set[int]](set)
    for ticket in (ticket for body in answer.bodies for ticket in tickets_of(body, source.name)):
        sites: list[str] | None = None
        try:
            sites = _sites(ticket, options)
            vos = _vos(ticket, options)
        except ValueError as error:
            for site in sites if sites is not None else [None]:
                doubts.add(site, None)
            if sites != []:
                yield Problem(f"ticket {ticket.id}: {error}")
            continue
        for place in ((site, vo) for site in sites for vo in vos):
            open_about[place].add(ticket.id)
    now = answer.provenance.fetched_at
    for (site, vo), ids in open_about.items():
        if doubts.concern(site, vo):
            continue
        key = key_of(source.name, options.element(site, types), TICKETS, site, vo=vo)
        counted = Tickets(len(ids), tuple(_link(source.url, ticket) for ticket in sorted(ids, reverse=True)[:MOST_LINKS]))
        yield Evidence(key, TICKETS, counted, now, now + source.valid_for, vo)


def _sites(ticket: Ticket, options: ZammadOptions) -> list[str]:
    """The sites that ``ticket`` is about."""
    named = (text.partition(":")[0].strip() for text in ticket.texts(options.site_field))
    return [site for site in named if site]


def _vos(ticket: Ticket, options: ZammadOptions) -> list[str]:
    """Whom it is about there."""
    try:
        named = {canonical(vo) for vo in ticket.texts(options.vo_field)} - {"none"} if options.per_vo else set()
    except InvalidRequest as error:
        raise ValueError(f"{options.vo_field}: {error}") from error
    return sorted(named) or [ALL]


def _link(url: str, ticket: int) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/#ticket/zoom/{ticket}"

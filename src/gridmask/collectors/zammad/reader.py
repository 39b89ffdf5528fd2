"""Counts open tickets by site and VO. A site about which none is left has none open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

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
    options, open_about = ZammadOptions.of(source), defaultdict[tuple[str, str], set[int]](set)
    for ticket in (ticket for body in answer.bodies for ticket in tickets_of(body, source.name)):
        try:
            for place in _places(ticket, options):
                open_about[place].add(ticket.id)
        except InvalidRequest as error:
            yield Problem(f"ticket {ticket.id}: {options.vo_field}: {error}")
    now = answer.provenance.fetched_at
    for (site, vo), ids in open_about.items():
        key = key_of(source.name, options.element(site, types), TICKETS, site, vo=vo)
        counted = Tickets(len(ids), tuple(_link(source.url, ticket) for ticket in sorted(ids, reverse=True)[:MOST_LINKS]))
        yield Evidence(key, TICKETS, counted, now, now + source.valid_for, vo)


def _places(ticket: Ticket, options: ZammadOptions) -> list[tuple[str, str]]:
    """The sites that ``ticket`` is about, each with whom it is about there."""
    vos = sorted({canonical(vo) for vo in ticket.texts(options.vo_field)} - {"none"}) if options.per_vo else []
    sites = (text.partition(":")[0].strip() for text in ticket.texts(options.site_field))
    return [(site, vo) for site in sites if site for vo in vos or [ALL]]


def _link(url: str, ticket: int) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/#ticket/zoom/{ticket}"

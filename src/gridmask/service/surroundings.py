"""Surroundings: where an element stands, and what follows what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.element import Element, RowKey
from gridmask.domain.mask import Holding
from gridmask.domain.policy import PolicySet, Reach
from gridmask.domain.row import Row, seen_by
from gridmask.domain.state import NO_ROWS, group
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.store import elements, statuses

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import ElementKey, TypeRegistry


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An element around another, as a VO sees it: its rows by status type, without reasons.

    ``shares_host``: whether both answer under one host name.
    """

    element: Element
    rows: tuple[Row, ...]
    shares_host: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where an element stands.

    Attributes:
        site: its site; None: it is at none, or is one itself, or nobody lists it.
        others: what else is there: of a site, its resources; the worst first.
        upward: the policies by which the site follows what is there.
        downward: those by which what is there follows the site; of a resource, those by which it does.
    """

    site: Neighbour | None = None
    others: tuple[Neighbour, ...] = ()
    upward: tuple[str, ...] = ()
    downward: tuple[str, ...] = ()


NOWHERE = Surroundings()


async def around(
    connection: AsyncConnection, element: Element, vo: str, policies: PolicySet, types: TypeRegistry
) -> Surroundings:
    """What is around ``element`` in the eyes of ``vo``: what is offered to it and in service."""
    if not element.site:
        return NOWHERE
    keys = set(await elements.at_site(connection, element.site)) - {element.key}
    numbers, present = await elements.find(connection, keys)
    rows = group(await statuses.outlines(connection, {vo, ALL}, numbers.values()))
    shown = [present[key] for key in sorted(present) if present[key].in_service and present[key].is_offered_to(vo)]
    found = [_neighbour(element, Holding(one, rows.get(one.key, NO_ROWS)), vo) for one in shown]
    site = next((one for one in found if one.element.is_site), None)
    others = tuple(sorted((one for one in found if not one.element.is_site), key=_worst_first))
    place = element if element.is_site else site.element if site else None
    upward = _following(policies, _rows([place] if place else [], types, vo), Reach.RESOURCES)
    below = [one.element for one in others] if element.is_site else [element]
    return Surroundings(site, others, upward, _following(policies, _rows(below, types, vo), Reach.SITE))


def _worst_first(one: Neighbour) -> tuple[Status, ElementKey]:
    return min((row.status for row in one.rows), default=Status.UNKNOWN), one.element.key


def _neighbour(element: Element, holding: Holding, vo: str) -> Neighbour:
    aspects = dict.fromkeys(status_type for status_type, _ in sorted(holding.rows))
    rows = tuple(row for aspect in aspects if (row := seen_by(vo, aspect, holding.rows)) is not None)
    return Neighbour(holding.element, rows, not set(element.hosts).isdisjoint(holding.element.hosts))


def _rows(some: Iterable[Element], types: TypeRegistry, vo: str) -> list[tuple[RowKey, Element]]:
    return [(RowKey(one.key, aspect, vo), one) for one in some for aspect in types.status_types(one.key)]


def _following(policies: PolicySet, followers: Iterable[tuple[RowKey, Element]], reach: Reach) -> tuple[str, ...]:
    """The policies by which any of ``followers`` follows what is within ``reach``."""
    if reach not in policies.reaches:
        return ()
    governing = (policy for row, one in followers for policy in policies.governing(row, one))
    return tuple(dict.fromkeys(policy.name for policy in governing if getattr(policy.rule, "reach", None) is reach))

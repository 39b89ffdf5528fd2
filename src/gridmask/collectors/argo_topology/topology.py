"""ARGO's topology as elements.

A group of endpoints is a site. Endpoints of one type on one host at one site are one element, as services of GOCDB's are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import msgspec

from gridmask.collectors.argo_topology.endpoints import Endpoint, Group, Site, service
from gridmask.collectors.gocdb.doubts import identified, uncontested
from gridmask.collectors.gocdb.service_types import names
from gridmask.collectors.listing import Listing
from gridmask.collectors.record import LEFT_OUT, NAME_LIMIT, WORD_LIMIT
from gridmask.domain.element import BUILT_IN_TYPES, Element, ElementType
from gridmask.domain.errors import MalformedAnswer

if TYPE_CHECKING:
    from gridmask.collectors.argo_topology.options import ArgoTopology
    from gridmask.collectors.service_names import ServiceNames

OLD = timedelta(days=2)
"""A topology is put together each day. One that dates from longer ago is told: it was not, since then."""

Record = TypeVar("Record", Endpoint, Group)


class _Status(msgspec.Struct, frozen=True):
    code: str | int = "200"
    message: str = ""


class _Answer(msgspec.Struct, frozen=True):
    data: list[msgspec.Raw]
    status: _Status = _Status()


class _Dated(msgspec.Struct, frozen=True):
    date: str = ""


def read(
    bodies: Sequence[bytes], source: str, options: ArgoTopology, service_types: Mapping[str, ElementType], now: datetime
) -> Listing:
    """What both parts of a topology list.

    Args:
        bodies: the endpoints, and the groups.
        source: the inventory source that the elements belong to.
        options: what the settings say of it.
        service_types: element types by service type, which go before GOCDB's table.
        now: when it was asked for.

    Raises:
        MalformedAnswer: they are none, or there is no endpoint at all. A record that cannot be read is a problem of the
            listing instead.
    """
    problems: list[str] = []
    raw = [_listed(body, source) for body in bodies]
    endpoints = [one for one in _read(raw[0], Endpoint, problems) if one.type.casefold() == options.group_type.casefold()]
    if not endpoints:
        raise MalformedAnswer(source, f"lists no endpoint in a group of the type {options.group_type}.")
    groups = list(_read(raw[1], Group, problems))
    conclusive = not problems
    known = names(service_types)
    found = list(_elements(_sites(endpoints, groups), endpoints, known, source, options))
    kept, contested = uncontested(found)
    elements, shared = identified(kept)
    types = {kind.name: kind for one in endpoints if (kind := known.type_of(one.service)) not in BUILT_IN_TYPES}
    told = (*problems, *_aged([*raw[0], *raw[1]], now), *contested, *shared, *known.problems())
    vos = frozenset[str]().union(*(element.offered for element in elements))
    ordered = tuple(types[name] for name in sorted(types))
    return Listing(elements, ordered, vos, frozenset(), conclusive, tuple(dict.fromkeys(told)))


def _listed(body: bytes, source: str) -> list[msgspec.Raw]:
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedAnswer(source, f"is no topology of ARGO: {error}.") from error
    if str(answer.status.code) != "200":
        raise MalformedAnswer(source, f"answers with {answer.status.code}: {answer.status.message[:200]}")
    return answer.data


def _read(listed: Sequence[msgspec.Raw], kind: type[Record], problems: list[str]) -> Iterator[Record]:
    """The records that can be read; of the others, it is noted in ``problems`` that they cannot."""
    for number, raw in enumerate(listed):
        try:
            record = msgspec.json.decode(raw, type=kind)
            _check(record)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
            problems.append(f"{kind.__name__.lower()} {number}: {error}. {LEFT_OUT}")
        else:
            yield record


def _check(record: Endpoint | Group) -> None:
    """Check that the names in ``record`` can be kept.

    Raises:
        ValueError: one of them cannot.
    """
    told = (record.group, record.host) if isinstance(record, Endpoint) else (record.subgroup,)
    if not all(0 < len(name) <= NAME_LIMIT and name.isprintable() for name in told):
        raise ValueError("a name in it cannot be kept")
    if isinstance(record, Endpoint) and not 0 < len(record.service) <= WORD_LIMIT:
        raise ValueError("it has no service type that could be")


def _sites(endpoints: Sequence[Endpoint], groups: Sequence[Group]) -> dict[str, Site]:
    """The groups of endpoints, and what else is told to be a site, by name."""
    above = defaultdict[str, list[Group]](list)
    for group in groups:
        above[group.subgroup].append(group)
    found = {one.group for one in endpoints} | {group.subgroup for group in groups if group.is_about_a_site}
    return {name: Site(name, tuple(above[name])) for name in sorted(found)}


def _elements(
    sites: dict[str, Site], endpoints: Sequence[Endpoint], known: ServiceNames, source: str, options: ArgoTopology
) -> Iterator[Element]:
    yield from (site.element(source, options.vo_scopes) for site in sites.values())
    together = defaultdict[tuple[ElementType, str, str], list[Endpoint]](list)
    for one in endpoints:
        together[known.type_of(one.service), one.host, one.group].append(one)
    for (kind, _, group), ones in together.items():
        yield service(kind, ones, source, options.vo_scopes, site=sites[group])


def _aged(listed: Sequence[msgspec.Raw], now: datetime) -> Iterator[str]:
    """A line, if the newest of the records dates from long ago."""
    dates = []
    for raw in listed:
        try:
            dates.append(date.fromisoformat(msgspec.json.decode(raw, type=_Dated).date))
        except (ValueError, msgspec.DecodeError):
            continue
    if dates and now.date() - max(dates) > OLD:
        yield f"the topology dates from {max(dates)}: ARGO has put together none since."

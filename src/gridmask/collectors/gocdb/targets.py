"""What a downtime's record is about: services on hosts, or a site."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from gridmask.collectors.hosts import host_of
from gridmask.collectors.record import WORD_LIMIT
from gridmask.domain.element import SITE, ElementKey
from gridmask.domain.naming import HostedService

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmask.collectors.gocdb.record import GocdbRecord
    from gridmask.domain.naming import Target


def targets(record: GocdbRecord) -> frozenset[Target]:
    """Whatever ``record`` names: the services in it, or the one service that it is about itself.

    Raises:
        MalformedAnswer: it names nothing, or something that cannot be.
    """
    nested = record.element.find("SERVICES") is not None
    services = tuple(record.children("SERVICES/SERVICE", "SERVICE")) if nested else (record,)
    if not services:
        raise record.malformed("names no service.")
    return frozenset(chain.from_iterable(map(_named, services)))


def _named(service: GocdbRecord) -> Iterator[Target]:
    kind = service.text("SERVICE_TYPE", WORD_LIMIT).lower()
    hosts = frozenset(_hosts(service))
    site = service.text("HOSTED_BY") or service.text("SITENAME")
    if hosts:
        yield from (HostedService(host, kind) for host in hosts)
    elif site:
        yield ElementKey(SITE, SITE, site)
    else:
        raise service.malformed("names neither a host nor a site.")


def _hosts(service: GocdbRecord) -> Iterator[str]:
    """The hosts of the affected endpoints, which need not be the service's; the service's for what does not tell its own."""
    named = service.text("HOSTNAME")
    own = host_of(named) or named.lower()
    endpoints = [host_of(endpoint.whole("URL")) for endpoint in service.listed("AFFECTED_ENDPOINTS/ENDPOINT")]
    yield from filter(None, (host or own for host in endpoints or [own]))

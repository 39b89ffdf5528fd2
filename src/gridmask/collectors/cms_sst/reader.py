"""Reads whichever document a source has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from gridmask.collectors.cms_sst import monit, tables
from gridmask.collectors.cms_sst.options import CmsSst
from gridmask.collectors.cms_sst.said import Found, Said
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.domain.evidence import Evidence
from gridmask.domain.naming import HostedService, Target

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source

_DOCUMENTS: Mapping[str, Callable[[bytes, str], Iterator[Found]]] = {
    "usable-sites": tables.usable_sites,
    "override": tables.overrides,
    "ssb": tables.ssb,
    "readiness": monit.readiness,
    "downtime": monit.downtimes,
}


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the document says.

    Raises:
        MalformedAnswer: it is none of that form.
    """
    options, now = CmsSst.of(source), answer.provenance.fetched_at

    def evidence(found: Found) -> Evidence | Problem:
        if isinstance(found, Problem):
            return found
        key = key_of(source.name, _about(found, options, types), found.record)
        at = found.at or now
        return Evidence(key, found.kind, found.value, at, at + source.valid_for, options.vo)

    state = partial(monit.states, member=options.state)
    read = state if options.document == "status" else _DOCUMENTS[options.document]
    return Observations.of(evidence(found) for found in read(answer.bodies[0], source.name))


def _about(said: Said, options: CmsSst, types: TypeRegistry) -> Target:
    if said.service is None:
        return options.element(said.name, types)
    service = options.services.get(said.service, said.service)
    return HostedService(options.names.get(said.name, said.name).lower(), service.lower())

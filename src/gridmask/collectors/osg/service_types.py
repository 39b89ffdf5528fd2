"""What OSG's services are here: each service name's element type."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gridmask.domain.element import ACCESS, BUILT_IN_TYPES, RESOURCE, ElementType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BUILT_IN = {declared.name: declared for declared in BUILT_IN_TYPES}

_RENAMED = {"CE": "ComputingElement", "FTS": "FTS", "LFC": "Catalog", "Message Bus": "MessageQueue"}
"""Services that every deployment has under a name of its own; all others keep OSG's."""

_BY_CATEGORY = {
    "computing": (
        *("Submit Node", "Execution Endpoint", "Glidein factory", "Condor Collector", "Connect", "Virtual Machine Host"),
    ),
    "storage": (
        *("SRMv1", "SRMv2", "SRMv2.disk", "SRMv2.tape", "GridFtp", "WebDAV", "WebDAV.disk", "WebDAV.tape", "EOS"),
        *("XRootD component", "XRootD HA component", "XRootD origin server", "Pelican origin"),
    ),
    "cache": ("XRootD cache server", "Pelican cache", "Squid", "Software Cache"),
    "network": ("net.perfSONAR.Bandwidth", "net.perfSONAR.Latency", "perfsonar data store"),
    "information": (
        *("OSG Homepage", "OSG DOCDB", "Topology Server", "OSG BDII", "ReSS Collector", "WLCG Interoperability BDII"),
        *("MyOSG", "OIM", "Twiki Server", "OSG blogs"),
    ),
    "database": ("Cassandra DB",),
    "software": ("Software Repo", "Software Repo Mirror", "CVMFS Stratum-1", "Oasis Server", "oasis-login"),
    "security": ("Certificate Provider", "GUMS Server", "VOMS Server", "VOMRS Server"),
    "monitoring": (
        *("OSG_Display", "Gratia Collector", "GratiaWeb", "RSV Collector"),
        *("VOMS_Monitoring", "CADIST_Monitoring", "CRL_Monitoring"),
    ),
    "other": ("Apache Server", "GOCTicket", "OSG-JIRA", "(removed)", "Ticket Exchange"),
}

SERVICE_TYPES: Mapping[str, ElementType] = {
    **{service: _BUILT_IN[name] for service, name in _RENAMED.items()},
    **{
        service: ElementType(service, category=category, status_types=ACCESS if category == "storage" else ("all",))
        for category, services in _BY_CATEGORY.items()
        for service in services
    },
}
"""Element types by OSG service name, for every service that OSG lists. Storage has four accesses, a cache is on or off."""


class ServiceNames:
    """Finds the type that a service name means, and notes the names that mean nothing known."""

    def __init__(self, overrides: Mapping[str, ElementType]) -> None:
        self._types = {**SERVICE_TYPES, **overrides}
        self._unknown: Counter[str] = Counter()

    def type_of(self, service: str) -> ElementType:
        """The element type of ``service``; an unknown one is a type of its own."""
        if service not in self._types:
            self._unknown[service] += 1
        return self._types.get(service) or _own_type(service)

    def problems(self) -> Iterator[str]:
        """A line for each unknown name that was asked for."""
        for service, times in sorted(self._unknown.items()):
            yield (
                f"the service type {service!r}, which occurs {_times(times)}, is not known: "
                f"taken as an element type {_own_type(service).name!r} with the one status type 'all'."
            )


def _own_type(service: str) -> ElementType:
    declared = _BUILT_IN.get(service, ElementType(service))
    # what is no resource here ("Site", "Queue") must not become one under the same name
    return declared if declared.family == RESOURCE else ElementType(f"OSG {service}")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"

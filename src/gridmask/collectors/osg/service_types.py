"""What OSG's services are here: each service name's element type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors.service_names import BUILT_IN, ServiceNames, by_category

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.domain.element import ElementType

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
    **{service: BUILT_IN[name] for service, name in _RENAMED.items()},
    **by_category(_BY_CATEGORY),
}
"""Element types by OSG service name, for every service that OSG lists. Storage has four accesses, a cache is on or off."""


def names(overrides: Mapping[str, ElementType]) -> ServiceNames:
    """What OSG's service names mean, and before that, what ``overrides`` say."""
    return ServiceNames(SERVICE_TYPES, overrides, "OSG")

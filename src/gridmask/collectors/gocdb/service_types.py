"""What GOCDB's services are here: each service type's element type.

GOCDB names software where we name a kind of service: an ARC-CE is a computing element as a CREAM-CE is. Several service types
are therefore one element type; services of one type on one host are one element.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors.service_names import BUILT_IN, ServiceNames, by_category

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.domain.element import ElementType

_MEANING = {
    "ComputingElement": (
        *("CE", "gLite-CE", "CREAM-CE", "ARC-CE", "org.nordugrid.arex", "org.opensciencegrid.htcondorce", "GRAM5"),
        *("org.ogf.bes.BESFactory", "QCG.Computing", "unicore6.Gateway", "unicore6.TargetSystemFactory"),
        *("uk.ac.gridpp.vac", "dg.ARC-CE", "dg.CREAM-CE", "dg.TargetSystemFactory"),
    ),
    "CloudCompute": (
        *("eu.egi.cloud.vm-management.occi", "eu.egi.cloud.vm-management.openstack"),
        *("eu.egi.cloud.vm-management.opennebula", "org.openstack.nova"),
    ),
    "Submit Node": ("UI", "globus-GSISSHD"),
    "VOBox": ("VO-box",),
    "WorkloadManager": (
        *("WMS", "RB", "LB", "QCG.Broker", "unicore6.ServiceOrchestrator", "unicore6.WorkflowFactory"),
        *("eu.indigo-datacloud.chronos", "eu.indigo-datacloud.marathon"),
    ),
    "StorageElement": ("Classic-SE", "org.irods.irods3", "unicore6.StorageFactory", "unicore6.StorageManagement"),
    "CloudStorage": (
        *("eu.egi.cloud.storage-management.cdmi", "eu.egi.cloud.storage-management.oneprovider", "org.openstack.swift"),
        "org.onedata.oneprovider",
    ),
    "GridFtp": ("globus-GRIDFTP", "gsiftp"),
    "SRMv2": ("SRM",),
    "SRMv2.tape": ("srm.nearline",),
    "WebDAV": ("webdav",),
    "WebDAV.tape": ("webdav.tape", "wlcg.webdav.tape"),
    "XRootD component": ("XRootD",),
    "XRootD.tape": ("xrootd.tape", "wlcg.xrootd.tape"),
    "Squid": ("org.squid-cache.Squid", "squid"),
    "Catalog": ("Central-LFC", "Local-LFC", "LFC", "AMGA", "globus-RLS"),
    "net.perfSONAR.Bandwidth": ("net.perfSONAR.Bandwidth",),
    "net.perfSONAR.Latency": ("net.perfSONAR.Latency",),
    "InformationProvider": (
        *("Site-BDII", "Top-BDII", "MON", "RGMA-IC", "unicore6.Registry", "eu.egi.cloud.information.bdii"),
        "eu.egi.cloud.vm-metadata.marketplace",
    ),
    "Portal": (
        *("CUSTOM.RequestTracker", "CUSTOM.UserPortal", "egi.AppDB", "egi.CRM", "egi.GGUS", "egi.GOCDB", "egi.MetricsPortal"),
        *("egi.NetworkPortal", "egi.OpsPortal", "egi.TMP", "egi.VODashboard", "ngi.OpsPortal", "OpsTool"),
        *("org.openstack.horizon", "org.vinetoolkit.VinePortal", "pl.cyfronet.gridspace2", "pl.cyfronet.InSilicoLab"),
        *("pl.psnc.MigratingDesktop", "CUSTOM.pl.plgrid.Bazaar", "CUSTOM.pl.plgrid.BazaarSAT"),
        "CUSTOM.pl.plgrid.QStorMan.UserInterface",
    ),
    "FTS": ("FTS",),
    "MessageQueue": ("MSG-Broker", "egi.MSGBroker", "QCG.Notification"),
    "Database": ("CUSTOM.ch.cern.frontier.FroNTier", "ch.cern.frontier.FroNTier"),
    "CVMFS Stratum-0": ("ch.cern.cvmfs.stratum.0",),
    "CVMFS Stratum-1": ("ch.cern.cvmfs.stratum.1",),
    "VOMS Server": ("VOMS",),
    "MyProxy": ("MyProxy",),
    "Authorization": ("emi.ARGUS", "ngi.ARGUS", "gLExec", "unicore6.UVOSAssertionQueryService", "CUSTOM.pl.plgrid.KeyFS"),
    "IdentityProvider": ("egi.aai.oidc", "egi.aai.saml", "egi.aai.tts", "egi.Perun", "org.openstack.keystone"),
    "Accounting": (
        *("APEL", "gLite-APEL", "SGAS", "egi.APELRepository", "egi.AccountingPortal", "eu.egi.cloud.accounting"),
        "CUSTOM.pl.plgrid.BAT.agent",
    ),
    "Monitoring": ("egi.SAM", "ngi.SAM", "site.SAM", "vo.SAM", "egi.GRIDVIEW", "egi.GSTAT", "FTM"),
}
"""GOCDB's service types by the built-in type that they are here."""

_OWN = {
    "computing": ("com.adaptivecomputing.TorqueClient", "eu.egi.MPI"),
    "storage": ("ch.cern.dynafed", "XRootD.Redirector"),
    "other": ("CUSTOM_SERVICE",),
}
"""Service types that are element types of their own, by category."""

SERVICE_TYPES: Mapping[str, ElementType] = {
    **{service: BUILT_IN[name] for name, services in _MEANING.items() for service in services},
    **by_category(_OWN),
}
"""Element types by GOCDB's service type. Case does not matter."""


def names(overrides: Mapping[str, ElementType]) -> ServiceNames:
    """What GOCDB's service types mean, and before that, what ``overrides`` say."""
    return ServiceNames(SERVICE_TYPES, overrides, "GOCDB", str.casefold)

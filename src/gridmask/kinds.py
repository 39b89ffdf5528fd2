"""What sources can speak: all kinds. A collector's folder has its own in a file ``kinds.py``; here it is named once."""

from __future__ import annotations

from collections.abc import Mapping

from gridmask.collectors.argo import kinds as argo
from gridmask.collectors.cms_sst import kinds as cms_sst
from gridmask.collectors.cric_status import kinds as cric_status
from gridmask.collectors.dirac_wms import kinds as dirac_wms
from gridmask.collectors.diracx_jobs import kinds as diracx_jobs
from gridmask.collectors.fts_monitoring import kinds as fts_monitoring
from gridmask.collectors.gocdb import kinds as gocdb
from gridmask.collectors.hammercloud import kinds as hammercloud
from gridmask.collectors.htcondor_ce import kinds as htcondor_ce
from gridmask.collectors.kind import DowntimeKind, MeasurementKind
from gridmask.collectors.measurements import kinds as measurements
from gridmask.collectors.occupancy import kinds as occupancy
from gridmask.collectors.osg import kinds as osg
from gridmask.collectors.panda_queues import kinds as panda_queues
from gridmask.collectors.prometheus import kinds as prometheus
from gridmask.collectors.rucio import kinds as rucio
from gridmask.collectors.srr import kinds as srr
from gridmask.collectors.webdav_quota import kinds as webdav_quota
from gridmask.collectors.xrootd_space import kinds as xrootd_space
from gridmask.collectors.zammad import kinds as zammad
from gridmask.inventory import kinds as inventories
from gridmask.inventory.kind import InventoryKind

__all__ = ["KINDS", "DowntimeKind", "InventoryKind", "Kind", "MeasurementKind"]

Kind = InventoryKind | DowntimeKind | MeasurementKind

KINDS: Mapping[str, Kind] = {
    **inventories.KINDS,
    **argo.KINDS,
    **cms_sst.KINDS,
    **cric_status.KINDS,
    **dirac_wms.KINDS,
    **diracx_jobs.KINDS,
    **fts_monitoring.KINDS,
    **gocdb.KINDS,
    **hammercloud.KINDS,
    **htcondor_ce.KINDS,
    **measurements.KINDS,
    **occupancy.KINDS,
    **osg.KINDS,
    **panda_queues.KINDS,
    **prometheus.KINDS,
    **rucio.KINDS,
    **srr.KINDS,
    **webdav_quota.KINDS,
    **xrootd_space.KINDS,
    **zammad.KINDS,
}
"""The kinds of source by the name that the settings call them by."""

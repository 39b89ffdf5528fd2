"""What sources can speak: each kind, with how it is asked, the reader that understands it, and the options that it heeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gridmask.asking import BEARER, Asking, Gather, once
from gridmask.collectors.argo import asking as argo
from gridmask.collectors.argo import results as argo_results
from gridmask.collectors.argo import statuses as argo_statuses
from gridmask.collectors.argo.options import ArgoResults, ArgoStatus
from gridmask.collectors.cric.asking import gather as ask_cric
from gridmask.collectors.cric.options import CricOptions
from gridmask.collectors.diracx_jobs import reader as diracx_jobs
from gridmask.collectors.diracx_jobs.asking import gather as ask_for_jobs
from gridmask.collectors.diracx_jobs.options import DiracXJobs
from gridmask.collectors.gocdb import asking as gocdb_asking
from gridmask.collectors.gocdb import downtimes as gocdb_downtimes
from gridmask.collectors.gocdb.options import GocdbDowntimes, GocdbInventory
from gridmask.collectors.hammercloud import reader as hammercloud
from gridmask.collectors.hammercloud.options import HammerCloudOptions
from gridmask.collectors.measurements import reader as measurements
from gridmask.collectors.observations import Observations
from gridmask.collectors.occupancy import reader as occupancy
from gridmask.collectors.occupancy.options import OccupancyOptions
from gridmask.collectors.options import ServiceTypes
from gridmask.collectors.osg import downtimes as osg_downtimes
from gridmask.collectors.panda_queues import reader as panda_queues
from gridmask.collectors.panda_queues.options import PandaQueueOptions
from gridmask.collectors.prometheus import reader as prometheus
from gridmask.collectors.prometheus.asking import gather as ask_prometheus
from gridmask.collectors.prometheus.options import PrometheusOptions
from gridmask.collectors.rucio import reader as rucio
from gridmask.collectors.rucio.asking import TOKEN_AS as RUCIO_TOKEN
from gridmask.collectors.rucio.asking import gather as ask_rucio
from gridmask.collectors.rucio.options import RucioOptions
from gridmask.collectors.srr import reader as srr
from gridmask.collectors.srr.options import SrrOptions
from gridmask.collectors.zammad import reader as zammad
from gridmask.collectors.zammad.asking import gather as ask_zammad
from gridmask.collectors.zammad.options import ZammadOptions
from gridmask.domain.downtime import Announcement
from gridmask.domain.element import TypeRegistry
from gridmask.domain.evidence import DOWNTIME
from gridmask.http import Gathered, NotModified
from gridmask.inventory import cric, gocdb, osg, toml
from gridmask.inventory.dirac import diracx, resources, service
from gridmask.inventory.publication import Publication
from gridmask.source import Options, Source

InventoryReader = Callable[[Gathered, Source, TypeRegistry], Publication]
DowntimeReader = Callable[[Gathered, Source, TypeRegistry], Announcement]
MeasurementReader = Callable[[Gathered, Source, TypeRegistry], Observations]


@dataclass(frozen=True, slots=True)
class InventoryKind:
    """A kind of source that publishes elements.

    Attributes:
        read: what all that it answered says.
        gather: how it is asked for them.
        options: what its source can be told in the settings beside what all can.
        token_as: as what it wants a token: a header, and perhaps a word before the token.
        evidence: the kind of evidence that it gives; empty for none.
    """

    read: InventoryReader
    gather: Gather = once
    options: type[Options] = Options
    token_as: str = BEARER
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class DowntimeKind:
    """A kind of source that announces downtimes; attributes as above."""

    read: DowntimeReader
    gather: Gather = once
    options: type[Options] = Options
    token_as: str = BEARER
    evidence: str = DOWNTIME


@dataclass(frozen=True, slots=True)
class MeasurementKind:
    """A kind of source that measures; attributes as above."""

    read: MeasurementReader
    gather: Gather = once
    options: type[Options] = Options
    token_as: str = BEARER
    evidence: str = "measurements"


Kind = InventoryKind | DowntimeKind | MeasurementKind


async def _all_of_gocdb(asking: Asking) -> Gathered | NotModified:
    if asking.is_document:
        return await asking.whole()
    return await gocdb_asking.ask_for_inventory(asking.get, asking.source.url, GocdbInventory.of(asking.source).scope)


async def _downtimes_of_gocdb(asking: Asking) -> Gathered | NotModified:
    if asking.is_document:
        return await asking.whole()
    scope = GocdbDowntimes.of(asking.source).scope
    return await gocdb_asking.ask_for_downtimes(asking.get, asking.source.url, asking.now, scope)


async def _from_dirac(asking: Asking) -> Gathered | NotModified:
    return await service.gather(asking.client, asking.source.url, asking.access, asking.known)


async def _from_diracx(asking: Asking) -> Gathered | NotModified:
    return await asking.whole(diracx.address(asking.source.url))


def _gocdb(answer: Gathered, source: Source, types: TypeRegistry) -> Publication:
    options = GocdbInventory.of(source)
    return gocdb.read(answer.bodies, source.name, options.element_types(types), options.vo_scopes)


def _cric(answer: Gathered, source: Source, types: TypeRegistry) -> Publication:
    del types  # all that CRIC lists is of a type that every installation has
    return cric.read(answer.bodies, source.name, CricOptions.of(source))


def _osg(answer: Gathered, source: Source, types: TypeRegistry) -> Publication:
    return osg.read(answer.bodies[0], source.name, ServiceTypes.of(source).element_types(types))


def _osg_downtimes(answer: Gathered, source: Source, types: TypeRegistry) -> Announcement:
    return osg_downtimes.read(answer.bodies[0], source.name, ServiceTypes.of(source).element_types(types))


def _measurements(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    del types  # a measurement tells of what it is about
    return measurements.read(answer.bodies[0], source.name, source.valid_for)


KINDS: Mapping[str, Kind] = {
    "toml": InventoryKind(lambda answer, source, types: toml.read(answer.bodies[0], source.name, types)),
    "osg-topology": InventoryKind(_osg, options=ServiceTypes),
    "osg-downtimes": DowntimeKind(_osg_downtimes, options=ServiceTypes),
    "gocdb": InventoryKind(_gocdb, _all_of_gocdb, GocdbInventory),
    "gocdb-downtimes": DowntimeKind(
        lambda answer, source, _: gocdb_downtimes.read(answer.bodies, source.name), _downtimes_of_gocdb, GocdbDowntimes
    ),
    "cric": InventoryKind(_cric, ask_cric, CricOptions),
    "measurements": MeasurementKind(_measurements),
    "prometheus": MeasurementKind(prometheus.read, ask_prometheus, PrometheusOptions),
    "argo-status": MeasurementKind(argo_statuses.read, argo.gather_statuses, ArgoStatus, "x-api-key"),
    "argo-results": MeasurementKind(argo_results.read, argo.gather_results, ArgoResults, "x-api-key"),
    "rucio-usage": MeasurementKind(rucio.read, ask_rucio, RucioOptions, RUCIO_TOKEN),
    "diracx-jobs": MeasurementKind(diracx_jobs.read, ask_for_jobs, DiracXJobs),
    "dirac-occupancy": MeasurementKind(occupancy.read, occupancy.gather, OccupancyOptions),
    "panda-queues": MeasurementKind(panda_queues.read, panda_queues.gather, PandaQueueOptions),
    "hammercloud": MeasurementKind(hammercloud.read, options=HammerCloudOptions),
    "zammad": MeasurementKind(zammad.read, ask_zammad, ZammadOptions, "Authorization: Token token="),
    "wlcg-srr": MeasurementKind(srr.read, options=SrrOptions),
    "dirac-cfg": InventoryKind(lambda answer, source, _: resources.read(answer.bodies[0], source.name)),
    "dirac-cs": InventoryKind(lambda answer, source, _: resources.read(answer.bodies[0], source.name), _from_dirac),
    "diracx-config": InventoryKind(lambda answer, source, _: diracx.read(answer.bodies[0], source.name), _from_diracx),
}
"""The kinds of source by the name that the settings call them by."""

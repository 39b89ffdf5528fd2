"""The kinds of inventories by the names that the settings call them by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors.argo_topology.asking import gather as ask_argo
from gridmask.collectors.argo_topology.options import ArgoTopology
from gridmask.collectors.cric.asking import gather as ask_cric
from gridmask.collectors.cric.options import CricOptions
from gridmask.collectors.gocdb.asking import ask_for_inventory
from gridmask.collectors.gocdb.options import GocdbInventory
from gridmask.collectors.options import ServiceTypes
from gridmask.inventory import argo, cric, gocdb, osg, toml
from gridmask.inventory.dirac import diracx, resources, service
from gridmask.inventory.kind import InventoryKind

if TYPE_CHECKING:
    from gridmask.asking import Asking
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered, NotModified
    from gridmask.inventory.publication import Publication
    from gridmask.source import Source


async def _all_of_gocdb(asking: Asking) -> Gathered | NotModified:
    if asking.is_document:
        return await asking.whole()
    return await ask_for_inventory(asking.get, asking.source.url, GocdbInventory.of(asking.source).scope)


async def _from_dirac(asking: Asking) -> Gathered | NotModified:
    return await service.gather(asking.client, asking.source.url, asking.access, asking.known)


async def _from_diracx(asking: Asking) -> Gathered | NotModified:
    return await asking.whole(diracx.address(asking.source.url))


def _gocdb(answer: Gathered, source: Source, types: TypeRegistry) -> Publication:
    options = GocdbInventory.of(source)
    return gocdb.read(answer.bodies, source.name, options.element_types(types), options.vo_scopes)


def _argo(answer: Gathered, source: Source, types: TypeRegistry) -> Publication:
    options = ArgoTopology.of(source)
    return argo.read(answer.bodies, source.name, options, options.element_types(types), answer.provenance.fetched_at)


def _cric(answer: Gathered, source: Source, types: TypeRegistry) -> Publication:
    del types  # all that CRIC lists is of a type that every installation has
    return cric.read(answer.bodies, source.name, CricOptions.of(source))


def _osg(answer: Gathered, source: Source, types: TypeRegistry) -> Publication:
    return osg.read(answer.bodies[0], source.name, ServiceTypes.of(source).element_types(types))


KINDS = {
    "toml": InventoryKind(lambda answer, source, types: toml.read(answer.bodies[0], source.name, types)),
    "osg-topology": InventoryKind(_osg, options=ServiceTypes),
    "gocdb": InventoryKind(_gocdb, _all_of_gocdb, GocdbInventory),
    "argo-topology": InventoryKind(_argo, ask_argo, ArgoTopology, "x-api-key"),
    "cric": InventoryKind(_cric, ask_cric, CricOptions),
    "dirac-cfg": InventoryKind(lambda answer, source, _: resources.read(answer.bodies[0], source.name)),
    "dirac-cs": InventoryKind(lambda answer, source, _: resources.read(answer.bodies[0], source.name), _from_dirac),
    "diracx-config": InventoryKind(lambda answer, source, _: diracx.read(answer.bodies[0], source.name), _from_diracx),
}

from __future__ import annotations

from typing import get_args

import pytest

from gridmask.collectors.gocdb.service_types import SERVICE_TYPES, names
from gridmask.collectors.osg.service_types import SERVICE_TYPES as OSG
from gridmask.domain.element import ACCESS, BUILT_IN_TYPES, RESOURCE, ElementType
from gridmask.inventory.toml_tables import Category


@pytest.mark.parametrize(
    ("service", "name", "category"),
    [
        ("ARC-CE", "ComputingElement", "computing"),
        ("org.nordugrid.arex", "ComputingElement", "computing"),
        ("SRM", "SRMv2", "storage"),
        ("wlcg.webdav.tape", "WebDAV.tape", "storage"),
        ("Local-LFC", "Catalog", "catalog"),
        ("net.perfSONAR.Latency", "net.perfSONAR.Latency", "network"),
        ("Top-BDII", "InformationProvider", "information"),
        ("FTS", "FTS", "transfer"),
        ("egi.MSGBroker", "MessageQueue", "messaging"),
        ("CUSTOM.ch.cern.frontier.FroNTier", "Database", "database"),
        ("org.squid-cache.Squid", "Squid", "cache"),
        ("ch.cern.cvmfs.stratum.1", "CVMFS Stratum-1", "software"),
        ("MyProxy", "MyProxy", "security"),
        ("gLite-APEL", "Accounting", "monitoring"),
        ("org.openstack.nova", "CloudCompute", "computing"),
    ],
)
def test_names_and_categories(service: str, name: str, category: str) -> None:
    assert (SERVICE_TYPES[service].name, SERVICE_TYPES[service].category) == (name, category)


def test_every_category_of_resources_has_a_service() -> None:
    assert {kind.category for kind in SERVICE_TYPES.values()} == set(get_args(Category))
    assert {kind.family for kind in SERVICE_TYPES.values()} == {RESOURCE}


def test_storage_alone_has_the_four_kinds_of_access() -> None:
    assert all((kind.category == "storage") == (kind.status_types == ACCESS) for kind in SERVICE_TYPES.values())


def test_what_osg_lists_too_is_the_same_there() -> None:
    shared = {kind.name: kind for kind in SERVICE_TYPES.values()} | {kind.name: kind for kind in OSG.values()}
    assert {kind.name: kind for kind in SERVICE_TYPES.values()}.items() <= shared.items()
    both = {kind.name for kind in SERVICE_TYPES.values()} & {kind.name for kind in OSG.values()}
    assert {"Squid", "WebDAV", "XRootD component", "SRMv2", "GridFtp", "net.perfSONAR.Bandwidth", "Submit Node"} <= both
    assert both <= {declared.name for declared in BUILT_IN_TYPES}


def test_no_two_spellings_of_a_service_differ_in_what_they_mean() -> None:
    for service, kind in SERVICE_TYPES.items():
        assert names({}).type_of(service.upper()) == names({}).type_of(service.lower()) == kind


def test_a_deployment_can_say_otherwise_in_any_case() -> None:
    element = ElementType("StorageElement")
    assert names({"WebDAV": element}).type_of("webdav") is element


def test_what_is_no_resource_is_told_apart_as_gocdbs() -> None:
    assert names({}).type_of("Queue") == ElementType("GOCDB Queue")

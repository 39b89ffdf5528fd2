from __future__ import annotations

from typing import get_args

import pytest

from gridmask.collectors.osg.service_types import SERVICE_TYPES, names
from gridmask.collectors.service_names import BUILT_IN
from gridmask.domain.element import ACCESS, RESOURCE, WHOLE, ElementType
from gridmask.inventory.toml_tables import Category


@pytest.mark.parametrize(
    ("service", "name", "category"),
    [
        ("CE", "ComputingElement", "computing"),
        ("FTS", "FTS", "transfer"),
        ("LFC", "Catalog", "catalog"),
        ("Message Bus", "MessageQueue", "messaging"),
        ("Squid", "Squid", "cache"),
        ("net.perfSONAR.Latency", "net.perfSONAR.Latency", "network"),
        ("Cassandra DB", "Cassandra DB", "database"),
    ],
)
def test_names_and_categories(service: str, name: str, category: str) -> None:
    assert (SERVICE_TYPES[service].name, SERVICE_TYPES[service].category) == (name, category)


def test_storage_alone_has_the_four_kinds_of_access() -> None:
    storage = {service for service, kind in SERVICE_TYPES.items() if kind.status_types == ACCESS}
    assert {"SRMv2", "SRMv2.tape", "GridFtp", "WebDAV.disk", "XRootD component", "EOS", "Pelican origin"} <= storage
    assert all((kind.category == "storage") == (service in storage) for service, kind in SERVICE_TYPES.items())
    assert {SERVICE_TYPES[cache].status_types for cache in ("Pelican cache", "XRootD cache server", "Squid")} == {(WHOLE,)}


def test_every_service_is_a_resource_of_a_category_that_exists() -> None:
    assert {kind.family for kind in SERVICE_TYPES.values()} == {RESOURCE}
    assert {kind.category for kind in SERVICE_TYPES.values()} <= set(get_args(Category))


def test_what_is_built_in_means_the_same_here() -> None:
    assert {name: kind for name, kind in SERVICE_TYPES.items() if name in BUILT_IN} == {
        name: BUILT_IN[name] for name in SERVICE_TYPES if name in BUILT_IN
    }


def test_a_deployment_can_say_otherwise() -> None:
    squid = ElementType("Frontier Squid", category="cache")
    assert names({"Squid": squid}).type_of("Squid") is squid


def test_what_is_no_resource_is_told_apart_as_osgs() -> None:
    assert names({}).type_of("Queue") == ElementType("OSG Queue")

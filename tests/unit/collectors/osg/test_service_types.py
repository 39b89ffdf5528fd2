from __future__ import annotations

from typing import get_args

import pytest

from gridmask.collectors.osg.service_types import SERVICE_TYPES, ServiceNames
from gridmask.domain.element import ACCESS, BUILT_IN_TYPES, RESOURCE, WHOLE, ElementType
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


def test_a_deployment_can_say_otherwise() -> None:
    squid = ElementType("Frontier Squid", category="cache")
    names = ServiceNames({"Squid": squid})
    assert names.type_of("Squid") is squid
    assert not list(names.problems())


def test_an_unknown_service_is_a_type_of_its_own_and_is_told_once() -> None:
    names = ServiceNames({})
    assert [names.type_of("Oracle of Delphi") for _ in range(3)] == [ElementType("Oracle of Delphi")] * 3
    (problem,) = names.problems()
    assert "'Oracle of Delphi', which occurs 3 times, is not known" in problem


@pytest.mark.parametrize("name", [declared.name for declared in BUILT_IN_TYPES if declared.family != RESOURCE])
def test_an_unknown_service_never_becomes_what_is_no_resource(name: str) -> None:
    assert ServiceNames({}).type_of(name) == ElementType(f"OSG {name}")


def test_a_service_that_is_called_as_a_built_in_type_is_one() -> None:
    assert ServiceNames({}).type_of("Database") == ElementType("Database", category="database")

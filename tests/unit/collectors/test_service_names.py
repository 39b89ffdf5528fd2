from __future__ import annotations

import pytest

from gridmask.collectors.service_names import BUILT_IN, ServiceNames, by_category
from gridmask.domain.element import ACCESS, BUILT_IN_TYPES, RESOURCE, WHOLE, ElementType

SQUID = ElementType("Squid", category="cache")


def test_what_goes_before_the_table_is_no_problem() -> None:
    proxy = ElementType("Proxy", category="cache")
    names = ServiceNames({"Squid": SQUID}, {"Squid": proxy}, "OSG")
    assert names.type_of("Squid") is proxy
    assert not list(names.problems())


def test_a_registry_may_hold_spellings_for_one() -> None:
    names = ServiceNames({"org.squid-cache.Squid": SQUID}, {"SQUID": SQUID}, "GOCDB", str.casefold)
    assert names.type_of("ORG.squid-cache.squid") is names.type_of("squid") is SQUID


def test_else_spelling_counts() -> None:
    assert ServiceNames({"Squid": SQUID}, {}, "OSG").type_of("squid") == ElementType("squid")


def test_an_unknown_service_is_a_type_of_its_own_and_is_told_once() -> None:
    names = ServiceNames({}, {}, "OSG")
    assert [names.type_of("Oracle of Delphi") for _ in range(3)] == [ElementType("Oracle of Delphi")] * 3
    (problem,) = names.problems()
    assert "'Oracle of Delphi', which occurs 3 times, is not known" in problem


@pytest.mark.parametrize("name", [declared.name for declared in BUILT_IN_TYPES if declared.family != RESOURCE])
def test_an_unknown_service_never_becomes_what_is_no_resource(name: str) -> None:
    assert ServiceNames({}, {}, "OSG").type_of(name) == ElementType(f"OSG {name}")


def test_a_service_that_is_called_as_a_built_in_type_is_one() -> None:
    assert ServiceNames({}, {}, "OSG").type_of("Database") == BUILT_IN["Database"]


def test_what_is_of_storage_has_the_four_accesses() -> None:
    found = by_category({"storage": ["Tape"], "cache": ["Squid"]})
    assert {name: kind.status_types for name, kind in found.items()} == {"Tape": ACCESS, "Squid": (WHOLE,)}

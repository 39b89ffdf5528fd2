from __future__ import annotations

from gridmask.domain.element import ACCESS, WHOLE, ElementKey, ElementType, RowKey, TypeRegistry
from gridmask.domain.vo import ALL
from gridmask.testing import element

SE = ElementKey("Resource", "StorageElement", "se")


def test_an_element_without_a_list_of_vos_is_offered_to_everyone() -> None:
    assert element().is_offered_to("anyone")


def test_an_element_with_a_list_of_vos_is_offered_to_these_alone() -> None:
    restricted = element(offered=["cms"])
    assert restricted.is_offered_to("cms")
    assert not restricted.is_offered_to("atlas")


def test_the_installations_own_view_sees_every_element() -> None:
    assert element(offered=["cms"]).is_offered_to(ALL)


def test_names_are_told_apart_by_case() -> None:
    assert element("CE").key != element("ce").key


def test_facts_are_part_of_an_element_and_do_not_keep_it_from_being_hashed() -> None:
    told = element(facts={"id": 1})
    assert told != element(facts={"id": 2})
    assert hash(told) == hash(element(facts={"id": 2}))


def test_storage_has_a_status_for_each_access() -> None:
    assert TypeRegistry().status_types(SE) == ACCESS == ("ReadAccess", "WriteAccess", "CheckAccess", "RemoveAccess")


def test_every_other_type_has_one_status_declared_or_not() -> None:
    assert TypeRegistry().status_types(ElementKey("Resource", "ComputingElement", "ce")) == (WHOLE,)
    assert TypeRegistry().get("Telescope") == ElementType("Telescope", status_types=(WHOLE,))


def test_a_deployment_declares_types_of_its_own_and_replaces_built_in_ones() -> None:
    types = TypeRegistry().with_types(ElementType("StorageElement", status_types=("Read",)), ElementType("Tape"))
    assert types.status_types(SE) == ("Read",)
    assert types.get("Tape") is types.by_name["Tape"]
    assert TypeRegistry().status_types(SE) == ACCESS


def test_keys_read_as_people_say_them() -> None:
    assert str(RowKey(SE, "ReadAccess", "cms")) == "StorageElement se ReadAccess for cms"
    assert str(RowKey(SE, WHOLE, ALL)) == "StorageElement se for all"

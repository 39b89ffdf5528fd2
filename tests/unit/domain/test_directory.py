from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from gridmask.domain.directory import Directory, Lookup
from gridmask.domain.element import Element, ElementKey
from gridmask.domain.naming import Target, named_by
from gridmask.testing import element
from tests.unit.domain.strategies import HOSTS, targets

some = st.builds(
    lambda name, site, hosts: element(name, "Store" if name == "se" else "ComputingElement", site=site, hosts=tuple(hosts)),
    st.sampled_from(["ce", "se", "later"]),
    st.sampled_from(["Example", "Other"]),
    st.frozensets(st.sampled_from(HOSTS)),
)
inventories = st.lists(some, max_size=3).map(lambda made: Map({one.key: one for one in made}))


def at(site: str, elements: Map[ElementKey, Element]) -> set[ElementKey]:
    return {key for key, one in elements.items() if one.site == site}


@given(inventories, inventories, st.lists(targets, max_size=3))
def test_it_finds_what_a_look_at_everything_finds_whatever_changed(
    before: Map[ElementKey, Element], after: Map[ElementKey, Element], wanted: list[Target]
) -> None:
    known = Directory(before)
    for elements, directory in ((before, known), (after, known.after(after, {*before, *after}))):
        assert set(directory.meant_by(wanted)) == set(named_by(wanted, elements))
        assert {site: directory.at_site(site) for site in ("Example", "Other", "")} == {
            site: at(site, elements) if site else set() for site in ("Example", "Other", "")
        }


def test_it_is_kept_for_as_long_as_the_elements_are_the_same() -> None:
    lookup, elements, others = Lookup(), Map({element("ce").key: element("ce")}), Map[ElementKey, Element]()
    kept = lookup.of(elements)
    assert lookup.of(elements) is kept
    assert lookup.of(others).elements is others

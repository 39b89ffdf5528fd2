from __future__ import annotations

from gridmask.domain.element import Element, ElementKey
from gridmask.inventory.publication import Publication

KEY = ElementKey("Resource", "FTS", "fts")
ELEMENT = Element(KEY, site="A", facts={"group_id": 1})
OTHER = Element(ElementKey("Resource", "FTS", "other"), site="A")


def test_what_is_listed_once_is_published() -> None:
    assert Publication.of([ELEMENT, OTHER]) == Publication({KEY: ELEMENT, OTHER.key: OTHER})


def test_what_is_listed_twice_alike_is_published_once_and_told() -> None:
    found = Publication.of([ELEMENT, OTHER, ELEMENT])
    assert dict(found.elements) == {KEY: ELEMENT, OTHER.key: OTHER}
    assert (found.conflicts, found.problems) == (frozenset(), ("FTS fts is listed 2 times, all alike: taken once.",))


def test_what_is_listed_differently_is_a_conflict_that_names_the_differences() -> None:
    found = Publication.of([ELEMENT, Element(KEY, site="B"), OTHER])
    assert found.elements == {OTHER.key: OTHER}
    assert found.conflicts == {KEY}
    assert found.problems == (
        "FTS fts is listed 2 times (at A, B), with different site, facts: none is taken, what was known of it stands.",
    )


def test_what_is_unreadable_is_a_conflict_even_beside_a_readable_entry() -> None:
    found = Publication.of([ELEMENT], unreadable=[KEY], problems=["unreadable"], conclusive=False)
    assert found == Publication({}, conflicts=frozenset({KEY}), conclusive=False, problems=("unreadable",))


def test_vos_under_another_name_get_their_canonical_one() -> None:
    published = Publication({KEY: Element(KEY, "A", offered=frozenset({"uscms", "ligo"}))}, vos=frozenset({"uscms", "ligo"}))
    resolved = published.resolving({"uscms": "cms", "virgo": "ligo"})
    assert resolved.elements[KEY].offered == resolved.vos == {"cms", "ligo"}


def test_without_aliases_nothing_changes() -> None:
    published = Publication({KEY: ELEMENT}, vos=frozenset({"cms"}))
    assert published.resolving({"virgo": "ligo"}) is published

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.element import Element, ElementKey
from gridmask.inventory.publication import Publication
from gridmask.inventory.reconcile import reconcile

Known = dict[ElementKey, Element]

keys = st.builds(ElementKey, st.just("Resource"), st.sampled_from(["FTS", "Squid"]), st.sampled_from("abcdef"))


def inventories(*sources: str) -> st.SearchStrategy[Known]:
    elements = st.builds(
        Element,
        keys,
        st.sampled_from("AB"),
        in_service=st.booleans(),
        category=st.just("other"),
        source=st.sampled_from(sources),
    )
    return st.lists(elements, max_size=12).map(lambda listed: {element.key: element for element in listed})


@st.composite
def publications(draw: st.DrawFn) -> Publication:
    listed, unreadable = draw(inventories("osg")), draw(st.frozensets(keys))
    return Publication.of(listed.values(), unreadable=unreadable, conclusive=draw(st.booleans()))


def key(name: str) -> ElementKey:
    return ElementKey("Resource", "FTS", name)


def inventory(*names: str, source: str = "osg", site: str = "A") -> Known:
    return {key(name): Element(key(name), site, source=source) for name in names}


def one(name: str, source: str = "osg", **attributes: Any) -> Known:  # noqa: ANN401 - whatever an element has
    return {key(name): Element(key(name), "A", source=source, **attributes)}


def listing(elements: Known) -> Publication:
    return Publication(elements)


def site(name: str) -> ElementKey:
    return ElementKey("Site", "Site", name)


def names(keys: tuple[ElementKey, ...]) -> list[str]:
    return [key.name for key in keys]


def test_what_is_new_is_added_what_differs_is_edited_what_is_gone_is_taken_out() -> None:
    published = inventory("c", "a") | inventory("b", site="B")
    change = reconcile(inventory("a", "b", "d"), Publication(published), "osg")
    assert (change.added, change.edited) == ((published[key("c")],), (published[key("b")],))
    assert names(change.taken_out) == ["d"]


def test_other_sources_elements_are_not_taken_out() -> None:
    assert not reconcile(inventory("a", source="file"), Publication({}), "osg")


def test_an_element_of_another_source_stays_as_that_says_and_is_told() -> None:
    change = reconcile(inventory("a", source="file"), Publication(inventory("a", "b", site="B")), "osg")
    assert change.recognised == {key("a"): key("a")}
    assert ([element.key.name for element in change.added], change.problems) == (["b"], ())
    assert [(element.site, *element.elsewhere) for element in change.edited] == [("A", ("osg", "a"))]


# --- One thing in two registries


def test_one_resource_under_two_names_is_recognised_by_its_host() -> None:
    change = reconcile(one("CERN-FTS3", hosts=("h",), source="cs"), listing(one("fts.example.org", hosts=("h",))), "osg")
    assert (change.recognised, change.added) == ({key("fts.example.org"): key("CERN-FTS3")}, ())
    assert [element.elsewhere for element in change.edited] == [{("osg", "fts.example.org")}]


def test_a_name_that_is_not_used_elsewhere_any_more_is_forgotten() -> None:
    known = one("a", hosts=("h",), source="cs")
    after = reconcile(known, listing(one("b", hosts=("h",))), "osg").applied_to(known)
    assert after[key("a")].elsewhere == {("osg", "b")}
    assert reconcile(after, Publication({}), "osg").applied_to(after) == known
    assert not reconcile(after, Publication({}, conclusive=False), "osg")


def test_what_is_taken_over_is_still_known_by_the_others_name() -> None:
    known = one("a", hosts=("h",), source="cs")
    [added] = reconcile(known, listing(one("b", hosts=("h",))), "osg", ["osg", "cs"]).added
    assert (added.key.name, sorted(added.elsewhere)) == ("b", [("cs", "a")])


def test_a_site_is_recognised_by_what_it_is_called_elsewhere_and_its_resources_come_home() -> None:
    known = {site("LCG.Uni.ch"): Element(site("LCG.Uni.ch"), "LCG.Uni.ch", aliases=("UNI-T2",), source="cs")}
    published = {site("UNI-T2"): Element(site("UNI-T2"), "UNI-T2")} | inventory("squid", site="UNI-T2")
    change = reconcile(known, Publication(published), "osg")
    assert change.recognised == {site("UNI-T2"): site("LCG.Uni.ch")}
    assert [(element.key.name, element.site) for element in change.added] == [("squid", "LCG.Uni.ch")]


def test_what_could_be_several_is_not_guessed() -> None:
    known = one("a", hosts=("h",), source="cs") | one("b", hosts=("h",), source="cs")
    change = reconcile(known, listing(one("c", hosts=("h",))), "osg")
    assert (change.added, names(change.conflicts)) == ((), ["c"])
    assert change.problems == (
        "FTS c goes by the same names or hosts as a of 'cs', b of 'cs': it is not taken, as it cannot be told which it is.",
    )


def test_two_entries_of_one_source_are_two_things() -> None:
    published = listing(one("b", hosts=("h",)) | one("c", hosts=("h",)))
    assert names(reconcile(one("a", hosts=("h",), source="cs"), published, "osg").conflicts) == ["b", "c"]
    change = reconcile(one("b", hosts=("h",), source="cs"), published, "osg")
    assert (change.recognised, [e.key.name for e in change.added]) == ({key("b"): key("b")}, ["c"])


def test_of_several_the_one_at_the_same_site_is_meant() -> None:
    known = one("a", hosts=("h",), source="cs") | {key("b"): Element(key("b"), "B", hosts=("h",), source="cs")}
    assert reconcile(known, listing(one("c", hosts=("h",))), "osg").recognised == {key("c"): key("a")}


def test_of_several_entries_the_one_at_its_site_is_it() -> None:
    known = {key("b"): Element(key("b"), "B", hosts=("h",), source="cs")}
    published = listing(one("c", hosts=("h",)) | {key("d"): Element(key("d"), "B", hosts=("h",))})
    change = reconcile(known, published, "osg")
    assert (change.recognised, [e.key.name for e in change.added]) == ({key("d"): key("b")}, ["c"])


def test_the_source_that_is_named_first_is_not_held_up_by_what_others_list() -> None:
    known = one("a", hosts=("h",), source="cs") | one("b", hosts=("h",), source="cs")
    change = reconcile(known, listing(one("c", hosts=("h",))), "osg", ["osg", "cs"])
    assert ([e.key.name for e in change.added], change.taken_out, change.conflicts) == (["c"], (), ())


def test_things_of_different_types_on_one_host_are_different_things() -> None:
    squid = ElementKey("Resource", "Squid", "b")
    published = {squid: Element(squid, "A", hosts=("h",))}
    assert len(reconcile(one("a", hosts=("h",), source="cs"), Publication(published), "osg").added) == 1


def test_the_source_that_is_named_first_has_it_whoever_came_first() -> None:
    known, published = one("a", hosts=("h",), source="cs"), listing(one("b", hosts=("h",)))
    change = reconcile(known, published, "osg", ["osg", "cs"])
    assert ([e.key for e in change.added], change.taken_out, change.renamed) == ([key("b")], (key("a"),), {key("b"): key("a")})
    assert not change.lost
    assert not reconcile(change.applied_to(known), listing(known), "cs", ["osg", "cs"])


def test_what_was_twice_before_it_was_recognised_becomes_one() -> None:
    known = one("a", hosts=("h",), source="cs") | one("b", hosts=("h",))
    change = reconcile(known, listing(one("b", hosts=("h",))), "osg", ["cs", "osg"])
    assert (names(change.taken_out), change.merged, change.lost) == (["b"], {key("b"): key("a")}, ())


def test_what_is_taken_over_by_what_was_there_beside_it_becomes_one() -> None:
    known = one("a", hosts=("h",), source="cs") | one("b", elsewhere=frozenset({("gocdb", "c")}))
    change = reconcile(known, listing(one("b", hosts=("h",))), "osg", ["osg", "cs"])
    assert (change.merged, change.renamed, names(change.taken_over)) == ({key("a"): key("b")}, {}, ["a"])
    assert sorted(change.edited[0].elsewhere) == [("cs", "a"), ("gocdb", "c")]


def test_what_a_source_contradicts_itself_about_is_still_called_so() -> None:
    known = one("a", source="cs", elsewhere=frozenset({("osg", "b"), ("osg", "h")}))
    assert not reconcile(known, Publication({}, conflicts=frozenset({key("b")})), "osg")


def test_what_is_at_a_site_that_is_taken_over_is_there_under_its_new_name() -> None:
    known = {site("UNI-T2"): Element(site("UNI-T2"), "UNI-T2", source="osg")} | inventory("squid", site="UNI-T2")
    published = {site("LCG.Uni.ch"): Element(site("LCG.Uni.ch"), "LCG.Uni.ch", aliases=("UNI-T2",))}
    ce = {key("ce"): Element(key("ce"), "LCG.Uni.ch")}
    after = reconcile(known, Publication(published | ce), "cs", ["cs", "osg"]).applied_to(known)
    assert {element.site for element in after.values()} == {"LCG.Uni.ch"}


def test_a_second_entry_on_a_host_is_left_alone_by_who_has_the_first() -> None:
    known = {key("a"): Element(key("a"), "B", hosts=("h",), source="cs")}
    published = listing(one("c", hosts=("h",)) | {key("d"): Element(key("d"), "B", hosts=("h",))})
    after = reconcile(known, published, "osg", ["cs", "osg"]).applied_to(known)
    assert not reconcile(after, listing(known), "cs", ["cs", "osg"])


def test_everybodys_elements_move_with_a_site_that_has_another_name() -> None:
    known = {site("Old"): Element(site("Old"), "Old", identity="1", source="cs")} | inventory("squid", site="Old")
    published = {site("New"): Element(site("New"), "New", identity="1")}
    after = reconcile(known, Publication(published), "cs").applied_to(known)
    assert after[key("squid")].site == "New"
    again = Publication({site("Old"): Element(site("Old"), "Old")} | inventory("squid", site="Old"))
    assert after[key("squid")].site == reconcile(after, again, "osg").applied_to(after)[key("squid")].site


@given(inventories("osg", "file"), publications(), st.permutations(["osg", "file"]))
def test_two_sources_that_list_the_same_come_to_rest(known: Known, publication: Publication, order: list[str]) -> None:
    for _ in range(2):
        for source in ("osg", "file"):
            known = reconcile(known, publication, source, order).applied_to(known)
    assert not any(reconcile(known, publication, source, order) for source in ("osg", "file"))


# --- Other names


def test_an_element_with_the_same_identity_was_renamed() -> None:
    change = reconcile(one("old", identity="14"), listing(one("new", identity="14")), "osg")
    assert (change.renamed, change.lost) == ({key("new"): key("old")}, ())


def test_an_element_that_says_what_it_was_called_was_renamed() -> None:
    assert reconcile(one("old"), listing(one("new", aliases=("old",))), "osg").renamed == {key("new"): key("old")}


def test_an_identity_of_two_tells_nothing() -> None:
    published = listing(one("new", identity="14") | one("newer", identity="14"))
    change = reconcile(one("old", identity="14"), published, "osg")
    assert (change.renamed, names(change.lost)) == ({}, ["old"])


def test_what_is_still_listed_was_not_renamed() -> None:
    published = listing(one("old", identity="14") | one("new", identity="14"))
    assert not reconcile(one("old", identity="14"), published, "osg").renamed


def test_a_renamed_element_goes_by_its_old_name_until_something_else_does() -> None:
    known = one("old", identity="14", elsewhere=frozenset({("cs", "c")}))
    after = reconcile(known, listing(one("new", identity="14")), "osg").applied_to(known)
    assert after[key("new")].elsewhere == {("cs", "c"), ("osg", "old")}
    assert not reconcile(after, listing(one("new", identity="14")), "osg")
    [edited] = reconcile(after, listing(one("new", identity="14") | one("old", identity="15")), "osg").edited
    assert edited.elsewhere == {("cs", "c")}


def test_a_name_that_goes_round_comes_back() -> None:
    known = one("a", identity="14")
    for name in ("b", "c", "a", "b"):
        change = reconcile(known, listing(one(name, identity="14")), "osg")
        known = change.applied_to(known)
        assert (list(change.renamed), list(known), change.lost) == ([key(name)], [key(name)], ())


def test_a_new_name_is_seen_even_where_absence_means_nothing() -> None:
    known = one("old", identity="14") | one("other")
    change = reconcile(known, Publication(one("new", identity="14"), conclusive=False), "osg")
    assert (change.renamed, names(change.taken_out)) == ({key("new"): key("old")}, ["old"])


def test_what_is_renamed_to_what_another_source_has_is_not_lost() -> None:
    known = one("a", hosts=("h",), source="cs") | one("old", identity="14")
    change = reconcile(known, listing(one("new", identity="14", hosts=("h",))), "osg", ["cs", "osg"])
    assert (change.merged, change.lost, change.added) == ({key("old"): key("a")}, (), ())


def test_what_is_renamed_to_nobody_knows_what_stands() -> None:
    several = one("a", hosts=("h",), source="cs") | one("b", hosts=("h",), source="cs")
    change = reconcile(
        several | one("old", identity="14"), listing(one("new", identity="14", hosts=("h",))), "osg", ["cs", "osg"]
    )
    assert (names(change.conflicts), change.taken_out) == (["new"], ())


def test_a_conflict_within_the_publication_leaves_the_element_as_it_is() -> None:
    change = reconcile(inventory("a", "b"), Publication({}, conflicts=frozenset({key("a")}), problems=("told",)), "osg")
    assert (names(change.taken_out), names(change.conflicts), change.problems) == (["b"], ["a"], ("told",))


def test_absence_from_a_publication_that_is_not_conclusive_means_nothing() -> None:
    change = reconcile(inventory("a", "b"), Publication(inventory("c"), conclusive=False), "osg")
    assert (change.taken_out, len(change.added)) == ((), 1)


def test_an_element_whose_source_is_not_named_becomes_the_sources() -> None:
    change = reconcile({}, Publication(inventory("a", source="")), "osg")
    assert change.added == (*inventory("a").values(),)


@given(inventories("osg"), inventories("osg"))
def test_applied_to_what_was_known_it_gives_what_was_published(known: Known, published: Known) -> None:
    assert reconcile(known, Publication(published), "osg").applied_to(known) == published


@given(inventories("osg", "file"), inventories("osg"))
def test_applied_it_leaves_what_is_not_the_sources(known: Known, published: Known) -> None:
    after = reconcile(known, Publication(published), "osg").applied_to(known)
    foreign = {k: element for k, element in known.items() if element.source != "osg"}
    assert {k: replace(element, elsewhere=frozenset()) for k, element in after.items()} == published | foreign


@given(inventories("osg", "file"), publications())
def test_reconciled_again_nothing_changes(known: Known, publication: Publication) -> None:
    after = reconcile(known, publication, "osg").applied_to(known)
    assert not reconcile(after, publication, "osg")


@given(inventories("osg", "file"), publications())
def test_what_is_in_conflict_stays(known: Known, publication: Publication) -> None:
    after = reconcile(known, publication, "osg").applied_to(known)
    assert {k: after.get(k) for k in publication.conflicts} == {k: known.get(k) for k in publication.conflicts}


def test_what_was_out_of_service_before_does_not_count_when_edited() -> None:
    known = {k: replace(element, in_service=False) for k, element in inventory("a").items()}
    change = reconcile(known, Publication({k: replace(e, site="B") for k, e in known.items()}), "osg")
    assert (len(change.edited), change.put_out) == (1, ())

from __future__ import annotations

from fnmatch import fnmatchcase
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.matching import ANY_ROW, DYNAMIC_KEYS, KEYS, STATIC_KEYS, Match, agrees, domain_of, matches

texts = st.text("abB-*?[]! \n", max_size=6)
globs = texts.filter(lambda text: not text.startswith("!"))
sets = st.frozensets(texts, max_size=3)
patterns_by_key = st.dictionaries(st.sampled_from(["type", "name", "vo"]), st.lists(texts, max_size=3))
values_by_key = st.fixed_dictionaries({"type": texts, "name": texts, "vo": texts})


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("CERN-*", "CERN-DST", True),
        ("CERN-*", "cern-dst", False),
        ("CERN-???", "CERN-DST", True),
        ("CERN-[A-D]*", "CERN-DST", True),
        ("CERN-[!A-D]*", "CERN-DST", False),
        ("CERN", "CERN-DST", False),
        ("DST", "CERN-DST", False),
    ],
)
def test_a_glob_describes_the_whole_value_and_its_case(pattern: str, value: str, *, expected: bool) -> None:
    assert matches(pattern, value) is expected


@given(globs, texts)
def test_globs_mean_what_they_mean_in_the_shell(pattern: str, value: str) -> None:
    assert matches(pattern, value) is fnmatchcase(value, pattern)


@given(patterns_by_key, values_by_key)
def test_all_keys_must_agree(patterns: dict[str, list[str]], values: dict[str, str]) -> None:
    expected = all(agrees(tuple(patterns[key]), values[key]) for key in patterns)
    assert Match.of(**patterns).accepts(values) is expected


# --- Negation


@given(globs, texts)
def test_negation_is_the_complement(pattern: str, value: str) -> None:
    assert matches(f"!{pattern}", value) is not matches(pattern, value)


@given(st.lists(globs, max_size=3), st.lists(globs, max_size=3), texts | sets)
def test_one_pattern_must_agree_and_none_of_the_negated_ones(
    wanted: list[str], unwanted: list[str], value: str | frozenset[str]
) -> None:
    members = {value} if isinstance(value, str) else value
    found = any(fnmatchcase(member, pattern) for member in members for pattern in wanted)
    barred = any(fnmatchcase(member, pattern) for member in members for pattern in unwanted)
    expected = (found or (not wanted and bool(unwanted))) and not barred
    assert agrees((*wanted, *(f"!{pattern}" for pattern in unwanted)), value) is expected


@given(st.lists(texts, max_size=5), texts | sets, st.randoms(use_true_random=False))
def test_the_order_of_patterns_does_not_matter(patterns: list[str], value: str | frozenset[str], random: Random) -> None:
    shuffled = random.sample(patterns, len(patterns))
    assert agrees(tuple(patterns), value) is agrees(tuple(shuffled), value)


def test_of_a_set_no_member_may_be_what_is_negated() -> None:
    without_tape = Match.of(tags="!tape*")
    assert without_tape.accepts({"tags": frozenset({"disk"})})
    assert without_tape.accepts({"tags": frozenset()})
    assert not without_tape.accepts({"tags": frozenset({"disk", "tape-1"})})


def test_what_is_wanted_and_what_is_not_can_be_said_together() -> None:
    some = Match.of(name=["CERN-*", "!CERN-TAPE"])
    assert [some.accepts({"name": name}) for name in ("CERN-DISK", "CERN-TAPE", "RAL-DISK")] == [True, False, False]


# --- Domains


@pytest.mark.parametrize(("site", "domain"), [("LCG.CERN.cern", "LCG"), ("EXAMPLE-T1", ""), ("glite.example", ""), ("", "")])
def test_a_site_that_is_called_as_diracs_are_has_a_domain(site: str, domain: str) -> None:
    assert domain_of(site) == domain


def test_a_key_that_is_not_named_does_not_constrain() -> None:
    assert Match.of(type="StorageElement").accepts({"type": "StorageElement", "vo": "cms"})
    assert ANY_ROW.accepts({"type": "StorageElement"})


def test_a_key_without_patterns_matches_nothing() -> None:
    assert not Match.of(type=()).accepts({"type": "StorageElement"})


def test_of_a_set_one_member_must_agree() -> None:
    tagged = Match.of(tags="tape*")
    assert tagged.accepts({"tags": frozenset({"disk", "tape-1"})})
    assert not tagged.accepts({"tags": frozenset({"disk"})})
    assert not tagged.accepts({"tags": frozenset()})


def test_what_is_not_asked_about_yet_is_passed_over() -> None:
    assert Match.of(type="StorageElement", status="Active").accepts({"type": "StorageElement"})


def test_two_matches_that_say_the_same_are_the_same() -> None:
    assert Match.of(vo=["cms"], type="FTS") == Match.of(type=("FTS",), vo="cms")


@pytest.mark.parametrize("key", KEYS)
def test_a_match_knows_what_it_depends_on(key: str) -> None:
    match = Match.of(**{key: "x"})
    assert match.constrains(key)
    assert not match.constrains("vo" if key != "vo" else "type")
    assert match.is_dynamic is (key in DYNAMIC_KEYS) is (key not in STATIC_KEYS)

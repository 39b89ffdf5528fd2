from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.matching import ANY_ROW, DYNAMIC_KEYS, KEYS, STATIC_KEYS, Match, matches

texts = st.text("abB-*?[]! \n", max_size=6)
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


@given(texts, texts)
def test_globs_mean_what_they_mean_in_the_shell(pattern: str, value: str) -> None:
    assert matches(pattern, value) is fnmatchcase(value, pattern)


@given(patterns_by_key, values_by_key)
def test_all_keys_must_agree_and_in_each_one_of_the_patterns(patterns: dict[str, list[str]], values: dict[str, str]) -> None:
    expected = all(any(fnmatchcase(values[key], pattern) for pattern in patterns[key]) for key in patterns)
    assert Match.of(**patterns).accepts(values) is expected


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

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.dirac_cfg.syntax import DEEPEST, parse, written
from gridmask.dirac_cfg.tree import Section
from gridmask.domain.errors import MalformedAnswer


def read(text: str) -> Section:
    document = parse(text.encode(), "cs")
    assert document.remarks == ()
    return document.root


def refusal(text: str) -> str:
    with pytest.raises(MalformedAnswer) as error:
        parse(text.encode(), "cs")
    assert error.value.place == "cs"
    return error.value.problem


# --- What is understood


def test_sections_hold_options_and_sections() -> None:
    assert read("A\n{\n  a = 1\n  B\n  {\n    b = 2\n  }\n}\nc = 3\n") == Section(
        {"c": "3"}, {"A": Section({"a": "1"}, {"B": Section({"b": "2"})})}
    )


@pytest.mark.parametrize("text", ["A\n{\n}", "A {\n}", "A{}", "A\n\n# why\n\n{ }", "\ufeffA {}\r\n", "  A  \t{  }  "])
def test_a_brace_stands_on_its_line_or_behind_the_name(text: str) -> None:
    assert read(text) == Section(sections={"A": Section()})


def test_comments_and_marks_of_changes_say_nothing() -> None:
    assert read("#@@-anna@admin - 2018-02-07 15:09:54\n  # { a = 1 }\na = 2\n#") == Section({"a": "2"})


def test_a_list_goes_on_with_what_is_added() -> None:
    root = read("vo = a, b\nvo += c\nvo+=d , e\n")
    assert root.options["vo"] == "a, b, c, d , e"
    assert root.list("vo") == ("a", "b", "c", "d", "e")


@pytest.mark.parametrize("value", ["", "x # y", "{}", "a = b", "srm://:8443/v2?SFN=/x", "b += c", "}", "Grüße"])
def test_a_value_is_all_that_follows(value: str) -> None:
    assert read(f"a = {value}") == Section({"a": value})


def test_names_are_case_sensitive_and_of_any_kind() -> None:
    assert read("LCG.A-b_c.us { \n}\nlcg.a-b_c.us = 1\nTwo words = 2").options == {"lcg.a-b_c.us": "1", "Two words": "2"}


def test_an_option_that_occurs_twice_counts_as_it_stands_last_and_is_remarked_upon() -> None:
    document = parse(b"A {\n a = 1\n a = 2\n}", "cs")
    assert document.root.at("A").options == {"a": "2"}
    assert document.remarks == ("line 3: A/a is there already, in line 2: the later one counts.",)


def test_each_entry_knows_its_line_and_path() -> None:
    inner = read("\nA\n{\n  B {\n    b = 1\n  }\n}").at("A", "B")
    assert (inner.path, inner.where("b"), inner.path_of("b")) == ("A/B", " (line 5)", "A/B/b")


# --- What is refused, and where


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("A\n{\n", "line 1: section A is never closed"),
        ("A {\nB {\n}\n", "line 1: section A is never closed"),
        ("A {\n}\n}\n", "line 3: there is a } more than there are sections to close"),
        ("a = 1\n{\n}", "line 2: there is a { without the name of a section before it"),
        ("A {\n}\n\nA {\n}", "line 4: there is a section A already, in line 1"),
        ("a = 1\na {\n}", "line 2: there is an option a already, in line 1"),
        ("A {\nB {\n}\nB = 1\n}", "line 4: there is a section A/B already, in line 2"),
        ("A {\n a += 1\n}", "line 2: there is no option A/a yet to which something could be added"),
        ("A\nB\n{\n}", "line 1: 'A' is neither an option, which has a =, nor a section, which has a { next"),
        ("A\na = 1", "line 1: 'A' is neither an option, which has a =, nor a section, which has a { next"),
        ("A {\n B\n}", "line 2: 'B' is neither an option, which has a =, nor a section, which has a { next"),
        ("A", "line 1: 'A' is neither an option, which has a =, nor a section, which has a { next"),
        ("A { a = 1 }", "line 1: an option stands on a line of its own, without braces: 'A { a = 1 }'"),
        ("= 1", "line 1: there is an option without a name"),
        ("\nA/b = 1", "line 2: 'A/b' cannot be a name: there is a slash in it, which divides the names of a path"),
        ("<html>", "line 1: '<html>' is neither an option, which has a =, nor a section, which has a { next"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(text: str, problem: str) -> None:
    assert refusal(text) == problem


def test_nesting_has_an_end() -> None:
    assert read("A {\n" * DEEPEST + "}\n" * DEEPEST).at(*["A"] * DEEPEST) == Section()
    assert refusal("A {\n" * (DEEPEST + 1)) == f"line {DEEPEST + 1}: sections are nested deeper than {DEEPEST}"


def test_what_is_no_text_is_refused_with_its_line() -> None:
    with pytest.raises(MalformedAnswer, match="line 3: this is not UTF-8 text"):
        parse(b"A {\n}\n\xff", "cs")


def test_a_long_line_is_told_in_short() -> None:
    assert len(refusal("A" * 10_000)) < 200


# --- Writing and reading


def words(without: str) -> st.SearchStrategy[str]:
    letters = st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"], exclude_characters=without)
    return st.text(letters, min_size=1).map(str.strip).filter(bool)


NAMES, VALUES = words("={}/,#+"), st.lists(words(","))


def sections(inner: st.SearchStrategy[Section]) -> st.SearchStrategy[Section]:
    return st.dictionaries(NAMES, st.one_of(VALUES.map(", ".join), inner), max_size=4).map(
        lambda entries: Section(
            {name: entry for name, entry in entries.items() if isinstance(entry, str)},
            {name: entry for name, entry in entries.items() if isinstance(entry, Section)},
        )
    )


@given(st.recursive(sections(st.nothing()), sections, max_leaves=12))
def test_what_was_written_is_read_as_it_was(tree: Section) -> None:
    assert read(written(tree)) == tree


@given(st.text(st.sampled_from("aB{}=+#/, \n"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(MalformedAnswer):
        root = parse(text.encode(), "cs").root
        again = parse(written(root).encode(), "cs").root
        assert parse(written(again).encode(), "cs").root == again

from __future__ import annotations

import re

from gridmask.policy_import.catalogue import KINDS, Kind
from gridmask.policy_import.matching import KEYS
from gridmask.policy_import.report import Outcome, Weight
from gridmask.policy_import.toml import written
from tests.documentation import Page

PAGE = Page.of("docs/reference/dirac-policies.md")


def test_every_type_is_documented_as_it_is() -> None:
    assert PAGE.section("Types of policies").table() | _types() == PAGE.section("Types of policies").table()


def _types() -> dict[str, tuple[str, ...]]:
    return {name: (f"`{kind.rule}`", _arguments(kind)) for name, kind in KINDS.items()}


def _arguments(kind: Kind) -> str:
    found = re.search(r"arguments = \{ (.*) \}$", written({"x": {"arguments": kind.make(kind.options)}}, (), ""), re.MULTILINE)
    return f"`{found[1]}`" if found else ""


def test_every_key_is_documented() -> None:
    assert PAGE.section("Match parameters").table().keys() >= set(KEYS)


def test_every_argument_is_documented() -> None:
    named = set(re.findall(r"`(\w+)`", " ".join(map(str, PAGE.section("Types of policies").text.casefold().splitlines()))))
    assert {option for kind in KINDS.values() for option in kind.options} <= named


def test_every_outcome_and_weight_is_documented() -> None:
    assert list(PAGE.section("What becomes of a section").table()) == [str(outcome) for outcome in Outcome]
    how_to = Page.of("docs/how-to/come-from-dirac.md").section("Look first").table()
    assert list(how_to) == [str(weight) for weight in Weight if weight is not Weight.NOTE]

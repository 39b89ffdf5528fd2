"""What is measured is documented."""

from __future__ import annotations

import re
from dataclasses import fields

from gridmask.replay.declarations import Announcing
from gridmask.replay.gates import gate
from gridmask.replay.measures import MEASURES, Better
from gridmask.replay.work import Work
from tests.documentation import DOCS

PAGE = (DOCS / "reference" / "replay-scores.md").read_text(encoding="utf-8")
ROWS = [line.split("|") for line in PAGE.partition("## The measures")[2].splitlines() if line.startswith("| `")]


def test_every_measure_is_documented_as_it_is() -> None:
    told = {name: (row[2].strip(), row[3].strip()) for row in ROWS for name in re.findall("`([a-z0-9_]+)`", row[1])}
    expected = {one.name: ("\N{MINUS SIGN}" if one.better is Better.LESS else "", one.unit.value) for one in MEASURES}
    assert {name: told.get(name) for name in expected} == expected


def test_what_people_had_to_do_is_documented() -> None:
    names = [field.name for field in fields(Work)] + ["late", "afterwards", "past_hours", "extended", "withdrawn"]
    assert {name for name in names if f"`{name}`" not in PAGE} == set()
    assert {field.name for field in fields(Announcing)} > {"late", "afterwards"}


def test_the_gates_of_the_documentation_are_gates() -> None:
    examples = PAGE.partition("missed > 10 %")
    for text in (examples[1] + examples[2].partition("```")[0]).splitlines():
        assert gate(text).text == text

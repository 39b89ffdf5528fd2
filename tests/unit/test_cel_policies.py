"""Rules in CEL, as they are written in policy files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.status import Status
from gridmask.policies.files import compiled, load
from gridmask.rules import Cel
from gridmask.rules.cel import When

if TYPE_CHECKING:
    from pathlib import Path

WRITTEN = """\
[policy.little-space]
type = "cel"
match = { category = "storage", status_type = "WriteAccess" }

[policy.little-space.arguments]
needs = ["space"]

[[policy.little-space.arguments.cases]]
when = "space.free < volume('100 GB')"
then = "Banned"
because = "less than 100 GB are free"

[[policy.little-space.arguments.cases]]
when = "ratio(space.free, space.total) < 0.1"
then = "Degraded"
"""

MADE = Cel(
    (
        When("space.free < volume('100 GB')", Status.BANNED, "less than 100 GB are free"),
        When("ratio(space.free, space.total) < 0.1", Status.DEGRADED),
    ),
    ("space",),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vo").mkdir()
    (tmp_path / "all.toml").write_text(WRITTEN)
    return tmp_path


def refusal(folder: Path, old: str, new: str) -> str:
    assert old in WRITTEN
    (folder / "all.toml").write_text(WRITTEN.replace(old, new, 1))
    with pytest.raises(InvalidConfiguration) as caught:
        load(folder)
    return str(caught.value).removeprefix(f"{folder}/")


def test_cases_are_tables_and_the_policy_is_the_same_again_from_what_was_kept(folder: Path) -> None:
    policies, document = load(folder)
    assert policies.policies[-1].rule == MADE
    kept = msgspec.json.decode(msgspec.json.encode(document))
    assert compiled(kept, dict.fromkeys(kept, "kept")).policies == policies.policies


def test_a_vo_replaces_the_cases_and_keeps_the_rest(folder: Path) -> None:
    cases = '[[policy.little-space.arguments.cases]]\nwhen = "space.free < volume(\'1 TB\')"\nthen = "Probing"\n'
    (folder / "vo" / "cms.toml").write_text(cases)
    changed = load(folder)[0].policies[-1]
    assert changed.rule == Cel((When("space.free < volume('1 TB')", Status.PROBING),), ("space",))
    assert changed.layer == "cms"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "space.total) < 0.1",
            "space.totl) < 0.1",
            "all.toml:14: policy.little-space.arguments.cases[1].when: line 1, column 24: space has no 'totl'; did you mean",
        ),
        (
            'then = "Degraded"',
            'then = "Degrade"',
            "cases[1].then: there is no status called 'Degrade'. Did you mean 'Degraded'?",
        ),
        ("because =", "becuse =", "cases[0].becuse: there is no such key; did you mean 'because'?"),
        ('then = "Banned"', "", "cases[0].then: is missing"),
        ('needs = ["space"]', 'needs = ["spac"]', "needs[0]: there is no kind of evidence 'spac'; did you mean 'space'?"),
        ('needs = ["space"]', "", "'space' is not declared; write needs = [\"space\"]"),
        ('needs = ["space"]', 'needs = ["space"]\nrecheck = "0s"', "recheck: no time at all is too short"),
    ],
)
def test_what_is_wrong_is_told_with_file_policy_and_place_in_the_condition(folder: Path, old: str, new: str, said: str) -> None:
    assert said in refusal(folder, old, new)

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gridmask.policies.files import draft, load
from gridmask.policies.template import layer
from gridmask.rules import name_of
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def begun(folder: Path, written: str) -> str:
    (folder / "vo").mkdir()
    (folder / "all.toml").write_text(written)
    policies, _ = load(folder)
    return layer("cms", policies, {policy.name: name_of(policy.rule) for policy in policies.policies})


INSTALLATIONS = [
    "",
    (ROOT / "examples" / "policies" / "all.toml").read_text(encoding="utf-8"),
    '[policy."a \\"b"]\ntype="downtime"',
]


@pytest.mark.parametrize("written", INSTALLATIONS)
def test_what_a_vo_begins_with_changes_nothing(tmp_path: Path, written: str) -> None:
    text = begun(tmp_path, written)
    (tmp_path / "vo" / "cms.toml").write_text(text)
    policies, _ = load(tmp_path)
    assert policies.effective("cms") == policies.effective("all")


@pytest.mark.parametrize("written", INSTALLATIONS)
def test_each_of_its_examples_can_be_used_as_it_is(tmp_path: Path, written: str) -> None:
    examples = re.findall(r"(?:^# (?:\[|\w+ = ).*\n)+", begun(tmp_path, written), re.MULTILINE)
    assert len(examples) == 5
    for example in examples:
        (tmp_path / "vo" / "cms.toml").write_text(example.replace("# ", ""))
        assert draft(tmp_path).problems == ()
        policies, _ = load(tmp_path)
        said = (*(policy.layer for policy in policies.policies), *policies.automation, *(own.vo for own in policies.own))
        assert "cms" in said

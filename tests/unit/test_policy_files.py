from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from gridmask.domain.errors import InvalidConfiguration
from gridmask.policy_files import compiled, load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Policies of an installation and of one VO."""
    (tmp_path / "vo").mkdir()
    (tmp_path / "all.toml").write_text('[policy.fast]\ntype = "downtime"\narguments = { lead = { default = "1.0h" } }\n')
    (tmp_path / "vo" / "cms.toml").write_text('[policy.fast]\narguments = { warning = "Banned" }\n')
    return tmp_path


def test_policies_are_the_same_again_from_what_was_kept_of_them(folder: Path) -> None:
    policies, document = load(folder)
    kept = msgspec.json.decode(msgspec.json.encode(document))
    again = compiled(kept, dict.fromkeys(kept, "kept"))
    assert (again.policies, again.revision, again.probing) == (policies.policies, policies.revision, policies.probing)


def test_what_a_vo_says_of_a_policy_replaces_just_that(folder: Path) -> None:
    by_layer = {policy.layer: policy for policy in load(folder)[0].policies if policy.name == "fast"}
    assert by_layer["cms"].rule.lead == by_layer["all"].rule.lead  # type: ignore[attr-defined]
    assert by_layer["cms"].rule.warning is not by_layer["all"].rule.warning  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "told"), [("ALL", "'all' is no VO"), ("CMS", "the policies of cms are in")])
def test_a_vo_has_one_file_and_the_installation_none_among_them(folder: Path, name: str, told: str) -> None:
    (folder / "vo" / f"{name}.toml").touch()
    with pytest.raises(InvalidConfiguration, match=told):
        load(folder)

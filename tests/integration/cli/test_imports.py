from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.policies import files as policy_files
from tests.command_line import failing, gridmask
from tests.resource_status import ENFORCED, RESOURCE, operations, text

if TYPE_CHECKING:
    from pathlib import Path

PRODUCTION = """\
Operations
{
  Defaults
  {
    ResourceStatus
    {
      Config
      {
        #@@-operator@diracAdmin - 2018-02-07 15:09:54
        Cache = 600
      }
      Policies
      {
        AlwaysActiveForResource
        {
          matchParams
          {
            element = Resource
          }
          policyType = AlwaysActive
        }
        DTScheduled1
        {
          matchParams
          {
            element = Resource
            elementType = StorageElement
            elementType += FTS
          }
        }
        Mistyped
        {
          policyType = AlwaysBand
        }
      }
      PolicyActions
      {
        LogStatusAction
        {
        }
      }
    }
  }
  lhcb
  {
    ResourceStatus
    {
      Policies
      {
        DTScheduled1
        {
          doNotCombineResult =
        }
      }
    }
  }
}
"""


@pytest.fixture
def cfg(tmp_path: Path) -> Path:
    path = tmp_path / "dirac.cfg"
    path.write_text(PRODUCTION)
    return path


def test_a_configuration_becomes_policy_files_that_can_be_put_in_force(cfg: Path, tmp_path: Path) -> None:
    answer = gridmask("import", "dirac-cfg", cfg, "--into", tmp_path / "policies")
    assert answer.code == 0, answer
    assert answer.lines("Wrote", "vo/lhcb.toml")
    found, _ = policy_files.load(tmp_path / "policies")
    assert {policy.name for policy in found.effective("all")} == {"AlwaysActiveForResource", "DTScheduled1"}
    assert [policy.advisory for policy in found.effective("lhcb") if policy.name == "DTScheduled1"] == [True]


def test_the_report_has_a_line_for_each_section_and_says_what_needs_review(cfg: Path) -> None:
    answer = gridmask("import", "dirac-cfg", cfg)
    line = PRODUCTION.splitlines().index("        Mistyped") + 1
    assert answer.lines(str(line), "Policies/Mistyped", "nothing")
    assert answer.lines("! needs review", "extension of DIRAC's")
    assert answer.lines("Nothing was written. With --into DIR, it would be all.toml, vo/lhcb.toml.")


def test_the_report_as_json_has_the_policies_too(cfg: Path, tmp_path: Path) -> None:
    told = gridmask("import", "dirac-cfg", cfg, "--into", tmp_path / "p", "--json").told
    assert [(layer["vo"], layer["file"]) for layer in told["layers"]] == [("all", "all.toml"), ("lhcb", "vo/lhcb.toml")]
    assert told["layers"][0]["policies"]["DTScheduled1"]["arguments"] == {"lead": {"default": "1h"}}
    assert told["written"] == ["all.toml", "vo/lhcb.toml"]
    assert {entry["section"].rpartition("/")[2]: entry["became"] for entry in told["layers"][0]["entries"]}[
        "Mistyped"
    ] == "nothing"


def test_a_second_time_changes_nothing(cfg: Path, tmp_path: Path) -> None:
    gridmask("import", "dirac-cfg", cfg, "--into", tmp_path / "p")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "p").rglob("*")}
    again = gridmask("import", "dirac-cfg", cfg, "--into", tmp_path / "p", "--json").told
    assert (again["written"], again["unchanged"]) == ([], ["all.toml", "vo/lhcb.toml"])
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "p").rglob("*")} == before


def test_files_that_say_something_else_are_not_overwritten_unless_forced(cfg: Path, tmp_path: Path) -> None:
    mine = tmp_path / "all.toml"
    mine.write_text("# mine\n")
    assert "all.toml. Nothing was written; --force overwrites" in failing("import", "dirac-cfg", cfg, "--into", tmp_path)
    assert mine.read_text() == "# mine\n"
    assert not (tmp_path / "vo").exists()
    dry = gridmask("import", "dirac-cfg", cfg, "--into", tmp_path, "--dry-run")
    assert dry.lines("Would write", "all.toml, over another one.")
    assert mine.read_text() == "# mine\n"
    assert gridmask("import", "dirac-cfg", cfg, "--into", tmp_path, "--force").code == 0
    assert "DTScheduled1" in mine.read_text()


def test_one_vos_layer_comes_alone(cfg: Path, tmp_path: Path) -> None:
    gridmask("import", "dirac-cfg", cfg, "--into", tmp_path / "p", "--vo", "LHCb")
    assert [path.name for path in (tmp_path / "p").rglob("*.toml")] == ["lhcb.toml"]


def test_files_that_would_be_refused_with_what_is_there_are_not_written(cfg: Path, tmp_path: Path) -> None:
    (tmp_path / "vo").mkdir()
    (tmp_path / "vo" / "ilc.toml").write_text("[policy.mine]\ntype = 'alwys'\n")
    assert "this would be refused" in failing("import", "dirac-cfg", cfg, "--into", tmp_path)
    assert not (tmp_path / "all.toml").exists()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Operations\n{\n", "line 1: section Operations is never closed"),
        ("Systems\n{\n}\n", "there is no section Operations/Defaults/ResourceStatus"),
        ("Policies = x\nConfig\n{\n}\n", "Policies (line 1) is an option where there should be a section"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(written: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "broken.cfg").write_text(written)
    told = failing("import", "dirac-cfg", tmp_path / "broken.cfg")
    assert said in told
    assert "broken.cfg" in told


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "no.cfg: No such file" in failing("import", "dirac-cfg", tmp_path / "no.cfg")


def test_a_misspelt_key_is_taken_as_meant_if_asked_for(tmp_path: Path) -> None:
    misspelt = {"policyType": "AlwaysBanned", "matchParams": {"VO": "lhcb", **RESOURCE["matchParams"]}}
    (tmp_path / "dirac.cfg").write_bytes(text({**operations(Defaults={"Ban": misspelt}), "PolicyActions": ENFORCED}))
    plain, meant = (
        gridmask("import", "dirac-cfg", tmp_path / "dirac.cfg", "--json", *more).told for more in ((), ("--as-meant",))
    )
    matches = [told["layers"][0]["policies"]["Ban"]["match"] for told in (plain, meant)]
    assert matches == [{"family": ["Resource"]}, {"family": ["Resource"], "vo": ["lhcb"]}]

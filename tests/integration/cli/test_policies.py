"""Policies from the command line: checked, tried, listed, begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import failing, gridmask


def test_a_check_counts_rows_of_the_database(example: Path) -> None:
    del example
    answer = gridmask("policy", "check")
    assert answer.code == 0
    assert answer.lines("comet", "no-contract-yet", "always", "on", "2")
    assert "0 errors, 0 warnings" in answer.out
    assert "Without an inventory" not in answer.out


def test_a_check_needs_neither_settings_nor_database(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "which rows they govern was not looked at" in gridmask("policy", "check", examples / "policies").out
    told = gridmask("policy", "check", examples / "policies", "--inventory", examples / "inventory.toml", "--json").told
    assert told["ok"]
    assert {"comet": 2} in [policy["rows"] for policy in told["policies"]]
    assert not list(tmp_path.iterdir())
    assert "Which policies?" in failing("policy", "check")


def test_a_check_tells_all_that_is_wrong_with_its_place(example: Path) -> None:
    path = example / "policies" / "all.toml"
    path.write_text('[policy.a]\ntype = "alwys"\n[policy.b]\ntype = "downtime"\nmatch.nam = "x"\nmatch.type = "FTSS"')
    answer = gridmask("policy", "check")
    assert answer.code == 1
    assert answer.lines("all.toml:2: error: policy.a.type: there is no rule 'alwys'; did you mean 'always'?")
    assert answer.lines("all.toml:5: error: policy.b.match.nam: there is no such match key; did you mean 'name'?")
    assert "2 errors, 0 warnings. These files would be refused; what is in force would stay." in answer.out
    assert [error["line"] for error in gridmask("policy", "check", "--json").told["errors"]] == [2, 5]


def test_a_pattern_that_governs_nothing_is_warned_of(example: Path) -> None:
    with (example / "policies" / "vo" / "comet.toml").open("a") as file:
        file.write('\n[policy.lost]\ntype = "always"\nmatch.name = "tundra-ce9"\narguments.status = "Banned"\n')
    answer = gridmask("policy", "check")
    assert answer.code == 0
    assert answer.lines(
        "comet.toml", "warning: policy.lost.match.name: no row agrees with 'tundra-ce9'; did you mean 'tundra-ce"
    )


def test_the_tests_of_the_example_pass(example: Path) -> None:
    answer = gridmask("policy", "test")
    assert answer.code == 0, answer.out
    assert answer.lines("ok", "vos.test.toml", "comet does not write to TUNDRA-T2")
    (example / "policies" / "vo" / "comet.toml").unlink()
    answer = gridmask("policy", "test", "policies", "--name", "comet*")
    assert answer.code == 1
    assert answer.lines("- status     Banned")
    told = gridmask("policy", "test", "--json").told
    assert told["failed"] == sum(not test["passed"] for test in told["tests"]) > 0


def test_no_test_at_all_is_no_success(tmp_path: Path) -> None:
    answer = gridmask("policy", "test", tmp_path)
    assert (answer.code, answer.out) == (1, "There is no test.\n")
    assert "there is no such file or directory" in failing("policy", "test", tmp_path / "nowhere")


def test_a_list_tells_what_policies_govern_say_and_decide(example: Path) -> None:
    del example
    (policy,) = [p for p in gridmask("policy", "list", "--json").told["policies"] if p["name"] == "no-contract-yet"]
    assert (policy["layer"], policy["rows"], policy["verdicts"], policy["decides"]) == ("comet", {"comet": 2}, {"Banned": 2}, 2)
    assert policy["decided"] >= 2
    assert policy["flaps"] == 0
    assert gridmask("policy", "list").lines("comet", "no-contract-yet", "Banned 2")


def test_a_list_for_a_vo_has_what_decides_for_it(example: Path) -> None:
    del example
    told = gridmask("policy", "list", "--vo", "AUR", "--json").told
    assert told["vo"] == "aurora"
    named = {(policy["layer"], policy["name"]) for policy in told["policies"]}
    assert ("aurora", "declared-downtimes") in named
    assert ("all", "declared-downtimes") not in named
    assert all(set(policy["rows"]) <= {"aurora"} for policy in told["policies"])
    assert "There is no VO called 'nobody'" in failing("policy", "list", "--vo", "nobody")


def test_a_vo_begins_with_a_file_that_changes_nothing(example: Path) -> None:
    before = gridmask("policy", "check", "--json").told["revision"]
    answer = gridmask("vo", "init", "Borealis")
    assert answer.code == 0
    assert "It changes nothing yet." in answer.out
    assert (example / "policies" / "vo" / "borealis.toml").exists()
    told = gridmask("policy", "check", "--json").told
    assert (told["ok"], told["errors"], told["warnings"]) == (True, [], [])
    assert before is not None


def test_a_file_that_is_there_is_never_written_over(example: Path) -> None:
    before = (example / "policies" / "vo" / "aurora.toml").read_text()
    assert "is there already; it was left as it is" in failing("vo", "init", "aur")
    assert (example / "policies" / "vo" / "aurora.toml").read_text() == before


def test_who_keeps_policies_by_the_api_gets_no_file(example: Path) -> None:
    settings = (example / "gridmask.toml").read_text().replace("[vo.comet]", '[vo.comet]\npolicies = "api"')
    (example / "gridmask.toml").write_text(settings)
    assert "managed by the API" in failing("vo", "init", "comet")
    assert gridmask("policy", "check").lines(
        "comet.toml: error: the settings say that the policies of comet are managed by the API"
    )
    assert "managed by the API" in failing("sync")


@pytest.mark.parametrize(("name", "told"), [("all", "stands for everyone"), ("c ms", "cannot be a VO's name")])
def test_a_vo_that_cannot_be_gets_no_file(example: Path, name: str, told: str) -> None:
    del example
    assert told in failing("vo", "init", name)


def test_without_a_place_for_policies_no_file_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "Where to?" in failing("vo", "init", "cms")
    assert "there is no such directory of policy files" in failing("vo", "init", "cms", "--policies", "none")

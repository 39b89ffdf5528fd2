"""The policies of VOs that keep them by the API, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import failing, gridmask

CLOSED = '[policy.closed]\ntype = "always"\nmatch.name = "tundra-ce1"\narguments = { status = "Banned" }\n'


@pytest.fixture
def by_api(example: Path) -> Path:
    """The example, in which comet keeps its policies by the API; what was in its file is put."""
    text = (example / "policies" / "vo" / "comet.toml").read_text()
    (example / "policies" / "vo" / "comet.toml").rename(example / "comet.toml")
    settings = (example / "gridmask.toml").read_text().replace("[vo.comet]", '[vo.comet]\npolicies = "api"')
    (example / "gridmask.toml").write_text(settings)
    assert gridmask("policy", "put", "comet", "comet.toml", "-r", "moved").code == 0
    assert gridmask("inspect", "--once").code == 0
    assert gridmask("policy", "show", "comet").out == text
    return example


def layer(text: str, name: str = "new.toml") -> Path:
    Path(name).write_bytes(text.encode())
    return Path(name)


def test_what_is_put_is_in_force_and_told(by_api: Path) -> None:
    del by_api
    answer = gridmask("policy", "put", "Comet", layer(CLOSED), "--reason", "as agreed")
    assert (answer.code, "Version 2 of the policies of comet is in force" in answer.out) == (0, True)
    assert gridmask("policy", "list", "--vo", "comet").lines("comet", "closed", "always")
    shown = gridmask("policy", "show", "comet")
    assert (shown.out, "Version 2" in shown.err, "as agreed" in shown.err) == (CLOSED, True, True)
    assert gridmask("policy", "versions", "comet").lines("2", "as agreed")
    assert gridmask("policy", "show", "comet", "--version", "1").out != CLOSED


def test_json_is_what_the_api_says(by_api: Path) -> None:
    del by_api
    put = gridmask("policy", "put", "comet", layer(CLOSED), "-r", "as agreed", "--json").told
    assert set(put) == {"layer", "revision", "changed"}
    told = gridmask("policy", "show", "comet", "--json").told
    assert told == put["layer"]
    assert (told["version"], told["text"]) == (2, CLOSED)
    versions = gridmask("policy", "versions", "comet", "--json", "-n", "1").told
    assert versions == {"versions": [{key: told[key] for key in told if key != "text"}], "next": 2}


def test_wrong_text_is_told_with_file_and_line_and_leaves_everything(by_api: Path) -> None:
    del by_api
    before = gridmask("policy", "list", "--json").told["revision"]
    file = layer('[policy.a]\ntype = "alwys"\n[policy.b]\ntype = "downtime"\nmatch.nam = "x"\n')
    answer = gridmask("policy", "put", "comet", file, "-r", "oops")
    assert answer.code == 1
    assert answer.lines("new.toml:2: error: policy.a.type: there is no rule 'alwys'; did you mean 'always'?")
    assert answer.lines("new.toml:5: error: policy.b.match.nam: there is no such match key; did you mean 'name'?")
    assert [e["line"] for e in gridmask("policy", "put", "comet", file, "-r", "oops", "--json").told["errors"]] == [2, 5]
    assert gridmask("policy", "list", "--json").told["revision"] == before


def test_a_dry_run_only_checks(by_api: Path) -> None:
    del by_api
    answer = gridmask("policy", "put", "comet", layer(CLOSED.replace("ce1", "ce9")), "-r", "try", "--dry-run")
    assert answer.code == 0
    assert answer.lines("new.toml:3: warning: policy.closed.match.name: no row agrees with 'tundra-ce9'")
    assert "Nothing was put." in answer.out
    assert len(gridmask("policy", "versions", "comet", "--json").told["versions"]) == 1


def test_what_changed_since_it_was_seen_is_not_written_over(by_api: Path) -> None:
    del by_api
    seen = gridmask("policy", "show", "comet", "--json").told["revision"]
    assert gridmask("policy", "put", "comet", layer(CLOSED), "-r", "first", "--seen", seen[:12]).code == 0
    told = failing("policy", "put", "comet", layer("# mine"), "-r", "second", "--seen", seen[:12])
    assert "look again and repeat" in told
    assert gridmask("policy", "show", "comet").out == CLOSED


def test_what_is_kept_in_a_file_is_refused_with_its_place(example: Path) -> None:
    told = failing("policy", "put", "comet", layer(CLOSED), "-r", "as agreed")
    assert str(example / "policies" / "vo" / "comet.toml") in told
    assert "are kept in a file" in failing("policy", "show", "aurora")


def test_all_commands_count_what_is_put(by_api: Path) -> None:
    assert gridmask("policy", "put", "comet", layer(CLOSED), "-r", "as agreed").code == 0
    assert gridmask("sync").code == 0
    assert gridmask("policy", "check").lines("comet", "closed", "always")
    assert "Nothing would change." in gridmask("policy", "what-if", by_api / "policies").out
    (by_api / "policies" / "vo" / "comet.toml").write_text(CLOSED)
    assert "managed by the API" in failing("sync")


def test_a_vo_begins_with_a_text_to_put(by_api: Path) -> None:
    told = failing("vo", "init", "comet")
    assert "gridmask vo init comet --output comet.toml" in told
    assert gridmask("vo", "init", "comet", "--output", "begin.toml").code == 0
    assert not (by_api / "policies" / "vo" / "comet.toml").exists()
    assert gridmask("policy", "put", "comet", "begin.toml", "-r", "begun").code == 0


@pytest.mark.parametrize(("file", "told"), [("none.toml", "No such file"), ("latin.toml", "not UTF-8 text (byte 2)")])
def test_a_file_that_cannot_be_read_is_told(by_api: Path, file: str, told: str) -> None:
    (by_api / "latin.toml").write_bytes(b"# \xe9")
    assert told in failing("policy", "put", "comet", file, "-r", "as agreed")

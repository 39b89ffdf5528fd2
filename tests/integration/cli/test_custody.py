"""Tokens, automation and bans to look at, from the command line."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("example")

WHY = ("--reason", "Trying")
ME = getpass.getuser()


def held() -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = gridmask("token", "list", "--json").told["tokens"]
    return listed


def names() -> set[tuple[str, str]]:
    return {(token["name"], token["vo"]) for token in held()}


# --- gridmask token


def test_a_row_is_taken_by_name_and_listed_with_its_end() -> None:
    assert gridmask("token", "list").out == "Nobody holds any row.\n"
    done = gridmask("token", "take", "fjord-ce1", *WHY, "--lasting")
    assert done.lines("ComputingElement fjord-ce1 is Active for all, held by ", "until released")
    [line] = gridmask("token", "list").lines("fjord-ce1")
    assert (ME in line, "released" in line) == (True, True)


def test_all_of_a_site_is_taken_that_the_vo_may_use() -> None:
    done = gridmask("token", "take", "--site", "FJORD-T1", *WHY, "--vo", "comet", "--json").told["statuses"]
    assert {row["name"] for row in done} == {"FJORD-T1", "fjord-ce1", "fjord-disk", "fjord-fts", "fjord-catalog"}
    assert {row["vo"] for row in done} == {"comet"}


def test_a_match_is_narrowed_down_by_repeating_it_and_by_the_options() -> None:
    match = ("--match", "name=fjord-*", "-m", "name=!*tape", "--type", "StorageElement", "-s", "WriteAccess")
    done = gridmask("token", "take", *match, *WHY, "--json").told["statuses"]
    assert [(row["name"], row["status_type"]) for row in done] == [("fjord-disk", "WriteAccess")]
    gridmask("token", "release", "--match", f"token_owner={ME}")
    assert held() == []


def test_to_try_it_tells_the_same_and_changes_nothing() -> None:
    tried = gridmask("token", "take", "--site", "FJORD-T1", *WHY, "--dry-run")
    assert tried.code == 0
    assert tried.lines("fjord-ce1 would be Active for all, held by ")
    assert tried.lines("Tried on ", "; nothing was changed.")
    assert held() == []
    set_ = gridmask("status", "set", "Banned", "fjord-ce1", *WHY, "--dry-run")
    assert set_.lines("fjord-ce1 would be Banned for all")
    assert gridmask("mask", "borealis", "--name", "fjord-ce1").lines("Active")


def test_what_automation_agrees_to_is_not_held() -> None:
    kept = gridmask("status", "set", "Banned", "fjord-ce1", *WHY, "--until-agreed", "--until", "+2w")
    assert kept.lines("is Banned for all, held by ", ", or automation agrees")
    agreed = gridmask("token", "take", "tundra-ce1", *WHY, "--until-agreed")
    assert agreed.lines("tundra-ce1 is Active for all, as automation decides")
    assert names() == {("fjord-ce1", "all")}
    assert gridmask("token", "list").lines("or agreed")


def test_ones_own_is_extended_and_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    gridmask("token", "take", "fjord-ce1", *WHY, "--until", "2098-01-01T00:00Z")
    gridmask("token", "extend", "fjord-ce1", "--until", "2099-01-01T00:00Z")
    assert held()[0]["token"]["until"] == "2099-01-01T00:00:00Z"
    monkeypatch.setattr(getpass, "getuser", lambda: "shifter")
    assert f"is held by {ME}. Take it over" in failing("token", "extend", "fjord-ce1")
    assert "Nobody holds" in failing("token", "extend", "tundra-ce1")
    taken = gridmask("token", "take", "fjord-ce1", *WHY, "--json").told["statuses"]
    assert taken[0]["reasons"][-1]["text"] == f"Trying (taken over from {ME})"
    assert gridmask("status", "history", "fjord-ce1").lines("held by shifter", f"before by {ME}")


def test_a_release_says_what_becomes_of_it() -> None:
    gridmask("status", "set", "Banned", "fjord-ce1", *WHY)
    assert gridmask("token", "release", "fjord-ce1", "-r", "Done").lines("is Probing for all, as automation decides")
    assert gridmask("token", "release", "fjord-ce1").lines("Nothing changed by that.")


def test_a_binding_ban_is_until_it_is_released() -> None:
    done = gridmask("status", "set", "Banned", "fjord-ce1", *WHY, "--binding")
    assert done.lines("until released, and binding")
    assert "until somebody releases it" in failing("status", "set", "Banned", "tundra-ce1", *WHY, "--binding", "--until-agreed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--match", "sitee=x"), "did you mean 'site'"),
        (("--match", "name=nothing-*"), "Nothing in the inventory that is offered to all agrees with name=nothing-*"),
        (("--site", "FJORD-T1", "--match", "status=Baned"), "did you mean 'Banned'"),
        (("--match", "vo=comet", "--vo", "comet"), "for which VO apart from the match"),
        (("fjord-ce2", "--vo", "comet"), "is not offered to comet"),
        (("fjord-ce9",), "Did you mean 'fjord-ce"),
        (("fjord-disk", "-s", "WriteAcces"), "Did you mean 'WriteAccess'"),
        (("fjord-ce1", "--vo", "comett"), "Did you mean 'comet'"),
        (("fjord-ce1", "--until", "2020-01-01T00:00Z"), "is over already"),
        (("fjord-ce1", "--review", "2098-01-01T00:00Z"), "nobody holds them any more"),
        (("fjord-ce1", "--seen", "0"), "after you saw it in revision 0"),
        (("fjord-ce1", "--reason", "a\udcffb"), "is no text"),
        (("fjord-ce1", "--reason", "x" * 20_000), "16,000 are allowed"),
        (("fjord-ce1", "--reason", " "), "A reason is needed"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(arguments: tuple[str, ...], said: str) -> None:
    assert said in failing("token", "take", *WHY, *arguments)
    assert held() == []


@pytest.mark.parametrize("command", ["take", "extend", "release"])
@pytest.mark.parametrize("arguments", [("fjord-ce1", "--site", "FJORD-T1"), (), ("--match", "site")])
def test_rows_are_named_or_described_and_not_both(command: str, arguments: tuple[str, ...]) -> None:
    said = failing("token", command, *WHY, *arguments, code=2)
    assert "name the elements, or else say --site or --match" in said.replace("\n", " ") or "KEY=PATTERN" in said


def test_too_many_rows_are_refused_whole(tmp_path: Path) -> None:
    listed = "".join(f'[[site.resource]]\nname = "x{n}"\ntype = "FTS"\n' for n in range(1001))
    (tmp_path / "many.toml").write_text(f'[[site]]\nname = "S"\n{listed}')
    config = ("--database", f"sqlite:///{tmp_path}/many.db")
    gridmask("sync", *config, "--source", f"toml={tmp_path}/many.toml")
    assert "These are 1,001 rows; at most 1,000" in failing("token", "take", "--match", "name=x*", *WHY, *config)
    assert gridmask("token", "list", *config).out == "Nobody holds any row.\n"


# --- gridmask automation


def test_automation_is_held_back_and_let_go_again() -> None:
    assert gridmask("automation", "list").out == "Elsewhere: full.\n"
    done = gridmask("automation", "set", "exclude-only", "--site", "FJORD-T1", "--type", "ComputingElement", *WHY)
    assert done.out == "Automation of 2 elements for all: exclude-only. By that, no row changed.\n"
    assert len(gridmask("automation", "list").lines("exclude-only", "Trying")) == 2
    assert gridmask("automation", "clear", "fjord-ce1", *WHY).lines("1 element for all: as elsewhere.")
    assert len(gridmask("automation", "list", "--json").told["rulings"]) == 1


def test_a_vo_is_told_of_what_is_its_own() -> None:
    gridmask("automation", "set", "off", "fjord-ce1", *WHY, "--vo", "comet")
    assert gridmask("automation", "list", "--vo", "comet").lines("fjord-ce1", "comet", "off")
    assert gridmask("automation", "list", "--vo", "borealis").lines("fjord-ce1") == []
    assert gridmask("status", "why", "fjord-ce1", "--vo", "comet").lines("off", "Trying")


def test_to_try_a_mode_changes_nothing() -> None:
    tried = gridmask("automation", "set", "off", "--match", "name=*", *WHY, "--vo", "comet", "--dry-run")
    assert tried.lines("for comet: off. Tried: ", "and all was undone")
    assert gridmask("automation", "list").lines("off") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--match", "status=Banned"), "'status' says nothing of an element as such"),
        (("--match", "nme=x"), "did you mean 'name'"),
        (("--site", "Z"), "Nothing in the inventory agrees with site=Z"),
        (("fjord-ce9",), "Did you mean"),
        (("fjord-ce1", "--vo", "comett"), "Did you mean 'comet'"),
    ],
)
def test_a_mode_of_nothing_is_refused(arguments: tuple[str, ...], said: str) -> None:
    assert said in failing("automation", "set", "off", *WHY, *arguments)


def test_a_mode_is_one_that_there_is_and_about_something() -> None:
    assert "exclude-only" in failing("automation", "set", "on", "fjord-ce1", *WHY, code=2)
    assert "say --site or --match" in failing("automation", "set", "off", *WHY, code=2).replace("\n", " ")


# --- gridmask status review


def test_bans_are_listed_with_their_owner_and_why_to_look_at_them() -> None:
    before = len(gridmask("status", "review", "--all", "--json").told["bans"])
    gridmask("status", "set", "Banned", "fjord-ce1", *WHY, "--vo", "comet", "--lasting", "--review", "2098-01-01T00:00Z")
    [line] = gridmask("status", "review").lines("fjord-ce1")
    assert all(word in line for word in ("comet", ME, "2098-01-01", "nothing but its owner asks for it"))
    assert len(gridmask("status", "review", "--all", "--json").told["bans"]) == before + 1
    assert gridmask("status", "review", "--vo", "borealis").lines("fjord-ce1") == []

"""Statuses from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("example")


def test_statuses_are_listed_by_every_filter() -> None:
    filters = ("--vo", "aurora", "--type", "StorageElement", "--site", "FJORD-T1", "-s", "ReadAccess", "--status", "banned")
    answer = gridmask("status", "list", *filters)
    assert [line.split()[:5] for line in answer.lines()[1:]] == [
        ["StorageElement", "fjord-tape", "ReadAccess", "aurora", "Banned"]
    ]


def test_a_list_that_was_cut_says_so_and_can_be_continued() -> None:
    first = gridmask("status", "list", "--limit", "5")
    assert "There are more" in first.err
    parts = [gridmask("status", "list", "--json", "--limit", "30").told]
    while parts[-1]["next"] is not None:
        parts.append(gridmask("status", "list", "--json", "--limit", "30", "--cursor", str(parts[-1]["next"])).told)
    whole = gridmask("status", "list", "--json", "--limit", "0").told["statuses"]
    assert [row for part in parts for row in part["statuses"]] == whole


def test_what_a_person_sets_holds_until_it_is_released() -> None:
    done = gridmask("status", "set", "banned", "fjord-ce1", "tundra-ce1", "--reason", "Security", "--vo", "comet", "--lasting")
    assert (done.code, len(done.lines("is Banned for comet", "until released"))) == (0, 2)
    assert gridmask("mask", "comet", "--name", "fjord-ce1").lines("Banned")
    assert gridmask("mask", "borealis", "--name", "fjord-ce1").lines("Active")
    released = gridmask("token", "release", "fjord-ce1", "--vo", "comet", "--json").told
    assert [(row["status"], row["token"]) for row in released["statuses"]] == [("Probing", None)]


def test_why_begins_with_the_answer_and_names_the_record_and_the_source() -> None:
    answer = gridmask("status", "why", "glacier-ce", "--vo", "aur")
    assert answer.out.startswith("ComputingElement glacier-ce is Banned for aurora (not usable), since ")
    assert answer.lines("source downtimes", "record 1003@glacier-ce", "until 2098-11-01 09:00 UTC")
    assert answer.lines("declared-downtimes (of aurora): Banned, decides")
    assert answer.lines("Sources: ", "downtimes answered", "inventory answered")


def test_why_tells_what_automation_would_do_while_a_person_holds_a_row() -> None:
    gridmask("status", "set", "Active", "fjord-tape", "--reason", "Tested by hand", "--vo", "borealis", "-s", "ReadAccess")
    answer = gridmask("status", "why", "fjord-tape", "--vo", "borealis", "-s", "ReadAccess")
    assert "fjord-tape ReadAccess is Active for borealis (usable)" in answer.out
    assert answer.lines("  - Tested by hand")
    assert answer.lines("Held by ", "Automation would make it Banned")
    assert answer.lines("Banned, would decide")


def test_history_tells_the_changes_newest_first() -> None:
    gridmask("status", "set", "banned", "fjord-ce1", "--reason", "Fire", "--until", "+2h")
    changes = gridmask("status", "history", "fjord-ce1", "--json").told["changes"]
    assert [(c["old"], c["new"]) for c in changes] == [("Active", "Banned"), ("Unknown", "Active"), (None, "Unknown")]
    assert gridmask("status", "history", "fjord-ce1", "--limit", "1").lines("Active > Banned", "Fire")


def test_setting_all_says_which_vos_it_does_not_touch() -> None:
    general = gridmask("status", "set", "banned", "tundra-disk", "-s", "WriteAccess", "--reason", "Full")
    assert "Untouched, because they have a row of their own: aurora, comet." in general.err
    binding = gridmask("status", "set", "banned", "tundra-disk", "-s", "WriteAccess", "--reason", "Full", "--binding")
    assert (binding.code, binding.err) == (0, "")
    assert gridmask("mask", "aurora", "--name", "tundra-disk").lines("WriteAccess\tBanned")


def test_a_stale_write_is_refused_whole() -> None:
    seen = gridmask("status", "list", "--json").told["statuses"][0]["revision"]
    gridmask("status", "set", "Degraded", "fjord-ce1", "--reason", "First")
    late = failing("status", "set", "Banned", "fjord-ce1", "tundra-ce1", "--reason", "Second", "--seen", str(seen))
    assert "it is Degraded now" in late
    assert gridmask("status", "list", "--name", "tundra-ce1", "--status", "Banned").lines()[1:] == []


def test_what_is_ambiguous_is_refused_with_the_candidates(tmp_path: Path) -> None:
    (tmp_path / "twins.toml").write_text('[[site]]\nname="S"\n[[site.resource]]\nname="x"\ntypes=["FTS", "Catalog"]\n')
    config = ("--database", f"sqlite:///{tmp_path}/x.db")
    gridmask("sync", *config, "--source", f"toml={tmp_path}/twins.toml")
    assert "Resource of type Catalog, Resource of type FTS" in failing("status", "why", "x", *config)
    assert gridmask("status", "why", "x", "--type", "FTS", *config).code == 0


def test_until_and_lasting_exclude_each_other() -> None:
    assert "contradicts --lasting" in failing("status", "set", "Banned", "x", "-r", "y", "--lasting", "--until", "+1h", code=2)

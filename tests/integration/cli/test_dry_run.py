"""What reading sources would do, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gridmask.cli import rehearsal
from gridmask.cli.reading import Reading
from gridmask.inspection.plans import Report
from gridmask.inventory.reconcile import Reconciliation
from gridmask.testing import element
from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path

INVENTORY = '[[site]]\nname = "{site}"\n[[site.resource]]\nname = "{name}"\ntype = "Squid"\n{more}\n'


def inventory(folder: Path, name: str, more: str = "", site: str = "S") -> Path:
    """An inventory of one element."""
    path = folder / f"{site}.toml"
    path.write_text(INVENTORY.format(site=site, name=name, more=more))
    return path


def would(*arguments: str | Path) -> list[tuple[str, str]]:
    """What would be done to what."""
    told = gridmask("sync", "--dry-run", "--json", *arguments).told
    return [(line["action"], line["subject"]) for line in told["would"]]


def test_where_nothing_changed_nothing_would_be_done(example: Path) -> None:
    del example
    answer = gridmask("sync", "--dry-run")
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "Nothing was changed.")
    assert "would:" not in answer.out


def test_everything_it_would_do_is_told_and_nothing_is_done(example: Path) -> None:
    with (example / "inventory.toml").open("a") as file:
        file.write(INVENTORY.format(site="NEW-T3", name="new-squid", more='offered = ["aurora"]'))
    assert ("add", "Squid new-squid") in would("inventory")
    answer = gridmask("sync", "--dry-run", "inventory")
    assert answer.lines("add", "Squid new-squid", "at NEW-T3, for aurora")
    assert gridmask("mask", "aurora", "--name", "new-squid").lines("not known")


def test_what_would_be_refused_is_told_and_forced_if_wanted(example: Path) -> None:
    (example / "inventory.toml").write_text('[[site]]\nname = "FJORD-T1"\n')
    refused = gridmask("sync", "--dry-run", "inventory")
    assert (refused.code, len(refused.lines("would take out"))) == (1, 1)
    forced = would("inventory", "--force")
    assert [action for action, _ in forced].count("take out") == 14
    assert gridmask("mask", "aurora", "--name", "fjord-ce1").lines("Active")


def test_it_may_have_settings_that_are_not_in_force(example: Path) -> None:
    more = f'\n[[source]]\nname = "other"\nkind = "toml"\nurl = "{inventory(example, "more-squid")}"\n'
    path = example / "gridmask.toml"
    path.write_text(path.read_text() + more)
    assert would("other") == [("add", "Squid more-squid"), ("add", "Site S")]
    assert "other" not in gridmask("source", "list").out


@pytest.mark.usefixtures("example")
def test_a_source_that_is_not_there_is_refused() -> None:
    assert "Did you mean 'inventory'?" in failing("sync", "--dry-run", "inventori")


def test_downtimes_are_told_too(example: Path) -> None:
    path = example / "downtimes.xml"
    path.write_text(path.read_text().replace("<Severity>Outage", "<Severity>Severe"))
    answer = gridmask("sync", "--dry-run", "downtimes")
    assert answer.lines("edit", "Severe from")


# --- The lines themselves


def lines(**change: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401 - whatever it has
    """What is told of a reconciliation."""
    made = Reconciliation("osg", **change)
    return [(line.what, line.subject, line.how) for line in rehearsal.lines(Report("osg", change=made))]


A, B = element("a"), element("b")


def test_a_new_name_is_no_new_element() -> None:
    told = lines(added=(B,), taken_out=(A.key,), renamed={B.key: A.key})
    assert told == [("rename", str(A.key), "to b, with its statuses and its history")]


def test_what_turns_out_to_be_another_is_told() -> None:
    told = lines(taken_out=(A.key,), merged={A.key: B.key}, recognised={A.key: B.key})
    assert told == [
        ("merge", str(A.key), "into b, which it turns out to be, with the statuses of that"),
        ("leave", str(A.key), "it is what is known as b"),
    ]


def test_what_goes_out_of_service_is_told_with_what_changes() -> None:
    gone = element("a", in_service=False, hosts=("h",))
    told = lines(edited=(gone,), before={A.key: A}, put_out=(A.key,))
    assert told == [("put out of service", str(A.key), "in_service: True -> False; hosts: none -> h")]


def test_a_conflict_is_told() -> None:
    assert lines(conflicts=(A.key,)) == [("leave in conflict", str(A.key), "see what is said of it above")]


def test_much_of_one_sort_is_only_counted() -> None:
    many = tuple(element(f"e{number:02}") for number in range(rehearsal.MOST + 5))
    report = Report("osg", change=Reconciliation("osg", added=many))
    readings = [Reading(report, 0.0)]
    assert (len(rehearsal.told(readings)), len(rehearsal.shown(readings))) == (25, 3)
    table = rehearsal.shown(readings)[-1]
    assert not isinstance(table, str)
    assert list(table.columns[1].cells)[-1] == "... and 5 more"

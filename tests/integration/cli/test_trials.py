"""Trials from the command line: nothing but sources, a clock and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path


def test_a_trial_reads_the_sources_of_the_command_line_and_counts_what_came_of_it(examples: Path) -> None:
    sources = ("--source", f"toml={examples / 'inventory.toml'}", "--source", f"osg-downtimes={examples / 'downtimes.xml'}")
    answer = gridmask("inspect", "--once", "--at", "2026-11-02T09:00+01:00", "--database", "ephemeral", "--json", *sources)
    assert (answer.code, answer.told["at"]) == (0, "2026-11-02T08:00:00Z")
    read = [(source["source"], source["outcome"], source["added"]) for source in answer.told["sources"]]
    assert read == [("toml", "read", 15), ("osg-downtimes", "read", 4)]
    assert answer.told["mask"]["counts"]["ComputingElement"] == {"Degraded": 1, "Active": 3}


@pytest.mark.parametrize(("moment", "status"), [("2095-05-30T05:59Z", "Active"), ("2095-05-30T06:00Z", "Banned")])
def test_the_clock_of_a_trial_stands_where_it_is_told_to(examples: Path, moment: str, status: str) -> None:
    config = ("--config", examples / "gridmask.toml", "--database", "ephemeral")
    answer = gridmask("inspect", "--once", "--at", moment, "--mask", "borealis", "--json", *config)
    assert answer.told["mask"]["counts"]["StorageElement"].get("Banned", 0) == {"Active": 4, "Banned": 5}[status]


@pytest.mark.usefixtures("example")
def test_a_trial_at_another_time_is_refused_where_there_is_history() -> None:
    assert "--at is for trials" in failing("inspect", "--once", "--at", "2026-10-05T08:00Z")


def test_a_trial_may_begin_a_new_database(examples: Path, tmp_path: Path) -> None:
    given = ("--database", f"sqlite:///{tmp_path}/new.db", "--source", f"toml={examples / 'inventory.toml'}")
    assert gridmask("inspect", "--once", "--at", "2026-10-05T08:00Z", *given).code == 0
    assert (tmp_path / "new.db").exists()


def test_a_time_without_a_zone_is_wrong_usage() -> None:
    assert "write 2026-10-05T08:00Z" in failing("inspect", "--once", "--at", "2026-10-05T08:00", code=2)


@pytest.mark.usefixtures("example")
def test_a_loop_whose_clock_stands_still_is_wrong_usage() -> None:
    assert "needs --once" in failing("inspect", "--at", "now", code=2)


def test_a_kind_of_source_that_there_is_not_is_refused_with_a_suggestion() -> None:
    assert "did you mean 'osg-topology'?" in failing("inspect", "--once", "--source", "osg-topologie=x.xml")


def test_nothing_to_read_is_an_error(unconfigured: str) -> None:
    assert "No source is configured" in failing("sync", "--database", unconfigured)

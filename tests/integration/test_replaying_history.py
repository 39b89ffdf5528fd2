"""Histories replayed, held against brute force: a short run of the campaign ``replay``."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from gridmask.recording import file
from gridmask.replay.running import plan as plans
from gridmask.replay.running import planning, together
from gridmask.replay.running.work import work
from tests import histories
from tests.acceptance import _versions, replay


def compared(folder: Path, seed: int, processes: int | None = None) -> replay.Report:
    """What a history made up by chance comes to, at every change point and in every mask."""
    inventory, history = histories.made_up(folder, Random(seed))
    changes, _ = replay.replayed(inventory, history, folder, processes)
    report, versions = replay.Report(), _versions.as_it_happened(_versions.published(history))
    replay.compare(report, changes, versions, _versions.inventory(inventory), {"cms", "atlas", "lhcb"}, whole=1000)
    return report


@pytest.mark.parametrize("seed", range(3))
def test_every_mask_at_every_change_point_is_what_brute_force_says(tmp_path: Path, seed: int) -> None:
    report = compared(tmp_path, seed)
    assert report.differences == []
    assert report.masks == 4 * report.points
    assert report.restricted > 100


def test_two_processes_come_to_what_brute_force_says(tmp_path: Path) -> None:
    assert compared(tmp_path, 7, processes=2).differences == []


def test_two_processes_stop_when_they_are_told_to_and_what_they_did_is_gone_on_with(tmp_path: Path) -> None:
    file.write(tmp_path / "recording.gz", histories.recording(tmp_path, Random(4)))
    plan = planning.planned(tmp_path / "recording.gz", processes=2)
    plans.save(plan, tmp_path)
    assert together.run(tmp_path, plan, lambda: True, lambda _: None) is None
    assert all(work(tmp_path, number, plan, lambda: False, lambda _: None) for number in range(2))
    both = list(together.lines(tmp_path, plan))
    alone = planning.planned(tmp_path / "recording.gz", processes=1)
    (tmp_path / "alone").mkdir()
    assert together.run(tmp_path / "alone", alone, lambda: False, lambda _: None)
    assert both == list(together.lines(tmp_path / "alone", alone))


def test_a_mask_that_is_another_is_told(tmp_path: Path) -> None:
    inventory, history = histories.made_up(tmp_path, Random(1))
    changes, _ = replay.replayed(inventory, history, tmp_path)
    report, versions = replay.Report(), _versions.published(history)
    forged = [one._replace(meaning="Degraded") for one in versions]
    replay.compare(report, changes, forged, _versions.inventory(inventory), set(), whole=5)
    assert len(report.differences) > 50


def test_the_brute_force_imports_nothing_of_gridmask() -> None:
    source = (Path(__file__).parent.parent / "acceptance" / "_versions.py").read_text(encoding="utf-8")
    assert "import gridmask" not in source
    assert "from gridmask" not in source


@pytest.mark.slow
def test_the_facts_of_osgs_history_are_what_its_reader_counts(shared_data: Path) -> None:
    facts = _versions.facts(_versions.published(shared_data / "osg-topology" / replay.HISTORY))
    assert (facts.downtimes, facts.begun, facts.over) == (1919, 685, 88)
    assert (facts.extended, facts.shortened) == (174, 217)

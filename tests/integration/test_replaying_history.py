"""Histories replayed, held against brute force: a short run of the campaign ``replay``."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

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
    assert report.restricted > 150


def test_two_processes_come_to_what_brute_force_says(tmp_path: Path) -> None:
    assert compared(tmp_path, 7, processes=2).differences == []


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

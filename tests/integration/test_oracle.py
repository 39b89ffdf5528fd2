"""Masks against brute force: a short run of the campaign ``oracle``."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.acceptance import _feeds, oracle
from tests.acceptance._brute import BruteForce


@pytest.fixture
def report() -> oracle.Report:
    return oracle.Report()


@pytest.mark.slow
async def test_every_mask_of_the_recorded_documents_is_what_brute_force_says(shared_data: Path, report: oracle.Report) -> None:
    await oracle.real(report, shared_data / "osg-topology", [oracle.JUDGED_AT])
    assert report.differences == []
    assert (report.masks, report.restricted) == (38, 38 * 18)


@pytest.mark.slow
async def test_every_mask_of_the_recorded_documents_follows_the_clock(shared_data: Path, report: oracle.Report) -> None:
    data = shared_data / "osg-topology"
    await oracle.passing(report, data, oracle.chosen_moments(data, Random(7), 1))
    assert report.differences == []
    assert report.masks == 2 * 38


@pytest.mark.slow
@pytest.mark.parametrize("odd", [0, 0.1])
async def test_every_mask_of_made_up_documents_is_what_brute_force_says(report: oracle.Report, odd: float) -> None:
    await oracle.made_up(report, 11, _feeds.Recipe(odd=odd), answers=2)
    assert report.differences == []
    assert report.restricted > 20


def test_a_mask_that_is_another_is_told(report: oracle.Report) -> None:
    expected = {("Resource", "Squid", "CE1"): ("SITE", {"all": "Active"})}
    report.compare("here", expected, {})
    assert report.differences == ["here: ('Resource', 'Squid', 'CE1'): expected ('SITE', {'all': 'Active'}), served None"]


def test_the_brute_force_imports_nothing_of_gridmask() -> None:
    source = Path(__file__).parent.parent / "acceptance" / "_brute.py"
    assert BruteForce.__module__.endswith("_brute")
    assert "import gridmask" not in source.read_text()
    assert "from gridmask" not in source.read_text()

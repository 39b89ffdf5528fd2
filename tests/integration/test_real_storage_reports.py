"""The reader of storage resource reports on those of five real storage services, where a developer has them."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.collectors.srr.reader import read
from gridmask.domain.element import TypeRegistry
from gridmask.domain.measurements import Space
from gridmask.domain.naming import handle
from gridmask.source import Source
from gridmask.testing import answered

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.collectors.observations import Observations

TB = 10**12


def said(shared_data: Path, name: str, **options: Any) -> Observations:  # noqa: ANN401
    body = (shared_data / "wlcg-srr" / f"srr_{name}.json").read_bytes()
    source = Source(name=name, kind="wlcg-srr", url="srr.json", valid_for=timedelta(hours=6), options=options)
    return read(answered(body, at="2026-08-21T10:00"), source, TypeRegistry())


def spaces(observations: Observations) -> dict[str, Space]:
    return {handle(item.key.about): item.value for item in observations.evidence if isinstance(item.value, Space)}


@pytest.mark.parametrize("name", ["cern_eos", "cnaf_storm", "desy_dcache", "lancaster_dpm", "prague_dpm"])
def test_what_is_free_of_a_named_share_is_what_is_not_used(shared_data: Path, name: str) -> None:
    document = json.loads((shared_data / "wlcg-srr" / f"srr_{name}.json").read_bytes())
    found, shares = spaces(said(shared_data, name)), defaultdict(list)
    for share in document["storageservice"]["storageshares"]:
        shares[share.get("name")].append((share["totalsize"], share["usedsize"]))
    assert len(found) >= 2
    for element, space in found.items():  # Lancaster has two shares of one name
        sizes = shares[element]
        if all(total for total, _ in sizes):
            assert space.total == sum(total for total, _ in sizes)
            assert space.free == pytest.approx(sum(max(total - used, 0) for total, used in sizes))


def test_eos_names_few_of_its_shares_and_a_path_finds_the_others(shared_data: Path) -> None:
    assert len(spaces(said(shared_data, "cern_eos"))) == 9
    path = "/eos/atlas/atlascerngroupdisk/asg-calib/"
    found = spaces(said(shared_data, "cern_eos", share=[{"path": path, "element": "CERN-CALIB"}]))
    assert found["CERN-CALIB"] == Space(1 * TB, 1 * TB - 39_950_370_716)


def test_prague_says_that_less_than_nothing_is_used_of_its_root(shared_data: Path) -> None:
    told = said(shared_data, "prague_dpm")
    assert "ROOT" not in spaces(told)
    assert [problem for problem in told.problems if "less than nothing" in problem]


def test_storm_counts_its_disk_in_bytes(shared_data: Path) -> None:
    assert spaces(said(shared_data, "cnaf_storm"))["ATLASDATADISK"].total == pytest.approx(6030 * TB)

"""Samples of what CMS' Site Support publishes, written by its own tools' rules, where a developer has them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.element import TypeRegistry
from gridmask.domain.measurements import Probe, State
from gridmask.kinds import KINDS, MeasurementKind
from gridmask.source import Source
from gridmask.testing import answered

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.collectors.observations import Observations


def said(folder: Path, path: str, **options: object) -> Observations:
    kind = KINDS["cms-sst"]
    assert isinstance(kind, MeasurementKind)
    source = Source(name="sst", kind="cms-sst", url="https://cms.example.org", valid_for=timedelta(days=2), options=options)
    return kind.read(answered((folder / "samples" / path).read_bytes()), source, TypeRegistry())


@pytest.mark.parametrize(
    ("path", "options", "states"),
    [
        ("cms-sst/usable_sites.json", {"document": "usable-sites"}, ["usable", "not_usable"]),
        ("cms-sst/manual_override.json", {"document": "override"}, ["waiting_room", "enabled", "drain"]),
        ("cern-monit-ssb/ssb_metric_prodstatus.txt", {"document": "ssb"}, ["drain", "enabled"]),
        ("cern-monit-ssb/sts15min.json", {"document": "status", "state": "rucio_status"}, ["downtime_stop"]),
        ("cern-monit-ssb/down15min.json", {"document": "downtime"}, ["downtime"]),
    ],
)
def test_states(shared_data: Path, path: str, options: dict[str, object], states: list[str]) -> None:
    told = said(shared_data, path, **options)
    assert [item.value.value for item in told.evidence if isinstance(item.value, State)] == states
    assert (told.problems, told.conclusive) == ((), True)


def test_readiness(shared_data: Path) -> None:
    told = said(shared_data, "cern-monit-ssb/sr1day.json", document="readiness")
    assert (len(told.evidence), told.problems) == (3, ())
    probe = told.evidence[0].value
    assert isinstance(probe, Probe)
    assert (probe.metric, probe.result, "HC: error (69 Success" in probe.summary) == ("sr1day", "WARNING", True)

"""What was lived, recorded and replayed comes to the same: a short run of the campaign ``live_replay``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance import live_replay

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
async def test_the_first_hours_of_the_demonstration_come_to_the_same(tmp_path: Path) -> None:
    seen = await live_replay.lived(tmp_path, hours=7, steps=1, worlds=4)
    report = live_replay.Report()
    live_replay.compare(report, tmp_path, seen)
    assert report.differences == []
    assert (report.masks, report.revisions > 5, report.events > 20) == (5 * (7 + 4), True, True)

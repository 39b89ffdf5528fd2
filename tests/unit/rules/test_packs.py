"""The example packs are policy files, and what they say of downtimes is what was published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.status import Status
from gridmask.policies.files import load
from gridmask.testing import case, downtime, element
from tests.documentation import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.domain.policy import Policy

PACKS = sorted((ROOT / "examples" / "packs").glob("*/vo/cms.toml"))
SITE = element("T2_EX", "Site", family="Site")


@pytest.fixture
def policies(tmp_path: Path) -> dict[str, Policy]:
    """All packs in the file of one VO."""
    (tmp_path / "vo").mkdir()
    (tmp_path / "vo" / "cms.toml").write_text("\n".join(path.read_text() for path in PACKS))
    return {policy.name: policy for policy in load(tmp_path)[0].effective("cms")}


def test_a_vo_can_have_them_all(policies: dict[str, Policy]) -> None:
    assert len([policy for policy in policies.values() if policy.layer == "cms"]) == 10


@pytest.mark.parametrize(
    ("policy", "end", "at", "status"),
    [
        ("prod-long-downtime", "2026-08-24T10:00", "2026-08-21T09:59", Status.ACTIVE),
        ("prod-long-downtime", "2026-08-24T10:00", "2026-08-21T10:00", Status.DEGRADED),
        ("prod-long-downtime", "2026-08-24T10:00", "2026-08-24T10:00", Status.ACTIVE),
        ("prod-long-downtime", "2026-08-24T09:59", "2026-08-23T10:00", Status.ACTIVE),
        ("rucio-downtime-stop", "2026-08-24T10:00", "2026-08-23T03:59", Status.ACTIVE),
        ("rucio-downtime-stop", "2026-08-24T10:00", "2026-08-23T04:00", Status.BANNED),
    ],
)
def test_long_downtimes_are_heeded_ahead(policies: dict[str, Policy], policy: str, end: str, at: str, status: Status) -> None:
    announced = downtime("2026-08-23T10:00", end, SITE)
    assert policies[policy].rule.assess(case(SITE, announced, at=at)).status is status

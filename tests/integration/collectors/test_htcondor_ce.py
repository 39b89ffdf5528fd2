from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gridmask.bootstrap import installation
from gridmask.collectors.htcondor_ce.reader import read
from gridmask.domain.element import TypeRegistry
from gridmask.domain.measurements import Jobs, Metric, State
from gridmask.domain.naming import handle
from gridmask.settings import Settings
from gridmask.source import Source
from gridmask.testing import answered
from tests import osg
from tests.clocks import Clock
from tests.grid import catch_up, files_only, said, toml_policies

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.bootstrap import Installation

POLICY = '[policy.states]\ntype = "availability"\nmatch.type = "ComputingElement"\non_missing = "unknown"\n'


def test_a_document_of_a_collector(shared_data: Path) -> None:
    body = (shared_data / "samples" / "htcondor-ce" / "condor_ce_status_schedd.json").read_bytes()
    told = read(answered(body, at="2026-08-04T10:10:00"), Source(name="ces", kind="htcondor-ce", url="x"), TypeRegistry())
    assert {handle(item.key.about) for item in told.evidence} == {"ce01.example-site.org"}
    values = [item.value for item in told.evidence]
    assert values == [Jobs(running=1204, waiting=18), Metric("held-jobs", 3, "jobs"), State("production")]
    assert {f"{item.observed_at:%Y-%m-%dT%H:%M:%SZ}" for item in told.evidence} == {"2026-08-04T10:09:50Z"}


async def test_the_mask_follows_what_a_collector_last_heard_and_forgets_it_in_time(tmp_path: Path) -> None:
    clock, ces, inventory = Clock(), tmp_path / "ces.json", tmp_path / "rgsummary.xml"
    inventory.write_bytes(osg.summary(osg.group("SITE", osg.resource("CE1", "CE", FQDN="ce01.example.org"))))

    def reported(most: int) -> None:
        ad = {
            "MyType": "Scheduler",
            "Name": "ce01.example.org",
            "LastHeardFrom": int(clock().timestamp()),
            "MaxJobsRunning": most,
        }
        ces.write_text(json.dumps([ad]))

    sources = (
        Source(name="osg", kind="osg-topology", url=inventory.as_uri()),
        Source.model_validate({"name": "ces", "kind": "htcondor-ce", "url": ces.as_uri(), "valid_for": "30m"}),
    )
    settings = Settings(database="ephemeral", source=sources, vo={"cms": {}}, policies=toml_policies(tmp_path, POLICY))
    async with installation(settings, clock=clock, client=files_only(clock)) as made:
        reported(100)
        assert await seen(made, *sources) == {"CE1": "Active"}
        reported(0)
        assert await seen(made, sources[1]) == {"CE1": "Banned"}
        clock.advance(minutes=29)
        assert await seen(made, sources[1]) == {"CE1": "Banned"}  # the file is read again, and tells nothing newer
        clock.advance(minutes=2)
        assert await seen(made, sources[1]) != {"CE1": "Banned"}


async def seen(made: Installation, *sources: Source) -> dict[str, str]:
    """What the mask says after these sources were read."""
    for source in sources:
        assert (await made.intake.collect(source)).failure is None
    await catch_up(made)
    return said(await made.masks.mask("cms"))

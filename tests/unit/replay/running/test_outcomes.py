"""Outcomes of plans, whole or in parts, from any moment on, are the same."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import msgspec
import pytest

from gridmask.recording import file
from gridmask.replay.running.outcomes import outcome_of, outcomes
from gridmask.replay.running.parting import bonds
from gridmask.replay.running.planning import planned
from gridmask.replay.scores import scores
from tests import histories

if TYPE_CHECKING:
    from gridmask.replay.running.plan import Plan


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("outcomes")
    file.write(folder / "r.gz", histories.recording(folder, Random(5)))
    return planned(folder / "r.gz", processes=1)


def test_parts_come_to_the_same_as_the_whole(plan: Plan) -> None:
    lines = file.read(Path(plan.recording)).lines
    whole, parted = outcomes([plan, msgspec.structs.replace(plan, parts=3, bonds=bonds(lines))])
    assert parted == whole
    assert sum(len(past.rows) for past in whole.pasts.values()) > 10


def test_who_begins_later_sees_the_same_from_then_on(plan: Plan) -> None:
    cut = plan.since + (plan.until - plan.since) / 3
    later = outcome_of(msgspec.structs.replace(plan, since=cut))
    assert scores(later).total() == scores(outcome_of(plan), since=cut).total()


def test_it_is_told_how_much_is_done(plan: Plan) -> None:
    heard: list[tuple[int, int]] = []
    outcomes([plan, plan], lambda done, of: heard.append((done, of)))
    assert heard == [(1, 2), (2, 2)]

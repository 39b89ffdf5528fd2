"""What other policies would make of things; nothing of it is kept."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import Conflict, InvalidRequest, LayerRefused
from gridmask.domain.guard import Batch, Cause
from gridmask.domain.status import Status
from gridmask.service.policy_trials import PolicyTrials, held_for
from tests.clocks import at
from tests.grid import ADMIN, sync, toml_policies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

CLOSED = '[policy.closed]\ntype = "always"\nmatch.name = "CE2"\narguments = { status = "Banned", comment = "why not" }\n'
TESTS = """
[[element]]
name = "CE2"

[[test]]
name = "CE2 is closed"
[[test.at]]
time = "08:00"
expect = [{ vo = "cms", status = "Banned" }]

[[test]]
name = "CE2 is open"
[[test.at]]
time = "08:00"
expect = [{ vo = "cms", status = "Active" }]
"""


@asynccontextmanager
async def opened(grid: Grid, policies: Path | None = None) -> AsyncIterator[Installation]:
    async with grid.open(policies=policies, vo={"cms": {"policies": "api"}, "atlas": {}}) as made:
        await sync(made)
        yield made


async def test_a_row_that_only_begins_is_no_other_to_who_reads_it(grid: Grid) -> None:
    text = CLOSED.replace('"Banned"', '"Active"')
    async with opened(grid) as made:
        tried = await made.policy_trials.what_if(ADMIN, "cms", text)
    assert (tried.would, tried.otherwise, tried.judged) == ((), 1, 1)


async def test_what_a_row_would_go_back_to_is_told(grid: Grid) -> None:
    async with opened(grid) as made:
        await made.policy_layers.put(ADMIN, "cms", CLOSED.replace("Banned", "Degraded"), "x")
        [would] = (await made.policy_trials.what_if(ADMIN, "cms", "")).would
    assert (would.ends, would.before and would.before.status, would.after.key.vo) == (True, Status.DEGRADED, "all")


async def test_what_the_guard_would_hold_is_told(grid: Grid, tmp_path: Path) -> None:
    policies = toml_policies(tmp_path, "[guard]\nshare = 0.0\nnumber = 0\n")
    async with opened(grid, policies) as made:
        tried = await made.policy_trials.what_if(ADMIN, "cms", CLOSED)
        assert await made.batches.list() == []
    assert [(would.held, would.after.status, would.after.opinion) for would in tried.would] == [
        (True, Status.ACTIVE, Status.BANNED)
    ]
    assert [batch.rows for batch in tried.batches] == [1]


def test_of_what_would_be_held_nothing_of_other_vos_is_told() -> None:
    batches = [
        Batch(str(number), Cause("policies", "x"), at(), at(hours=1), vos=frozenset(vos))
        for number, vos in enumerate(({"all", "cms", "atlas"}, {"atlas"}))
    ]
    assert [batch.vos for batch in held_for("cms", batches, {"cms"}.__contains__)] == [{"all", "cms"}]


async def test_tests_are_played_with_what_is_not_in_force(grid: Grid, tmp_path: Path) -> None:
    policies = toml_policies(tmp_path)
    (policies / "mine.test.toml").write_text(TESTS.replace("CE2 is", "Of a file: CE2 is"))
    (policies / "theirs.test.toml").write_text(TESTS.replace("cms", "atlas"))
    (policies / "elsewhere.test.toml").write_text(f'policies = ".."\n{TESTS}')
    (policies / "wrong.test.toml").write_text("[[test]\n")
    async with opened(grid, policies) as made:
        found = await made.policy_trials.test(ADMIN, "cms", CLOSED, TESTS)
    assert [(one.name, one.passed) for one in found] == [
        ("CE2 is closed", True),
        ("CE2 is open", False),
        ("Of a file: CE2 is closed", True),
        ("Of a file: CE2 is open", False),
    ]


@pytest.mark.parametrize(
    ("tests", "told"),
    [
        ("[[test]\n", "line 1"),
        ('inventory = "/etc/passwd"\n' + TESTS, "only a file of tests can name another file"),
        ('policies = "/etc"\n' + TESTS, "only a file of tests can name another file"),
        ('[[element]]\nname = "x"\n[[test]]\nname = "t"\n[[test.at]]\ntime = "nine"\nexpect = []', "nine"),
    ],
)
async def test_tests_that_cannot_be_run_say_why(grid: Grid, tests: str, told: str) -> None:
    async with opened(grid) as made:
        [found] = await made.policy_trials.test(ADMIN, "cms", CLOSED, tests)
    assert (found.passed, told in found.broken) == (False, True)


async def test_what_is_wrong_is_not_tried(grid: Grid) -> None:
    async with opened(grid) as made:
        trials = made.policy_trials
        for attempt in (trials.what_if, trials.test):
            with pytest.raises(LayerRefused, match="did you mean 'always'"):
                await attempt(ADMIN, "cms", CLOSED.replace("always", "alwys"))
            with pytest.raises(Conflict):
                await attempt(ADMIN, "all", CLOSED)
            with pytest.raises(InvalidRequest):
                await attempt(ADMIN, "cms", "#" * 300_000)


async def test_a_text_is_had_wherever_it_is_kept(grid: Grid, tmp_path: Path) -> None:
    policies = toml_policies(tmp_path, atlas=CLOSED)
    async with opened(grid, policies) as made:
        kept, of_file = await made.policy_texts.standing("cms"), await made.policy_texts.standing("atlas")
        assert kept.layer is not None
        assert (kept.text, kept.layer.version.number, kept.file) == ("", 0, "")
        assert (of_file.text, of_file.layer, of_file.file, of_file.is_in_force) == (CLOSED, None, "vo/atlas.toml", True)
        (policies / "vo" / "atlas.toml").write_text("nonsense")
        assert not (await made.policy_texts.standing("atlas")).is_in_force
        with pytest.raises(Conflict):
            await made.policy_texts.standing("all")
        assert "# [policy." in made.policy_texts.example("cms")


async def test_all_that_is_run_at_once_takes_so_long_and_then_the_next_has_their_turn(grid: Grid, tmp_path: Path) -> None:
    policies = toml_policies(tmp_path)
    (policies / "more.test.toml").write_text(TESTS)
    ticks = count()
    async with opened(grid, policies) as made:
        # each look at the clock is as a hundredth of a second
        trials = PolicyTrials(made.inspector, made.vos, made.settings, lambda: next(ticks) / 100)
        both = await asyncio.gather(*(trials.test(ADMIN, "cms", CLOSED, TESTS) for _ in range(2)))
    for cut, left_out in both:
        assert (cut.name, cut.broken) == ("CE2 is closed", "it takes longer than 5 s")
        assert (left_out.name, left_out.broken) == ("3 more tests", "not run: taken together, it takes longer than 5 s")

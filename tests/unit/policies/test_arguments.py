"""What people write for arguments of rules becomes rules, and mistakes are told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.policy import Rule
from gridmask.domain.quantities import Share, Size
from gridmask.domain.status import Status
from gridmask.policies.files import rule
from gridmask.rules import BUILT_IN, Availability, FreeSpace, JobEfficiency, ProbeResults, TransferQuality, WindowedCount
from gridmask.rules.reading import Several
from gridmask.rules.transfers import Ways


@pytest.mark.parametrize(
    ("kind", "arguments", "made"),
    [
        (
            "free-space",
            {"banned_below": "0.5 TiB", "degraded_below_fraction": 0.05, "several": "best"},
            FreeSpace(Size(2**39), degraded_below_fraction=Share(0.05), several=Several.BEST),
        ),
        ("job-efficiency", {"banned_below": 0, "minimum": 50}, JobEfficiency(Share(0), minimum=50)),
        ("probe", {"metrics": "org.*", "critical": "error"}, ProbeResults(("org.*",), critical=Status.ERROR)),
        ("availability", {"states": {"Draining": "degraded"}}, Availability({"Draining": Status.DEGRADED})),
        ("transfer-quality", {"direction": "source"}, TransferQuality(Ways.SOURCE)),
        (
            "windowed-count",
            {"bad": ["x", "y"], "window": "3d", "bad_below": 1, "good_from": 2.5},
            WindowedCount(bad=("x", "y"), window=timedelta(days=3), bad_below=1, good_from=2.5),
        ),
    ],
)
def test_arguments_are_written_as_people_say_them(kind: str, arguments: dict[str, object], made: Rule) -> None:
    assert rule(kind, arguments) == made


@pytest.mark.parametrize("kind", sorted(set(BUILT_IN) - {"always", "windowed-count", "cel", "propagation"}))
def test_a_rule_is_useful_without_arguments(kind: str) -> None:
    assert rule(kind, {}) == BUILT_IN[kind]()


@pytest.mark.parametrize(
    ("kind", "arguments", "key", "problem"),
    [
        ("free-space", {"banned_below": 5}, "banned_below", "5 is not a size; write a number and a unit, such as"),
        ("free-space", {"baned_below": "5 TB"}, "baned_below", "there is no such key; did you mean 'banned_below'?"),
        ("free-space", {"several": "first"}, "several", "input should be 'worst' or 'best' (found 'first')"),
        ("free-space", {"banned_below": "6 TB"}, "", "banned_below (6 TB) is more than degraded_below (5 TB), which"),
        ("pilot-efficiency", {"banned_at": 50}, "banned_at", "50 is not a fraction; write a number from 0 to 1, did you"),
        ("pilot-efficiency", {"minimum": -1}, "minimum", "input should be greater than or equal to 0 (found -1)"),
        ("pilot-efficiency", {"minimum": "10"}, "minimum", "input should be a valid integer (found '10')"),
        ("pilot-efficiency", {"minimum": True}, "minimum", "input should be a valid integer (found True)"),
        ("probe", {"metrics": []}, "metrics", "write a pattern, or a list of patterns (found [])"),
        ("probe", {"critical": "Bad"}, "critical", "there is no status called 'Bad'. There are Error, Banned, Probing, Deg"),
        ("windowed-count", {"window": 3}, "window", "3 is not a duration; write a number and one of"),
        ("windowed-count", {"window": "3d", "good_from": float("nan")}, "good_from", "input should be a finite number"),
        ("windowed-count", {}, "", "window, points: say how far back to count"),
    ],
)
def test_a_mistake_is_told_with_its_key(kind: str, arguments: dict[str, object], key: str, problem: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        rule(kind, arguments)
    ((path, text),) = caught.value.details
    assert path == (("arguments", key) if key else ("arguments",))
    assert text.startswith(problem)

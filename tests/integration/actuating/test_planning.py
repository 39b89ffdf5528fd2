"""Plans, by what must hold of any."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gridmask.actions.actuating.planning import Budget, differences, divided, planned
from gridmask.actions.actuating.values import Found, Limits, Reading, Step, Wish

THINGS = [f"SE{number}" for number in range(12)]
STATES = st.fixed_dictionaries({}, optional={"read": st.booleans(), "write": st.booleans()})
WISHES = st.dictionaries(st.sampled_from(THINGS), STATES).map(
    lambda said: {thing: Wish(thing, states) for thing, states in said.items()}
)
READINGS = st.builds(
    Reading,
    st.dictionaries(st.sampled_from(THINGS), st.builds(Found, STATES, st.none())),
    st.frozensets(st.sampled_from(THINGS)),
)
LIMITS = st.builds(Limits, st.integers(1, 10), st.floats(0, 1), st.integers(1, 4))
SPENT = st.frozensets(st.sampled_from(THINGS))


def _steps(*things: str, doubt: str = "") -> list[Step]:
    return [Step(thing, {"read": True}, {"read": False}, "", doubt) for thing in things]


def _after(reading: Reading, steps: list[Step] | tuple[Step, ...]) -> Reading:
    """What there is once ``steps`` were done."""
    found = dict(reading.found)
    for step in steps:
        found[step.thing] = Found({**found[step.thing].states, **step.after})
    return Reading(found, reading.unknown)


@given(WISHES, READINGS, LIMITS, SPENT)
def test_never_more_than_the_limit_is_done(
    wishes: dict[str, Wish], reading: Reading, limits: Limits, spent: frozenset[str]
) -> None:
    plan = planned(differences(wishes, reading), (), Budget(limits, len(wishes), spent))
    changed = {step.thing for step in plan.go} - spent
    assert not changed or len(spent | changed) <= limits.most(len(wishes)) <= limits.changes


@given(WISHES, READINGS, LIMITS, SPENT)
def test_everything_is_either_done_or_held(
    wishes: dict[str, Wish], reading: Reading, limits: Limits, spent: frozenset[str]
) -> None:
    steps = differences(wishes, reading)
    plan = planned(steps, (), Budget(limits, len(wishes), spent))
    assert sorted([*plan.go, *plan.held], key=steps.index) == steps


@given(WISHES, st.frozensets(st.sampled_from(THINGS)))
def test_a_failed_or_empty_reading_plans_nothing(wishes: dict[str, Wish], failed: frozenset[str]) -> None:
    for reading in (Reading(), Reading(failed=dict.fromkeys(failed, "500")), Reading(unknown=failed)):
        assert differences(wishes, reading) == []


@given(WISHES, READINGS)
def test_nothing_is_left_to_do_once_it_was_done(wishes: dict[str, Wish], reading: Reading) -> None:
    steps = differences(wishes, reading)
    assert differences(wishes, _after(reading, steps)) == []


@given(WISHES, READINGS)
def test_what_does_not_differ_is_not_written(wishes: dict[str, Wish], reading: Reading) -> None:
    for step in differences(wishes, reading):
        assert step.after
        assert all(reading.found[step.thing].states[aspect] != state for aspect, state in step.after.items())


@given(WISHES, READINGS, st.dictionaries(st.sampled_from(THINGS), STATES))
def test_only_what_we_switched_off_is_switched_on(
    wishes: dict[str, Wish], reading: Reading, written: dict[str, dict[str, bool]]
) -> None:
    steps = differences(wishes, reading)
    ours, foreign = divided(steps, reading.found, written, own_alone=True)
    for step in ours:
        assert all(not state or written[step.thing][aspect] is False for aspect, state in step.after.items())
    assert all(state is True for step in foreign for state in step.after.values())
    assert {step.thing for step in (*ours, *foreign)} == {step.thing for step in steps}


def test_what_the_other_system_shows_as_ours_counts_for_more_than_memory() -> None:
    step = Step("SE0", {"read": False}, {"read": True})
    for ours, expected in ((frozenset({"read"}), [step]), (frozenset[str](), [])):
        found = {"SE0": Found({"read": False}, ours)}
        assert divided([step], found, {"SE0": {"read": not expected}}, own_alone=True)[0] == expected


@given(WISHES, READINGS, LIMITS, SPENT)
def test_an_administrator_lets_everything_through(
    wishes: dict[str, Wish], reading: Reading, limits: Limits, spent: frozenset[str]
) -> None:
    steps = differences(wishes, reading)
    assert planned(steps, (), Budget(limits, len(wishes), spent, free=True)).go == tuple(steps)


def test_what_is_held_does_not_hold_up_what_is_new() -> None:
    held = {thing: {"read": False} for thing in THINGS[:8]}
    plan = planned(_steps(*THINGS[:9]), (), Budget(Limits(20, 0.25, 2), 12, frozenset(), held))
    assert ([step.thing for step in plan.go], len(plan.held)) == ([THINGS[8]], 8)


def test_what_is_held_goes_once_it_is_within_the_limits_again() -> None:
    held = {"SE0": {"read": False}}
    for spent, expected in (({"SE8", "SE9"}, ()), ({"SE9"}, ("SE0",)), ({"SE0", "SE9"}, ("SE0",))):
        plan = planned(_steps("SE0"), (), Budget(Limits(2), 12, frozenset(spent), held))
        assert tuple(step.thing for step in plan.go) == expected


def test_what_is_in_doubt_waits_for_an_administrator() -> None:
    steps = _steps("SE0", doubt="It would be empty.")
    assert planned(steps, (), Budget(Limits(), 12)).held == tuple(steps)
    assert planned(steps, (), Budget(Limits(), 12, free=True)).go == tuple(steps)

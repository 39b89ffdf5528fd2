"""Which rows there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from gridmask.domain.element import Element, RowKey
from gridmask.domain.evidence import DOWNTIME, Evidence
from gridmask.domain.naming import names
from gridmask.domain.policy import Policy, PolicySet, static_values
from gridmask.domain.row import Row
from gridmask.domain.state import State
from gridmask.domain.vo import ALL
from tests.unit.domain.oracles.taken import Taken, mode_of


def governing(policies: PolicySet, key: RowKey, element: Element) -> list[Policy]:
    """The policies that decide about a row, by promise V2."""
    own = {p.name: p for p in policies.policies if p.layer == key.vo}
    general = [own.pop(p.name, p) if key.vo != ALL else p for p in policies.policies if p.layer == ALL]
    candidates = general if key.vo == ALL else [*general, *own.values()]
    return [p for p in candidates if p.enabled and _accepts(p, key, element)]


def _accepts(policy: Policy, key: RowKey, element: Element) -> bool:
    values = static_values(key, element)
    return all(_agrees(patterns, values[name]) for name, patterns in policy.match.patterns)


def _agrees(patterns: tuple[str, ...], value: str | Iterable[str]) -> bool:
    candidates = [value] if isinstance(value, str) else value
    return any(fnmatchcase(candidate, pattern) for candidate in candidates for pattern in patterns)


def called_for(state: State, key: RowKey, now: datetime) -> bool:
    """Whether a VO is to have a row of its own, by promise V3."""
    element = state.elements[key.element]
    own = state.rows[key.element].get((key.status_type, key.vo))
    by_policy = governing(state.policies, key, element) != governing(state.policies, key._replace(vo=ALL), element)
    by_token = own is not None and own.held(now)
    about_it = all_about(state, state.elements[key.element])
    declared = any(e.kind == DOWNTIME and e.vo == key.vo and e.counts(now) for e in about_it)
    by_ruling = mode_of(state, key) is not mode_of(state, key._replace(vo=ALL))
    return ((by_policy or by_ruling) and element.is_offered_to(key.vo)) or by_token or declared


def is_called_for(state: State, key: RowKey, now: datetime) -> bool:
    """Whether there is such a row; that of all there always is."""
    return key.vo == ALL or called_for(state, key, now)


def check_existence(taken: Taken) -> None:
    state = taken.after
    for element_key in state.elements:
        rows = state.rows[element_key]
        status_types = state.types.status_types(element_key)
        assert {t for t, vo in rows if vo == ALL} == set(status_types)
        for key in (RowKey(element_key, t, vo) for t in status_types for vo in state.vos):
            own, general = rows.get((key.status_type, key.vo)), rows[key.status_type, ALL]
            if called_for(state, key, taken.now):
                assert own is not None, f"{key} is called for"
            elif own is not None and own.hold is None and general.hold is None:  # else it waits for what is held
                restrained = not mode_of(state, key).permits(own.standing, general.status)
                assert restrained or _stays(own, general), f"{key} is not called for"


def _stays(own: Row, general: Row) -> bool:
    """Whether ending ``own`` would free something: by what it owes, or by a verdict that only it holds on to."""
    mine, theirs = own.standing, general.standing
    goes_on = theirs.owes_probing and theirs.status <= mine.status and theirs.run in {None, mine.run}
    held = any(verdict.held for verdict in own.verdicts if not verdict.advisory)
    return (mine.owes_probing and not goes_on) or (held and theirs.status > mine.status)


def all_about(state: State, element: Element) -> Iterator[Evidence]:
    """What is known about ``element``, looked for everywhere."""
    everything = (item for said in state.evidence.values() for item in said.values())
    return (item for item in everything if names(item.key.about, element))

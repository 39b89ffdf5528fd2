"""Rows of VOs for which something is observed that is not observed for all (promise V3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gridmask.domain.element import WHOLE
from gridmask.domain.events import EvidenceChanged
from gridmask.domain.evidence import Evidence
from gridmask.domain.instructions import EndRow
from gridmask.domain.matching import Match
from gridmask.domain.measurements import Probe, ProbeResult
from gridmask.domain.policy import OwnEvidence, Policy, PolicySet
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.rules.probes import ProbeResults
from gridmask.testing import Trial, element, measured, policies, state

CE, SE = element("ce"), element("se", "StorageElement", offered={"atlas"})
PROBES = Policy("probes", ProbeResults())
VOS = ("atlas", "cms")
ACTIVE, BANNED, UNKNOWN = Status.ACTIVE, Status.BANNED, Status.UNKNOWN


def declared(*own: OwnEvidence) -> PolicySet:
    return replace(policies(PROBES), own=own, revision=repr(own))


def found(result: ProbeResult, vo: str = ALL, at: str = "08:00", **rest: str) -> Evidence:
    return measured(Probe("submit", result), CE, record=f"of {vo}", at=at, vo=vo, **rest)


def vos(trial: Trial) -> set[tuple[str, str]]:
    return {(r.key.element.name, r.key.vo) for rows in trial.state.rows.values() for r in rows.values() if r.key.vo != ALL}


def said(trial: Trial) -> list[Status | None]:
    return [trial.status(CE, vo) for vo in (ALL, *VOS)]


@pytest.fixture
def trial() -> Trial:
    return Trial(state(CE, SE, by=declared(OwnEvidence("cms", "sam")), vos=VOS))


def test_they_are_there_without_any_evidence_where_the_vo_may_use_something(trial: Trial) -> None:
    assert vos(trial) == {("ce", "cms")}


def test_evidence_about_the_vo_decides_there_and_for_nobody_else(trial: Trial) -> None:
    trial.happen(EvidenceChanged((found("OK"),)))
    assert said(trial) == [ACTIVE, ACTIVE, ACTIVE]
    trial.happen(EvidenceChanged((found("CRITICAL", "cms"),)))
    assert said(trial) == [ACTIVE, ACTIVE, BANNED]


def test_they_stay_when_the_evidence_goes_and_owe_what_they_owed(trial: Trial) -> None:
    bad = found("CRITICAL", "cms")
    trial.happen(EvidenceChanged((bad, found("OK"))))
    trial.happen(EvidenceChanged(gone=(bad.key,)))
    assert said(trial) == [ACTIVE, ACTIVE, Status.PROBING]
    trial.wait("20:00")
    assert vos(trial) == {("ce", "cms")}


def test_without_a_declaration_evidence_alone_makes_no_row() -> None:
    trial = Trial(state(CE, by=policies(PROBES), vos=VOS))
    trial.happen(EvidenceChanged((found("CRITICAL", "cms"),)))
    assert (vos(trial), said(trial)) == (set(), [UNKNOWN] * 3)


def test_they_end_with_the_declaration_if_nothing_comes_free_by_that(trial: Trial) -> None:
    bad = found("CRITICAL", "cms")
    trial.happen(EvidenceChanged((found("OK"), bad)))
    trial.adopt(declared())
    assert trial.status(CE, "cms") is BANNED
    trial.happen(EvidenceChanged(gone=(bad.key,)))
    assert trial.status(CE, "cms") is Status.PROBING
    trial.wait("08:30")
    assert (vos(trial), said(trial)) == (set(), [ACTIVE] * 3)
    assert [type(i) for i in trial.instructions if isinstance(i, EndRow)] == [EndRow]


@pytest.mark.parametrize(
    ("match", "there"),
    [
        (Match.of(type="Storage*"), set()),
        (Match.of(name="c?"), {("ce", "cms")}),
        (Match.of(status_type=WHOLE, tags="!tape"), {("ce", "cms")}),
        (Match.of(vo="cms"), {("ce", "cms")}),
        (Match.of(vo="atlas"), set()),
    ],
)
def test_they_are_where_the_declaration_says(match: Match, there: set[tuple[str, str]]) -> None:
    assert vos(Trial(state(CE, SE, by=declared(OwnEvidence("cms", "sam", match)), vos=VOS))) == there


def test_a_vo_that_is_not_there_has_none() -> None:
    assert vos(Trial(state(CE, by=declared(OwnEvidence("lhcb", "sam")), vos=VOS))) == set()


def test_a_declaration_that_comes_opens_them_and_touches_nothing_else() -> None:
    trial = Trial(state(CE, SE, by=declared(), vos=VOS))
    trial.happen(EvidenceChanged((found("OK"),)))
    trial.adopt(declared(OwnEvidence("cms", "sam")))
    assert (vos(trial), said(trial)) == ({("ce", "cms")}, [ACTIVE] * 3)

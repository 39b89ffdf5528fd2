"""Voting: what the policies that have a say about a row make of what their rules find, and of what they said before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gridmask.domain.assessing import Vote
from gridmask.domain.confirmation import AT_ONCE, checked, confirmed, newest
from gridmask.domain.decision import Reason, ReasonKind, Verdict, records_named
from gridmask.domain.evidence import among
from gridmask.domain.policy import OnMissing
from gridmask.domain.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.domain.assessing import Assessor
    from gridmask.domain.evidence import Evidence
    from gridmask.domain.policy import Case, Finding, Policy
    from gridmask.domain.row import Row


def vote(row: Row, case: Case, assessor: Assessor, *, held: bool) -> Vote:
    """How the policies vote that have a say about ``row``; ``held``: whether a person holds it."""
    panel = assessor.panel(row.key)
    common = assessor.common_vote(panel, case)
    if common is not None:
        return common
    verdicts, findings = [], []
    for policy, scope in panel.members:
        if _applies(policy, row, held=held):
            said = assessor.answer(policy, scope, case)
            verdict = said.verdict or _missing(policy, said.finding, row)
            verdicts.append(_confirmed(verdict, said.finding, policy, row, case))
            findings.append(said.finding)
    return Vote(verdicts, findings)


def _applies(policy: Policy, row: Row, *, held: bool) -> bool:
    if not policy.match.is_dynamic:
        return True
    owner = row.token.owner if row.token and held else ""
    return policy.match.accepts({"status": row.status.label, "token_owner": owner})


def _missing(policy: Policy, finding: Finding, row: Row) -> Verdict:
    """What ``policy`` says where the evidence is missing (promise D3)."""
    # by name alone: what overrides a policy goes on from what that said last
    previous = next((v for v in row.verdicts if v.policy == policy.name), None)
    if policy.on_missing is OnMissing.HOLD and previous is not None and previous.status is not Status.UNKNOWN:
        known = (reason for reason in previous.reasons if reason.kind not in _OF_THE_MOMENT)
        told = (*known, *finding.reasons)
        return replace(previous, layer=policy.layer, reasons=told, advisory=policy.advisory, held=True)
    return Verdict(policy.name, policy.layer, Status.UNKNOWN, finding.reasons, policy.advisory)


_OF_THE_MOMENT = frozenset({ReasonKind.MISSING, ReasonKind.ERROR, ReasonKind.UNCONFIRMED})
"""Kinds of reasons that tell why there is no new verdict; they are no part of the one before."""


def _confirmed(verdict: Verdict, finding: Finding, policy: Policy, row: Row, case: Case) -> Verdict:
    """``verdict``, or the one before it for as long as too few checks say something else."""
    # that evidence is missing is no check, and what rests on none cannot be checked again
    if policy.confirm == AT_ONCE or finding.status is None or (seen := newest(_rests_on(verdict, policy, case))) is None:
        return verdict
    before = next((v for v in row.verdicts if v.policy == policy.name), None)
    if before is None or before.status is Status.UNKNOWN:
        return verdict
    checks = checked(before.checks, verdict.status, seen, before.status, policy.confirm.window)
    if verdict.status is before.status or confirmed(checks, verdict.status, before.status, policy.confirm):
        return replace(verdict, checks=checks)
    agreeing = sum(check.status is verdict.status for check in checks)
    text = f"{verdict.status.label} is not confirmed yet: {agreeing} of {len(checks)} checks say so."
    known = tuple(reason for reason in before.reasons if reason.kind not in _OF_THE_MOMENT)
    told = (*known, Reason(ReasonKind.UNCONFIRMED, text))
    return replace(before, layer=policy.layer, checks=checks, reasons=told, advisory=policy.advisory, held=False)


def _rests_on(verdict: Verdict, policy: Policy, case: Case) -> Iterable[Evidence]:
    """The evidence that the reasons of ``verdict`` name; all there is, where they name none and there is nothing else."""
    if getattr(policy.rule, "reach", None) is not None:
        return ()
    named = records_named((verdict,))
    return among(named, case.evidence) if named else case.evidence

"""The evaluator: from the evidence about a row to its verdicts, its opinion and, unless a person holds it, its status."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.assessing import Assessor
from gridmask.domain.automation import Mode
from gridmask.domain.confirmation import AT_ONCE, checked, confirmed, newest
from gridmask.domain.damping import Penalty, banned, decayed, held_back, is_ban
from gridmask.domain.decision import Combination, Reason, ReasonKind, Verdict, combine, records_named
from gridmask.domain.element import Element
from gridmask.domain.evidence import Coverage, Evidence, among, heard_by
from gridmask.domain.policy import Case, Finding, OnMissing, Policy, PolicySet, Rule
from gridmask.domain.row import Row, left_behind
from gridmask.domain.status import Status, usable
from gridmask.domain.transition import GoodRun, Standing, advance
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.mask import Holding
    from gridmask.domain.token import Token


def evaluate(  # noqa: PLR0913 - all of it by name
    row: Row,
    element: Element,
    evidence: Iterable[Evidence],
    *,
    coverage: tuple[Coverage, ...],
    policies: PolicySet,
    now: datetime,
    around: tuple[Holding, ...] = (),
    mode: Mode = Mode.FULL,
    assessor: Assessor | None = None,
) -> Row:
    """What ``row`` is at ``now``; the very same object where nothing about it is new.

    ``around``: see :class:`Case`. ``mode``: how far automation may go with it. ``assessor``: who asked rules about other rows
    of the element already.
    """
    case = Case(row.key, element, heard_by(row.key.vo, evidence), coverage, now, around)
    if mode is Mode.OFF:
        return _unjudged(row, policies, case)
    return _judged(row, policies, case, mode, (assessor or Assessor()).assess)


def _judged(row: Row, policies: PolicySet, case: Case, mode: Mode, assess: Callable[[Rule, Case], Finding]) -> Row:
    """``row`` as the policies and the person who holds it will have it."""
    now, held = case.now, row.held(case.now)
    findings = [(p, assess(p.rule, case)) for p in policies.governing(row.key, case.element) if _applies(p, row, held=held)]
    verdicts = tuple([_confirmed(_verdict(policy, finding, row), finding, policy, row, case) for policy, finding in findings])
    combination = combine(verdicts)
    validated = policies.probing.is_passed(row.standing, case.evidence, now)
    wanted = advance(row.standing, combination.status, now, policies.probing, lasting=combination.lasting, validated=validated)
    # what binds every VO is not for automation to give up
    if held and row.token is not None and row.token.agreed and not row.binding and wanted.status is row.status:
        return _judged(replace(row, token=None, binding=False), policies, case, mode, assess)
    penalty = decayed(row.penalty, now, policies.damping)
    damping = penalty if held_back(row.standing, wanted, penalty) else None
    asked = wanted if damping is None else row.standing
    kept = held or not mode.permits(row.standing, asked.status)
    if not kept and combination.lasting and is_ban(row.standing, asked):
        penalty = banned(penalty, now, policies.damping)
    token = row.token.reminded(now) if row.token is not None and held else None
    run = None if damping or kept else asked.run
    untils = filter(None, (finding.until for _, finding in findings))
    return _revised(
        row,
        standing=_left_at(row.standing, combination.status) if kept else asked,
        reasons=_kept_reasons(row, held=held) if kept else _reasons(combination, asked, damping, policies),
        verdicts=verdicts,
        opinion=asked.status,
        penalty=penalty,
        token=token,
        binding=row.binding and held,
        due=min((*untils, *_moments_of(token), *_ends_of_own(case), *_turns(run, damping, policies)), default=None),
        policy_revision=policies.revision,
    )


def _turns(run: GoodRun | None, damping: Penalty | None, policies: PolicySet) -> Iterable[datetime]:
    """When a good run is long enough, and when what is held back for its flapping may go on."""
    if run is not None:
        yield run.due(policies.probing)
    if damping is not None:
        yield damping.reusable_at(policies.damping)


def _left_at(standing: Standing, asked: Status) -> Standing:
    """``standing``, at which a row is kept: what breaks its good run breaks it all the same."""
    return standing if usable(asked) or standing.run is None else replace(standing, run=None)


def _kept_reasons(row: Row, *, held: bool) -> tuple[Reason, ...]:
    return row.reasons if held else left_behind(row.reasons)


def _revised(row: Row, **parts: object) -> Row:
    """``row`` with these parts; itself, where they are its own already: most rows are, most of the time."""
    # the revision alone is nothing new: whoever loads policies marks the rows that they concern
    if all(getattr(row, name) == part for name, part in parts.items() if name != "policy_revision"):
        return row
    return replace(row, **parts)  # type: ignore[arg-type]  # each is of the type that evaluate() gave it


def _applies(policy: Policy, row: Row, *, held: bool) -> bool:
    if not policy.match.is_dynamic:
        return True
    owner = row.token.owner if row.token and held else ""
    return policy.match.accepts({"status": row.status.label, "token_owner": owner})


def _verdict(policy: Policy, finding: Finding, row: Row) -> Verdict:
    if finding.status is not None:
        return Verdict(policy.name, policy.layer, finding.status, finding.reasons, policy.advisory, finding.lasting)
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


def _unjudged(row: Row, policies: PolicySet, case: Case) -> Row:
    """``row`` as people left it, where automation is off."""
    held = row.held(case.now)
    token = row.token.reminded(case.now) if row.token is not None and held else None
    due = min((*_moments_of(token), *_ends_of_own(case)), default=None)
    told = {"token": token, "binding": row.binding and held, "due": due, "policy_revision": policies.revision}
    # nobody sees whether a good run goes on
    standing, reasons = _left_at(row.standing, Status.UNKNOWN), _kept_reasons(row, held=held)
    return _revised(row, standing=standing, reasons=reasons, verdicts=(), opinion=row.status, **told)


def _moments_of(token: Token | None) -> Iterable[datetime]:
    """When something is to be done about a token."""
    if token is not None:
        yield from filter(None, (token.expires_at, token.notice_at))


def _ends_of_own(case: Case) -> Iterable[datetime]:
    """When evidence about the row's VO in particular stops counting: the row may owe its existence to it."""
    if case.row.vo != ALL:
        yield from (e.valid_until for e in case.evidence if e.vo == case.row.vo and e.valid_until and e.counts(case.now))


def _reasons(combination: Combination, standing: Standing, penalty: Penalty | None, policies: PolicySet) -> tuple[Reason, ...]:
    if penalty is not None:
        until = penalty.reusable_at(policies.damping)
        text = f"It flaps: {combination.status.label} is asked for again, and it is held back until it has been quiet."
        return (Reason(ReasonKind.DAMPED, text, since=penalty.at, until=until), *combination.reasons)
    if standing.status is combination.status:
        return combination.reasons
    text = f"Asked to be {combination.status.label} again; what was banned must prove itself in Probing first."
    if probes := policies.probing.validated_by:
        text = f"{text} An OK of {' or '.join(probes)} frees it at once."
    return (Reason(ReasonKind.PROBING, text, since=standing.since), *combination.reasons)

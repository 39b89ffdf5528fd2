"""The evaluator: from how policies vote to a row's verdicts, its opinion and, unless a person holds it, its status."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gridmask.domain.automation import Mode
from gridmask.domain.damping import Penalty, banned, decayed, held_back, is_ban
from gridmask.domain.decision import Reason, ReasonKind, Verdict
from gridmask.domain.row import Row, left_behind
from gridmask.domain.status import Status, usable
from gridmask.domain.transition import Standing, advance
from gridmask.domain.voting import vote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gridmask.domain.assessing import Assessor, Vote
    from gridmask.domain.policy import Case, PolicySet
    from gridmask.domain.token import Token


def evaluate(row: Row, assessor: Assessor, mode: Mode = Mode.FULL) -> Row:
    """What ``row`` is now; the very same object where nothing about it is new.

    ``assessor`` asks the rules about its element, and ``mode`` is how far automation may go with it.
    """
    case = assessor.case(row.key)
    if mode is Mode.OFF:
        return _unjudged(row, assessor)
    return _judged(row, assessor, case, mode)


def _judged(row: Row, assessor: Assessor, case: Case, mode: Mode) -> Row:
    """``row`` as the policies and the person who holds it will have it."""
    now, policies, held = case.now, assessor.policies, row.held(case.now)
    said = vote(row, case, assessor, held=held)
    validated = policies.probing.is_passed(row.standing, case.evidence, now)
    wanted = advance(row.standing, said.status, now, policies.probing, lasting=said.lasting, validated=validated)
    # what binds every VO is not for automation to give up
    if held and row.token is not None and row.token.agreed and not row.binding and wanted.status is row.status:
        return _judged(replace(row, token=None, binding=False), assessor, case, mode)
    penalty = decayed(row.penalty, now, policies.damping)
    damping = penalty if held_back(row.standing, wanted, penalty) else None
    asked = wanted if damping is None else row.standing
    kept = held or not mode.permits(row.standing, asked.status)
    if not kept and said.lasting and is_ban(row.standing, asked):
        penalty = banned(penalty, now, policies.damping)
    token = row.token.reminded(now) if row.token is not None and held else None
    moments = (said.until, *_moments_of(token), *assessor.hearing.ends_of_own(row.key.vo, now))
    turn = None if damping or kept or asked.run is None else asked.run.due(policies.probing)
    reusable = None if damping is None else damping.reusable_at(policies.damping)
    return _revised(
        row,
        policies.revision,
        standing=_left_at(row.standing, said.status) if kept else asked,
        reasons=_kept_reasons(row, held=held) if kept else _reasons(said, asked, damping, policies),
        verdicts=said.verdicts,
        opinion=asked.status,
        token=token,
        binding=row.binding and held,
        due=_first(*moments, turn, reusable),
        penalty=penalty,
    )


def _first(*moments: datetime | None) -> datetime | None:
    return min([moment for moment in moments if moment is not None], default=None)


def _left_at(standing: Standing, asked: Status) -> Standing:
    """``standing``, at which a row is kept: what breaks its good run breaks it all the same."""
    return standing if usable(asked) or standing.run is None else replace(standing, run=None)


def _kept_reasons(row: Row, *, held: bool) -> tuple[Reason, ...]:
    return row.reasons if held else left_behind(row.reasons)


def _revised(  # noqa: PLR0913 - all of it by name
    row: Row,
    revision: str,
    *,
    standing: Standing,
    reasons: tuple[Reason, ...],
    verdicts: tuple[Verdict, ...],
    opinion: Status,
    token: Token | None,
    binding: bool,
    due: datetime | None,
    penalty: Penalty | None,
) -> Row:
    """``row`` with these parts; itself, where they are its own already: most rows are, most of the time."""
    parts = standing, reasons, verdicts, opinion, token, binding, due
    # the revision alone is nothing new: whoever loads policies marks the rows that they concern
    same = (row.standing, row.reasons, row.verdicts, row.opinion, row.token, row.binding, row.due) == parts
    if same and row.penalty == penalty:
        return row
    return Row(row.key, *parts, revision, row.revision, row.hold, penalty)


def _unjudged(row: Row, assessor: Assessor) -> Row:
    """``row`` as people left it, where automation is off."""
    now = assessor.now
    held = row.held(now)
    token = row.token.reminded(now) if row.token is not None and held else None
    return _revised(
        row,
        assessor.policies.revision,
        # nobody sees whether a good run goes on
        standing=_left_at(row.standing, Status.UNKNOWN),
        reasons=_kept_reasons(row, held=held),
        verdicts=(),
        opinion=row.status,
        token=token,
        binding=row.binding and held,
        due=_first(*_moments_of(token), *assessor.hearing.ends_of_own(row.key.vo, now)),
        penalty=row.penalty,
    )


def _moments_of(token: Token | None) -> Iterator[datetime]:
    """When something is to be done about a token."""
    if token is not None:
        yield from filter(None, (token.expires_at, token.notice_at))


def _reasons(said: Vote, standing: Standing, penalty: Penalty | None, policies: PolicySet) -> tuple[Reason, ...]:
    if penalty is not None:
        until = penalty.reusable_at(policies.damping)
        text = f"It flaps: {said.status.label} is asked for again, and it is held back until it has been quiet."
        return (Reason(ReasonKind.DAMPED, text, since=penalty.at, until=until), *said.reasons)
    if standing.status is said.status:
        return said.reasons
    text = f"Asked to be {said.status.label} again; what was banned must prove itself in Probing first."
    if probes := policies.probing.validated_by:
        text = f"{text} An OK of {' or '.join(probes)} frees it at once."
    return (Reason(ReasonKind.PROBING, text, since=standing.since), *said.reasons)

"""Instructions: what a step wants to be remembered. Carrying them out is all that is left to the outside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from gridmask.domain.automation import Ruling
from gridmask.domain.downtime import Downtime, DowntimeKey
from gridmask.domain.element import Element, ElementKey
from gridmask.domain.evidence import Coverage, Evidence, EvidenceKey
from gridmask.domain.guard import Batch, Taking
from gridmask.domain.row import Row


class ChangeKind(StrEnum):
    """What happened to a row, as its history tells."""

    OPENED = "opened"
    STATUS = "status"
    TOKEN = "token"  # noqa: S105 - not a password
    HELD = "held"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class SaveElement:
    """Keep ``element``, new or edited."""

    element: Element


@dataclass(frozen=True, slots=True)
class TakeOutElement:
    """Keep that an element is no longer in the inventory. Its rows stay as they are, for its history and its return."""

    key: ElementKey


@dataclass(frozen=True, slots=True)
class NoteRenaming:
    """Keep that ``after`` is what ``before`` was: the history of the one goes on in the other."""

    before: ElementKey
    after: ElementKey


@dataclass(frozen=True, slots=True)
class SaveVo:
    """Keep that a VO exists."""

    name: str


@dataclass(frozen=True, slots=True)
class RetireVo:
    """Keep that a VO exists no longer. Its name stays taken, for its history and its return."""

    name: str


@dataclass(frozen=True, slots=True)
class SaveRuling:
    """Keep how far automation goes with an element for ``vo``; None: as with all others."""

    element: ElementKey
    vo: str
    ruling: Ruling | None


@dataclass(frozen=True, slots=True)
class SaveDowntime:
    """Keep a version of a downtime as the current one."""

    downtime: Downtime


@dataclass(frozen=True, slots=True)
class WithdrawDowntime:
    """Keep that a downtime was withdrawn."""

    key: DowntimeKey


@dataclass(frozen=True, slots=True)
class SaveCoverage:
    """Keep that a source answered."""

    coverage: Coverage


@dataclass(frozen=True, slots=True)
class SaveRow:
    """Keep a row. ``before`` None: it is new. ``used``: for a decision, the evidence that its verdicts rest on."""

    before: Row | None
    after: Row
    used: tuple[Evidence, ...] = ()

    @property
    def change(self) -> ChangeKind | None:
        """What its history has to tell; None if nothing."""
        if self.before is None:
            return ChangeKind.OPENED
        if self.before.status is not self.after.status:
            return ChangeKind.STATUS
        if (self.before.token != self.after.token and not self.reminds) or self.before.binding != self.after.binding:
            return ChangeKind.TOKEN
        if self.after.hold is not None and self.before.hold != self.after.hold:
            return ChangeKind.HELD
        return None

    @property
    def reminds(self) -> bool:
        """Whether whoever holds the row is to be reminded of it; that alone is no change."""
        old, new = self.before.token if self.before else None, self.after.token
        if old is None or new is None or new.notice_at is not None or old.notice_at is None:
            return False
        return replace(old, notice_at=None) == new

    @property
    def taken_from(self) -> str | None:
        """Whose the row was before, if it was another's."""
        old, new = self.before.token if self.before else None, self.after.token
        return old.owner if old is not None and (new is None or new.owner != old.owner) else None

    @property
    def is_decision(self) -> bool:
        """Whether verdicts, outcome or policies are other than before (promise D7)."""
        before, after = self.before, self.after
        return before is None or (before.verdicts, before.opinion, before.status, before.policy_revision) != (
            after.verdicts,
            after.opinion,
            after.status,
            after.policy_revision,
        )


@dataclass(frozen=True, slots=True)
class EndRow:
    """Keep that a VO's own row has ended; it follows ``all`` from now on."""

    row: Row


@dataclass(frozen=True, slots=True)
class SaveEvidence:
    """Keep measurements, in place of those before them."""

    measured: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class DropEvidence:
    """Forget measurements that nobody tells of any more."""

    keys: tuple[EvidenceKey, ...]


@dataclass(frozen=True, slots=True)
class NoteTakings:
    """Keep that rows were taken, and why, for as long as takings count together."""

    takings: tuple[Taking, ...]


@dataclass(frozen=True, slots=True)
class SaveBatch:
    """Keep a batch of takings that is held, or what a person decided about it."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class MoveMasks:
    """The masks of ``vos`` are other than before."""

    vos: frozenset[str]


Inventorial = SaveElement | TakeOutElement | NoteRenaming | SaveVo | RetireVo
Instruction = (
    Inventorial
    | SaveEvidence
    | DropEvidence
    | NoteTakings
    | SaveBatch
    | SaveRuling
    | SaveDowntime
    | WithdrawDowntime
    | SaveCoverage
    | SaveRow
    | EndRow
    | MoveMasks
)

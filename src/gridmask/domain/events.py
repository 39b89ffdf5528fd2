"""Events: what happens to the world. Each says which elements it can touch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gridmask.domain.actor import AUTOMATION, Actor
from gridmask.domain.automation import Mode
from gridmask.domain.downtime import Difference, Downtime, DowntimeKey
from gridmask.domain.element import Element, ElementKey, RowKey
from gridmask.domain.evidence import Coverage, Evidence, EvidenceKey
from gridmask.domain.policy import PolicySet
from gridmask.domain.status import Status
from gridmask.domain.takeover import Former
from gridmask.domain.token import FOR_GOOD, Term

Sight = int | frozenset[int]
"""What a person saw of a row: the revision after which it must not have changed; or those of which it must have one."""


@dataclass(frozen=True, slots=True)
class InventoryChanged:
    """Elements came, changed or went.

    ``renamed`` gives, by the key of each of the ``added`` that is one of the ``taken_out`` under another name, that one's key.
    """

    source: str
    added: tuple[Element, ...] = ()
    edited: tuple[Element, ...] = ()
    taken_out: tuple[ElementKey, ...] = ()
    renamed: Mapping[ElementKey, ElementKey] = field(default_factory=dict)
    actor: Actor = AUTOMATION


@dataclass(frozen=True, slots=True)
class VosChanged:
    """VOs came, or left for good."""

    added: frozenset[str] = frozenset()
    retired: frozenset[str] = frozenset()
    actor: Actor = AUTOMATION


@dataclass(frozen=True, slots=True)
class DowntimesChanged:
    """A source announced, edited or withdrew downtimes, or answered at all.

    ``coverage`` None: it was a person who declared or cancelled one, not a source that gave a complete list.
    ``before`` holds the versions that ``difference`` replaces or withdraws.
    """

    source: str
    difference: Difference
    before: Mapping[DowntimeKey, Downtime] = field(default_factory=dict)
    coverage: Coverage | None = None
    actor: Actor = AUTOMATION
    comment: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceChanged:
    """Sources measured something, or do not tell of it any more."""

    put: tuple[Evidence, ...] = ()
    gone: tuple[EvidenceKey, ...] = ()
    actor: Actor = AUTOMATION


@dataclass(frozen=True, slots=True)
class PoliciesLoaded:
    """Other policies are in force from now on.

    ``before``: those by which every row was judged until now; what does not concern a row need not be judged anew. None: they
    are not known.
    """

    policies: PolicySet
    actor: Actor = AUTOMATION
    before: PolicySet | None = None


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing but that: evaluate ``elements`` again; None is all there are."""

    elements: frozenset[ElementKey] | None = None
    actor: Actor = AUTOMATION


@dataclass(frozen=True, slots=True)
class StatusSet:
    """A person decided what rows are, and takes them out of the loop for ``term``.

    ``seen``: by row, the revision in which the person saw it; a row changed since is not overwritten (promise K2). ``holder``:
    in whose name they are held from then on; empty: the person's own.
    """

    actor: Actor
    rows: tuple[RowKey, ...]
    status: Status
    reason: str
    term: Term = FOR_GOOD
    binding: bool = False
    seen: Mapping[RowKey, Sight] = field(default_factory=dict)
    holder: str = ""


@dataclass(frozen=True, slots=True)
class TokenTaken:
    """A person takes rows out of the loop as they are, for ``term``, whosever they were. ``seen``, ``holder`` as above."""

    actor: Actor
    rows: tuple[RowKey, ...]
    reason: str
    term: Term = FOR_GOOD
    seen: Mapping[RowKey, Sight] = field(default_factory=dict)
    holder: str = ""


@dataclass(frozen=True, slots=True)
class TokenExtended:
    """A person holds rows for another ``term`` than they said, all of them theirs. ``seen`` as above."""

    actor: Actor
    rows: tuple[RowKey, ...]
    reason: str
    term: Term = FOR_GOOD
    seen: Mapping[RowKey, Sight] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TokenReleased:
    """A person gives rows back to the loop before their time. ``seen`` as above."""

    actor: Actor
    rows: tuple[RowKey, ...]
    reason: str = ""
    seen: Mapping[RowKey, Sight] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AutomationRuled:
    """A person decided how far automation goes with elements, for ``vo``; None: as with all others again."""

    actor: Actor
    elements: frozenset[ElementKey]
    vo: str
    mode: Mode | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BatchDecided:
    """A person confirms a batch that is held, so that it is let through, or drops it, so that all stays as it is."""

    actor: Actor
    batch: str
    confirmed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RowsTakenOver:
    """A person brings in rows as another system had them. They are kept so, and judged when somebody looks at them next."""

    actor: Actor
    rows: tuple[Former, ...]


Event = (
    InventoryChanged
    | VosChanged
    | DowntimesChanged
    | EvidenceChanged
    | PoliciesLoaded
    | TimePassed
    | StatusSet
    | TokenTaken
    | TokenExtended
    | TokenReleased
    | AutomationRuled
    | BatchDecided
    | RowsTakenOver
)

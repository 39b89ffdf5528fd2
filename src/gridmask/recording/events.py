"""Events in a form that can be written down: a class for each kind, called as the event is.

Of who did something, the name is kept, and what sort of actor it was: what they may do was asked before. Policies are told by
their revision. What a person saw is not kept either: that it had not changed since was found out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

import msgspec

from gridmask.domain import events
from gridmask.domain.actor import Actor, ActorKind
from gridmask.domain.automation import Mode
from gridmask.domain.downtime import Difference, DowntimeKey
from gridmask.domain.element import Element, ElementKey, RowKey
from gridmask.domain.evidence import Coverage
from gridmask.domain.policy import PolicySet
from gridmask.domain.status import Status
from gridmask.domain.takeover import Former
from gridmask.domain.token import FOR_GOOD, Term
from gridmask.recording.forms import Announced, Key, Measured, announced, readable

Policies = Callable[[str], PolicySet]
"""Gives the policies of a revision."""


class Who(msgspec.Struct, array_like=True, frozen=True):
    """An actor."""

    name: str
    kind: ActorKind

    @classmethod
    def of(cls, actor: Actor) -> Who:
        """The form of ``actor``."""
        return cls(actor.name, actor.kind)

    def actor(self) -> Actor:
        """What it is the form of."""
        return Actor(self.name, self.kind)


class Form(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag_field="kind", tag=True):
    """An event whose parts can be written down as they are."""

    kind: ClassVar[type[Any]]
    by: Who

    @classmethod
    def of(cls, event: Any) -> Self:  # noqa: ANN401 - an event of its kind
        """The form of ``event``."""
        told = {name: getattr(event, name) for name in cls.__struct_fields__ if name != "by"}
        return cls(by=Who.of(event.actor), **told)

    def event(self, policies: Policies) -> events.Event:
        """What it is the form of."""
        del policies
        told = {name: getattr(self, name) for name in self.__struct_fields__ if name != "by"}
        made: events.Event = self.kind(actor=self.by.actor(), **told)
        return made


class VosChanged(Form, frozen=True, kw_only=True):
    """See :class:`gridmask.domain.events.VosChanged`."""

    kind = events.VosChanged
    added: frozenset[str] = frozenset()
    retired: frozenset[str] = frozenset()


class TimePassed(Form, frozen=True, kw_only=True):
    """See :class:`gridmask.domain.events.TimePassed`."""

    kind = events.TimePassed
    elements: frozenset[ElementKey] | None = None


class StatusSet(Form, frozen=True, kw_only=True):
    """See :class:`gridmask.domain.events.StatusSet`."""

    kind = events.StatusSet
    rows: tuple[RowKey, ...]
    status: Status
    reason: str = ""
    term: Term = FOR_GOOD
    binding: bool = False
    holder: str = ""


class TokenTaken(Form, frozen=True, kw_only=True):
    """See :class:`gridmask.domain.events.TokenTaken`."""

    kind = events.TokenTaken
    rows: tuple[RowKey, ...]
    reason: str = ""
    term: Term = FOR_GOOD
    holder: str = ""


class TokenExtended(Form, frozen=True, kw_only=True):
    """See :class:`gridmask.domain.events.TokenExtended`."""

    kind = events.TokenExtended
    rows: tuple[RowKey, ...]
    reason: str = ""
    term: Term = FOR_GOOD


class TokenReleased(Form, frozen=True, kw_only=True):
    """See :class:`gridmask.domain.events.TokenReleased`."""

    kind = events.TokenReleased
    rows: tuple[RowKey, ...]
    reason: str = ""


class AutomationRuled(Form, frozen=True, kw_only=True):
    """See :class:`gridmask.domain.events.AutomationRuled`."""

    kind = events.AutomationRuled
    elements: frozenset[ElementKey]
    vo: str
    mode: Mode | None = None
    reason: str = ""


class BatchDecided(Form, frozen=True, kw_only=True):
    """See :class:`gridmask.domain.events.BatchDecided`."""

    kind = events.BatchDecided
    batch: str
    confirmed: bool
    reason: str = ""


class RowsTakenOver(Form, frozen=True, kw_only=True):
    """See :class:`gridmask.domain.events.RowsTakenOver`."""

    kind = events.RowsTakenOver
    rows: tuple[Former, ...]


class InventoryChanged(Form, frozen=True, kw_only=True):
    """See :class:`gridmask.domain.events.InventoryChanged`. ``renamed``: what each is called now, and was before."""

    kind = events.InventoryChanged
    source: str
    added: tuple[Element, ...] = ()
    edited: tuple[Element, ...] = ()
    taken_out: tuple[ElementKey, ...] = ()
    renamed: tuple[tuple[ElementKey, ElementKey], ...] = ()

    @classmethod
    def of(cls, event: events.InventoryChanged) -> Self:
        """The form of ``event``."""
        return cls(
            by=Who.of(event.actor),
            source=event.source,
            added=event.added,
            edited=event.edited,
            taken_out=event.taken_out,
            renamed=tuple(sorted(event.renamed.items())),
        )

    def event(self, policies: Policies) -> events.InventoryChanged:
        """What it is the form of."""
        del policies
        renamed, actor = dict(self.renamed), self.by.actor()
        return events.InventoryChanged(self.source, self.added, self.edited, self.taken_out, renamed, actor)


class DowntimesChanged(Form, frozen=True, kw_only=True):
    """See :class:`gridmask.domain.events.DowntimesChanged`."""

    kind = events.DowntimesChanged
    source: str
    added: tuple[Announced, ...] = ()
    edited: tuple[Announced, ...] = ()
    withdrawn: tuple[DowntimeKey, ...] = ()
    before: tuple[Announced, ...] = ()
    coverage: Coverage | None = None
    comment: str = ""

    @classmethod
    def of(cls, event: events.DowntimesChanged) -> Self:
        """The form of ``event``."""
        change = event.difference
        return cls(
            by=Who.of(event.actor),
            source=event.source,
            added=announced(change.added),
            edited=announced(change.edited),
            withdrawn=change.withdrawn,
            before=announced(event.before.values()),
            coverage=event.coverage,
            comment=event.comment,
        )

    def event(self, policies: Policies) -> events.DowntimesChanged:
        """What it is the form of."""
        del policies
        added, edited, before = (tuple(o.downtime() for o in some) for some in (self.added, self.edited, self.before))
        change, known = Difference(added, edited, self.withdrawn), {one.key: one for one in before}
        return events.DowntimesChanged(self.source, change, known, self.coverage, self.by.actor(), self.comment)


class EvidenceChanged(Form, frozen=True, kw_only=True):
    """See :class:`gridmask.domain.events.EvidenceChanged`."""

    kind = events.EvidenceChanged
    put: tuple[Measured, ...] = ()
    gone: tuple[Key, ...] = ()

    @classmethod
    def of(cls, event: events.EvidenceChanged) -> Self:
        """The form of ``event``."""
        put, gone = tuple(map(Measured.of, event.put)), tuple(map(Key.of, event.gone))
        return cls(by=Who.of(event.actor), put=put, gone=gone)

    def event(self, policies: Policies) -> events.EvidenceChanged:
        """What it is the form of; without measurements of kinds that there are no more."""
        del policies
        return events.EvidenceChanged(readable(self.put), tuple(key.key() for key in self.gone), self.by.actor())


class PoliciesLoaded(Form, frozen=True, kw_only=True):
    """See :class:`gridmask.domain.events.PoliciesLoaded`. ``before`` None: it is not known what was judged by until then."""

    kind = events.PoliciesLoaded
    revision: str
    before: str | None = None

    @classmethod
    def of(cls, event: events.PoliciesLoaded) -> Self:
        """The form of ``event``."""
        before = event.before.revision if event.before else None
        return cls(by=Who.of(event.actor), revision=event.policies.revision, before=before)

    def event(self, policies: Policies) -> events.PoliciesLoaded:
        """What it is the form of."""
        before = None if self.before is None else policies(self.before)
        return events.PoliciesLoaded(policies(self.revision), self.by.actor(), before)


Told = (
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
"""The form of an event."""

_FORMS: dict[type[Any], Any] = {form.kind: form for form in Told.__args__}


def told(event: events.Event) -> Told:
    """The form of ``event``."""
    form: Told = _FORMS[type(event)].of(event)
    return form

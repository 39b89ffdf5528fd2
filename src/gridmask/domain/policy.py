"""Policies, the rules they apply, and the layers they come in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gridmask.domain.automation import Mode
from gridmask.domain.confirmation import AT_ONCE, Confirmation
from gridmask.domain.damping import UNDAMPED, Damping
from gridmask.domain.decision import Reason
from gridmask.domain.element import Element, RowKey
from gridmask.domain.evidence import Coverage, Evidence
from gridmask.domain.guard import UNGUARDED, Guard
from gridmask.domain.matching import ANY_ROW, Match
from gridmask.domain.places import LOOKS, Place, Places
from gridmask.domain.status import Status
from gridmask.domain.token import CUSTOM, Custom
from gridmask.domain.transition import DEFAULT_EXIT, ProbingExit
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.mask import Holding


class OnMissing(StrEnum):
    """What a policy says once the evidence for its last verdict has expired and none has replaced it."""

    HOLD = "hold"
    UNKNOWN = "unknown"


class Reach(StrEnum):
    """What a rule looks at beside the evidence about its own element: the resources of a site, or the site of a resource."""

    RESOURCES = "resources"
    SITE = "site"


class Case(NamedTuple):
    """What a rule is asked about: one row, with the evidence that speaks for its VO.

    ``around`` holds the elements within the rule's reach, with their rows as they are; only a rule with a ``reach`` gets any.
    """

    row: RowKey
    element: Element
    evidence: tuple[Evidence, ...]
    coverage: tuple[Coverage, ...]
    now: datetime
    around: tuple[Holding, ...] = ()


class Finding(NamedTuple):
    """A rule's answer.

    ``status`` None: the evidence is missing. ``until``: when the answer can be another without new evidence.
    ``lasting``: whether a ban by it must be left through ``Probing``.
    """

    status: Status | None
    reasons: tuple[Reason, ...]
    until: datetime | None = None
    lasting: bool = True


class Rule(Protocol):
    """How evidence becomes a status. An instance holds its arguments; it is pure and deterministic.

    It can further have a ``reach`` (:class:`Reach`), and say of itself that it is ``same_for_all_vos``: of a row's key, it
    looks at the status type alone, so that rows of several VOs that rest on the same evidence need not ask it one by one. Or
    that it is ``same_for_all_rows``: it does not look at the key at all. What kinds of evidence, and of coverage, it looks at
    it can say as ``reads``, a frozenset: of others that change, nothing follows for rows that rest on such rules alone.
    One that compares numbers can tell with what, so that people see it, by a method ``thresholds``
    (:func:`~gridmask.domain.gauges.thresholds_of`).
    """

    def assess(self, case: Case) -> Finding:
        """What it finds in ``case``."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule applied to the rows that match.

    Attributes:
        name: unique within its layer; a VO's policy of the same name overrides the installation's.
        rule: the rule with its arguments.
        match: the rows it is about.
        layer: whose it is, a VO or :data:`~gridmask.domain.vo.ALL`.
        advisory: its verdicts are recorded, but never decide the status.
        enabled: False in a VO's layer switches the installation's policy of that name off, for that VO alone.
        on_missing: what it says when its evidence is gone.
        confirm: what it takes to change its verdict.
    """

    name: str
    rule: Rule
    match: Match = ANY_ROW
    layer: str = ALL
    advisory: bool = False
    enabled: bool = True
    on_missing: OnMissing = OnMissing.HOLD
    confirm: Confirmation = AT_ONCE


class Scope(IntEnum):
    """For which rows of an element an answer is the same, as far as they hear the same evidence."""

    ALL_ROWS = 0
    STATUS_TYPE = 1
    ROW = 2


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Policies that have a say together, at one place.

    Attributes:
        policies: they themselves, in order.
        members: each with the scope of what its rule finds.
        scope: that of what they say together, which can further depend on what they said of a row before, and on its state.
        reads: the kinds of evidence that their rules look at; None: any.
    """

    policies: tuple[Policy, ...]
    members: tuple[tuple[Policy, Scope], ...]
    scope: Scope
    reads: frozenset[str] | None

    @classmethod
    def of(cls, policies: tuple[Policy, ...]) -> Panel:
        """Those of ``policies``."""
        members = tuple((policy, _scope(policy)) for policy in policies)
        asking = any(policy.match.is_dynamic or policy.confirm != AT_ONCE for policy in policies)
        widest = max((scope for _, scope in members), default=Scope.ALL_ROWS)
        read: list[frozenset[str] | None] = [getattr(policy.rule, "reads", None) for policy in policies]
        known = [kinds for kinds in read if kinds is not None]
        reads = frozenset[str]().union(*known) if len(known) == len(read) else None
        return cls(policies, members, Scope.ROW if asking else widest, reads)


def _scope(policy: Policy) -> Scope:
    if getattr(policy.rule, "same_for_all_rows", False):
        return Scope.ALL_ROWS
    return Scope.STATUS_TYPE if getattr(policy.rule, "same_for_all_vos", False) else Scope.ROW


@dataclass(frozen=True, slots=True)
class OwnEvidence:
    """That ``source`` observes what matches on behalf of ``vo`` alone, which has rows of its own there for it (promise V3)."""

    vo: str
    source: str
    match: Match = ANY_ROW


@dataclass(frozen=True, eq=False)
class PolicySet:
    """All policies of an installation at one revision.

    Attributes:
        policies: those of every layer, in the order in which they were written.
        revision: a hash of what was written.
        probing: when a row may leave ``Probing``.
        guard: what is held for a person to look at; unless told otherwise, nothing.
        damping: when flapping is damped; unless told otherwise, never.
        tokens: what is customary where people take rows out of the loop.
        automation: by layer, how far automation goes where nothing else was decided about an element.
        own: where VOs have rows of their own for the sake of evidence about them alone.
    """

    policies: tuple[Policy, ...] = ()
    revision: str = ""
    probing: ProbingExit = DEFAULT_EXIT
    guard: Guard = UNGUARDED
    damping: Damping = UNDAMPED
    tokens: Custom = CUSTOM
    automation: Mapping[str, Mode] = field(default_factory=dict)
    own: tuple[OwnEvidence, ...] = ()
    _effective: dict[str, tuple[Policy, ...]] = field(default_factory=dict, repr=False)
    _by_vo: dict[str, tuple[tuple[int, Policy], ...]] = field(default_factory=dict, repr=False)
    _apart_by_vo: dict[str, frozenset[int]] = field(default_factory=dict, repr=False)
    _panels: dict[tuple[str, Place], Panel] = field(default_factory=dict, repr=False)
    _called_for: dict[tuple[frozenset[str], Place], frozenset[str]] = field(default_factory=dict, repr=False)

    @cached_property
    def reaches(self) -> frozenset[Reach]:
        """What any of the policies looks at beside its own element."""
        found = (getattr(policy.rule, "reach", None) for policy in self.policies if policy.enabled)
        return frozenset(reach for reach in found if reach is not None)

    def effective(self, vo: str) -> tuple[Policy, ...]:
        """The policies that decide for ``vo``: those of ``all``, overridden and extended by its own (promise V2)."""
        found = self._effective.get(vo)
        if found is None:
            by_name = {p.name: p for p in self._layers.get(ALL, ())} | {p.name: p for p in self._layers.get(vo, ())}
            found = self._effective[vo] = tuple(p for p in by_name.values() if p.enabled)
        return found

    def governing(self, row: RowKey, element: Element) -> tuple[Policy, ...]:
        """The policies that have a say about ``row`` by what the inventory tells of ``element``.

        Their match may further depend on the row's state: the keys in :data:`~gridmask.domain.matching.DYNAMIC_KEYS`.
        """
        return self.panel(row.vo, self.place(row, element)).policies

    def place(self, row: RowKey, element: Element) -> Place:
        """What the policies can tell of ``row``, whosever it is."""
        return self._places.of(row, element)

    def panel(self, vo: str, place: Place) -> Panel:
        """The policies that have a say about the rows of ``vo`` at ``place``: the very same panel each time."""
        found = self._panels.get((vo, place))
        if found is None:
            found = self._panels[vo, place] = Panel.of(self._accepting(vo, place))
        return found

    def vos_called_for(self, row: RowKey, element: Element, vos: frozenset[str]) -> frozenset[str]:
        """Those of ``vos`` that need rows of their own beside ``row`` of ``all`` (promise V3).

        They are governed by other policies, or have evidence of their own declared.
        """
        question = vos, self._places.of(row, element)
        found = self._called_for.get(question)
        if found is None:
            found = self._called_for[question] = self._apart(*question)
        return found & element.offered if element.offered else found

    def _apart(self, vos: frozenset[str], place: Place) -> frozenset[str]:
        """Those of ``vos`` for which something else can decide there than for ``all``."""
        agreeing = self._places.agreeing(place)
        own = {own.vo for own in self.own if self._places.number(own.match) in agreeing and own.match.accepts({"vo": own.vo})}
        candidates = vos if self._all_tells_vos_apart else vos & self._layers.keys()
        return frozenset((*(own & vos), *(vo for vo in candidates if not agreeing.isdisjoint(self._numbers_apart(vo)))))

    def _accepting(self, vo: str, place: Place) -> tuple[Policy, ...]:
        agreeing = self._places.agreeing(place)
        return tuple([policy for number, policy in self._numbered(vo) if number in agreeing])

    def _numbered(self, vo: str) -> tuple[tuple[int, Policy], ...]:
        """The policies that decide for ``vo`` anywhere, each with the number of its match."""
        found = self._by_vo.get(vo)
        if found is None:
            somewhere = (policy for policy in self.effective(vo) if policy.match.accepts({"vo": vo}))
            found = self._by_vo[vo] = tuple((self._places.number(policy.match), policy) for policy in somewhere)
        return found

    def _numbers_apart(self, vo: str) -> frozenset[int]:
        """The numbers of the matches of all policies that decide for either of ``vo`` and ``all``, and not for the other."""
        found = self._apart_by_vo.get(vo)
        if found is None:
            own, general = ({(p.layer, p.name): number for number, p in self._numbered(whom)} for whom in (vo, ALL))
            found = self._apart_by_vo[vo] = frozenset(number for _, number in own.items() ^ general.items())
        return found

    @cached_property
    def _places(self) -> Places:
        return Places((*(policy.match for policy in self.policies), *(own.match for own in self.own)))

    @cached_property
    def _layers(self) -> Mapping[str, tuple[Policy, ...]]:
        layers: dict[str, tuple[Policy, ...]] = {}
        for policy in self.policies:
            layers[policy.layer] = (*layers.get(policy.layer, ()), policy)
        return layers

    @cached_property
    def _all_tells_vos_apart(self) -> bool:
        """Whether policies of ``all`` can make the rows of any VO differ from those of another."""
        return any(policy.match.constrains("vo") for policy in self._layers.get(ALL, ()))


def static_values(row: RowKey, element: Element) -> dict[str, str | Iterable[str]]:
    """What the static match keys are compared with, for ``row`` of ``element``."""
    return {key: look(row, element) for key, look in LOOKS.items()}

"""Propagation: a site follows its resources, or resources follow their site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.matching import matches
from gridmask.domain.policy import Finding, Reach
from gridmask.domain.quantities import Share
from gridmask.domain.row import seen_by
from gridmask.domain.status import Status, usable
from gridmask.rules.aggregation import Line, Neighbour

if TYPE_CHECKING:
    from gridmask.domain.mask import Holding
    from gridmask.domain.policy import Case

_NAMED = 4
"""So many resources a reason names before it only counts."""


@dataclass(frozen=True, slots=True)
class Propagation:
    """A row follows the rows of what is around its element, as the row's VO sees them.

    The first of ``cases`` that holds decides. Where none does, shares do: a site that follows its resources is ``Active`` if a
    share of them is usable and any of these is ``Active``; it is ``Degraded`` if these are all ``Degraded``, or if only the
    smaller share is usable; else it is ``otherwise``. A resource that follows its site is ``otherwise`` while the site is not
    usable. What is ``Unknown``, out of service or not offered to the VO does not count; where nothing counts, nothing can be
    said. What is banned by this returns at once: what it follows has proven itself already.

    Attributes:
        of: what the row follows, its site's ``resources`` or its ``site``.
        types: the types of the resources that count, as patterns.
        categories: their categories, as patterns.
        status_types: their status types, as patterns.
        active_share: the share of them that must be usable; 0 is any one of them, 1 is all.
        degraded_share: the smaller share that makes a site ``Degraded``; without it, there is none.
        otherwise: what is asked for if it is too few.
        cases: a table of what to ask for, tried from the top before shares are looked at.
    """

    of: Literal["resources", "site"] = "resources"
    types: tuple[str, ...] = ("*",)
    categories: tuple[str, ...] = ("*",)
    status_types: tuple[str, ...] = ("*",)
    active_share: Share = Share(0.0)
    degraded_share: Share | None = None
    otherwise: Status = Status.BANNED
    cases: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        for name in ("active_share", "degraded_share"):
            share = getattr(self, name)
            if share is not None and not 0 <= share <= 1:
                raise ValueError(f"{name} is a share, from 0 to 1")
        if self.degraded_share is not None and self.degraded_share > self.active_share:
            raise ValueError("degraded_share must not be more than active_share")

    @property
    def reach(self) -> Reach:
        """What it looks at beside its own element."""
        return Reach.RESOURCES if self.of == "resources" else Reach.SITE

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        if case.element.is_site is (self.reach is Reach.SITE):
            return _nothing("It is no site." if self.reach is Reach.RESOURCES else "It is a site itself.")
        seen = sorted(self._seen(case))
        if not seen:
            return _nothing("Nothing around it has a status that is known.")
        line = next((line for line in self.cases if line.holds(seen)), None)
        status = line.then if line else self._status([one.status for one in seen])
        text = line.told(seen) if line else _counted(seen)
        if self.of == "site" and not (line and line.because):
            text = f"Its site {case.element.site} is {seen[0].status.label}."
        return Finding(status, (Reason(ReasonKind.PROPAGATION, text),), lasting=False)

    def _seen(self, case: Case) -> Iterator[Neighbour]:
        vo = case.row.vo
        for holding in case.around:
            element = holding.element
            if element.in_service and element.is_offered_to(vo) and (element.is_site or self._counts(holding)):
                for status_type in sorted({aspect for aspect, _ in holding.rows}):
                    row = seen_by(vo, status_type, holding.rows)
                    if (
                        row is not None
                        and row.status is not Status.UNKNOWN
                        and self._counts_aspect(element.is_site, status_type)
                    ):
                        kind = element.key.type
                        yield Neighbour(_name(holding, status_type), row.status, kind, element.category, status_type)

    def _counts(self, holding: Holding) -> bool:
        key, category = holding.element.key, holding.element.category
        return any(matches(p, key.type) for p in self.types) and any(matches(p, category) for p in self.categories)

    def _counts_aspect(self, is_site: bool, status_type: str) -> bool:  # noqa: FBT001
        return is_site or any(matches(pattern, status_type) for pattern in self.status_types)

    def _status(self, statuses: list[Status]) -> Status:
        good = [status for status in statuses if usable(status)]
        share = len(good) / len(statuses)
        if good and share >= self.active_share:
            return max(good)
        if good and self.degraded_share is not None and share >= self.degraded_share:
            return Status.DEGRADED
        return self.otherwise


def _name(holding: Holding, status_type: str) -> str:
    return holding.element.key.name if len(holding.rows) == 1 else f"{holding.element.key.name} {status_type}"


def _counted(seen: list[Neighbour]) -> str:
    bad = [f"{one.name} is {one.status.label}" for one in seen if not usable(one.status)]
    named = ", ".join(bad[:_NAMED]) + (f" and {len(bad) - _NAMED:,} more" if len(bad) > _NAMED else "")
    good = len(seen) - len(bad)
    return f"{good:,} of {len(seen):,} at the site are usable{f': {named}' if bad else ''}."


def _nothing(text: str) -> Finding:
    return Finding(None, (Reason(ReasonKind.MISSING, text),))

"""Plans: who is told what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.actions.conditions import ALWAYS, Condition
from gridmask.actions.notify.hours import ANY_TIME, Hours

if TYPE_CHECKING:
    from gridmask.actions.notify.items import Subject


@dataclass(frozen=True, slots=True)
class Cap:
    """How much an address is told.

    Attributes:
        most: so many messages at most in ``per``.
        largest: so many changes at most in one message; 0: any number.
    """

    most: int = 10
    per: timedelta = timedelta(hours=1)
    largest: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A table of the settings.

    Attributes:
        name: what it is called.
        to: the addresses that are told.
        condition: of what.
        group_by: what is put into one message: what agrees in these. Nothing named: everything.
        wait: how long that is gathered, from the first.
        hours: when they are told.
        drop_flaps: whether what ended where it began within ``wait`` is not told.
        vo: whose templates are used; empty: those of the installation.
    """

    name: str
    to: tuple[str, ...]
    condition: Condition = ALWAYS
    group_by: tuple[str, ...] = ("site",)
    wait: timedelta = timedelta(minutes=2)
    hours: Hours = ANY_TIME
    drop_flaps: bool = False
    vo: str = ""

    def group_of(self, subject: Subject) -> str:
        """Which of its groups ``subject`` belongs to."""
        if subject.kind != "row":
            return subject.kind
        said = {"site": subject.site, "vo": subject.vo, "type": subject.type, "element": f"{subject.type} {subject.name}"}
        return " / ".join(said[name] for name in self.group_by) or "all"


@dataclass(frozen=True, slots=True)
class Plans:
    """All plans, in order, and how much each address is told."""

    plans: tuple[Plan, ...] = ()
    caps: Mapping[str, Cap] = field(default_factory=dict)

    @property
    def addresses(self) -> frozenset[str]:
        """All addresses that any of them tells."""
        return frozenset(address for plan in self.plans for address in plan.to)

    def called(self, name: str) -> Plan | None:
        """The plan called ``name``."""
        return next((plan for plan in self.plans if plan.name == name), None)

    def cap(self, address: str) -> Cap:
        """How much ``address`` is told."""
        return self.caps.get(address, Cap())

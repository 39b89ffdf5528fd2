"""A small world to try things on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gridmask.domain.actor import Actor
from gridmask.domain.downtime import Difference, Downtime
from gridmask.domain.element import WHOLE, Element, RowKey
from gridmask.domain.events import (
    AutomationRuled,
    DowntimesChanged,
    Event,
    InventoryChanged,
    PoliciesLoaded,
    StatusSet,
    TimePassed,
    TokenExtended,
    TokenReleased,
    TokenTaken,
)
from gridmask.domain.evidence import Coverage
from gridmask.domain.instructions import Instruction
from gridmask.domain.mask import Mask, mask_of
from gridmask.domain.row import seen_by
from gridmask.domain.state import NO_ROWS, State
from gridmask.domain.step import step
from gridmask.domain.token import Term
from gridmask.domain.vo import ALL
from gridmask.testing.times import Time, moment

if TYPE_CHECKING:
    from gridmask.domain.automation import Mode
    from gridmask.domain.policy import PolicySet
    from gridmask.domain.row import Row
    from gridmask.domain.status import Status

OPERATOR = Actor.administrator("operator")


class Trial:
    """Lets events happen to a state, one after the other, by a clock that moves when told.

    Attributes:
        state: the world as it is now.
        now: what the clock says.
        instructions: what the last event wanted remembered.
    """

    def __init__(self, state: State, at: Time = "08:00") -> None:
        self.state = state
        self.now = moment(at)
        self.instructions: tuple[Instruction, ...] = ()
        self.happen(TimePassed())

    def happen(self, event: Event) -> tuple[Instruction, ...]:
        """Let ``event`` happen now; gives what it wants remembered."""
        self.state, self.instructions = step(self.state, event, self.now)
        return self.instructions

    def wait(self, until: Time) -> tuple[Instruction, ...]:
        """Let time pass, with one evaluation at the end of it; gives what that wants remembered."""
        self.now = moment(until)
        return self.happen(TimePassed())

    def announce(self, *downtimes: Downtime, instead_of: Iterable[Downtime] = ()) -> tuple[Instruction, ...]:
        """Publish ``downtimes``, new or in other versions than before."""
        before = {old.key: old for old in instead_of}
        added = tuple(new for new in downtimes if new.key not in before)
        edited = tuple(new for new in downtimes if new.key in before)
        return self.happen(DowntimesChanged(downtimes[0].key.source, Difference(added, edited), before))

    def withdraw(self, *downtimes: Downtime) -> tuple[Instruction, ...]:
        """Publish that there are no such downtimes."""
        before = {old.key: old for old in downtimes}
        return self.happen(DowntimesChanged(downtimes[0].key.source, Difference(withdrawn=tuple(before)), before))

    def hear(self, coverage: Coverage) -> tuple[Instruction, ...]:
        """A source says that there is nothing new."""
        return self.happen(DowntimesChanged(coverage.source, Difference(), coverage=coverage))

    def adopt(self, policies: PolicySet) -> tuple[Instruction, ...]:
        """Put other policies in force."""
        return self.happen(PoliciesLoaded(policies))

    def edit(self, *elements: Element) -> tuple[Instruction, ...]:
        """The inventory says otherwise of ``elements``, or has new ones."""
        added = tuple(e for e in elements if e.key not in self.state.elements)
        edited = tuple(e for e in elements if e.key in self.state.elements)
        return self.happen(InventoryChanged("inventory", added, edited))

    def take_out(self, *elements: Element) -> tuple[Instruction, ...]:
        """The inventory does not have ``elements`` any more."""
        return self.happen(InventoryChanged("inventory", taken_out=tuple(e.key for e in elements)))

    def set(  # noqa: PLR0913 - each is one thing that a person can say
        self,
        status: Status,
        of: Element,
        vo: str = ALL,
        status_type: str = WHOLE,
        *,
        until: Time | None = None,
        agreed: bool = False,
        binding: bool = False,
    ) -> tuple[Instruction, ...]:
        """A person decides, until then, until automation agrees, or until the row is released."""
        term = Term(None if until is None else moment(until), agreed)
        return self.happen(StatusSet(OPERATOR, (RowKey(of.key, status_type, vo),), status, "Decided.", term, binding))

    def take(  # noqa: PLR0913 - as above
        self,
        of: Element,
        vo: str = ALL,
        status_type: str = WHOLE,
        *,
        by: Actor = OPERATOR,
        reason: str = "Looked at.",
        until: Time | None = None,
        agreed: bool = False,
    ) -> tuple[Instruction, ...]:
        """A person takes a row out of the loop as it is."""
        term = Term(None if until is None else moment(until), agreed)
        return self.happen(TokenTaken(by, (RowKey(of.key, status_type, vo),), reason, term))

    def extend(
        self,
        of: Element,
        vo: str = ALL,
        status_type: str = WHOLE,
        *,
        by: Actor = OPERATOR,
        reason: str = "",
        until: Time | None = None,
    ) -> tuple[Instruction, ...]:
        """A person holds a row for another term."""
        term = Term(None if until is None else moment(until))
        return self.happen(TokenExtended(by, (RowKey(of.key, status_type, vo),), reason, term))

    def release(self, of: Element, vo: str = ALL, status_type: str = WHOLE) -> tuple[Instruction, ...]:
        """A person gives a row back to automation."""
        return self.happen(TokenReleased(OPERATOR, (RowKey(of.key, status_type, vo),)))

    def rule(self, mode: Mode | None, of: Element, vo: str = ALL) -> tuple[Instruction, ...]:
        """A person decides how far automation goes with an element; None: as far as with all others."""
        return self.happen(AutomationRuled(OPERATOR, frozenset({of.key}), vo, mode, "Decided."))

    def row(self, of: Element, vo: str = ALL, status_type: str = WHOLE) -> Row | None:
        """The row as it is kept, if there is one."""
        return self.state.rows.get(of.key, NO_ROWS).get((status_type, vo))

    def status(self, of: Element, vo: str = ALL, status_type: str = WHOLE) -> Status | None:
        """The status that a reader asking for ``vo`` gets, if there is one."""
        seen = seen_by(vo, status_type, self.state.rows.get(of.key, NO_ROWS))
        return seen.status if seen else None

    def mask(self, vo: str = ALL) -> Mask:
        """The mask of ``vo``."""
        holdings = (self.state.holding(key) for key in self.state.elements)
        return mask_of(vo, 0, (holding for holding in holdings if holding))

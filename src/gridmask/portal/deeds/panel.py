"""The panel: what can be done to rows, and what the forms for it begin with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from gridmask.domain.automation import Mode
from gridmask.domain.downtime import MANUAL
from gridmask.domain.element import SITE
from gridmask.domain.rights import Action
from gridmask.domain.status import Status, usable
from gridmask.portal.deeds import hours, rows
from gridmask.portal.deeds.foretold import ends_of
from gridmask.portal.deeds.typed import Deed, Typed
from gridmask.portal.frame.wording import length_of

if TYPE_CHECKING:
    from gridmask.domain.automation import Ruling
    from gridmask.domain.downtime import Downtime
    from gridmask.domain.row import Row
    from gridmask.domain.token import Custom
    from gridmask.portal.deeds.hours import Preset
    from gridmask.portal.frame.reader import Reader
    from gridmask.service.statuses import Seen

NEEDS = {
    Deed.SET: Action.SET_STATUSES,
    Deed.TAKE: Action.HOLD_ROWS,
    Deed.EXTEND: Action.HOLD_ROWS,
    Deed.RELEASE: Action.HOLD_ROWS,
    Deed.AUTOMATION: Action.RULE_AUTOMATION,
    Deed.DOWNTIME: Action.DECLARE_DOWNTIMES,
    Deed.CANCEL: Action.CANCEL_DOWNTIMES,
    Deed.UNDO: Action.SET_STATUSES,
}
"""What each deed takes."""

SETTABLE = (Status.ACTIVE, Status.DEGRADED, Status.PROBING, Status.BANNED, Status.ERROR)
"""What people set rows to, what they mean most often first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A row that can be chosen: ``value`` is what forms call it."""

    value: str
    row: Row
    chosen: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a deed.

    Attributes:
        deed: what is done by it.
        typed: what is in it.
        choices: the rows that it is about; what can be chosen among several of one element.
        presets: for how long.
    """

    deed: Deed
    typed: Typed
    choices: tuple[Choice, ...]
    presets: tuple[Preset, ...] = ()

    @property
    def chosen(self) -> int:
        """How many rows are chosen."""
        return sum(choice.chosen for choice in self.choices)

    @property
    def one_element(self) -> bool:
        """Whether all rows are of one element."""
        return len({choice.row.key.element for choice in self.choices}) <= 1


@dataclass(frozen=True, slots=True)
class Panel:
    """What somebody can do.

    Attributes:
        vo: for whom.
        forms: by what they may do and what can be done; the first is the one that is done most.
        affects: VOs that have no rows of their own here, and follow those that are acted on.
        declared: downtimes that were declared here, and can be cancelled.
        mode, ruling: how far automation goes, and by whose decision.
        site: whether it is a site, with which all that is there can be down.
    """

    vo: str
    forms: dict[Deed, Form]
    affects: tuple[str, ...] = ()
    declared: tuple[Downtime, ...] = ()
    mode: Mode = Mode.FULL
    ruling: Ruling | None = None
    site: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """What a panel is made for.

    Attributes:
        reader: who acts.
        vo: for whom.
        now: what time it is.
        custom: for how long rows are held as a rule.
        back: where whoever acted goes on.
    """

    reader: Reader
    vo: str
    now: datetime
    custom: Custom
    back: str

    def may(self, deed: Deed) -> bool:
        """Whether ``reader`` may do it."""
        return self.reader.actor.may(NEEDS[deed], self.vo)


@dataclass(frozen=True, slots=True)
class Automated:
    """How far automation goes, by whose decision about the element, and whether that was made for this very VO."""

    mode: Mode = Mode.FULL
    ruling: Ruling | None = None
    own: bool = True


FULL = Automated()


def panel(
    around: Around,
    seen: Sequence[Seen],
    *,
    affects: Sequence[str] = (),
    downtimes: Iterable[Downtime] = (),
    automation: Automated = FULL,
) -> Panel | None:
    """What can be done to the rows that are ``seen``; None: nothing by whoever reads.

    Args:
        around: who acts, for whom, when.
        seen: the rows, as a reader asking for the VO gets them.
        affects: VOs that follow the rows.
        downtimes: those that concern them, and are not over.
        automation: how far that goes with the element.
    """
    if not seen or not any(map(around.may, Deed)):
        return None
    may = around.reader.actor.may
    mine = tuple(one for one in downtimes if one.key.source == MANUAL and may(Action.CANCEL_DOWNTIMES, one.vo))
    mode, ruling = automation.mode, automation.ruling
    state = (mode, ruling and ruling.at, sorted((one.key.record, str(one.interval)) for one in mine))
    typed = Typed(
        vo=around.vo,
        seen=str(max(one.row.revision for one in seen)),
        known=blake2b(repr(state).encode(), digest_size=6).hexdigest(),
        aware=",".join(affects),
        zone=around.reader.zone,
        back=around.back,
        mode=mode,
        was=ruling.mode if ruling and automation.own else "",
    )
    forms = {deed: form for deed in Deed if around.may(deed) and (form := begun(deed, around, typed, seen)) is not None}
    site = all(one.element.key.family == SITE for one in seen)
    return Panel(around.vo, forms, tuple(affects), mine, mode, ruling, site)


def begun(deed: Deed, around: Around, typed: Typed, seen: Sequence[Seen]) -> Form | None:
    """The form of ``deed`` as it begins; None: it cannot be done to these rows."""
    rows_ = [one.row for one in seen]
    choices = tuple(Choice(rows.written(row.key.element, row.key.status_type), row) for row in rows_)
    if deed in {Deed.UNDO, Deed.CANCEL}:
        return None
    if deed is Deed.SET:
        ill = [row for row in rows_ if not usable(row.status)]
        # what is well is not to be banned by a slip of the hand
        typed = replace(typed, status=Status.ACTIVE.label if ill else "")
        choices = tuple(replace(one, chosen=not ill or one.row in ill) for one in choices)
    if deed is Deed.EXTEND:
        choices = tuple(one for one in choices if _holder(one.row, around) == around.reader.actor.name)
    if deed is Deed.RELEASE:
        choices = tuple(one for one in choices if _holder(one.row, around))
    return Form(deed, typed, choices, presets(around, rows_)) if choices else None


def again(deed: Deed, around: Around, typed: Typed, seen: Sequence[Seen]) -> Form:
    """The form of ``deed`` as it was sent: with all that was typed, and the rows as they are now."""
    chosen = set(typed.row)
    found = [one.row for one in seen]
    choices = (Choice(rows.written(row.key.element, row.key.status_type), row) for row in found)
    marked = tuple(replace(choice, chosen=choice.value in chosen) for choice in choices)
    return Form(deed, typed, marked, presets(around, found))


def presets(around: Around, found: Iterable[Row]) -> tuple[Preset, ...]:
    """Until when ``found`` may be held."""
    ends = {end for row in found if (end := ends_of(row)) is not None and end > around.now}
    listed = hours.presets(around.now, around.reader.zone, max(ends, default=None))
    return (hours.Preset("", f"for {length_of(around.custom.lasts)}, as usual"), *listed)


def _holder(row: Row, around: Around) -> str:
    """Who holds ``row``, which is of the VO; empty: nobody, or whose row it is holds it."""
    return row.token.owner if row.token and row.key.vo == around.vo and row.held(around.now) else ""

"""What an installation's policy file says of the guard and of damping."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import Field, PlainValidator

from gridmask.documents import Duration, Strict
from gridmask.domain.confirmation import Confirmation, Quorum
from gridmask.domain.damping import DEFAULT_DAMPING, Damping
from gridmask.domain.guard import DEFAULT_GUARD, Cap, CapFor, Guard

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
_GENERAL, _DECLARED = DEFAULT_GUARD.general, DEFAULT_GUARD.declared


_QUORUM = re.compile(r"([0-9]{1,2}) of ([0-9]{1,2})")


def _quorum(text: object) -> Quorum:
    said = _QUORUM.fullmatch(text) if isinstance(text, str) else None
    if said is None:
        raise ValueError(f"{text!r} is not written as '2 of 3'")
    return Quorum(int(said[1]), int(said[2]))


def _confirmation(value: object) -> Confirmation:
    if isinstance(value, Confirmation):
        return value
    if not isinstance(value, dict):
        return Confirmation(_quorum(value), _quorum(value))
    if strange := sorted(value.keys() - {"worse", "better"}):
        raise ValueError(f"there is no {strange[0]!r}; there are worse and better")
    return Confirmation(**{direction: _quorum(text) for direction, text in value.items()})


Confirm = Annotated[Confirmation, PlainValidator(_confirmation)]
"""A confirmation, written as ``"2 of 3"`` or as ``{ worse = "2 of 3", better = "3 of 3" }``."""


class CapTable(Strict):
    """``[[guard.cap]]``: caps of their own for some VOs and types. What is left out is as in ``[guard]``."""

    vo: str = Field("*", description="The VOs, as a pattern.")
    type: str = Field("*", description="The element types, as a pattern.")
    share: Share | None = Field(None, description="As in `[guard]`.")
    number: Count | None = Field(None, description="As in `[guard]`.")
    declared_share: Share | None = Field(None, description="As in `[guard]`.")
    declared_number: Count | None = Field(None, description="As in `[guard]`.")


class GuardTable(Strict):
    """``[guard]``: what is held for a person to look at."""

    enabled: bool = Field(default=True, description="False lets everything through.")
    share: Share = Field(_GENERAL.share, description="The share of a VO's usable rows of a type that one cause may take.")
    number: Count = Field(_GENERAL.number, description="So many rows it may take, whatever share they are.")
    declared_share: Share = Field(_DECLARED.share, description="The share that declared downtimes may take.")
    declared_number: Count = Field(_DECLARED.number, description="So many rows declared downtimes may take.")
    window: Duration = Field(DEFAULT_GUARD.window, description="How far back takings with one cause count together.")
    expires: Duration = Field(DEFAULT_GUARD.expires, description="How long a batch waits before it is looked at anew.")
    cap: tuple[CapTable, ...] = Field((), description="Caps of some VOs and types; the first that fits counts.")

    def guard(self) -> Guard:
        """What it says."""
        general, declared = Cap(self.share, self.number), Cap(self.declared_share, self.declared_number)
        caps = tuple(_cap(table, general, declared) for table in self.cap)
        return Guard(general, declared, self.window, self.expires, caps, self.enabled)


class DampingTable(Strict):
    """``[damping]``: when flapping is damped."""

    half_life: Annotated[Duration, Field(gt=timedelta())] = Field(
        DEFAULT_DAMPING.half_life, description="After how long a ban counts half."
    )
    suppress: float = Field(DEFAULT_DAMPING.suppress, ge=0, description="The penalty at which a row is held back; 0: never.")
    reuse: float = Field(DEFAULT_DAMPING.reuse, gt=0, description="The penalty below which it is let go again.")
    most: float = Field(DEFAULT_DAMPING.most, gt=0, description="The highest penalty, which bounds how long that takes.")

    def damping(self) -> Damping:
        """What it says."""
        return Damping(self.half_life, self.suppress, self.reuse, self.most)


def _cap(table: CapTable, general: Cap, declared: Cap) -> CapFor:
    return CapFor(
        Cap(_or(table.share, general.share), int(_or(table.number, general.number))),
        Cap(_or(table.declared_share, declared.share), int(_or(table.declared_number, declared.number))),
        table.vo,
        table.type,
    )


def _or(own: float | None, general: float) -> float:
    return general if own is None else own

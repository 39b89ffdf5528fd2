"""What an installation's policy file says of the guard, of damping, and of tokens."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import Field, PlainValidator, ValidationInfo, field_validator

from gridmask.documents import Duration, Strict
from gridmask.domain.confirmation import Confirmation, Quorum
from gridmask.domain.damping import DEFAULT_DAMPING, Damping
from gridmask.domain.guard import DEFAULT_GUARD, Cap, CapFor, Guard
from gridmask.domain.token import CUSTOM, Custom

Share = Annotated[float, Field(ge=0, le=1)]
Period = Annotated[Duration, Field(gt=timedelta())]
Count = Annotated[int, Field(ge=0)]
Points = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
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

    half_life: Period = Field(DEFAULT_DAMPING.half_life, description="After how long a ban counts half.")
    suppress: Points = Field(DEFAULT_DAMPING.suppress, description="The penalty at which a row is held back; 0: never.")
    reuse: Annotated[float, Field(ge=0.01, le=1000, allow_inf_nan=False)] = Field(
        DEFAULT_DAMPING.reuse, validate_default=True, description="The penalty below which it is let go again."
    )
    most: Points = Field(
        DEFAULT_DAMPING.most, validate_default=True, description="The highest penalty, which bounds how long that takes."
    )

    @field_validator("reuse")
    @classmethod
    def _is_reached_later(cls, reuse: float, info: ValidationInfo) -> float:
        if 0 < (suppress := info.data.get("suppress", 0.0)) <= reuse:
            raise ValueError(f"must be less than suppress ({suppress:g}), or what is held back would be let go at once")
        return reuse

    @field_validator("most")
    @classmethod
    def _is_enough(cls, most: float, info: ValidationInfo) -> float:
        if most < (suppress := info.data.get("suppress", 0.0)):
            raise ValueError(f"must be at least suppress ({suppress:g}), or nothing would ever be held back")
        return most

    def damping(self) -> Damping:
        """What it says."""
        return Damping(self.half_life, self.suppress, self.reuse, self.most)


class TokensTable(Strict):
    """``[tokens]``: what is customary where people take rows out of automation's hands."""

    lasts: Period = Field(CUSTOM.lasts, description="How long a person holds a row who does not say.")
    notice: Period = Field(
        CUSTOM.notice, description="How long before its end the owner of a token is reminded; of a short one, halfway."
    )
    review: Period = Field(CUSTOM.review, description="After how long somebody should look at what is held without an end.")

    def custom(self) -> Custom:
        """What it says."""
        return Custom(self.lasts, self.notice, self.review)


def _cap(table: CapTable, general: Cap, declared: Cap) -> CapFor:
    return CapFor(
        Cap(_or(table.share, general.share), int(_or(table.number, general.number))),
        Cap(_or(table.declared_share, declared.share), int(_or(table.declared_number, declared.number))),
        table.vo,
        table.type,
    )


def _or(own: float | None, general: float) -> float:
    return general if own is None else own

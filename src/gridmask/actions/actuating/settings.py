"""What the tables of all actuators have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator

from gridmask.actions.actuating.values import Limits
from gridmask.actions.settings import Patterns
from gridmask.documents import Fraction, Period, Strict
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.matching import STATIC_KEYS, Match
from gridmask.domain.quantities import Share
from gridmask.domain.spelling import suggest
from gridmask.domain.vo import ALL, canonical

KEYS = tuple(key for key in STATIC_KEYS if key not in {"vo", "status_type"})
"""What ``match`` can name: what describes elements."""


def _vo(name: str) -> str:
    try:
        found = canonical(name)
    except InvalidRequest as error:
        raise ValueError(str(error)) from error
    if found == ALL:
        raise ValueError("name one VO; what all may use is nobody's to act upon")
    return found


OneVo = Annotated[str, AfterValidator(_vo)]
"""The name of a VO, in its one form."""


class LimitsTable(Strict):
    """``limits``, in a table of an actuator: how much it changes without an administrator."""

    changes: int = Field(20, ge=1, le=1_000_000, description="So many things change within the period at most.")
    period: Period = Field(timedelta(hours=1), description="The period.")
    share: Fraction = Field(
        Share(0.25),
        description="Nor more than this part of all things that the mask tells of, if that is more than `few`.",
    )
    few: int = Field(5, ge=1, description="So many may change all the same, however few things there are.")

    def limits(self) -> Limits:
        """The same, as they are applied."""
        return Limits(self.changes, self.share, self.few, self.period.total_seconds())


class Actuator(Strict):
    """What every actuator is told."""

    name: str = Field(pattern=r"^[^/\s][^/]{0,99}$", description="What it is called in logs and commands.")
    vo: OneVo = Field(description="The VO whose mask it goes by.")
    dry_run: bool = Field(default=False, description="Whether it only tells what it would do.")
    every: Period = Field(
        timedelta(minutes=10), description="How often everything is compared, whether or not anything changed."
    )
    timeout: Period = Field(
        timedelta(seconds=10), le=timedelta(minutes=5), description="How long the other side may take to answer."
    )
    limits: LimitsTable = LimitsTable()


class OfElements(Actuator):
    """For those that act on elements."""

    match: dict[str, Patterns] = Field(
        {}, description="Which elements it is about, in the words of policies' `match`. Empty: all that are offered to the VO."
    )
    purpose: Literal["use", "test"] = Field(
        "use", description="What elements must be usable for: `use`, or `test`, for which Probing will do."
    )
    unknown: Literal["leave", "off"] = Field(
        "leave",
        description="What becomes of it while the mask says `Unknown`: `leave` it as it is, or switch it `off`, as DIRAC does.",
    )

    @field_validator("match")
    @classmethod
    def _known_keys(cls, match: dict[str, Any]) -> dict[str, Any]:
        for key in match:
            if key not in KEYS:
                near = suggest(key, KEYS)
                raise ValueError(
                    f"there is no {key!r}; " + (f"did you mean {near!r}?" if near else f"there are {', '.join(KEYS)}")
                )
        return match

    def matching(self) -> Match:
        """``match``, as it is applied."""
        return Match.of(**self.match)

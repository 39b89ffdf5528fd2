"""News to try actions on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.decision import Reason, ReasonKind, Verdict
from gridmask.domain.element import Element, ElementKey, RowKey
from gridmask.domain.news import Change, Changes, News
from gridmask.domain.status import Status
from tests.clocks import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

BAN = Reason(ReasonKind.DOWNTIME, "In downtime 1816: cooling.", source="gocdb")


def change(  # as many as a change has
    name: str = "ce01",
    before: Status | None = Status.ACTIVE,
    after: Status | None = Status.BANNED,
    *,
    number: int = 1,
    vo: str = "all",
    site: str = "SITE",
    at: datetime = NOW,
    apart: Iterable[str] = (),
    offered: Iterable[str] = (),
    verdicts: Iterable[Verdict] = (),
    actor: str = "gridmask",
    binding: bool = False,
) -> Change:
    """A change of a computing element."""
    key = ElementKey("Resource", "ComputingElement", name)
    element = Element(key, site, frozenset(offered), category="computing", tags=frozenset({"tier2"}))
    judged = tuple(verdicts)
    combined = min((one.status for one in judged), default=None)
    return Change(
        number,
        RowKey(key, "all", vo),
        element,
        "status",
        before,
        after,
        at,
        at,
        (BAN,),
        actor,
        number,
        judged,
        combined,
        binding=binding,
        apart=frozenset(apart),
    )


def news(*changes: Change, number: int | None = None) -> News:
    """News of a revision."""
    revision = number or changes[0].number
    made = changes[0].at if changes else NOW
    return News(f"revision-{revision}", revision, made, Changes(revision, made, "gridmask", "downtimes", changes))

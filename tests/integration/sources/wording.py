"""What sources that measure say: one element is bad, one is poor, all others are well."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.clocks import at
from tests.integration.sources.speaking import CES, SAID_OF, Records, telling

if TYPE_CHECKING:
    from tests.integration.http.server import Asked

Spoils = Mapping[str, Callable[[str], str]]

OF_TYPE = {"type": "ComputingElement"}
"""For kinds that name elements of any type."""


def worded(ok: str, warning: str, critical: str) -> Callable[[str], str]:
    """What a kind says of an element, in its words."""
    return lambda ce: {"WARNING": warning, "CRITICAL": critical}.get(SAID_OF.get(ce, "OK"), ok)


def numbered(ok: float, warning: float, critical: float) -> Callable[[str], float]:
    """What a kind says of an element, in numbers."""
    return lambda ce: {"WARNING": warning, "CRITICAL": critical}.get(SAID_OF.get(ce, "OK"), ok)


def each(write: Callable[[str, datetime], object], ces: Iterable[str] = CES) -> Callable[[datetime], Records]:
    """A record of JSON for each element."""
    return lambda now: {"": [json.dumps(write(ce, now)) for ce in ces]}


def listed(template: str) -> Callable[[Asked, Records], bytes]:
    """All records, with commas between, in the place of ``...``."""
    return lambda _, records: template.replace("...", ", ".join(records[""])).encode()


def days_before(now: datetime, count: int = 3) -> list[datetime]:
    """``now``, and so many days before it, in their order."""
    return [now - timedelta(days=back) for back in range(count, -1, -1)]


def dated(member: str, write: Callable[[datetime], object], **bad: object) -> Spoils:
    """What can be wrong with a record of JSON that tells since when it counts; ``bad``: what would ban then."""
    return {
        "is no date": telling(**{member: "soon"}),
        "is of tomorrow": telling(**{member: write(at(days=1)), **bad}),
        "is old": telling(**{member: write(at(days=-9)), **bad}),
    }


def seconds(moment: datetime) -> float:
    """Unix time."""
    return moment.timestamp()

"""What DIRAC's records say, in our words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gridmask.domain.element import NODE, SITE, WHOLE
from gridmask.domain.errors import NotKnown
from gridmask.domain.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

AUTOMATION = "rs_svc"
"""The owner of a row that nobody has taken from automation."""

FOREVER = 9999
"""The year in which a token ends that does not end by itself."""

_FIRST = datetime(1990, 1, 1, tzinfo=UTC)
_LONGEST_STATUS_TYPE = 64


def moment(value: Any) -> datetime | None:  # noqa: ANN401 - whatever a driver gives
    """A time of DIRAC's, which is naive and in UTC. None: there is none, or one that stands for none."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware if aware >= _FIRST and aware.year < FOREVER else None


def effective(since: Any, checked: Any) -> datetime | None:  # noqa: ANN401 - whatever a driver gives
    """Since when a record holds. None: nothing in it says."""
    return moment(since) or moment(checked)


def status(label: str) -> Status | None:
    """The status called ``label``; None: there is none."""
    try:
        return Status.parse(label.strip())
    except NotKnown:
        return None


def owner(name: str, whole: Mapping[str, str]) -> str | None:
    """The person called ``name``; None: automation. ``whole``: by what DIRAC cut them to, the names as they were."""
    said = name.strip()
    return None if said in {"", AUTOMATION} else whole.get(said, said)


def type_of(family: str, said: str) -> str:
    """The element type that ``said`` is of a family; empty if it tells nothing.

    Of sites, DIRAC tells the grid there. Queues are the only nodes that it ever had.
    """
    if family == SITE:
        return SITE
    return said.strip() or ("Queue" if family == NODE else "")


def status_type(said: str) -> str | None:
    """The status type; None: it is too long to be one."""
    stripped = said.strip() or WHOLE
    return stripped if len(stripped) <= _LONGEST_STATUS_TYPE else None

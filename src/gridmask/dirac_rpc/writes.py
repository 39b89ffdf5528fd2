"""What the parameters of DIRAC's writes wish for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmask.dirac_rpc.encoding import aware
from gridmask.dirac_rpc.selection import META, selection
from gridmask.dirac_rpc.tables import AUTOMATION, FOREVER
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.status import Status
from gridmask.service.dirac_wishes import Wish
from gridmask.service.tokens import CUSTOMARY, Wanted

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.dirac_rpc.tables import Table

SET_HERE = ("DateEffective", "LastCheckTime")
"""Columns that clients send and that follow from when something is done."""


def wish(family: str, table: Table, params: object, now: datetime) -> Wish:
    """What ``params`` wish for rows of ``table``.

    Without a VO, everyone is meant: the rows of all, and those of each VO that has its own. Without a StatusType, each that
    there is. An expiration that is over already says nothing: clients that know of none send the time of writing.

    Raises:
        InvalidRequest: there is no such column, or it cannot have such a value. NotKnown: there is no such status.
    """
    chosen = selection(table, params)
    if isinstance(params, dict) and any(called.casefold() == META for called in params):
        raise InvalidRequest("What is written has no Meta.")
    said = chosen.where
    owner = _one(said, "TokenOwner")
    until, lasting = _until(_one(said, "TokenExpiration"), now)
    status = _one(said, "Status")
    release = owner == AUTOMATION
    return Wish(
        family,
        said.get("Name", ()),
        said.get("StatusType", ()),
        _one(said, "VO"),
        _one(said, "ElementType") or "",
        Status.parse(status) if status else None,
        _one(said, "Reason") or "",
        "" if release else owner or "",
        release,
        Wanted(until, lasting) if until is not None or lasting else CUSTOMARY,
        owner is not None or until is not None or lasting,
    )


def _until(said: datetime | None, now: datetime) -> tuple[datetime | None, bool]:
    """Until when, and whether until it is released."""
    if said is None:
        return None, False
    if said.year == FOREVER.year:
        return None, True
    until = aware(said)
    return (until if until > now else None), False


def _one(said: dict[str, Any] | Any, column: str) -> Any:  # noqa: ANN401 - what the column holds
    values = said.get(column, ())
    if len(values) > 1:
        raise InvalidRequest(f"{column} can become one thing only; these are {len(values)}.")
    return values[0] if values else None

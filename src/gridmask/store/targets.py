"""What evidence names, as three columns: an element's identity, or a service on a host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmask.domain.element import ElementKey
from gridmask.domain.naming import HostedService

if TYPE_CHECKING:
    import sqlalchemy as sa

    from gridmask.domain.naming import Target

_HOST = "Host"
"""Stands where an element's family would, for a service on a host."""


def target_of(record: sa.Row[Any]) -> Target:
    """What ``record`` names."""
    if record.family == _HOST:
        return HostedService(record.name, record.type)
    return ElementKey(record.family, record.type, record.name)


def target_columns(target: Target) -> dict[str, str]:
    """``target`` by column."""
    if isinstance(target, HostedService):
        return {"family": _HOST, "type": target.service, "name": target.host}
    return target._asdict()

"""What evidence names, as three columns: an element's identity, or a service on a host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmask.recording.forms import target, words

if TYPE_CHECKING:
    import sqlalchemy as sa

    from gridmask.domain.naming import Target

COLUMNS = ("family", "type", "name")
"""The columns, in the order of the words that a target is written down as."""


def target_of(record: sa.Row[Any]) -> Target:
    """What ``record`` names."""
    return target((record.family, record.type, record.name))


def target_columns(named: Target) -> dict[str, str]:
    """``named`` by column."""
    return dict(zip(COLUMNS, words(named), strict=True))

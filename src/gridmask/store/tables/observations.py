"""What sources say of elements."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint

from gridmask.store.columns import Encoded, Name, Prose, UtcDateTime
from gridmask.store.tables.vocabulary import ACTOR, FAMILY, ID, NAME, OPTIONS, SOURCE, TYPE, VO, metadata

downtimes = Table(
    "downtimes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("source", SOURCE, nullable=False),
    Column("record", NAME, nullable=False),
    Column("known_from", UtcDateTime, nullable=False),
    Column("known_to", UtcDateTime, comment="when another version replaced it, or it was withdrawn; null while it stands"),
    Column("ended_by", Name(16), comment="edit or withdrawal"),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, comment="null is without an announced end"),
    Column("severity", Name(64), nullable=False),
    Column("scheduling", Name(32), nullable=False),
    Column("description", Prose, nullable=False),
    Column("vo", VO, nullable=False),
    Column("owner", ACTOR, nullable=False),
    Column("url", Name(1024), nullable=False),
    Column("created_at", UtcDateTime),
    Index(None, "source", "record"),
    Index(None, "known_to", "ends_at"),
    comment="Every version of every downtime, with when it was known.",
    **OPTIONS,
)

downtime_targets = Table(
    "downtime_targets",
    metadata,
    Column("downtime_id", ID, ForeignKey("downtimes.id"), primary_key=True, autoincrement=False),
    Column("family", FAMILY, primary_key=True),
    Column("type", TYPE, primary_key=True),
    Column("name", NAME, primary_key=True),
    Index(None, "name"),
    comment="The elements that a downtime names, whether or not the inventory has them.",
    **OPTIONS,
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", ID, primary_key=True),
    Column("source", SOURCE, nullable=False),
    Column("record", NAME, nullable=False),
    Column("family", FAMILY, nullable=False),
    Column("type", TYPE, nullable=False),
    Column("name", NAME, nullable=False),
    Column("kind", Name(32), nullable=False),
    Column("vo", VO, nullable=False),
    Column("value", Encoded(dict[str, Any]), nullable=False),
    Column("observed_at", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime, index=True),
    UniqueConstraint("source", "record", "family", "type", "name"),
    Index(None, "name"),
    comment="What was measured last, of each record of each source.",
    **OPTIONS,
)

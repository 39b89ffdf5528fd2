"""What happened to the world, as it was told to the step: enough to have it happen again."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table

from gridmask.store.columns import Name, Packed, UtcDateTime
from gridmask.store.tables.vocabulary import ID, NAME, OPTIONS, metadata

recorded_events = Table(
    "recorded_events",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", Name(32), nullable=False, comment="what happened; World: how everything stood then"),
    Column("action", Name(64), nullable=False),
    Column("revision", BigInteger, comment="the revision that it led to; null if it made none"),
    Column("follows", BigInteger, comment="of a World: the last event before it"),
    Column("size", BigInteger, nullable=False, comment="bytes of its parts"),
    Index(None, "kind", "at"),
    Index(None, "at"),
    comment="Everything that rows were judged for, in the order in which it happened, for as long as it is kept.",
    **OPTIONS,
)

recorded_parts = Table(
    "recorded_parts",
    metadata,
    Column("event_id", ID, ForeignKey("recorded_events.id"), primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("lowest", NAME, nullable=False, comment="of measurements: the first name in this part; else empty"),
    Column("highest", NAME, nullable=False, comment="and the last one"),
    Column("body", Packed, nullable=False),
    comment="What it was, packed. Measurements are sorted by what they are about: those of one element are in few parts.",
    **OPTIONS,
)

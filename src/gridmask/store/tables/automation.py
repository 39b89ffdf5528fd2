"""What people decide about automation, and that it did its rounds."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table

from gridmask.store.columns import Encoded, Name, Prose, UtcDateTime
from gridmask.store.tables.vocabulary import ACTOR, BATCH, HASH, ID, NAME, OPTIONS, VO, metadata

rulings = Table(
    "rulings",
    metadata,
    Column("element_id", ID, ForeignKey("elements.id"), primary_key=True, autoincrement=False),
    Column("vo", VO, primary_key=True),
    Column("mode", Name(16), nullable=False, comment="full, exclude-only, observe-only or off"),
    Column("by", ACTOR, nullable=False),
    Column("reason", Prose, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    comment="How far automation goes with elements, by what people decided.",
    **OPTIONS,
)

batches = Table(
    "batches",
    metadata,
    Column("id", BATCH, primary_key=True),
    Column("cause_kind", Name(16), nullable=False),
    Column("cause_name", NAME, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("rows", Integer, nullable=False, comment="how many rows were held in it, ever"),
    Column("vos", Encoded(frozenset[str]), nullable=False, comment="from whom too much would have been taken"),
    Column("state", Name(16), nullable=False, comment="held, confirmed or dropped"),
    Column("decided_at", UtcDateTime),
    Column("decided_by", ACTOR, nullable=False),
    Column("comment", Prose, nullable=False),
    comment="Takings that are held, and what people decided about them.",
    **OPTIONS,
)

sweeps = Table(
    "sweeps",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("checked", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("policy_revision", HASH, nullable=False),
    comment="One mark for each time that every row was checked.",
    **OPTIONS,
)

"""What is kept for clients of DIRAC."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint

from gridmask.store.columns import LongText, Name, UtcDateTime
from gridmask.store.tables.vocabulary import HASH, ID, OPTIONS, metadata

dirac_records = Table(
    "dirac_records",
    metadata,
    Column("id", ID, primary_key=True),
    Column("cache", Name(64), nullable=False, comment="what DIRAC calls the table"),
    Column("key", HASH, nullable=False, comment="of what tells it apart there"),
    Column("about", HASH, nullable=False, comment="of what it is about"),
    Column("body", LongText, nullable=False),
    Column("size", Integer, nullable=False, comment="in characters"),
    Column("written_at", UtcDateTime, nullable=False, index=True),
    UniqueConstraint("cache", "key"),
    Index(None, "cache", "about"),
    comment="What clients of DIRAC keep in its caches, and nothing here follows from.",
    **OPTIONS,
)

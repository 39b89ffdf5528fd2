"""The counter of revisions, and what is kept of the past as a whole."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table

from gridmask.store.columns import Packed, UtcDateTime
from gridmask.store.tables.vocabulary import OPTIONS, metadata

counter = Table(
    "counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    comment="One row: the last revision. Whoever changes anything locks it first, so revisions become visible in order.",
    **OPTIONS,
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, comment="when the revision was made"),
    Column("seen", BigInteger, nullable=False, comment="how many changes there were up to it"),
    Column("rows", Integer, nullable=False, comment="how many rows it holds"),
    Column("body", Packed, nullable=False),
    comment="What there was after some revisions, worked out from changes and element versions: nothing is lost with them.",
    **OPTIONS,
)

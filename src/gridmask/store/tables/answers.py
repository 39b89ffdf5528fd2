"""How sources fare, and which of their answers wait for somebody to decide."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, Table

from gridmask.domain.upheaval import Upheaval
from gridmask.store.columns import Encoded, LongText, Name, Packed, Prose, UtcDateTime
from gridmask.store.tables.vocabulary import ACTOR, HASH, OPTIONS, SOURCE, metadata

sources = Table(
    "sources",
    metadata,
    Column("name", SOURCE, primary_key=True),
    Column("kind", Name(64), nullable=False),
    Column("evidence", Name(32), nullable=False, comment="the kind of evidence that it gives; empty for an inventory"),
    Column("configured", Boolean, nullable=False, comment="whether the settings name it; the silence of others says nothing"),
    Column("url", Name(1024), nullable=False, comment="without credentials"),
    Column("attempted_at", UtcDateTime),
    Column("answered_at", UtcDateTime, comment="when it last gave a usable answer"),
    Column("valid_until", UtcDateTime, comment="until when that answer counts"),
    Column("inventories", Encoded(frozenset[str]), nullable=False),
    Column("failures", Integer, nullable=False, comment="since the last usable answer"),
    Column("failure", LongText, comment="why the last attempt failed; null if it did not"),
    Column("problems", Encoded(tuple[str, ...]), nullable=False, comment="what could not be read in the last usable answer"),
    Column("records", Integer, nullable=False),
    Column("etag", Name(1024)),
    Column("last_modified", Name(1024)),
    Column("sha256", Name(64)),
    Column("size", BigInteger),
    Column("every", BigInteger, comment="seconds between two questions, more or less"),
    Column("fetched_at", UtcDateTime, comment="when its last usable answer had come"),
    Column("elapsed", BigInteger, comment="milliseconds that this took"),
    Column("previous_at", UtcDateTime, comment="when the usable answer before that had come"),
    Column("failing_since", UtcDateTime, comment="when the first attempt failed that no usable answer followed"),
    Column("failed_at", UtcDateTime, comment="when an attempt last failed"),
    Column("last_failure", LongText, comment="why that was"),
    Column("unwell_since", UtcDateTime, comment="when operators were told that it fails; null: they need not know"),
    Column("trusted_at", UtcDateTime, comment="when a person last said that an answer is right, whatever it takes back"),
    comment="How each source fares.",
    **OPTIONS,
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("source", SOURCE, primary_key=True),
    Column("state", Name(16), nullable=False, comment="held or dropped"),
    Column("since", UtcDateTime, nullable=False, comment="since when its answers would change too much"),
    Column("url", Name(1024), nullable=False, comment="without credentials"),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("elapsed", BigInteger, nullable=False, comment="milliseconds that it took to come"),
    Column("sha256", HASH, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("etag", Name(1024)),
    Column("last_modified", Name(1024)),
    Column("repeated_at", UtcDateTime, nullable=False, comment="when the source last said what would change the same"),
    Column("times", Integer, nullable=False, comment="how often it said so"),
    Column("upheaval", Encoded(Upheaval), nullable=False, comment="what it would change"),
    Column("decided_at", UtcDateTime),
    Column("decided_by", ACTOR, nullable=False),
    Column("reason", Prose, nullable=False),
    comment="The answer of each source that would change too much, until somebody decides, or a better one comes.",
    **OPTIONS,
)

quarantine_parts = Table(
    "quarantine_parts",
    metadata,
    Column("source", SOURCE, ForeignKey("quarantine.source"), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("body", Packed, nullable=False),
    comment="These answers themselves, packed, in parts.",
    **OPTIONS,
)

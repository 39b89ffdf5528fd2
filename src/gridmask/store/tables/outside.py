"""What the outside must be told, and how far that is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from gridmask.store.columns import Encoded, LongText, Name, Packed, UtcDateTime
from gridmask.store.tables.vocabulary import ACTION, ID, OPTIONS, metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", Name(128), nullable=False, unique=True, comment="the same however often it is sent"),
    Column("topic", Name(64), nullable=False),
    Column("payload", Encoded(dict[str, Any]), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "topic", "id"),
    comment="What the outside must be told, at least once.",
    **OPTIONS,
)

actions = Table(
    "actions",
    metadata,
    Column("name", ACTION, primary_key=True),
    Column("kind", Name(64), nullable=False),
    Column("configured", Boolean, nullable=False, comment="whether the settings name it; others hold nothing up"),
    Column("since", UtcDateTime, nullable=False, comment="when it began"),
    Column("position", BigInteger, nullable=False, comment="the entry of the outbox that it is through with, and all before"),
    Column("told_at", UtcDateTime, comment="when it last told the outside something"),
    Column("wake_at", UtcDateTime, comment="when it wants to be woken, news or not"),
    Column("leased_by", Name(64), comment="the process that works on it"),
    Column("leased_until", UtcDateTime),
    comment="Effects on the outside, and how far each is through the outbox.",
    **OPTIONS,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("action", ACTION, ForeignKey("actions.name"), nullable=False),
    Column("entry_id", ID, ForeignKey("outbox.id"), nullable=False),
    Column("state", Name(16), nullable=False, comment="waiting, recalled or dead"),
    Column("attempts", Integer, nullable=False),
    Column("first_failed_at", UtcDateTime, nullable=False),
    Column("failed_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, comment="when it is tried again; null: not by itself"),
    Column("trouble", Name(16), nullable=False, comment="unreachable, deferred, fault or refused"),
    Column("failure", LongText, nullable=False),
    UniqueConstraint("action", "entry_id"),
    Index(None, "entry_id"),
    comment="What an action could not tell, and is tried again, or was given up: dead letters.",
    **OPTIONS,
)

action_states = Table(
    "action_states",
    metadata,
    Column("name", ACTION, primary_key=True),
    Column("body", Packed, nullable=False, comment="packed; what is in it, the action knows"),
    comment="What actions remember: which notifications wait, and for what.",
    **OPTIONS,
)

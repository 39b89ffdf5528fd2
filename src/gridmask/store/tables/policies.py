"""The policies: those that decisions refer to, and those that VOs keep by the API."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Integer, Table, UniqueConstraint

from gridmask.store.columns import Encoded, LongText, Prose, UtcDateTime
from gridmask.store.tables.vocabulary import ACTOR, HASH, ID, OPTIONS, VO, metadata

policy_revisions = Table(
    "policy_revisions",
    metadata,
    Column("revision", HASH, primary_key=True),
    Column("loaded_at", UtcDateTime, nullable=False),
    Column("document", Encoded(dict[str, Any]), nullable=False),
    Column("author", ACTOR, nullable=False, comment="whose the file was that had changed last"),
    comment="What the policies were that decisions refer to.",
    **OPTIONS,
)

policy_layers = Table(
    "policy_layers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("vo", VO, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", HASH, nullable=False, comment="a hash of the text"),
    Column("text", LongText, nullable=False),
    Column("author", ACTOR, nullable=False),
    Column("put_at", UtcDateTime, nullable=False),
    Column("reason", Prose, nullable=False),
    UniqueConstraint("vo", "version"),
    comment="Every version of the policies of VOs that keep them by the API. The last one counts, while it does.",
    **OPTIONS,
)

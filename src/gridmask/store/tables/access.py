"""Who did what, with which tokens, and what they asked for by a key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from gridmask.domain.rights import Grant
from gridmask.store.columns import Encoded, Name, Packed, Prose, UtcDateTime
from gridmask.store.tables.vocabulary import ACTOR, HASH, ID, NAME, OPTIONS, VO, metadata

audit = Table(
    "audit",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", ACTOR, nullable=False),
    Column("actor_kind", Name(16), nullable=False),
    Column("action", Name(64), nullable=False),
    Column("comment", Prose, nullable=False),
    Column("revision", BigInteger, unique=True, comment="the revision that it made; null if it changed no status"),
    Column("issuer", NAME, nullable=False, server_default="", comment="who vouched for the actor; empty: nobody had to"),
    Column("address", Name(64), nullable=False, server_default="", comment="whence it was asked for; empty: from here"),
    Column("request", Name(64), nullable=False, server_default="", comment="the identifier of the request"),
    Column("details", Encoded(dict[str, Any]), comment="what changes tell nothing of: before, and after"),
    Index(None, "action", "at"),
    Index(None, "actor", "id"),
    Index(None, "request"),
    comment="Who did what.",
    **OPTIONS,
)

audit_vos = Table(
    "audit_vos",
    metadata,
    Column("audit_id", ID, ForeignKey("audit.id"), primary_key=True, autoincrement=False),
    Column("vo", VO, primary_key=True),
    Index(None, "vo", "audit_id"),
    comment="The VOs whose something was done to; all, if it belongs to the installation.",
    **OPTIONS,
)

service_tokens = Table(
    "service_tokens",
    metadata,
    Column("id", Name(16), primary_key=True),
    Column("name", ACTOR, nullable=False),
    Column("digest", HASH, nullable=False, comment="of the secret, which is kept nowhere"),
    Column("grants", Encoded(frozenset[Grant]), nullable=False),
    Column("issued_by", ACTOR, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime, comment="when it ceased to count before its time; null: it did not"),
    Column("reason", Prose, nullable=False),
    comment="Tokens for scripts and probes.",
    **OPTIONS,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("id", ID, primary_key=True),
    Column("actor", ACTOR, nullable=False),
    Column("key", Name(255), nullable=False),
    Column("fingerprint", HASH, nullable=False, comment="of all that was asked for"),
    Column("request", Name(64), nullable=False, comment="the identifier of the request that did it"),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("status", Integer, comment="of the answer; null: it is not there, or not yet"),
    Column("headers", Encoded(dict[str, str])),
    Column("body", Packed, comment="packed; null: it must not be kept"),
    UniqueConstraint("actor", "key"),
    comment="What was asked for with a key, done, and answered: to be repeated and not done again.",
    **OPTIONS,
)

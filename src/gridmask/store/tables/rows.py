"""What every row is, every change of it, and what the policies said of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, SmallInteger, Table, false

from gridmask.domain.damping import Penalty
from gridmask.domain.decision import Reason, Verdict
from gridmask.domain.evidence import Used
from gridmask.domain.guard import Because, Hold
from gridmask.domain.transition import GoodRun
from gridmask.store.columns import Encoded, Name, UtcDateTime
from gridmask.store.tables.vocabulary import ACTOR, BATCH, HASH, ID, OPTIONS, metadata, row_identity

_AGREED = "whether the token ends once automation agrees"

statuses = Table(
    "statuses",
    metadata,
    *row_identity(is_key=True),
    Column("status", SmallInteger, nullable=False, comment="0 Error, 1 Banned, 2 Probing, 3 Degraded, 4 Active, 5 Unknown"),
    Column("since", UtcDateTime, nullable=False),
    Column("owes_probing", Boolean, nullable=False),
    Column("run", Encoded(GoodRun)),
    Column("reasons", Encoded(tuple[Reason, ...]), nullable=False),
    Column("verdicts", Encoded(tuple[Verdict, ...]), nullable=False),
    Column("opinion", SmallInteger, nullable=False, comment="what automation would set"),
    Column("token_owner", ACTOR, index=True),
    Column("token_expires_at", UtcDateTime),
    Column("binding", Boolean, nullable=False),
    Column("due", UtcDateTime, index=True, comment="when it may become another by itself"),
    Column("policy_revision", HASH, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("hold", Encoded(Hold)),
    Column("hold_batch", BATCH, index=True, comment="the batch that the hold belongs to"),
    Column("penalty", Encoded(Penalty), comment="what the row has gathered by flapping"),
    Column("token_agreed", Boolean, nullable=False, server_default=false(), comment=_AGREED),
    Column("token_review_at", UtcDateTime, comment="when to look at it again"),
    Column("token_notice_at", UtcDateTime, comment="when to remind its owner; null: done"),
    comment="What every row is now.",
    **OPTIONS,
)

changes = Table(
    "changes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("revision", BigInteger, nullable=False, index=True),
    *row_identity(),
    Column("kind", Name(16), nullable=False),
    Column("old", SmallInteger),
    Column("new", SmallInteger),
    Column("reasons", Encoded(tuple[Reason, ...]), nullable=False),
    Column("token_owner", ACTOR),
    Column("token_expires_at", UtcDateTime),
    Column("binding", Boolean, nullable=False),
    Column("actor", ACTOR, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("taken", Encoded(Because), comment="why automation took it; null if it did not"),
    Column("token_agreed", Boolean, nullable=False, server_default=false(), comment=_AGREED),
    Column("token_from", ACTOR, comment="whose the row was, if another's"),
    Index(None, "element_id", "status_type", "vo", "id"),
    comment="Every change of a row, ever. A change of the element itself has an empty status type and VO.",
    **OPTIONS,
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", ID, primary_key=True),
    *row_identity(),
    Column("at", UtcDateTime, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("opinion", SmallInteger, nullable=False),
    Column("verdicts", Encoded(tuple[Verdict, ...]), nullable=False),
    Column("policy_revision", HASH, nullable=False),
    Column("revision", BigInteger, comment="the revision that it led to; null if it changed no status"),
    Column("evidence", Encoded(tuple[Used, ...]), comment="what the verdicts rest on"),
    Column("hold", Encoded(Hold), comment="what the guard made of it"),
    Column("penalty", Encoded(Penalty), comment="what the row had gathered by flapping"),
    Column("due", UtcDateTime, comment="when the row was to be looked at again"),
    Index(None, "element_id", "status_type", "vo", "id"),
    Index(None, "revision", "at"),
    comment="What the policies said each time that they said something else.",
    **OPTIONS,
)

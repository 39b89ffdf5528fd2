"""Work that several processes share: what is due, who does it, and who there is to do it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table

from gridmask.store.columns import Name, UtcDateTime
from gridmask.store.tables.vocabulary import OPTIONS, VO, metadata

work = Table(
    "work",
    metadata,
    Column("kind", Name(32), primary_key=True, comment="what is to be done; who does not know it leaves it alone"),
    Column("key", Name(128), primary_key=True, comment="of what: a source, a share of the hosts; empty: there is one of it"),
    Column("vo", VO, nullable=False, comment="for whom, so that nobody waits for others' work"),
    Column("host", Name(255), nullable=False, comment="whom it burdens: one process at a time; empty: nobody"),
    Column("due_at", UtcDateTime, nullable=False, index=True),
    Column("holder", Name(64), nullable=False, comment="who does it; empty: nobody"),
    Column(
        "token", BigInteger, nullable=False, comment="the ticket of who does it, or did last: others can commit nothing of it"
    ),
    Column("lease_until", UtcDateTime, comment="until when, unless they say that it goes on"),
    Column("began_at", UtcDateTime, comment="when it was begun last"),
    Column("ended_at", UtcDateTime, comment="when it was done last"),
    Column("attempts", Integer, nullable=False, comment="how often it was begun and not done, in a row"),
    Column("outcome", Name(16), nullable=False, comment="what came of it last: done, failed, lost; empty: nothing yet"),
    comment="Work that is due again and again, and which process does it.",
    **OPTIONS,
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    comment="One row: the last ticket. Whoever takes up work locks it first, and so one does after the other.",
    **OPTIONS,
)

workers = Table(
    "workers",
    metadata,
    Column("name", Name(64), primary_key=True),
    Column("host", Name(64), nullable=False, comment="the machine that it runs on"),
    Column("version", Name(32), nullable=False),
    Column("kinds", Name(255), nullable=False, comment="what it does, by commas"),
    Column("places", Integer, nullable=False, comment="how many sources it reads at once"),
    Column("began_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False, comment="when it was last heard of"),
    comment="Processes that do work, as long as they are heard of.",
    **OPTIONS,
)

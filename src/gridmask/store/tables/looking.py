"""Who looks at services, and when a person said that what is seen there is true."""

from __future__ import annotations

from sqlalchemy import Column, Table

from gridmask.store.columns import Name, Prose, UtcDateTime
from gridmask.store.tables.vocabulary import ACTOR, ID, OPTIONS, metadata

leases = Table(
    "leases",
    metadata,
    Column("name", Name(64), primary_key=True, comment="the work"),
    Column("holder", Name(64), nullable=False, comment="the process that does it; empty: none"),
    Column("until", UtcDateTime, nullable=False, comment="until when, unless it says that it goes on"),
    comment="Work that one process does at a time, and which one that is.",
    **OPTIONS,
)

beliefs = Table(
    "beliefs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("actor", ACTOR, nullable=False),
    Column("reason", Prose, nullable=False),
    comment="When a person said that the failures which probes see are real, however many hosts fail; the last one counts.",
    **OPTIONS,
)

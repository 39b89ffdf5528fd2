"""What all tables are made with: how things in them are called, their identities, and what each database is told of each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData

from gridmask.store.columns import Name

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""How indexes and constraints are called."""

metadata = MetaData(naming_convention=NAMING)
"""All tables."""

# names are the same if all their characters are, everywhere; so are their indexes. On MySQL it has another name: see 0006
OPTIONS: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_nopad_bin"}
ID = BigInteger().with_variant(Integer, "sqlite")

FAMILY, TYPE, NAME, STATUS_TYPE, VO, SOURCE, ACTOR, ACTION, HASH, BATCH = (
    Name(16),
    Name(64),
    Name(255),
    Name(64),
    Name(64),
    Name(64),
    Name(128),
    Name(128),
    Name(64),
    Name(64),
)


def row_identity(*, is_key: bool = False) -> tuple[Column[Any], ...]:
    """The three words by which a row is known, as columns of another table."""
    return (
        Column("element_id", ID, ForeignKey("elements.id"), primary_key=is_key, nullable=False, autoincrement=False),
        Column("status_type", STATUS_TYPE, primary_key=is_key, nullable=False),
        Column("vo", VO, primary_key=is_key, nullable=False),
    )

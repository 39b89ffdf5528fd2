"""One process at a time makes the probes, and a person can say that what they find is real."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gridmask.store.columns import Name, Prose, UtcDateTime, exact_collation

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", Name(64), nullable=False, comment="the work"),
        sa.Column("holder", Name(64), nullable=False, comment="the process that does it; empty: none"),
        sa.Column("until", UtcDateTime(), nullable=False, comment="until when, unless it says that it goes on"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
        comment="Work that one process does at a time, and which one that is.",
        **options(),
    )
    op.create_table(
        "beliefs",
        sa.Column("id", ID, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("actor", Name(128), nullable=False),
        sa.Column("reason", Prose(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beliefs")),
        comment="When a person said that the failures which probes see are real, however many hosts fail; the last one counts.",
        **options(),
    )


def downgrade() -> None:
    for table in ("beliefs", "leases"):
        op.drop_table(table)


def options() -> dict[str, Any]:
    collation = exact_collation(is_mariadb=getattr(op.get_bind().dialect, "is_mariadb", False))
    return {"mysql_charset": "utf8mb4", "mysql_collate": collation, "mysql_engine": "InnoDB"}

"""Several processes share work."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gridmask.store.columns import Name, UtcDateTime, exact_collation

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work",
        sa.Column("kind", Name(32), nullable=False, comment="what is to be done; who does not know it leaves it alone"),
        sa.Column(
            "key", Name(128), nullable=False, comment="of what: a source, a share of the hosts; empty: there is one of it"
        ),
        sa.Column("vo", Name(64), nullable=False, comment="for whom, so that nobody waits for others' work"),
        sa.Column("host", Name(255), nullable=False, comment="whom it burdens: one process at a time; empty: nobody"),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("holder", Name(64), nullable=False, comment="who does it; empty: nobody"),
        sa.Column(
            "token",
            sa.BigInteger(),
            nullable=False,
            comment="the ticket of who does it, or did last: others can commit nothing of it",
        ),
        sa.Column("lease_until", UtcDateTime(), comment="until when, unless they say that it goes on"),
        sa.Column("began_at", UtcDateTime(), comment="when it was begun last"),
        sa.Column("ended_at", UtcDateTime(), comment="when it was done last"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="how often it was begun and not done, in a row"),
        sa.Column("outcome", Name(16), nullable=False, comment="what came of it last: done, failed, lost; empty: nothing yet"),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_work")),
        comment="Work that is due again and again, and which process does it.",
        **options(),
    )
    op.create_index(op.f("ix_work_due_at"), "work", ["due_at"])
    tickets = op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        comment="One row: the last ticket. Whoever takes up work locks it first, and so one does after the other.",
        **options(),
    )
    op.bulk_insert(tickets, [{"id": 1, "last": 0}])
    op.create_table(
        "workers",
        sa.Column("name", Name(64), nullable=False),
        sa.Column("host", Name(64), nullable=False, comment="the machine that it runs on"),
        sa.Column("version", Name(32), nullable=False),
        sa.Column("kinds", Name(255), nullable=False, comment="what it does, by commas"),
        sa.Column("places", sa.Integer(), nullable=False, comment="how many sources it reads at once"),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False, comment="when it was last heard of"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
        comment="Processes that do work, as long as they are heard of.",
        **options(),
    )


def downgrade() -> None:
    for table in ("workers", "tickets", "work"):
        op.drop_table(table)


def options() -> dict[str, Any]:
    collation = exact_collation(is_mariadb=getattr(op.get_bind().dialect, "is_mariadb", False))
    return {"mysql_charset": "utf8mb4", "mysql_collate": collation, "mysql_engine": "InnoDB"}

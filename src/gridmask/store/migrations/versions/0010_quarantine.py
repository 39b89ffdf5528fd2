"""Answers that would change too much are kept, and of each source is known how it fared."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gridmask.store.columns import LongText, Name, Packed, Prose, UtcDateTime, exact_collation

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENTS = {
    "fetched_at": "when its last usable answer had come",
    "previous_at": "when the usable answer before that had come",
    "failing_since": "when the first attempt failed that no usable answer followed",
    "failed_at": "when an attempt last failed",
    "unwell_since": "when operators were told that it fails; null: they need not know",
    "trusted_at": "when a person last said that an answer is right, whatever it takes back",
}
NUMBERS = {
    "every": "seconds between two questions, more or less",
    "elapsed": "milliseconds that this took",
}


def upgrade() -> None:
    for name, comment in NUMBERS.items():
        op.add_column("sources", sa.Column(name, sa.BigInteger(), comment=comment))
    for name, comment in MOMENTS.items():
        op.add_column("sources", sa.Column(name, UtcDateTime(), comment=comment))
    op.add_column("sources", sa.Column("last_failure", LongText(), comment="why that was"))
    create_quarantine()
    op.create_table(
        "quarantine_parts",
        sa.Column("source", Name(64), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("body", Packed(), nullable=False),
        sa.PrimaryKeyConstraint("source", "part", name=op.f("pk_quarantine_parts")),
        sa.ForeignKeyConstraint(["source"], ["quarantine.source"], name=op.f("fk_quarantine_parts_source")),
        comment="These answers themselves, packed, in parts.",
        **options(),
    )


def create_quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("source", Name(64), nullable=False),
        sa.Column("state", Name(16), nullable=False, comment="held or dropped"),
        sa.Column("since", UtcDateTime(), nullable=False, comment="since when its answers would change too much"),
        sa.Column("url", Name(1024), nullable=False, comment="without credentials"),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.Column("elapsed", sa.BigInteger(), nullable=False, comment="milliseconds that it took to come"),
        sa.Column("sha256", Name(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("etag", Name(1024)),
        sa.Column("last_modified", Name(1024)),
        sa.Column("repeated_at", UtcDateTime(), nullable=False, comment="when the source last said what would change the same"),
        sa.Column("times", sa.Integer(), nullable=False, comment="how often it said so"),
        sa.Column("upheaval", LongText(), nullable=False, comment="what it would change"),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("decided_by", Name(128), nullable=False),
        sa.Column("reason", Prose(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_quarantine")),
        comment="The answer of each source that would change too much, until somebody decides, or a better one comes.",
        **options(),
    )


def downgrade() -> None:
    op.drop_table("quarantine_parts")
    op.drop_table("quarantine")
    for name in ("last_failure", *reversed(MOMENTS), *reversed(NUMBERS)):
        op.drop_column("sources", name)


def options() -> dict[str, Any]:
    collation = exact_collation(is_mariadb=getattr(op.get_bind().dialect, "is_mariadb", False))
    return {"mysql_charset": "utf8mb4", "mysql_collate": collation, "mysql_engine": "InnoDB"}

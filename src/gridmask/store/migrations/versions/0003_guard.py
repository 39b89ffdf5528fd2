"""What the guard holds and why rows were taken, what flapping costs, and measurements."""

import sqlalchemy as sa
from alembic import op

from gridmask.store.columns import LongText, Name, Prose, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LONG_TEXT = LongText()


def upgrade() -> None:
    op.add_column("statuses", sa.Column("hold", LONG_TEXT))
    op.add_column("statuses", sa.Column("hold_batch", Name(64), comment="the batch that the hold belongs to"))
    op.add_column("statuses", sa.Column("penalty", LONG_TEXT, comment="what the row has gathered by flapping"))
    op.create_index(op.f("ix_statuses_hold_batch"), "statuses", ["hold_batch"])
    op.add_column("changes", sa.Column("taken", LONG_TEXT, comment="why automation took it; null if it did not"))
    op.create_index(op.f("ix_changes_at"), "changes", ["at"])
    op.create_table(
        "batches",
        sa.Column("id", Name(64), nullable=False),
        sa.Column("cause_kind", Name(16), nullable=False),
        sa.Column("cause_name", Name(255), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False, comment="how many rows were held in it, ever"),
        sa.Column("vos", LONG_TEXT, nullable=False, comment="from whom too much would have been taken"),
        sa.Column("state", Name(16), nullable=False, comment="held, confirmed or dropped"),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("decided_by", Name(128), nullable=False),
        sa.Column("comment", Prose(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        comment="Takings that are held, and what people decided about them.",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_batches_expires_at"), "batches", ["expires_at"])
    author: sa.Column[str] = sa.Column(
        "author", Name(128), nullable=False, server_default="", comment="whose the file was that had changed last"
    )
    op.add_column("policy_revisions", author)
    create_evidence()


def create_evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", Name(64), nullable=False),
        sa.Column("record", Name(255), nullable=False),
        sa.Column("family", Name(16), nullable=False),
        sa.Column("type", Name(64), nullable=False),
        sa.Column("name", Name(255), nullable=False),
        sa.Column("kind", Name(32), nullable=False),
        sa.Column("vo", Name(64), nullable=False),
        sa.Column("value", LONG_TEXT, nullable=False),
        sa.Column("observed_at", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint(
            "source", "record", "family", "type", "name", name=op.f("uq_evidence_source_record_family_type_name")
        ),
        comment="What was measured last, of each record of each source.",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_evidence_name"), "evidence", ["name"])
    op.create_index(op.f("ix_evidence_valid_until"), "evidence", ["valid_until"])


def downgrade() -> None:
    op.drop_table("evidence")
    op.drop_column("policy_revisions", "author")
    op.drop_table("batches")
    op.drop_index(op.f("ix_changes_at"), "changes")
    op.drop_column("changes", "taken")
    op.drop_index(op.f("ix_statuses_hold_batch"), "statuses")
    for column in ("penalty", "hold_batch", "hold"):
        op.drop_column("statuses", column)

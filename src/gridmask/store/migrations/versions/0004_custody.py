"""How a token ends and when its owner is reminded, how far automation goes with an element, and what decisions rest on."""

import sqlalchemy as sa
from alembic import op

from gridmask.store.columns import LongText, Name, Prose, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LONG_TEXT = LongText()

AGREED = "whether the token ends once automation agrees"


def upgrade() -> None:
    for table in ("statuses", "changes"):
        op.add_column(table, sa.Column("token_agreed", sa.Boolean(), nullable=False, server_default=sa.false(), comment=AGREED))
    op.add_column("statuses", sa.Column("token_review_at", UtcDateTime(), comment="when to look at it again"))
    op.add_column("statuses", sa.Column("token_notice_at", UtcDateTime(), comment="when to remind its owner; null: done"))
    op.create_index(op.f("ix_statuses_token_owner"), "statuses", ["token_owner"])
    op.add_column("changes", sa.Column("token_from", Name(128), comment="whose the row was, if another's"))
    op.add_column("decisions", sa.Column("evidence", LONG_TEXT, comment="what the verdicts rest on"))
    op.add_column("decisions", sa.Column("hold", LONG_TEXT, comment="what the guard made of it"))
    op.add_column("decisions", sa.Column("penalty", LONG_TEXT, comment="what the row had gathered by flapping"))
    op.add_column("decisions", sa.Column("due", UtcDateTime(), comment="when the row was to be looked at again"))
    op.create_table(
        "rulings",
        sa.Column("element_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=False),
        sa.Column("vo", Name(64), nullable=False),
        sa.Column("mode", Name(16), nullable=False, comment="full, exclude-only, observe-only or off"),
        sa.Column("by", Name(128), nullable=False),
        sa.Column("reason", Prose(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["element_id"], ["elements.id"], name=op.f("fk_rulings_element_id")),
        sa.PrimaryKeyConstraint("element_id", "vo", name=op.f("pk_rulings")),
        comment="How far automation goes with elements, by what people decided.",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )


def downgrade() -> None:
    op.drop_table("rulings")
    for column in ("due", "penalty", "hold", "evidence"):
        op.drop_column("decisions", column)
    op.drop_column("changes", "token_from")
    op.drop_index(op.f("ix_statuses_token_owner"), "statuses")
    op.drop_column("statuses", "token_notice_at")
    op.drop_column("statuses", "token_review_at")
    for table in ("changes", "statuses"):
        op.drop_column(table, "token_agreed")

"""The policies of VOs that keep them by the API."""

import sqlalchemy as sa
from alembic import op

from gridmask.store.columns import LongText, Name, Prose, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LONG_TEXT = LongText()


def upgrade() -> None:
    comment = "whether its policies are kept here"
    op.add_column("vos", sa.Column("policies_by_api", sa.Boolean(), nullable=False, server_default=sa.false(), comment=comment))
    op.create_table(
        "policy_layers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vo", Name(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", Name(64), nullable=False, comment="a hash of the text"),
        sa.Column("text", LONG_TEXT, nullable=False),
        sa.Column("author", Name(128), nullable=False),
        sa.Column("put_at", UtcDateTime(), nullable=False),
        sa.Column("reason", Prose(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_layers")),
        sa.UniqueConstraint("vo", "version", name=op.f("uq_policy_layers_vo_version")),
        comment="Every version of the policies of VOs that keep them by the API. The last one counts, while it does.",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )


def downgrade() -> None:
    op.drop_table("policy_layers")
    op.drop_column("vos", "policies_by_api")

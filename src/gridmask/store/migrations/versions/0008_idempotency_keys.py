"""What was asked for with a key, done, and answered; and what a request did is found at once."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gridmask.store.columns import LongText, Name, Packed, UtcDateTime, exact_collation

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("id", ID, nullable=False),
        sa.Column("actor", Name(128), nullable=False),
        sa.Column("key", Name(255), nullable=False),
        sa.Column("fingerprint", Name(64), nullable=False, comment="of all that was asked for"),
        sa.Column("request", Name(64), nullable=False, comment="the identifier of the request that did it"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.Integer(), comment="of the answer; null: it is not there, or not yet"),
        sa.Column("headers", LongText()),
        sa.Column("body", Packed(), comment="packed; null: it must not be kept"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("actor", "key", name=op.f("uq_idempotency_keys_actor_key")),
        comment="What was asked for with a key, done, and answered: to be repeated and not done again.",
        **options(),
    )
    op.create_index(op.f("ix_idempotency_keys_at"), "idempotency_keys", ["at"])
    op.create_index(op.f("ix_audit_request"), "audit", ["request"])


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_request"), "audit")
    op.drop_table("idempotency_keys")


def options() -> dict[str, Any]:
    collation = exact_collation(is_mariadb=getattr(op.get_bind().dialect, "is_mariadb", False))
    return {"mysql_charset": "utf8mb4", "mysql_collate": collation, "mysql_engine": "InnoDB"}

"""What clients of DIRAC keep in its caches outlasts a process, and is the same in all of them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gridmask.store.columns import LongText, Name, UtcDateTime, exact_collation

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dirac_records",
        sa.Column("id", ID, nullable=False),
        sa.Column("cache", Name(64), nullable=False, comment="what DIRAC calls the table"),
        sa.Column("key", Name(64), nullable=False, comment="of what tells it apart there"),
        sa.Column("about", Name(64), nullable=False, comment="of what it is about"),
        sa.Column("body", LongText(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="in characters"),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dirac_records")),
        sa.UniqueConstraint("cache", "key", name=op.f("uq_dirac_records_cache_key")),
        comment="What clients of DIRAC keep in its caches, and nothing here follows from.",
        **options(),
    )
    op.create_index(op.f("ix_dirac_records_written_at"), "dirac_records", ["written_at"])
    op.create_index(op.f("ix_dirac_records_cache_about"), "dirac_records", ["cache", "about"])


def downgrade() -> None:
    op.drop_table("dirac_records")


def options() -> dict[str, Any]:
    collation = exact_collation(is_mariadb=getattr(op.get_bind().dialect, "is_mariadb", False))
    return {"mysql_charset": "utf8mb4", "mysql_collate": collation, "mysql_engine": "InnoDB"}

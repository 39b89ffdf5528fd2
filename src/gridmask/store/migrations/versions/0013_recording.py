"""What happens to the world is recorded, so that it can happen again."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gridmask.store.columns import Name, Packed, UtcDateTime, exact_collation

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "recorded_events",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", Name(32), nullable=False, comment="what happened; World: how everything stood then"),
        sa.Column("action", Name(64), nullable=False),
        sa.Column("revision", sa.BigInteger(), comment="the revision that it led to; null if it made none"),
        sa.Column("follows", sa.BigInteger(), comment="of a World: the last event before it"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes of its parts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorded_events")),
        comment="Everything that rows were judged for, in the order in which it happened, for as long as it is kept.",
        **options(),
    )
    op.create_index(op.f("ix_recorded_events_kind_at"), "recorded_events", ["kind", "at"])
    op.create_index(op.f("ix_recorded_events_at"), "recorded_events", ["at"])
    op.create_table(
        "recorded_parts",
        sa.Column("event_id", ID, autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lowest", Name(255), nullable=False, comment="of measurements: the first name in this part; else empty"),
        sa.Column("highest", Name(255), nullable=False, comment="and the last one"),
        sa.Column("body", Packed(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["recorded_events.id"], name=op.f("fk_recorded_parts_event_id")),
        sa.PrimaryKeyConstraint("event_id", "part", name=op.f("pk_recorded_parts")),
        comment="What it was, packed. Measurements are sorted by what they are about: those of one element are in few parts.",
        **options(),
    )


def downgrade() -> None:
    for table in ("recorded_parts", "recorded_events"):
        op.drop_table(table)


def options() -> dict[str, Any]:
    collation = exact_collation(is_mariadb=getattr(op.get_bind().dialect, "is_mariadb", False))
    return {"mysql_charset": "utf8mb4", "mysql_collate": collation, "mysql_engine": "InnoDB"}

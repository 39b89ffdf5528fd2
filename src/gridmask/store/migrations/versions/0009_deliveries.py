"""How far each action is through the outbox, what it could not tell, and what it remembers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gridmask.store.columns import LongText, Name, Packed, UtcDateTime, exact_collation

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ACTION = Name(128)
OUTBOX = sa.table("outbox", *map(sa.column, ("id", "topic", "created_at", "delivered_at")))
ACTIONS = sa.table("actions", *map(sa.column, ("name", "kind", "configured", "since", "position")))


def upgrade() -> None:
    create_actions()
    create_deliveries()
    op.create_table(
        "action_states",
        sa.Column("name", ACTION, nullable=False),
        sa.Column("body", Packed(), nullable=False, comment="packed; what is in it, the action knows"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_action_states")),
        comment="What actions remember: which notifications wait, and for what.",
        **options(),
    )
    carry_over()
    op.drop_index(op.f("ix_outbox_delivered_at_id"), "outbox")
    for column in ("delivered_at", "attempts", "failure"):
        op.drop_column("outbox", column)
    op.create_index(op.f("ix_outbox_topic_id"), "outbox", ["topic", "id"])


def create_actions() -> None:
    through = "the entry of the outbox that it is through with, and all before"
    op.create_table(
        "actions",
        sa.Column("name", ACTION, nullable=False),
        sa.Column("kind", Name(64), nullable=False),
        sa.Column("configured", sa.Boolean(), nullable=False, comment="whether the settings name it; others hold nothing up"),
        sa.Column("since", UtcDateTime(), nullable=False, comment="when it began"),
        sa.Column("position", sa.BigInteger(), nullable=False, comment=through),
        sa.Column("told_at", UtcDateTime(), comment="when it last told the outside something"),
        sa.Column("wake_at", UtcDateTime(), comment="when it wants to be woken, news or not"),
        sa.Column("leased_by", Name(64), comment="the process that works on it"),
        sa.Column("leased_until", UtcDateTime()),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_actions")),
        comment="Effects on the outside, and how far each is through the outbox.",
        **options(),
    )


def create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("action", ACTION, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("state", Name(16), nullable=False, comment="waiting, recalled or dead"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_failed_at", UtcDateTime(), nullable=False),
        sa.Column("failed_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), comment="when it is tried again; null: not by itself"),
        sa.Column("trouble", Name(16), nullable=False, comment="unreachable, deferred, fault or refused"),
        sa.Column("failure", LongText(), nullable=False),
        sa.ForeignKeyConstraint(["action"], ["actions.name"], name=op.f("fk_deliveries_action")),
        sa.ForeignKeyConstraint(["entry_id"], ["outbox.id"], name=op.f("fk_deliveries_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("action", "entry_id", name=op.f("uq_deliveries_action_entry_id")),
        comment="What an action could not tell, and is tried again, or was given up: dead letters.",
        **options(),
    )
    op.create_index(op.f("ix_deliveries_entry_id"), "deliveries", ["entry_id"])


def carry_over() -> None:
    """Where something was not delivered yet, actions begin there, and not at the present: see ``store/deliveries.py``."""
    first = op.get_bind().execute(sa.select(sa.func.min(OUTBOX.c.id)).where(OUTBOX.c.delivered_at.is_(None))).scalar()
    if first is not None:
        since = sa.select(OUTBOX.c.created_at).where(OUTBOX.c.id == first)
        begun = sa.select(sa.literal(""), sa.literal(""), sa.false(), since.scalar_subquery(), sa.literal(first - 1))
        op.execute(ACTIONS.insert().from_select(["name", "kind", "configured", "since", "position"], begun))


def downgrade() -> None:
    op.drop_index(op.f("ix_outbox_topic_id"), "outbox")
    op.add_column("outbox", sa.Column("delivered_at", UtcDateTime()))
    op.add_column("outbox", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("failure", LongText()))
    op.create_index(op.f("ix_outbox_delivered_at_id"), "outbox", ["delivered_at", "id"])
    behind = sa.select(sa.func.min(ACTIONS.c.position)).where(ACTIONS.c.configured | (ACTIONS.c.name == ""))
    upto = op.get_bind().execute(behind).scalar()
    told = sa.true() if upto is None else OUTBOX.c.id <= upto
    op.execute(OUTBOX.update().where(told).values(delivered_at=OUTBOX.c.created_at))
    for table in ("action_states", "deliveries", "actions"):
        op.drop_table(table)
    op.execute(OUTBOX.delete().where(OUTBOX.c.topic.startswith("message:")))  # nobody else would know what to do with them


def options() -> dict[str, Any]:
    collation = exact_collation(is_mariadb=getattr(op.get_bind().dialect, "is_mariadb", False))
    return {"mysql_charset": "utf8mb4", "mysql_collate": collation, "mysql_engine": "InnoDB"}

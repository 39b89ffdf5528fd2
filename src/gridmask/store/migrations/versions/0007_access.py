"""Tokens for scripts and probes; whence somebody came who did something, and which VOs it concerned."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gridmask.store.columns import LongText, Name, Prose, UtcDateTime, exact_collation

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LONG_TEXT = LongText()
COLUMNS = (
    ("issuer", Name(255), "who vouched for the actor; empty: nobody had to"),
    ("address", Name(64), "whence it was asked for; empty: from here"),
    ("request", Name(64), "the identifier of the request"),
)


def upgrade() -> None:
    for name, kind, comment in COLUMNS:
        op.add_column("audit", sa.Column(name, kind, nullable=False, server_default="", comment=comment))
    op.add_column("audit", sa.Column("details", LONG_TEXT, comment="what changes tell nothing of: before, and after"))
    op.create_index(op.f("ix_audit_actor_id"), "audit", ["actor", "id"])
    op.create_table(
        "audit_vos",
        sa.Column("audit_id", ID, autoincrement=False, nullable=False),
        sa.Column("vo", Name(64), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_vos_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", "vo", name=op.f("pk_audit_vos")),
        comment="The VOs whose something was done to; all, if it belongs to the installation.",
        **options(),
    )
    op.create_index(op.f("ix_audit_vos_vo_audit_id"), "audit_vos", ["vo", "audit_id"])
    op.create_table(
        "service_tokens",
        sa.Column("id", Name(16), nullable=False),
        sa.Column("name", Name(128), nullable=False),
        sa.Column("digest", Name(64), nullable=False, comment="of the secret, which is kept nowhere"),
        sa.Column("grants", LONG_TEXT, nullable=False),
        sa.Column("issued_by", Name(128), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), comment="when it ceased to count before its time; null: it did not"),
        sa.Column("reason", Prose(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_tokens")),
        comment="Tokens for scripts and probes.",
        **options(),
    )
    fill()


def fill() -> None:
    """Of which VOs something was done to so far, changes tell."""
    audit = sa.table("audit", sa.column("id"), sa.column("revision"))
    changes = sa.table("changes", sa.column("revision"), sa.column("vo"))
    concerned = sa.table("audit_vos", sa.column("audit_id"), sa.column("vo"))
    of_rows = sa.select(audit.c.id, changes.c.vo).join_from(audit, changes, audit.c.revision == changes.c.revision)
    op.execute(concerned.insert().from_select(["audit_id", "vo"], of_rows.where(changes.c.vo != "").distinct()))


def downgrade() -> None:
    op.drop_table("service_tokens")
    op.drop_table("audit_vos")
    op.drop_index(op.f("ix_audit_actor_id"), "audit")
    for column in ("details", "request", "address", "issuer"):
        op.drop_column("audit", column)


def options() -> dict[str, Any]:
    collation = exact_collation(is_mariadb=getattr(op.get_bind().dialect, "is_mariadb", False))
    return {"mysql_charset": "utf8mb4", "mysql_collate": collation, "mysql_engine": "InnoDB"}

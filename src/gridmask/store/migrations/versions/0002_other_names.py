"""What elements go by besides their names, what they were called before, and VOs that leave."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from gridmask.store.columns import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LONG_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


def upgrade() -> None:
    with op.batch_alter_table("vos") as vos:
        vos.add_column(sa.Column("retired_at", UtcDateTime(), comment="when it left for good; null while it is there"))
    with op.batch_alter_table("elements") as elements:
        elements.add_column(sa.Column("services", LONG_TEXT))
        elements.add_column(
            sa.Column("identity", sa.String(255), comment="its identifier in its source, which stays when its name changes")
        )
        elements.add_column(sa.Column("renamed_to", ID, comment="what it is now; null unless it was renamed"))
    elements_table = sa.table("elements", sa.column("services"), sa.column("identity"))
    op.execute(elements_table.update().values(services="[]", identity=""))
    with op.batch_alter_table("elements") as elements:
        elements.alter_column("services", existing_type=LONG_TEXT, nullable=False)
        elements.alter_column(
            "identity",
            existing_type=sa.String(255),
            nullable=False,
            existing_comment="its identifier in its source, which stays when its name changes",
        )
        elements.create_foreign_key(op.f("fk_elements_renamed_to"), "elements", ["renamed_to"], ["id"])
        elements.create_index(op.f("ix_elements_renamed_to"), ["renamed_to"])
    op.create_table(
        "element_handles",
        sa.Column("element_id", ID, autoincrement=False, nullable=False),
        sa.Column("handle", sa.String(255), nullable=False),
        sa.ForeignKeyConstraint(["element_id"], ["elements.id"], name=op.f("fk_element_handles_element_id")),
        sa.PrimaryKeyConstraint("element_id", "handle", name=op.f("pk_element_handles")),
        comment="What else than its name an element goes by: aliases and hosts.",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_element_handles_handle"), "element_handles", ["handle"])
    fill_handles()


def fill_handles() -> None:
    known = sa.table("elements", sa.column("id"), sa.column("hosts"), sa.column("aliases"))
    handles = sa.table("element_handles", sa.column("element_id"), sa.column("handle"))
    rows = [
        {"element_id": row.id, "handle": handle}
        for row in op.get_bind().execute(sa.select(known))
        for handle in sorted({*json.loads(row.hosts), *json.loads(row.aliases)})
    ]
    op.bulk_insert(handles, rows)


def downgrade() -> None:
    op.drop_table("element_handles")
    with op.batch_alter_table("elements") as elements:
        elements.drop_constraint(op.f("fk_elements_renamed_to"), type_="foreignkey")
        elements.drop_index(op.f("ix_elements_renamed_to"))
        elements.drop_column("renamed_to")
        elements.drop_column("identity")
        elements.drop_column("services")
    with op.batch_alter_table("vos") as vos:
        vos.drop_column("retired_at")

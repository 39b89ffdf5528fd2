"""What elements go by besides their names, what they were called before, and VOs that leave.

Columns are added as they are and not by making their tables anew, which on SQLite would break what refers to them.
"""

import json

import sqlalchemy as sa
from alembic import op

from gridmask.store.columns import LongText, Name, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LONG_TEXT = LongText()


def upgrade() -> None:
    services: sa.Column[str] = sa.Column("services", LONG_TEXT, nullable=False, server_default=nothing())
    stays = "its identifier in its source, which stays when its name changes"
    identity: sa.Column[str] = sa.Column("identity", Name(255), nullable=False, server_default="", comment=stays)
    elsewhere: sa.Column[str] = sa.Column("elsewhere", LONG_TEXT, nullable=False, server_default=nothing())
    renamed_to = sa.Column("renamed_to", ID, comment="the id of what it is now; null unless it was renamed")
    op.add_column("vos", sa.Column("retired_at", UtcDateTime(), comment="when it left for good; null while it is there"))
    for column in (services, identity, elsewhere, renamed_to):
        op.add_column("elements", column)
    op.create_index(op.f("ix_elements_renamed_to"), "elements", ["renamed_to"])
    op.create_table(
        "element_handles",
        sa.Column("element_id", ID, autoincrement=False, nullable=False),
        sa.Column("handle", Name(255), nullable=False),
        sa.ForeignKeyConstraint(["element_id"], ["elements.id"], name=op.f("fk_element_handles_element_id")),
        sa.PrimaryKeyConstraint("element_id", "handle", name=op.f("pk_element_handles")),
        comment="What else than its name an element goes by: aliases and hosts.",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_element_handles_handle"), "element_handles", ["handle"])
    fill_handles()


def nothing() -> sa.TextClause:
    # MySQL takes a default of a long text in parentheses only, SQLite without them
    return sa.text("('[]')" if op.get_bind().dialect.name in {"mysql", "mariadb"} else "'[]'")


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
    op.drop_index(op.f("ix_elements_renamed_to"), "elements")
    for column in ("renamed_to", "elsewhere", "identity", "services"):
        op.drop_column("elements", column)
    op.drop_column("vos", "retired_at")

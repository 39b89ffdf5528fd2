"""Versions of elements, snapshots of the past, indexes for both; on MariaDB and MySQL, names that end in different spaces differ.

Of before this migration, only what elements are now is known, and when each was edited. So each of their past versions is told
as they are now: as ``latest`` where it was not edited since, else as a ``guess``. What is kept from now on is told as ``kept``.
"""

import sqlalchemy as sa
from alembic import op

from gridmask.store.columns import LongText, Name, Packed, UtcDateTime, exact_collation

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LONG_TEXT = LongText()
TABLES = (
    *("audit", "batches", "changes", "counter", "decisions", "downtime_targets", "downtimes", "element_handles"),
    *("element_types", "elements", "evidence", "outbox", "policy_layers", "policy_revisions", "rulings", "sources"),
    *("statuses", "sweeps", "vos"),
)
DESCRIBED = ("site", "category", "in_service", "offered")


def upgrade() -> None:
    collate(exact())
    op.create_table(
        "element_versions",
        sa.Column("element_id", ID, autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False, comment="from which on it was so"),
        sa.Column("listed", sa.Boolean(), nullable=False, comment="whether it was in the inventory"),
        sa.Column("site", Name(255), nullable=False),
        sa.Column("category", Name(64), nullable=False),
        sa.Column("in_service", sa.Boolean(), nullable=False),
        sa.Column("offered", LONG_TEXT, nullable=False),
        sa.Column("basis", Name(16), nullable=False, comment="kept, latest or guess"),
        sa.ForeignKeyConstraint(["element_id"], ["elements.id"], name=op.f("fk_element_versions_element_id")),
        sa.PrimaryKeyConstraint("element_id", "revision", name=op.f("pk_element_versions")),
        comment="What masks depend on of each element, and from which revision on.",
        mysql_charset="utf8mb4",
        mysql_collate=exact(),
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_element_versions_revision"), "element_versions", ["revision"])
    op.create_table(
        "snapshots",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when the revision was made"),
        sa.Column("seen", sa.BigInteger(), nullable=False, comment="how many changes there were up to it"),
        sa.Column("rows", sa.Integer(), nullable=False, comment="how many rows it holds"),
        sa.Column("body", Packed(), nullable=False),
        sa.PrimaryKeyConstraint("revision", "part", name=op.f("pk_snapshots")),
        comment="What there was after some revisions, worked out from changes and element versions: nothing is lost with them.",
        mysql_charset="utf8mb4",
        mysql_collate=exact(),
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_decisions_revision_at"), "decisions", ["revision", "at"])
    op.create_index(op.f("ix_audit_action_at"), "audit", ["action", "at"])
    fill()


def fill() -> None:
    elements = sa.table("elements", *map(sa.column, ("id", "taken_out_at", *DESCRIBED)))
    changes = sa.table("changes", *map(sa.column, ("id", "element_id", "revision", "status_type", "kind")))
    versions = sa.table("element_versions", *map(sa.column, ("element_id", "revision", "listed", *DESCRIBED, "basis")))
    names = [column.name for column in versions.columns]
    known = tuple(elements.c[name] for name in DESCRIBED)

    of_element = (changes.c.status_type == "") & (changes.c.revision > 0)
    ids = sa.select(sa.func.max(changes.c.id)).where(of_element).group_by(changes.c.element_id, changes.c.revision)
    edits = sa.select(changes.c.element_id, sa.func.max(changes.c.revision).label("revision"))
    saved = edits.where(of_element, changes.c.kind == "saved").group_by(changes.c.element_id).subquery()
    basis = sa.case((saved.c.revision <= changes.c.revision, "latest"), else_="guess")
    told = sa.select(changes.c.element_id, changes.c.revision, changes.c.kind == "saved", *known, basis)
    told = told.join_from(changes, elements, changes.c.element_id == elements.c.id)
    told = told.outerjoin(saved, saved.c.element_id == changes.c.element_id).where(changes.c.id.in_(ids))
    op.execute(versions.insert().from_select(names, told))

    # edits that nobody saw made no revision; from the next revision on, it was as it is now for whoever comes back
    counter = sa.table("counter", sa.column("revision"))
    following = sa.select(counter.c.revision + 1).scalar_subquery()
    ever = sa.select(versions.c.element_id)
    now = sa.select(elements.c.id, following, elements.c.taken_out_at.is_(None), *known, sa.literal("kept"))
    op.execute(versions.insert().from_select(names, now.where(elements.c.taken_out_at.is_(None) | elements.c.id.in_(ever))))


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_action_at"), "audit")
    op.drop_index(op.f("ix_decisions_revision_at"), "decisions")
    op.drop_table("snapshots")
    op.drop_table("element_versions")
    collate("utf8mb4_bin")


def exact() -> str:
    return exact_collation(is_mariadb=getattr(op.get_bind().dialect, "is_mariadb", False))


def collate(collation: str) -> None:
    """MariaDB and MySQL: compare names by ``collation``. With ``utf8mb4_bin``, spaces at the end of a name do not count."""
    if op.get_bind().dialect.name in {"mysql", "mariadb"}:
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} CONVERT TO CHARACTER SET utf8mb4 COLLATE {collation}")

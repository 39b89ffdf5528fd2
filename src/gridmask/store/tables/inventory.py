"""What there is: the VOs, the elements, what these go by and what they were, and their types."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table, UniqueConstraint, false

from gridmask.store.columns import Encoded, Name, UtcDateTime
from gridmask.store.tables.vocabulary import FAMILY, ID, NAME, OPTIONS, SOURCE, TYPE, VO, metadata

vos = Table(
    "vos",
    metadata,
    Column("name", VO, primary_key=True),
    Column("known_since", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime, comment="when it left for good; null while it is there"),
    Column("mask_revision", BigInteger, nullable=False, comment="the last revision that changed this VO's mask"),
    Column("policies_by_api", Boolean, nullable=False, server_default=false(), comment="whether its policies are kept here"),
    comment="The VOs that exist, and the one called all, which stands for the installation's own view.",
    **OPTIONS,
)

elements = Table(
    "elements",
    metadata,
    Column("id", ID, primary_key=True),
    Column("family", FAMILY, nullable=False),
    Column("type", TYPE, nullable=False),
    Column("name", NAME, nullable=False),
    Column("site", NAME, nullable=False),
    Column("category", TYPE, nullable=False),
    Column("in_service", Boolean, nullable=False),
    Column("offered", Encoded(frozenset[str]), nullable=False),
    Column("hosts", Encoded(tuple[str, ...]), nullable=False),
    Column("aliases", Encoded(tuple[str, ...]), nullable=False),
    Column("tags", Encoded(frozenset[str]), nullable=False),
    Column("facts", Encoded(dict[str, Any]), nullable=False),
    Column("source", SOURCE, nullable=False),
    Column("services", Encoded(frozenset[str]), nullable=False),
    Column("identity", NAME, nullable=False, comment="its identifier in its source, which stays when its name changes"),
    Column("elsewhere", Encoded(frozenset[tuple[str, str]]), nullable=False),
    Column("known_since", UtcDateTime, nullable=False),
    Column("renamed_to", ID, index=True, comment="the id of what it is now; null unless it was renamed"),
    Column("taken_out_at", UtcDateTime, comment="when its inventory stopped listing it; null while it does"),
    UniqueConstraint("family", "type", "name"),
    Index(None, "name"),
    comment="The inventory, and what was once in it.",
    **OPTIONS,
)

element_versions = Table(
    "element_versions",
    metadata,
    Column("element_id", ID, ForeignKey("elements.id"), primary_key=True, autoincrement=False),
    Column("revision", BigInteger, primary_key=True, autoincrement=False, index=True, comment="from which on it was so"),
    Column("listed", Boolean, nullable=False, comment="whether it was in the inventory"),
    Column("site", NAME, nullable=False),
    Column("category", TYPE, nullable=False),
    Column("in_service", Boolean, nullable=False),
    Column("offered", Encoded(frozenset[str]), nullable=False),
    Column("basis", Name(16), nullable=False, comment="kept, latest or guess"),
    comment="What masks depend on of each element, and from which revision on.",
    **OPTIONS,
)

element_handles = Table(
    "element_handles",
    metadata,
    Column("element_id", ID, ForeignKey("elements.id"), primary_key=True, autoincrement=False),
    Column("handle", NAME, primary_key=True),
    Index(None, "handle"),
    comment="What else than its name an element goes by: aliases and hosts.",
    **OPTIONS,
)

element_types = Table(
    "element_types",
    metadata,
    Column("name", TYPE, primary_key=True),
    Column("declared", Boolean, primary_key=True, comment="whether the settings say it, who have the last word"),
    Column("family", FAMILY, nullable=False),
    Column("category", TYPE, nullable=False),
    Column("status_types", Encoded(tuple[str, ...]), nullable=False),
    comment="Element types: those of the settings in force, and those that inventories publish.",
    **OPTIONS,
)

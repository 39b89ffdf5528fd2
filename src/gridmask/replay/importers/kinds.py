"""Kinds of files, told apart by their names: inventories and histories of downtimes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import InvalidRequest
from gridmask.inventory import toml
from gridmask.policies import files as policy_files
from gridmask.replay.importers import osg, tables
from gridmask.replay.importers.histories import Early, History, Inventory, recording_of
from gridmask.replay.importers.reading import whole

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.recording.recording import Recording


def inventory(path: Path) -> Inventory:
    """What the file at ``path`` lists: an inventory file (``.toml``), or OSG Topology's (``.xml``, ``.jsonl``).

    Raises:
        InvalidRequest: it is none of these. InvalidConfiguration, MalformedAnswer: something in it is wrong.
    """
    match path.suffix:
        case ".toml":
            return Inventory.of(toml.read(whole(path), str(path)))
        case ".xml" | ".jsonl":
            return osg.inventory(path)
        case _:
            raise InvalidRequest(f"{path} is no inventory: that ends with .toml; or with .xml or .jsonl, if it is OSG's.")


def history(path: Path, types: TypeRegistry, early: Early, early_until: datetime | None) -> History:
    """What the file at ``path`` tells: OSG's history (``.jsonl``), or a table (``.csv``).

    ``early_until`` None: as is known of OSG's; of a table, nothing is early.

    Raises:
        InvalidRequest: it is none of these. InvalidConfiguration: something in it is wrong.
    """
    match path.suffix:
        case ".jsonl":
            return osg.history(path, early, early_until or osg.RECORDED_FROM)
        case ".csv":
            found = tables.history(path, types)
            return History(found.versions, found.problems, early_until, early)
        case _:
            raise InvalidRequest(f"{path} is no history of downtimes: that ends with .csv; or with .jsonl, if it is OSG's.")


def recorded(  # noqa: PLR0913 - all of it by name
    inventory_file: Path | None,
    downtimes: Path,
    *,
    policies: Path | None = None,
    early: Early = Early.HAPPENED,
    early_until: datetime | None = None,
    named: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Recording, tuple[str, ...]]:
    """The recording of what the files tell, and what in them is not as it should be.

    ``named``: with elements that only the downtimes name; without an inventory there are no others.

    Raises:
        InvalidRequest, InvalidConfiguration, MalformedAnswer: something in a file is wrong.
    """
    listed = inventory(inventory_file) if inventory_file else Inventory()
    found = history(downtimes, listed.types, early, early_until)
    if named or inventory_file is None:
        listed = listed.with_those_named(found.versions)
    made, document = policy_files.load(policies)
    return recording_of(listed, found, (made.revision, document), since, until), (*listed.problems, *found.problems)

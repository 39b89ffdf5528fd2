"""Recordings: what happened, and what was measured, as it came, for as long as it is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gridmask.domain.errors import InvalidRequest
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.naming import handles, names
from gridmask.recording.forms import readable
from gridmask.recording.recording import Line, Recording, revisions
from gridmask.store import policies, recording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gridmask.domain.element import Element
    from gridmask.store.database import Database
    from gridmask.store.recording import Place

MOST_PARTS = 3000
"""So many parts are unpacked for one element; of more, so many that are spread over the time."""

BEFORE = timedelta(hours=6)
"""So long before a time that is looked at, what was measured last counts as what it began with."""


class Recordings:
    """The use case around recordings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def period(self, since: datetime | None, until: datetime) -> Recording:
        """What happened up to ``until``, from the last recorded world up to ``since`` on; None: the first of all.

        Raises:
            InvalidRequest: nothing is recorded of that time.
        """
        async with self._database.reading() as connection:
            place = beginning(await recording.worlds(connection), since)
            world = await recording.world(connection, place)
            entries = [entry async for entry in recording.entries(connection, place.follows, until)]
            documents = await policies.documents(connection, revisions(world, (entry.body.told for entry in entries)))
        return Recording(world, tuple(map(line_of, entries)), documents, until)

    async def of(self, element: Element, since: datetime, until: datetime) -> Mapping[EvidenceKey, Sequence[Evidence]]:
        """By record, what was measured of ``element`` from ``since`` up to ``until``, and shortly before; the oldest first."""
        async with self._database.reading() as connection:
            found = await recording.measured(connection, set(handles(element)), since - BEFORE, until, MOST_PARTS)
        told: dict[EvidenceKey, list[Evidence]] = {}
        for item in readable(found):
            if names(item.key.about, element):
                told.setdefault(item.key, []).append(item)
        return {key: sorted(items, key=lambda item: item.observed_at) for key, items in told.items()}


def beginning(places: Sequence[Place], since: datetime | None) -> Place:
    """The last of ``places`` up to ``since``; None: the first."""
    if not places:
        raise InvalidRequest("Nothing is recorded yet. Is it switched off, by `enabled = false` under [recording]?")
    if since is None:
        return places[0]
    early = [place for place in places if place.at <= since]
    if not early:
        raise InvalidRequest(f"Nothing is recorded of {since:%FT%TZ}: what is kept begins at {places[0].at:%FT%TZ}.")
    return early[-1]


def line_of(entry: recording.Entry) -> Line:
    """``entry`` as a recording has it."""
    return Line(entry.at, entry.body.told, entry.action, entry.revision, entry.body.surroundings, entry.body.forgotten)

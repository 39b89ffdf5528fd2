"""DIRAC's history: what its rows were, as its ResourceStatusDB remembers it, as a recording.

Each change is a row as it was there, which a replay as it was has again. It tells nothing of why but a reason, so that no other
policies can decide about it: it is there to be compared with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from gridmask.dirac_db.naming import Naming
from gridmask.dirac_db.report import Report
from gridmask.dirac_db.tables import Part
from gridmask.dirac_db.timeline import SOURCE, Timeline
from gridmask.domain.actor import Actor, ActorKind
from gridmask.domain.element import Element, ElementKey, TypeRegistry
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.events import RowsTakenOver
from gridmask.domain.takeover import Former, Past
from gridmask.domain.vo import ALL, VoRegistry
from gridmask.policies import files as policy_files
from gridmask.recording.events import told
from gridmask.recording.recording import Line, Recording
from gridmask.recording.world import Surroundings, World
from gridmask.replay.replaying import as_it_was
from gridmask.replay.revisions import makes_revision
from gridmask.replay.running.plan import compiled

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.dirac_db.source import Source

_DIRAC = Actor(SOURCE, ActorKind.SERVICE)


async def recorded(source: Source, now: datetime, report: Report) -> Recording:
    """All that ``source`` remembers of before ``now``.

    Raises:
        InvalidRequest: it is none of DIRAC's databases, or remembers nothing. StoreUnavailable: it does not answer.
    """
    async with source.one_moment():
        past = await _past(source, now, report)
    if not past:
        raise InvalidRequest(f"{source} remembers nothing.")
    past.sort(key=lambda one: one.at)
    policies, document = policy_files.load(None)
    elements = sorted({one.key.element for one in past})
    world = World(
        at=past[0].at,
        policies=policies.revision,
        surroundings=Surroundings(
            types=tuple(TypeRegistry().by_name.values()), vos=frozenset({one.key.vo for one in past} - {ALL})
        ),
        elements=tuple(map(_element, elements)),
    )
    lines = tuple(_line(at, list(some)) for at, some in groupby(past, key=lambda one: one.at))
    bare = Recording(world, lines, {policies.revision: document}, max(now, past[-1].at), world.at)
    return replace(bare, lines=tuple(_numbered(bare)))


async def _past(source: Source, now: datetime, report: Report) -> list[Past]:
    layout = await source.layout()
    present = [record for family in layout.families for record in await source.current(layout.tables[family, Part.STATUS])]
    naming = Naming((), VoRegistry(), {})
    for record in present:
        naming.learn(record.table.family, {record.name: record.element_type})
    timeline, found = Timeline(naming, now, report), []
    for family in layout.families:
        for table in layout.journals(family):
            naming.learn(family, await source.element_types(table))
        for table in layout.journals(family):
            async for page in source.journal(table, 0):
                report.read[table.name] += len(page)
                found += timeline.take(page)
        found += timeline.take(record for record in present if record.table.family == family)
    return found


def _element(key: ElementKey) -> Element:
    return Element(key, key.name if key.family == key.type == "Site" else "", category=TypeRegistry().get(key.type).category)


def _line(at: datetime, past: list[Past]) -> Line:
    # of several changes of a row at one moment, the last one stands
    rows = {one.key: Former(one.key, one.new, one.at, one.reason, one.owner, one.until) for one in past}
    return Line(at, told(RowsTakenOver(_DIRAC, tuple(row for _, row in sorted(rows.items())))), "import")


def _numbered(recording: Recording) -> Iterator[Line]:
    """Its lines, each that changes anything with a revision."""
    opened, revision = recording.opened(compiled), 0
    for line, played in zip(recording.lines, as_it_was(opened.state, opened.happenings()), strict=True):
        if makes_revision(played.before, played.instructions):
            revision += 1
            yield Line(line.at, line.told, line.action, revision)
        else:
            yield line

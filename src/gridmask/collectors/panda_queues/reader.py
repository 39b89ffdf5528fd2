"""Reads the states of queues in CRIC's ``pandaqueue`` document, each with the comment that tells why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gridmask.collectors.cric.asking import address
from gridmask.collectors.cric.computing import CE, QUEUE, PandaQueue
from gridmask.collectors.cric.record import CricRecord, records
from gridmask.collectors.dating import afresh, observed_at
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.collectors.panda_queues.options import PandaQueueOptions
from gridmask.collectors.record import NAME_LIMIT, WORD_LIMIT
from gridmask.domain.element import SITE, TypeRegistry
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import STATE, State

if TYPE_CHECKING:
    from gridmask.asking import Asking
    from gridmask.domain.element import ElementKey
    from gridmask.http import Gathered
    from gridmask.source import Source

LONGEST_COMMENT = 500


async def gather(asking: Asking) -> Gathered:
    """The ``pandaqueue`` document.

    Raises:
        SourceError: it did not come.
    """
    return await afresh(asking, "" if asking.is_document else address(asking.source.url, "atlas", "pandaqueue"))


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the document says of each queue, as of when it was read, or written: it tells what is the case, and not since when.

    Raises:
        MalformedAnswer: it is no such document, or an empty one.
    """
    found = records(answer.bodies[0], source.name)
    if not found:
        raise MalformedAnswer(source.name, "lists no queue at all.")
    known = types if QUEUE.name in types.by_name else types.with_types(QUEUE)
    now = observed_at(answer, source, cached=PandaQueueOptions.of(source).cached)
    return Observations.of(item for name, members in found.items() for item in _said(name, members, source, known, now))


def _said(name: str, members: Any, source: Source, types: TypeRegistry, now: datetime) -> Iterator[Evidence | Problem]:  # noqa: ANN401
    options = PandaQueueOptions.of(source)
    record = CricRecord(members if isinstance(members, dict) else {}, f"queue {name[:NAME_LIMIT]}")
    queue = PandaQueue(record, name)
    try:
        if queue.is_virtual:
            return
        if not 0 < len(name) <= NAME_LIMIT - len(STATE) - 1 or not name.isprintable():
            raise record.malformed("its name cannot be kept.")
        if not (status := record.text("status", WORD_LIMIT).lower()):
            raise record.malformed("has no status.")
        places = list(_places(queue, options, types))
    except MalformedAnswer as error:
        yield Problem(str(error))
        return
    value = State(status, _comment(record))
    for detail, about in places:
        key = key_of(source.name, about, STATE, f"{name}{detail}")
        yield Evidence(key, STATE, value, now, now + source.valid_for, options.vo)


def _places(queue: PandaQueue, options: PandaQueueOptions, types: TypeRegistry) -> Iterator[tuple[str, ElementKey]]:
    """What the state of ``queue`` is about, each with what tells it from the others."""
    if options.type == SITE:
        yield "", options.element(queue.site, types)
    elif options.type == CE.name:
        for host in sorted({door.host for door in queue.doors()}):
            yield f"@{host}", options.element(host, types)
    else:
        yield "", options.element(queue.name, types)


def _comment(record: CricRecord) -> str:
    """Why, for people. What is written in it is anybody's."""
    said = record.brief("comment", LONGEST_COMMENT) or record.brief("comment_", LONGEST_COMMENT)
    text = "".join(character for character in said if character.isprintable())
    modified = _moment(record.brief("last_modified"))
    if modified is None:
        return text
    return f"{text} (last modified {modified:%Y-%m-%d %H:%M} UTC)".strip()


def _moment(text: str) -> datetime | None:
    """A date of CRIC's, which is in UTC and does not say so; None where it is none."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None

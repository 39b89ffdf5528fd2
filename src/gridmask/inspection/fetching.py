"""Fetching: a source's word, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from gridmask import tracing
from gridmask.asking import Asking, access_of
from gridmask.domain.errors import GridmaskError
from gridmask.plugins import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.http import Client, Gathered, NotModified, Validators
    from gridmask.source import Source

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of asking ``source``, at ``attempted``: an answer, or a ``failure``."""

    source: Source
    attempted: datetime
    answer: Gathered | NotModified | None = None
    failure: str | None = None


async def fetch(client: Client, source: Source, known: Validators | None, now: datetime) -> Fetched:
    """Ask ``source`` for all that it has to say; ``known`` are the validators of what it said last."""
    facts = {"gridmask.source": source.name, "gridmask.kind": source.kind}
    with tracing.step("fetch", facts) as fetching, tracing.passing_on(source.traced):
        try:
            kind = kind_of(source)
            return Fetched(source, now, await kind.gather(Asking(client, source, now, known, kind.token_as)))
        except GridmaskError as error:
            fetching.fail(type(error).__name__)
            return Fetched(source, now, failure=str(error))
        except Exception as fault:  # noqa: BLE001 - it is logged whole, and the other sources go on
            fetching.fail(type(fault).__name__)
            return Fetched(source, now, failure=fault_of(source, fault))


def remark_on_secrets(sources: Iterable[Source]) -> None:
    """Say in the log which secrets that ``sources`` are asked with everybody on this machine can read."""
    for source in sources:
        for option, path in access_of(source).exposed():
            log.warning("a secret can be read by everybody on this machine", source=source.name, option=option, file=str(path))


def fault_of(source: Source, fault: Exception) -> str:
    """What to tell of a ``fault`` of our own, which is logged here whole."""
    log.error("reading a source met a fault of our own", source=source.name, exc_info=fault)
    return f"{source.name}: its answer met a fault in Gridmask itself ({type(fault).__name__}); please report it."

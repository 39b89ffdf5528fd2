"""What is in force in a database: the settings of whoever operates it, for all who only come to visit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.errors import Conflict, InvalidRequest, StoreUnavailable
from gridmask.store import policies, sources, types
from gridmask.store.database import EPHEMERAL, Database

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import ElementType
    from gridmask.domain.policy import PolicySet
    from gridmask.settings import Settings
    from gridmask.store.policies import Loaded


@dataclass(frozen=True, slots=True)
class InForce:
    """What decisions in a database depend on, as its operator last put it into force.

    ``sources`` holds the name and kind of each.
    """

    policies: Loaded
    sources: frozenset[tuple[str, str]]
    types: frozenset[ElementType]

    def differences(self, settings: Settings, policy_set: PolicySet) -> Iterator[str]:
        """How ``settings`` with ``policy_set`` differ from it, for people."""
        if self.policies.revision != policy_set.revision:
            yield "other policies"
        configured = {(source.name, source.kind) for source in settings.source}
        configured |= {(probe.name, probe.source_kind) for probe in settings.probe}
        yield from _difference("source", self.sources, configured)
        if self.types != frozenset(settings.types().by_name.values()):
            yield "other element types"


async def read(connection: AsyncConnection) -> InForce | None:
    """What is in force; None where nobody ever operated the database."""
    loaded = await policies.in_force(connection)
    if loaded is None:
        return None
    configured = {(source.name, source.kind) for source in await sources.load(connection)}
    return InForce(loaded, frozenset(configured), frozenset(await types.declared(connection)))


async def of_database(url: str) -> InForce | None:
    """What is in force in the database at ``url``; None where it is not there, or nobody ever operated it.

    Raises:
        InvalidConfiguration: ``url`` is none. StoreUnavailable. SchemaMismatch: its schema is of another time.
    """
    async with Database(url) as database:
        if not await database.is_set_up():
            return None
        async with database.reading() as connection:
            return await read(connection)


async def check_agreement(settings: Settings, policy_set: PolicySet) -> None:
    """Check that to operate their database with ``settings`` and ``policy_set`` would put nothing else into force than is.

    Raises:
        Conflict: it would.
    """
    found = await of_database(settings.database)
    differing = list(found.differences(settings, policy_set)) if found else []
    if differing:
        raise Conflict(
            f"This database is operated with other settings than these, which have {', '.join(differing)}. Nothing was done. "
            "Name the settings file that is in force with --config; or have `gridmask serve` or `gridmask inspect` put another "
            "one into force."
        )


def require_something(database: Database, url: str) -> None:
    """Check that there is something to look at in ``database``, whose settings say ``url``. Does not connect.

    Raises:
        InvalidRequest: it is ephemeral. StoreUnavailable: there is no such file yet.
    """
    if url == EPHEMERAL:
        raise InvalidRequest(
            "An ephemeral database lasts as long as one command, so there is nothing in it to look at or to change. "
            "Name another one; or see `gridmask inspect --once --mask VO`."
        )
    if not database.exists:
        raise StoreUnavailable(
            f"There is no database {database.url.database} yet; `gridmask serve`, `inspect` and `sync` make it."
        )


def _difference(what: str, theirs: Iterable[tuple[str, str]], ours: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, kind in sorted({*theirs} - {*ours}):
        yield f"no {what} {name!r} of kind {kind}"
    for name, kind in sorted({*ours} - {*theirs}):
        yield f"a {what} {name!r} of kind {kind}"

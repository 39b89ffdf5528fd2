"""The composition root: an installation, put together from its settings. Its keyword arguments are the seams for tests."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx2

from gridmask import engines, entrance
from gridmask.assembling import Ground, Installation, assembled, probing_of
from gridmask.clock import Clock, system_clock
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import SchemaMismatch
from gridmask.domain.measurements import PROBE
from gridmask.domain.vo import VoRegistry
from gridmask.engine import Part
from gridmask.http import Client, Limits, Network, redacted
from gridmask.inspection.fetching import fetch, remark_on_secrets
from gridmask.inspection.reloading import author_of, kept
from gridmask.memory import relax_collector
from gridmask.plugins import check, kind_of
from gridmask.policies import files as policy_files
from gridmask.service.in_force import require_something
from gridmask.service.sources import chosen
from gridmask.store import policies as policies_store
from gridmask.store import sources
from gridmask.store.database import EPHEMERAL, Database, Rehearsal
from gridmask.store.engines import PoolLimits
from gridmask.subscriptions import check as check_actions
from gridmask.subscriptions import remark_on_secrets as remark_on_actions

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.inspection.plans import Report
    from gridmask.probes.settings import Probe
    from gridmask.service.demonstration import Demonstration
    from gridmask.settings import Http, Settings
    from gridmask.source import Source

_EVERYTHING = Part()

__all__ = ["Installation", "installation", "probing_of", "reader", "rehearse", "visit"]


@asynccontextmanager
async def installation(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    client: Client | None = None,
    demonstration: Demonstration | None = None,
    part: Part = _EVERYTHING,
) -> AsyncIterator[Installation]:
    """An installation that is ready to be operated; its loop does not run yet.

    What the settings say is in force in the database from now on. A new one on SQLite is made, and gets its schema; any other
    must have it. ``part``: what part this process has in the work.

    Raises:
        InvalidConfiguration: the settings or policies are wrong.
        SchemaMismatch, StoreUnavailable: the database cannot be used.
    """
    engines.check(settings, part)
    relax_collector()
    limits = PoolLimits(settings.connections.most, settings.connections.wait.total_seconds())
    async with Database(settings.database, limits) as database, client or _client(settings.http, clock) as reader:
        await _ensure_schema(database)
        if part.does != "all":
            await engines.check_machine(database, clock)
        made = replace(await _in_force(settings, clock, database, reader, part), demonstration=demonstration)
        remark_on_secrets(settings.source)
        remark_on_actions(settings)
        with closing(made.probing) if made.probing else nullcontext():
            yield made


async def rehearse(
    settings: Settings, names: Sequence[str] = (), *, force: bool = False, clock: Clock = system_clock
) -> AsyncGenerator[Report, None]:
    """What reading the sources called ``names`` (none: all) would change, were these settings in force. Nothing is kept.

    Raises:
        InvalidConfiguration: the settings or policies are wrong. NotKnown: a source is not configured.
        SchemaMismatch, StoreUnavailable: the database cannot be used.
    """
    async with _client(settings.http, clock) as reader:
        # all that may take long comes before the database is locked
        wanted = chosen(settings.source, names)
        fetched = [await fetch(reader, source, None, clock()) for source in wanted]
        async with await _rehearsal(settings.database) as database:
            made = await _in_force(settings, clock, database, reader)
            for one in fetched:
                yield await made.intake.take(one, force=force)


async def _rehearsal(url: str) -> Database:
    async with Database(url) as database:
        if url != EPHEMERAL and await database.is_set_up():
            return Rehearsal(url)
    # where nothing is yet, it is tried on nothing
    empty = Database(EPHEMERAL)
    await empty.upgrade()
    return empty


async def _in_force(
    settings: Settings, clock: Clock, database: Database, reader: Client, part: Part = _EVERYTHING
) -> Installation:
    """The installation in ``database``, with what the settings say in force there."""
    check(settings.source)
    check_actions(settings)
    entrance.check(settings)
    by_api = settings.managed_by_api()
    async with database.reading() as connection:
        texts = await kept(connection, by_api)
    policies, document = policy_files.load(settings.policies, by_api, texts)
    declared = [*map(_declared, settings.source), *map(_declared_probe, settings.probe)]
    await database.change(lambda connection, _: _register(connection, declared, [one.name for one in settings.receiver]))
    world = (policies, settings.types(), settings.vo_registry(), settings.source)
    made = assembled(Ground(settings, clock, database, reader, *world, _portal(settings), part))
    await made.dispatcher.register()
    await made.inspector.prepare(document, author_of(settings.policies), by_api)
    return made


@asynccontextmanager
async def visit(settings: Settings, *, clock: Clock = system_clock, trying: bool = False) -> AsyncIterator[Installation]:
    """The installation that somebody operates in the settings' database, to look at it or to act as a person.

    What decides there (policies, element types, VOs, sources) is what its operator put into force, whatever the settings say;
    of these only the aliases of VOs count. Nothing is written by coming and going; if ``trying``, nor by what is done there.

    Raises:
        InvalidConfiguration: the settings are wrong.
        InvalidRequest, SchemaMismatch, StoreUnavailable: the database cannot be used.
    """
    # a visitor reads no source, and must not need what that takes: certificates, proxies
    async with Database(settings.database) as there:
        require_something(there, settings.database)
        await there.check()
    opened = Rehearsal(settings.database) if trying else Database(settings.database)
    async with opened as database, Client(clock, transport=httpx2.AsyncBaseTransport()) as reader:
        async with database.reading() as connection:
            loaded = await policies_store.in_force(connection)
        place = f"the policies in force ({loaded.revision[:12]})" if loaded else "the default policies"
        document = loaded.document if loaded else policy_files.load(None)[1]
        policies = policy_files.compiled(document, dict.fromkeys(document, place))
        registry = VoRegistry(aliases=settings.vo_registry().aliases)
        # nor what it takes to act, to let others in, or to serve: plug-ins, keys, a bell
        reduced = settings.model_copy(
            update={"probe": (), "action": (), "webhook": (), "access": None, "issuer": (), "certificate": None}
            | {"server": settings.server.model_copy(update={"redis": ""})}
        )
        world = (policies, TypeRegistry({}), registry)
        yield assembled(Ground(reduced, clock, database, reader, *world, portal=_portal(settings)))


async def _register(connection: AsyncConnection, declared: Sequence[sources.Declared], receivers: Sequence[str]) -> None:
    await sources.register(connection, declared)
    await sources.expect(connection, receivers)


def _portal(settings: Settings) -> str:
    """Where people find the portal; empty where nobody says."""
    return settings.access.url if settings.access else ""


async def _ensure_schema(database: Database) -> None:
    if not database.exists:
        await database.upgrade()
    try:
        await database.check()
    except SchemaMismatch as mismatch:
        if mismatch.found is not None or database.url.get_backend_name() != "sqlite":
            raise
        await database.upgrade()


def _declared(source: Source) -> sources.Declared:
    return sources.Declared(
        source.name, source.kind, kind_of(source).evidence, redacted(source.url), source.covers, source.every
    )


def _declared_probe(probe: Probe) -> sources.Declared:
    return sources.Declared(probe.name, probe.source_kind, PROBE, probe.url)


def reader(settings: Settings, clock: Clock = system_clock) -> Client:
    """A client to ask others with, by what the settings say of limits and CAs.

    Raises:
        InvalidConfiguration: the CA bundle cannot be used.
    """
    return _client(settings.http, clock)


def _client(http: Http, clock: Clock) -> Client:
    seconds = http.timeout.total_seconds()
    limits = Limits(timeout=seconds, deadline=seconds, max_bytes=http.max_bytes, attempts=http.attempts)
    return Client(clock, limits, network=Network(http.ca_bundle, trust_env=http.proxies, per_host=http.per_host))

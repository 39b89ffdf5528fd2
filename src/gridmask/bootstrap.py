"""The composition root: an installation, put together from its settings. Its keyword arguments are the seams for tests."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import httpx2

from gridmask import entrance
from gridmask.actuators import actuators
from gridmask.clock import Clock, system_clock
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import SchemaMismatch
from gridmask.domain.measurements import PROBE
from gridmask.domain.vo import VoRegistry
from gridmask.http import Client, Limits, Network, redacted
from gridmask.inspection.fetching import fetch, remark_on_secrets
from gridmask.inspection.housekeeping import Housekeeping
from gridmask.inspection.inspector import Inspector
from gridmask.inspection.intake import Intake
from gridmask.inspection.loop import Chores, Loop
from gridmask.inspection.outbox import Dispatcher
from gridmask.inspection.probing import Probing
from gridmask.inspection.reloading import Reloading, author_of, kept
from gridmask.memory import relax_collector
from gridmask.plugins import check, kind_of
from gridmask.policies import files as policy_files
from gridmask.probes.env import Workshop
from gridmask.probes.making import made as probes_made
from gridmask.service.actuators import Actuators
from gridmask.service.alerts import Alerts
from gridmask.service.audit import Audit
from gridmask.service.automation import Automation
from gridmask.service.availability import Availability
from gridmask.service.batches import Batches
from gridmask.service.board import Board
from gridmask.service.calendars import Calendars
from gridmask.service.deliveries import Deliveries
from gridmask.service.downtimes import Downtimes
from gridmask.service.element_book import ElementBook
from gridmask.service.elements import Elements
from gridmask.service.errands import Errands
from gridmask.service.evidence import EvidenceDesk
from gridmask.service.feeds import Feeds
from gridmask.service.hindsight import Hindsights
from gridmask.service.in_force import require_something
from gridmask.service.masks import Masks
from gridmask.service.matrix import Matrices
from gridmask.service.notifications import Notifications
from gridmask.service.past_masks import PastMasks
from gridmask.service.policy_layers import PolicyLayers
from gridmask.service.portrait import Portraits
from gridmask.service.review import Reviews
from gridmask.service.service_tokens import ServiceTokenDesk
from gridmask.service.sources import Sources, chosen
from gridmask.service.statuses import Statuses
from gridmask.service.timelines import Timelines
from gridmask.service.tokens import Tokens
from gridmask.service.usability import Usability
from gridmask.service.vantage import Vantage
from gridmask.service.vos import Vos
from gridmask.store import policies as policies_store
from gridmask.store import sources
from gridmask.store.database import EPHEMERAL, Database, Rehearsal
from gridmask.store.engines import PoolLimits
from gridmask.subscriptions import channel, gatherer, rules, subscriptions
from gridmask.subscriptions import check as check_actions

if TYPE_CHECKING:
    from gridmask.access.doorkeeper import Doorkeeper
    from gridmask.access.forwarding import Forwarding
    from gridmask.access.logins import Logins
    from gridmask.domain.policy import PolicySet
    from gridmask.inspection.plans import Report
    from gridmask.probes.settings import Probe
    from gridmask.service.demonstration import Demonstration
    from gridmask.settings import Http, Settings
    from gridmask.source import Source
    from gridmask.store.ledger import Outcome


@dataclass(frozen=True, slots=True)
class Installation:
    """All the parts of a running Gridmask. ``demonstration``: what is played to it, if it watches no real grid."""

    settings: Settings
    clock: Clock
    database: Database
    inspector: Inspector
    intake: Intake
    reloading: Reloading
    board: Board
    loop: Loop
    dispatcher: Dispatcher
    housekeeping: Housekeeping
    masks: Masks
    past_masks: PastMasks
    timelines: Timelines
    availability: Availability
    hindsights: Hindsights
    statuses: Statuses
    tokens: Tokens
    automation: Automation
    reviews: Reviews
    batches: Batches
    evidence: EvidenceDesk
    alerts: Alerts
    downtimes: Downtimes
    calendars: Calendars
    elements: Elements
    sources: Sources
    vos: Vos
    policy_layers: PolicyLayers
    matrices: Matrices
    portraits: Portraits
    audit: Audit
    service_tokens: ServiceTokenDesk
    errands: Errands
    deliveries: Deliveries
    actuators: Actuators
    notifications: Notifications
    doorkeeper: Doorkeeper
    forwarding: Forwarding
    logins: Logins | None = None
    probing: Probing | None = None
    demonstration: Demonstration | None = None


@asynccontextmanager
async def installation(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    client: Client | None = None,
    demonstration: Demonstration | None = None,
) -> AsyncIterator[Installation]:
    """An installation that is ready to be operated; its loop does not run yet.

    What the settings say is in force in the database from now on. A new one on SQLite is made, and gets its schema; any other
    must have it.

    Raises:
        InvalidConfiguration: the settings or policies are wrong.
        SchemaMismatch, StoreUnavailable: the database cannot be used.
    """
    relax_collector()
    limits = PoolLimits(settings.connections.most, settings.connections.wait.total_seconds())
    async with Database(settings.database, limits) as database, client or _client(settings.http, clock) as reader:
        await _ensure_schema(database)
        made = replace(await _in_force(settings, clock, database, reader), demonstration=demonstration)
        remark_on_secrets(settings.source)
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


async def _in_force(settings: Settings, clock: Clock, database: Database, reader: Client) -> Installation:
    """The installation in ``database``, with what the settings say in force there."""
    check(settings.source)
    check_actions(settings)
    entrance.check(settings)
    by_api = settings.managed_by_api()
    async with database.reading() as connection:
        texts = await kept(connection, by_api)
    policies, document = policy_files.load(settings.policies, by_api, texts)
    declared = [*map(_declared, settings.source), *map(_declared_probe, settings.probe)]
    await database.change(lambda connection, _: sources.register(connection, declared))
    ground = _Ground(policies, settings.types(), settings.vo_registry(), settings.source)
    made = _assembled(settings, clock, database, reader, ground)
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
        ground = _Ground(policies, TypeRegistry({}), registry)
        # nor what it takes to act, or to let others in: plug-ins, keys
        reduced = settings.model_copy(
            update={"probe": (), "action": (), "webhook": (), "access": None, "issuer": (), "certificate": None}
        )
        yield _assembled(reduced, clock, database, reader, ground, _portal(settings))


@dataclass(frozen=True, slots=True)
class _Ground:
    """What decisions are based on."""

    policies: PolicySet
    types: TypeRegistry
    vos: VoRegistry
    sources: tuple[Source, ...] = ()


def _portal(settings: Settings) -> str:
    """Where people find the portal; empty where nobody says."""
    return settings.access.url if settings.access else ""


def _assembled(
    settings: Settings, clock: Clock, database: Database, client: Client, ground: _Ground, portal: str | None = None
) -> Installation:
    board = Board(database, clock)
    noticed = [board.notice]

    def committed(outcome: Outcome) -> None:
        del outcome
        for notice in noticed:
            notice()

    inspector = Inspector(database, ground.policies, ground.types, ground.vos, clock, committed)
    intake = Intake(inspector, client, [source.name for source in ground.sources])
    by_api = settings.managed_by_api()
    reloading = Reloading(inspector, settings.policies, partial(policy_files.load, settings.policies, by_api), by_api)
    place = _portal(settings) if portal is None else portal
    vos, book = Vos(inspector, ground.vos), ElementBook(database, board, clock)
    noticed.append(vos.notice)
    masks = Masks(board, vos, Feeds(database, board, book, place))
    acting = actuators(settings, database, clock, Vantage(board, masks, vos, Usability(database, board, clock)))
    dispatcher = Dispatcher(database, clock, subscriptions(settings, database, clock, place, acting), rules(settings))
    housekeeping = Housekeeping(database, clock, settings.retention)
    probing = probing_of(settings, clock, inspector)
    loop = Loop(inspector, intake, Chores(dispatcher, housekeeping, probing), ground.sources, settings.loop, reloading)
    noticed.append(loop.notice)
    desk = ServiceTokenDesk(database, vos, clock)
    logins = entrance.logins(settings, client, clock, vos.registry)
    statuses, downtimes = Statuses(inspector, vos), Downtimes(inspector, vos)
    return Installation(
        settings,
        clock,
        database,
        inspector,
        intake,
        reloading,
        board,
        loop,
        dispatcher,
        housekeeping,
        masks,
        PastMasks(database, vos, clock),
        Timelines(inspector, vos),
        Availability(inspector, vos),
        Hindsights(inspector, vos),
        statuses,
        Tokens(inspector, vos),
        Automation(inspector, vos),
        Reviews(inspector, vos),
        Batches(inspector),
        EvidenceDesk(inspector, vos, (*ground.sources, *settings.probe, *settings.receiver)),
        Alerts(inspector, vos, settings.receiver),
        downtimes,
        Calendars(database, board, masks, book, clock),
        Elements(database, vos),
        Sources(inspector, intake, ground.sources),
        vos,
        PolicyLayers(inspector, vos, settings),
        Matrices(board, masks, inspector),
        Portraits(inspector, masks, statuses, downtimes),
        Audit(database, vos, clock),
        desk,
        Errands(database, clock, settings.retention.answers),
        Deliveries(database, clock),
        Actuators(acting, database, clock),
        Notifications(gatherer(settings, database, clock, place), statuses, partial(channel, settings)),
        entrance.doorkeeper(settings, client, clock, vos, desk.find, logins),
        entrance.forwarding(settings),
        logins,
        probing,
    )


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


def probing_of(settings: Settings, clock: Clock, inspector: Inspector) -> Probing | None:
    """What makes the probes of the settings, to be closed; None where there are none.

    Raises:
        InvalidConfiguration: one of them cannot be.
    """
    taken = [*(source.name for source in settings.source), *(receiver.name for receiver in settings.receiver)]
    probes = probes_made(settings.probe, taken)
    return Probing(inspector, probes, settings.probes, Workshop(clock, settings.http.ca_bundle)) if probes else None


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

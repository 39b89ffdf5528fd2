"""Assembling: the parts of an installation, put together from its settings; :mod:`gridmask.bootstrap` makes it ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from gridmask import engines, entrance
from gridmask.actuators import actuators
from gridmask.bells.bell import Silence
from gridmask.bells.redis import RedisBell, RedisServer
from gridmask.clock import Clock
from gridmask.engine import Part
from gridmask.inspection.housekeeping import Housekeeping
from gridmask.inspection.inspector import Inspector
from gridmask.inspection.intake import Intake
from gridmask.inspection.loop import Chores, Loop
from gridmask.inspection.outbox import Dispatcher
from gridmask.inspection.probing import Probing
from gridmask.inspection.recording import Recorder
from gridmask.inspection.reloading import Reloading
from gridmask.inspection.work import Upkeep, Workload
from gridmask.inspection.worlds import Worlds
from gridmask.policies import files as policy_files
from gridmask.probes.env import Workshop
from gridmask.probes.making import made as probes_made
from gridmask.service.actuators import Actuators
from gridmask.service.agenda import Agendas
from gridmask.service.alerts import Alerts
from gridmask.service.audit import Audit
from gridmask.service.automation import Automation
from gridmask.service.availability import Availability
from gridmask.service.batches import Batches
from gridmask.service.beliefs import Beliefs
from gridmask.service.board import Board
from gridmask.service.calendars import Calendars
from gridmask.service.checkup import Checkup
from gridmask.service.chronicles import Chronicles
from gridmask.service.deliveries import Deliveries
from gridmask.service.deltas import Deltas
from gridmask.service.downtimes import Downtimes
from gridmask.service.element_book import ElementBook
from gridmask.service.elements import Elements
from gridmask.service.errands import Errands
from gridmask.service.evidence import EvidenceDesk
from gridmask.service.feeds import Feeds
from gridmask.service.foresight import Foresight
from gridmask.service.hindsight import Hindsights
from gridmask.service.masks import Masks
from gridmask.service.matrix import Matrices
from gridmask.service.notifications import Notifications
from gridmask.service.past_masks import PastMasks
from gridmask.service.policy_layers import PolicyLayers
from gridmask.service.policy_texts import PolicyTexts
from gridmask.service.policy_trials import PolicyTrials
from gridmask.service.portrait import Portraits
from gridmask.service.recent import Recent
from gridmask.service.recordings import Recordings
from gridmask.service.replay_trials import ReplayTrials
from gridmask.service.review import Reviews
from gridmask.service.service_tokens import ServiceTokenDesk
from gridmask.service.sources import Sources
from gridmask.service.statuses import Statuses
from gridmask.service.timelines import Timelines
from gridmask.service.tokens import Tokens
from gridmask.service.undoing import Undoing
from gridmask.service.usability import Usability
from gridmask.service.vantage import Vantage
from gridmask.service.vos import Vos
from gridmask.service.watch import Watch
from gridmask.subscriptions import channel, gatherer, rules, subscriptions

if TYPE_CHECKING:
    from gridmask.access.doorkeeper import Doorkeeper
    from gridmask.access.forwarding import Forwarding
    from gridmask.access.logins import Logins
    from gridmask.actions.actuating.actuator import Actuator
    from gridmask.bells.bell import Bell
    from gridmask.domain.element import TypeRegistry
    from gridmask.domain.policy import PolicySet
    from gridmask.domain.vo import VoRegistry
    from gridmask.http import Client
    from gridmask.inspection.engines.shares import Shares
    from gridmask.service.demonstration import Demonstration
    from gridmask.settings import Server, Settings
    from gridmask.source import Source
    from gridmask.store.database import Database
    from gridmask.store.ledger import Outcome


Parts = dict[str, Any]
"""By the names that :class:`Installation` has for them."""


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
    watch: Watch
    loop: Loop
    dispatcher: Dispatcher
    housekeeping: Housekeeping
    masks: Masks
    past_masks: PastMasks
    timelines: Timelines
    chronicles: Chronicles
    recordings: Recordings
    availability: Availability
    hindsights: Hindsights
    statuses: Statuses
    tokens: Tokens
    automation: Automation
    foresight: Foresight
    undoing: Undoing
    reviews: Reviews
    recent: Recent
    batches: Batches
    evidence: EvidenceDesk
    alerts: Alerts
    beliefs: Beliefs
    downtimes: Downtimes
    calendars: Calendars
    agendas: Agendas
    elements: Elements
    sources: Sources
    checkup: Checkup
    vos: Vos
    policy_layers: PolicyLayers
    policy_trials: PolicyTrials
    replay_trials: ReplayTrials
    policy_texts: PolicyTexts
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
    worlds: Worlds | None = None
    demonstration: Demonstration | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What all stands on.

    Attributes:
        settings, clock: what the operator says, and what time it is.
        database, client: where all is kept; by what sources are asked.
        policies, types, vos, sources: what decisions are based on.
        portal: where people find the portal; empty, where nobody says.
        part: what part this process has in the work.
    """

    settings: Settings
    clock: Clock
    database: Database
    client: Client
    policies: PolicySet
    types: TypeRegistry
    vos: VoRegistry
    sources: tuple[Source, ...] = ()
    portal: str = ""
    part: Part = Part()


class _Core(NamedTuple):
    """What most parts need: what lets things happen, and what knows what is so.

    ``heeding``: who is told of each commit, beside the board.
    """

    inspector: Inspector
    intake: Intake
    board: Board
    vos: Vos
    book: ElementBook
    masks: Masks
    watch: Watch
    heeding: list[Callable[[], None]]


def assembled(ground: Ground) -> Installation:
    """The installation on ``ground``.

    Raises:
        InvalidConfiguration: a part cannot be made.
    """
    core = _core(ground)
    acting = _actuators(ground, core)
    statuses = Statuses(core.inspector, core.vos)
    parts: Parts = {
        **_loop(ground, core, acting),
        **_masks(ground, core),
        **_rows(core, statuses),
        **_world(ground, core),
        **_outside(ground, acting, statuses),
        **_people(ground, core),
    }
    return Installation(settings=ground.settings, clock=ground.clock, database=ground.database, **parts)


def _core(ground: Ground) -> _Core:
    board = Board(ground.database, ground.clock)
    heeding: list[Callable[[], None]] = []

    def committed(outcome: Outcome) -> None:
        if outcome.revision is not None and outcome.since is not None:
            board.promptness.expect(outcome.revision, outcome.since)
        for notice in (board.notice, *heeding):
            notice()
        watch.committed(outcome.revision)

    recorder = Recorder() if ground.settings.recording.enabled else None
    inspector = Inspector(ground.database, ground.policies, ground.types, ground.vos, ground.clock, committed, recorder)
    intake = Intake(inspector, ground.client, [source.name for source in ground.sources])
    vos, book = Vos(inspector, ground.vos), ElementBook(ground.database, board, ground.clock)
    heeding.append(vos.notice)
    masks = Masks(board, vos, Feeds(ground.database, board, book, ground.portal), Deltas(ground.database, board))
    watch = Watch(board, masks.newsroom, _bell(ground.settings.server), heeding)
    return _Core(inspector, intake, board, vos, book, masks, watch, heeding)


def _bell(server: Server) -> Bell:
    known = RedisServer(server.redis, server.redis_password_file, server.redis_ca_file)
    return RedisBell(known) if server.redis else Silence()


def _actuators(ground: Ground, core: _Core) -> list[Actuator]:
    seen = Usability(ground.database, core.board, ground.clock)
    outlook = Vantage(core.board, core.masks, core.vos, seen)
    return actuators(ground.settings, ground.database, ground.clock, outlook)


def _loop(ground: Ground, core: _Core, acting: Sequence[Actuator]) -> Parts:
    """What goes on by itself."""
    settings, inspector = ground.settings, core.inspector
    told = subscriptions(settings, ground.database, ground.clock, ground.portal, acting)
    dispatcher = Dispatcher(ground.database, ground.clock, told, rules(settings))
    housekeeping = Housekeeping(ground.database, ground.clock, settings.retention, settings.recording)
    worker = engines.me(ground.clock, ground.part, settings)
    share = engines.shares(ground.part, worker, ground.database, ground.clock)
    probing, reloading = probing_of(settings, ground.clock, inspector, share), _reloading(settings, inspector)
    worlds = Worlds(inspector, settings.recording) if settings.recording.enabled else None
    chores = Chores(dispatcher, housekeeping, probing, reloading)
    workload = Workload(inspector, core.intake, ground.sources, settings.loop, Upkeep(housekeeping, worlds))
    engine = engines.engine(settings, ground.part, worker, ground.database, ground.clock, workload)
    loop = Loop(ground.database, workload, engine, chores)
    core.heeding.append(loop.notice)
    went = {"dispatcher": dispatcher, "housekeeping": housekeeping, "probing": probing, "reloading": reloading, "loop": loop}
    return {**went, "worlds": worlds, "inspector": inspector, "intake": core.intake}


def _reloading(settings: Settings, inspector: Inspector) -> Reloading:
    by_api = settings.managed_by_api()
    return Reloading(inspector, settings.policies, partial(policy_files.load, settings.policies, by_api), by_api)


def _masks(ground: Ground, core: _Core) -> Parts:
    """What may be used, now and then."""
    timelines, recordings = Timelines(core.inspector, core.vos), Recordings(ground.database)
    return {
        "board": core.board,
        "watch": core.watch,
        "masks": core.masks,
        "past_masks": PastMasks(ground.database, core.vos, ground.clock),
        "timelines": timelines,
        "chronicles": Chronicles(core.inspector, timelines, recordings.of),
        "recordings": recordings,
        "availability": Availability(core.inspector, core.vos),
        "hindsights": Hindsights(core.inspector, core.vos),
        "matrices": Matrices(core.board, core.masks, core.inspector),
    }


def _rows(core: _Core, statuses: Statuses) -> Parts:
    """Rows, and what people do with them."""
    inspector, vos = core.inspector, core.vos
    downtimes = Downtimes(inspector, vos)
    return {
        "statuses": statuses,
        "downtimes": downtimes,
        "portraits": Portraits(inspector, core.masks, statuses, downtimes),
        "tokens": Tokens(inspector, vos),
        "automation": Automation(inspector, vos),
        "foresight": Foresight(inspector, vos),
        "undoing": Undoing(inspector),
        "reviews": Reviews(inspector, vos),
        "recent": Recent(inspector, vos),
        "batches": Batches(inspector),
    }


def _world(ground: Ground, core: _Core) -> Parts:
    """What there is, who says so, and what is to be thought of it."""
    settings, inspector, vos = ground.settings, core.inspector, core.vos
    sources = Sources(inspector, core.intake, ground.sources)
    return {
        "vos": vos,
        "elements": Elements(ground.database, vos),
        "sources": sources,
        "checkup": Checkup(inspector, sources),
        "evidence": EvidenceDesk(inspector, vos, (*ground.sources, *settings.probe, *settings.receiver)),
        "alerts": Alerts(inspector, vos, settings.receiver),
        "beliefs": Beliefs(ground.database, ground.clock),
        "agendas": Agendas(ground.database, core.masks, core.book),
        "calendars": Calendars(ground.database, core.board, core.masks, core.book, ground.clock),
        "policy_layers": PolicyLayers(inspector, vos, settings),
        "policy_trials": PolicyTrials(inspector, vos, settings),
        "replay_trials": ReplayTrials(inspector, vos, Recordings(ground.database), settings),
        "policy_texts": PolicyTexts(inspector, vos, settings),
    }


def _outside(ground: Ground, acting: Sequence[Actuator], statuses: Statuses) -> Parts:
    """Who is told of it, and what other systems make of it."""
    settings, database, clock = ground.settings, ground.database, ground.clock
    gathers = gatherer(settings, database, clock, ground.portal)
    return {
        "deliveries": Deliveries(database, clock),
        "actuators": Actuators(acting, database, clock),
        "notifications": Notifications(gathers, statuses, partial(channel, settings)),
    }


def _people(ground: Ground, core: _Core) -> Parts:
    """Who comes in, and what they did."""
    settings, vos = ground.settings, core.vos
    desk = ServiceTokenDesk(ground.database, vos, ground.clock)
    logins = entrance.logins(settings, ground.client, ground.clock, vos.registry)
    return {
        "service_tokens": desk,
        "errands": Errands(ground.database, ground.clock, settings.retention.answers),
        "audit": Audit(ground.database, vos, ground.clock),
        "doorkeeper": entrance.doorkeeper(settings, ground.client, ground.clock, vos, desk.find, logins),
        "forwarding": entrance.forwarding(settings),
        "logins": logins,
    }


def probing_of(settings: Settings, clock: Clock, inspector: Inspector, share: Shares | None = None) -> Probing | None:
    """What makes the probes of the settings, to be closed; None where there are none. ``share``: those of these hosts alone.

    Raises:
        InvalidConfiguration: one of them cannot be.
    """
    taken = [*(source.name for source in settings.source), *(receiver.name for receiver in settings.receiver)]
    probes = probes_made(settings.probe, taken)
    if not probes:
        return None
    return Probing(inspector, probes, settings.probes, Workshop(clock, settings.http.ca_bundle), share)

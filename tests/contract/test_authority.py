"""An operator of one VO changes nothing of another's, nor of all (promise V5): by no use case that there is.

The use cases are found by looking for those that take an actor, so that a new one cannot be forgotten here.
"""

from __future__ import annotations

import inspect
import json
import pkgutil
from contextlib import suppress
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from gridmask import service
from gridmask.dirac_db.timeline import SOURCE as DIRAC
from gridmask.domain.actor import Actor
from gridmask.domain.automation import Mode
from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.errors import Forbidden, InvalidRequest
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import PROBE, Probe
from gridmask.domain.rights import Grant, Role
from gridmask.domain.status import Status
from gridmask.inspection.probing import Probing
from gridmask.probes.env import Workshop
from gridmask.probes.settings import Probes as ProbesTable
from gridmask.service.dirac_evidence import DiracEvidence
from gridmask.service.dirac_reads import DiracReads
from gridmask.service.dirac_records import DiracRecords, Edit
from gridmask.service.dirac_wishes import Wish
from gridmask.service.dirac_writes import DiracWrites
from gridmask.service.downtimes import Declaration
from gridmask.service.probes import Probes
from gridmask.service.recording_files import RecordingFiles
from gridmask.service.selection import ElementName, RowName, rows_that_match
from gridmask.service.tokens import Wanted
from gridmask.store.audit import Wanted as Entries
from gridmask.store.dirac_records import Record
from gridmask.store.dirac_records import Wanted as Kept
from tests.clocks import at
from tests.contract import books
from tests.grid import ADMIN, Grid, sync, toml_policies

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from gridmask.bootstrap import Installation
    from gridmask.service.selection import Chosen

    Attempt = Callable[["Stage", Actor], Awaitable[object]]

ATLAS, CMS = (Actor.operator(f"operator of {vo}", vo) for vo in ("atlas", "cms"))
READER_OF_CMS = Grant(Role.READER, "cms")
CE2 = ElementKey("Resource", "ComputingElement", "CE2")
RECEIVER = {"name": "am", "type": "ComputingElement", "label": "ce", "vo_label": "vo"}
EVERYWHERE = "[guard]\ndeclared_share = 0.0\ndeclared_number = 0\n"
MORE = '[policy.more]\ntype = "always"\narguments = { status = "Banned" }\n'


class Stage:
    """An installation in which ``vo`` has something of everything."""

    def __init__(self, made: Installation, vo: str) -> None:
        self.made = made
        self.vo = vo
        self.record = self.batch = ""
        self.taken = 0

    async def set_up(self) -> None:
        """A row that is held, a downtime, a batch that waits, and a measurement."""
        made = self.made
        await made.tokens.take(ADMIN, self.rows("CE2"), "mine", Wanted(lasting=True))
        taken, _ = await made.tokens.take(ADMIN, self.rows("CE1"), "mine, too", Wanted(lasting=True))
        self.taken = taken.revision or 0
        outcome, downtime = await made.downtimes.add(ADMIN, self.declared("CE3"))
        assert outcome is not None
        self.record = downtime.key.record
        [self.batch] = [batch.id for batch in await made.batches.list()]
        await self.report(ADMIN, self.vo)
        await self.dirac_evidence.put(ADMIN, [self.measurement()])
        await made.automation.rule(ADMIN, [ElementName("CE2")], self.vo, Mode.OBSERVE_ONLY, "careful")

    def rows(self, *names: str) -> list[Chosen]:
        """Rows of it."""
        return [RowName(ElementName(name), vo=self.vo) for name in names]

    def mixed(self) -> list[Chosen]:
        """A row of one's own, and one of it."""
        return [RowName(ElementName("CE2"), vo="cms"), rows_that_match({"name": "CE2"}, self.vo)]

    def declared(self, name: str) -> Declaration:
        """A downtime for it."""
        return Declaration((ElementName(name),), at(hours=-1), at(days=2), "OUTAGE", "smoke", self.vo)

    async def report(self, actor: Actor, vo: str) -> object:
        """Report, on behalf of ``vo``, the record that there is."""
        told = {
            "kind": "probe",
            "record": "1",
            "value": {"metric": "submit", "result": "OK"},
            "vo": vo,
            "observed_at": "2026-08-21T17:00:00Z",
            "about": {"type": "ComputingElement", "name": "CE2"},
        }
        return await self.made.evidence.report(actor, "probes", [msgspec.Raw(json.dumps(told).encode())])

    async def alert(self, actor: Actor) -> object:
        """Tell of an alert about it."""
        labels = {"alertname": "Down", "ce": "CE2", "severity": "critical", "vo": self.vo}
        told = {"status": "firing", "labels": labels, "startsAt": "2026-08-21T17:00:00Z"}
        return await self.made.alerts.take(actor, "am", [msgspec.Raw(json.dumps(told).encode())])

    @property
    def dirac(self) -> DiracWrites:
        """What clients of DIRAC may change."""
        return DiracWrites(self.made.inspector, self.made.vos, declares=True)

    @property
    def dirac_evidence(self) -> DiracEvidence:
        """What clients of DIRAC may tell."""
        return DiracEvidence(self.made.inspector, self.made.vos)

    @property
    def dirac_records(self) -> DiracRecords:
        """What clients of DIRAC may keep."""
        return DiracRecords(self.made.inspector, self.made.vos)

    def wish(self) -> Wish:
        """What a client of DIRAC wants of it."""
        return Wish("Resource", ("CE2",), (), self.vo, "ComputingElement", Status.ACTIVE, "x")

    def downtime(self) -> Downtime:
        """What a client of DIRAC tells of it."""
        span = Interval(at(hours=1), at(hours=2))
        return Downtime(DowntimeKey(DIRAC, "1"), frozenset({CE2}), span, "OUTAGE", vo=self.vo)

    def measurement(self) -> Evidence:
        """Likewise."""
        key = EvidenceKey(DIRAC, "1", CE2)
        return Evidence(key, PROBE, Probe("submit", "OK"), at(hours=-1), at(hours=1), vo=self.vo)


async def _synced(stage: Stage, actor: Actor) -> object:
    return [report async for report in stage.made.sources.sync(actor)]


async def _look_back(stage: Stage, actor: Actor) -> None:
    # who may ask is told that nothing is recorded
    with suppress(InvalidRequest):
        await stage.made.replay_trials.over(actor, stage.vo, MORE, 1)


OF_VOS: dict[str, tuple[Attempt, ...]] = {
    # before anything else is done to what is undone
    "Undoing.undo": (lambda s, a: s.made.undoing.undo(a, s.taken),),
    "Statuses.set": (
        lambda s, a: s.made.statuses.set(a, s.rows("CE2"), Status.ACTIVE, "x"),
        lambda s, a: s.made.statuses.set(a, s.mixed(), Status.ACTIVE, "x"),
    ),
    "Tokens.take": (
        lambda s, a: s.made.tokens.take(a, s.rows("CE1"), "x"),
        lambda s, a: s.made.tokens.take(a, s.mixed(), "x"),
    ),
    # whoever has the name of the owner is not the owner
    "Tokens.extend": (lambda s, a: s.made.tokens.extend(_named_as_owner(a), s.rows("CE1", "CE2")[1:], Wanted()),),
    "Tokens.release": (
        lambda s, a: s.made.tokens.release(a, s.rows("CE2")),
        lambda s, a: s.made.tokens.release(a, s.mixed()),
    ),
    "Automation.rule": (
        lambda s, a: s.made.automation.rule(a, [ElementName("CE1")], s.vo, Mode.OFF, "x"),
        lambda s, a: s.made.automation.rule(a, [ElementName("CE2")], s.vo, None, "x"),
    ),
    "Batches.drop": (lambda s, a: s.made.batches.drop(a, s.batch, "x"),),
    "Downtimes.add": (lambda s, a: s.made.downtimes.add(a, s.declared("CE2")),),
    "Downtimes.cancel": (lambda s, a: s.made.downtimes.cancel(a, s.record, "x"),),
    "EvidenceDesk.report": (lambda s, a: s.report(a, s.vo),),
    "Alerts.take": (lambda s, a: s.alert(a),),
    "PolicyLayers.check": (lambda s, a: s.made.policy_layers.check(a, s.vo, MORE),),
    "PolicyLayers.put": (lambda s, a: s.made.policy_layers.put(a, s.vo, MORE, "x"),),
    "PolicyTrials.what_if": (lambda s, a: s.made.policy_trials.what_if(a, s.vo, MORE),),
    "PolicyTrials.test": (lambda s, a: s.made.policy_trials.test(a, s.vo, MORE),),
    "ReplayTrials.over": (_look_back,),
    "Audit.list": (lambda s, a: s.made.audit.list(a, Entries(vo=s.vo)),),
    "DiracWrites.insert": (lambda s, a: s.dirac.insert(a, s.wish()),),
    "DiracWrites.modify": (lambda s, a: s.dirac.modify(a, s.wish()),),
    "DiracWrites.remove": (lambda s, a: s.dirac.remove(a, [RowKey(CE2, "all", s.vo)]),),
    "DiracEvidence.put_downtime": (lambda s, a: s.dirac_evidence.put_downtime(a, s.downtime()),),
    "DiracEvidence.put": (lambda s, a: s.dirac_evidence.put(a, [s.measurement()]),),
    "DiracEvidence.drop": (lambda s, a: s.dirac_evidence.drop(a, PROBE, ["1"]),),
}
"""What somebody may do to a VO's own, by use case."""

MORE_OF_VOS: dict[str, tuple[Attempt, ...]] = {
    "Batches.confirm": (lambda s, a: s.made.batches.confirm(a, s.batch, "x"),),
    # what there is of another's may not be said to be one's own either
    "EvidenceDesk.report": (lambda s, a: s.report(a, "cms"),),
}
"""What only one of the others leaves room for."""

OF_THE_INSTALLATION: dict[str, tuple[Attempt, ...]] = {
    "Sources.sync": (_synced,),
    "Probes.run": (lambda s, a: Probes(Probing(s.made.inspector, (), ProbesTable(), Workshop(at))).run(a, "x"),),
    "Beliefs.believe": (lambda s, a: s.made.beliefs.believe(a, at(hours=2), "x"),),
    "Beliefs.doubt": (lambda s, a: s.made.beliefs.doubt(a, "x"),),
    "Sources.accept": (lambda s, a: s.made.sources.accept(a, "osg", "0" * 64, "x"),),
    "Sources.drop": (lambda s, a: s.made.sources.drop(a, "osg", "0" * 64, "x"),),
    "Audit.list": (lambda s, a: s.made.audit.list(a, Entries()),),
    "Notifications.test": (lambda s, a: s.made.notifications.test(a, "x"),),
    "Actuators.list": (lambda s, a: s.made.actuators.list(a),),
    "Actuators.drift": (lambda s, a: s.made.actuators.drift(a, "x"),),
    "Actuators.plan": (lambda s, a: s.made.actuators.plan(a, "x"),),
    "Actuators.run": (lambda s, a: s.made.actuators.run(a, "x", "x"),),
    "Deliveries.list": (lambda s, a: s.made.deliveries.list(a),),
    "Deliveries.failed": (lambda s, a: s.made.deliveries.failed(a),),
    "Deliveries.retry": (lambda s, a: s.made.deliveries.retry(a, "x", None, "x"),),
    "Deliveries.drop": (lambda s, a: s.made.deliveries.drop(a, "x", None, "x"),),
    "DiracEvidence.withdraw": (lambda s, a: s.dirac_evidence.withdraw(a, ["1"]),),
    "DiracRecords.edit": (
        lambda s, a: s.dirac_records.edit(a, Kept("PolicyResult"), lambda _: Edit((Record("k", "a", "{}"),))),
    ),
    "DiracReads.hide": (lambda s, a: DiracReads(s.made.inspector, s.made.board).hide(a, "x"),),
    "RecordingFiles.periods": (lambda s, a: RecordingFiles(s.made.database).periods(a, at()),),
    "RecordingFiles.export": (lambda s, a: RecordingFiles(s.made.database).export(a, Path("/nowhere/x"), None, at()),),
    "RecordingFiles.bring": (lambda s, a: RecordingFiles(s.made.database).bring(a, Path("/nowhere/x")),),
    "ServiceTokenDesk.issue": (lambda s, a: s.made.service_tokens.issue(a, "x", [READER_OF_CMS], timedelta(days=1), "x"),),
    "ServiceTokenDesk.list": (lambda s, a: s.made.service_tokens.list(a),),
    "ServiceTokenDesk.revoke": (lambda s, a: s.made.service_tokens.revoke(a, "x", "x"),),
    "Vos.add": (lambda s, a: s.made.vos.add(a, "lhcb"), lambda s, a: s.made.vos.add(a, "cms")),
    "Vos.retire": (lambda s, a: s.made.vos.retire(a, "atlas", "x"), lambda s, a: s.made.vos.retire(a, "cms", "x")),
}
"""What only an administrator may."""


def _named_as_owner(actor: Actor) -> Actor:
    return Actor(ADMIN.name, grants=actor.grants)


def use_cases() -> Iterator[str]:
    """Everything in the service layer that takes an actor."""
    for module in pkgutil.iter_modules(service.__path__):
        of = import_module(f"{service.__name__}.{module.name}")
        for name, noun in inspect.getmembers(of, inspect.isclass):
            for verb, method in inspect.getmembers(noun, inspect.isfunction):
                takes = inspect.signature(method).parameters
                if noun.__module__ == of.__name__ and not verb.startswith("_") and "actor" in takes:
                    yield f"{name}.{verb}"


def test_every_use_case_that_takes_an_actor_is_tried_here() -> None:
    assert set(use_cases()) == OF_VOS.keys() | MORE_OF_VOS.keys() | OF_THE_INSTALLATION.keys()


def test_whoever_acts_is_called_actor_everywhere() -> None:
    for module in pkgutil.iter_modules(service.__path__):
        text = inspect.getsource(import_module(f"{service.__name__}.{module.name}"))
        assert text.count(": Actor,") + text.count(": Actor)") == text.count("actor: Actor")


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """Any downtime is held, so that there is a batch."""
    return toml_policies(tmp_path, EVERYWHERE)


async def staged(made: Installation, vo: str) -> Stage:
    await sync(made)
    stage = Stage(made, vo)
    await stage.set_up()
    return stage


@pytest.mark.parametrize("vo", ["atlas", "all"])
async def test_nothing_of_another_vo_or_of_all_is_changed_by_an_operator(grid: Grid, policies: Path, vo: str) -> None:
    grid.announce()
    async with grid.open(policies=policies, receiver=[RECEIVER], vo={"cms": {}, "atlas": {"policies": "api"}}) as made:
        stage = await staged(made, vo)
        before = await books.read(made.database)
        for name, attempts in (*OF_VOS.items(), *MORE_OF_VOS.items(), *OF_THE_INSTALLATION.items()):
            for number, attempt in enumerate(attempts):
                with pytest.raises(Forbidden):
                    await attempt(stage, CMS)
                assert await books.read(made.database) == before, f"attempt {number} at {name}"


async def test_an_operator_of_the_vo_may_do_all_that_is_the_vos(grid: Grid, policies: Path) -> None:
    grid.announce()
    async with grid.open(policies=policies, receiver=[RECEIVER], vo={"cms": {}, "atlas": {"policies": "api"}}) as made:
        stage = await staged(made, "atlas")
        # what is mixed needs both
        both = Actor.operator(ATLAS.name, "cms", "atlas")
        for name in ("Tokens.extend", *(name for name in OF_VOS if name != "Tokens.extend")):
            for attempt in OF_VOS[name]:
                await attempt(stage, both)
        for attempts in OF_THE_INSTALLATION.values():
            for attempt in attempts:
                with pytest.raises(Forbidden):
                    await attempt(stage, both)

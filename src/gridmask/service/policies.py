"""Policies at work: which rows they govern, what they last said of them, and how often they decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.decision import Verdict, combine
from gridmask.domain.element import TypeRegistry
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.policies.governance import Inventory, PolicyName, governance
from gridmask.store import elements, policies, types, vos
from gridmask.store.database import EPHEMERAL, Database
from gridmask.store.deciding import Deciding, counted

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import Element, ElementKey, RowKey
    from gridmask.domain.policy import Policy, PolicySet
    from gridmask.settings import Settings
    from gridmask.store.deciding import Counted
    from gridmask.store.policies import Judged


@dataclass(frozen=True, slots=True)
class Record:
    """What one policy does.

    Attributes:
        policy: which.
        rows: how many rows it governs, by VO that reads them.
        verdicts: what it last said, by status; of every row that is kept.
        decides: how many rows have the status that they have because of it.
        decided: how often its verdict was among those that decided, since a moment.
        flaps: how often it had a row flap since then: asked to make it unusable again within a day.
        elements, read: of how many elements in service, and of how many of their rows, it has a say about what the VO reads
            that was asked for; else, about what is so for ``all``.
    """

    policy: Policy
    rows: Mapping[str, int]
    verdicts: Mapping[Status, int]
    decides: int
    decided: int
    flaps: int = 0
    elements: int = 0
    read: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What one policy last said of a row that it governs.

    Attributes:
        row: the row, as a reader of the VO gets it.
        element: what it is about.
        verdict: what the policy said; None: nothing, as where its match does not fit what the row is now.
        status, since: what the row is, and since when.
        decides: whether the row is so because of it.
        asks: whether its verdict is what policies ask for, be the row so or not.
        is_held: whether a person holds the row; ``is_guarded``: whether the guard does.
    """

    row: RowKey
    element: Element
    verdict: Verdict | None
    status: Status
    since: datetime
    decides: bool
    asks: bool
    is_held: bool
    is_guarded: bool


@dataclass(frozen=True, slots=True)
class Work:
    """What policies do.

    Attributes:
        records: of each of them.
        since: since when it was counted how often they decided: later than was asked for, where there is very much.
        is_whole: whether it is as far back as was asked for.
    """

    records: tuple[Record, ...]
    since: datetime
    is_whole: bool


@dataclass(slots=True)
class _Tally:
    """What has been counted of a policy."""

    verdicts: Counter[Status] = field(default_factory=Counter)
    decides: int = 0
    decided: int = 0
    flaps: int = 0


async def inventory_in(settings: Settings) -> Inventory | None:
    """What there is in the settings' database; None: there is no database, or nothing in it.

    Raises:
        InvalidConfiguration: its URL is none. StoreUnavailable. SchemaMismatch: its schema is of another time.
    """
    if settings.database == EPHEMERAL:
        return None
    async with Database(settings.database) as database:
        if not await database.is_set_up():
            return None
        async with database.reading() as connection:
            found = await inventory_of(connection, settings.types())
    return found if found.elements else None


async def at_work(database: Database, in_force: PolicySet, since: datetime, vo: str | None = None) -> Work:
    """What each of the policies ``in_force`` does, and how often each decided ``since`` then.

    With ``vo``, the policies that decide for it, and only rows that it reads. Of very many decisions, the newest are counted.
    """
    whose = None if vo is None else {vo, ALL}
    async with database.reading() as connection:
        inventory = await inventory_of(connection, TypeRegistry())
        judged = [row async for row in policies.judged(connection, whose)]
        deciding = await counted(connection, since, vos=whose)
    # of many elements this takes a while, and there are others to serve
    return await to_thread.run_sync(_work, in_force, inventory, judged, deciding, vo)


def _work(in_force: PolicySet, inventory: Inventory, judged: list[Judged], deciding: Counted, vo: str | None) -> Work:
    tallies: dict[PolicyName, _Tally] = {}
    for row in _read_by(vo, judged, inventory):
        _note(tallies, row.verdicts, is_held=row.is_held)
    for (of_vo, layer, name), times in deciding.times.items():
        if vo is None or of_vo in {vo, ALL}:
            tally = tallies.setdefault(PolicyName(layer, name), _Tally())
            tally.decided += times
            tally.flaps += deciding.flaps.get(Deciding(of_vo, layer, name), 0)
    governed = governance(in_force, inventory)
    chosen = in_force.policies if vo is None else in_force.effective(vo)
    reach = _reach(in_force, inventory, vo or ALL)
    records = (_record(policy, governed.of(policy), tallies, vo) for policy in chosen)
    told = tuple(_with_reach(record, reach.get(_name_of(record.policy), Counter())) for record in records)
    return Work(told, deciding.since, deciding.is_whole)


async def said(database: Database, in_force: PolicySet, policy: Policy, vo: str) -> list[Said]:
    """What ``policy``, one of those ``in_force``, last said of each row that ``vo`` reads and that it governs."""
    async with database.reading() as connection:
        inventory = await inventory_of(connection, TypeRegistry())
        judged = [row async for row in policies.judged(connection, {vo, ALL})]
    return await to_thread.run_sync(_all_said, in_force, policy, vo, inventory, judged)


def _all_said(in_force: PolicySet, policy: Policy, vo: str, inventory: Inventory, judged: list[Judged]) -> list[Said]:
    known = {element.key: element for element in inventory.elements if element.in_service}
    return [
        _said(row, element, policy)
        for row in _read_by(vo, judged, inventory)
        if (element := known.get(row.key.element)) and policy in in_force.governing(row.key._replace(vo=vo), element)
    ]


def _said(row: Judged, element: Element, policy: Policy) -> Said:
    own = next((v for v in row.verdicts if (v.layer, v.policy) == (policy.layer, policy.name)), None)
    asks = own is not None and own in combine(row.verdicts).winners
    decides = asks and own is not None and own.status is row.status and not row.is_held
    return Said(row.key, element, own, row.status, row.since, decides, asks, row.is_held, row.is_guarded)


async def inventory_of(connection: AsyncConnection, declared: TypeRegistry) -> Inventory:
    """What there is; of types, what is published and built in goes before those that are ``declared``."""
    known = await elements.load(connection)
    registry = TypeRegistry().with_types(*declared.by_name.values(), *await types.load(connection))
    return Inventory(tuple(known.values()), registry, await vos.load(connection))


def _reach(in_force: PolicySet, inventory: Inventory, vo: str) -> Mapping[PolicyName, Counter[ElementKey]]:
    """The elements in service of which each policy has a say about a row of ``vo``, with how many of their rows."""
    found: dict[PolicyName, Counter[ElementKey]] = {}
    for row, element in inventory.rows(vo):
        if element.in_service:
            for policy in in_force.governing(row, element):
                found.setdefault(_name_of(policy), Counter())[element.key] += 1
    return found


def _with_reach(record: Record, rows: Counter[ElementKey]) -> Record:
    return replace(record, elements=len(rows), read=rows.total())


def _name_of(policy: Policy) -> PolicyName:
    return PolicyName(policy.layer, policy.name)


def _read_by(vo: str | None, rows: Iterable[Judged], inventory: Inventory) -> Iterable[Judged]:
    """Those of ``rows`` that ``vo`` reads: its own, and those of all where it has none; None: all."""
    if vo is None:
        return rows
    offered = {element.key for element in inventory.elements if element.is_offered_to(vo) and element.in_service}
    read: dict[tuple[object, str], Judged] = {}
    for row in rows:
        if row.key.element in offered and (row.key.vo == vo or (row.key.vo == ALL and _place(row) not in read)):
            read[_place(row)] = row
    return read.values()


def _place(row: Judged) -> tuple[object, str]:
    return row.key.element, row.key.status_type


def _note(tallies: dict[PolicyName, _Tally], verdicts: tuple[Verdict, ...], *, is_held: bool) -> None:
    winners = () if is_held else combine(verdicts).winners
    for verdict in verdicts:
        tally = tallies.setdefault(PolicyName(verdict.layer, verdict.policy), _Tally())
        tally.verdicts[verdict.status] += 1
        tally.decides += verdict in winners


def _record(policy: Policy, rows: Mapping[str, int], tallies: Mapping[PolicyName, _Tally], vo: str | None) -> Record:
    tally = tallies.get(_name_of(policy), _Tally())
    seen = rows if vo is None else {name: count for name, count in rows.items() if name == vo}
    return Record(policy, dict(seen), dict(sorted(tally.verdicts.items())), tally.decides, tally.decided, tally.flaps)

"""Which rows of DIRAC's are taken: by what is seen here now, what DIRAC says now, and what it said before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from gridmask.dirac_db.report import About
from gridmask.dirac_db.tables import OWNER_LENGTH
from gridmask.domain.instructions import ChangeKind
from gridmask.domain.row import INHERITED
from gridmask.domain.state import NO_ROWS
from gridmask.domain.status import Status
from gridmask.domain.takeover import to_the_second
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    import sqlalchemy as sa

    from gridmask.domain.element import Element, ElementKey, RowKey
    from gridmask.domain.row import Row, Rows
    from gridmask.domain.takeover import Former

Doings = Mapping["RowKey", Sequence["sa.Row[tuple[object, ...]]"]]
"""By row, its changes."""


class Said(NamedTuple):
    """What DIRAC said of a row: status, since when, whose it is, until when."""

    status: Status
    since: datetime | None
    owner: str | None
    until: datetime | None

    @classmethod
    def by(cls, former: Former) -> Said:
        """What it says now."""
        return cls(former.status, former.reason.since, former.owner, former.until)


class Applied(NamedTuple):
    """What an import made of a row when it last took it: what DIRAC ``said``, by which ``change``, in which ``revision``."""

    said: Said
    change: int
    revision: int


@dataclass(frozen=True, slots=True)
class Memory:
    """What imports have left behind.

    Attributes:
        applied: the rows that were ever taken.
        before: what DIRAC said of each row when the last import was finished, as far as its history tells.
        gave_back: whether anything was ever written for DIRAC's own tables.
    """

    applied: Mapping[RowKey, Applied]
    before: Mapping[RowKey, tuple[Status, str | None]]
    gave_back: bool = False

    def is_news(self, former: Former, told: RowKey, *, is_here: bool) -> bool:
        """Whether DIRAC says something else than it said of ``told`` the last time.

        Where no row ``is_here`` any more, since when it says so is nothing that could be seen.
        """
        last, said = self.applied.get(told), Said.by(former)
        if last is None:
            return self.before.get(told) != (former.status, former.owner)
        return last.said != (said if is_here else said._replace(since=last.said.since))


@dataclass(slots=True)
class Choice:
    """Chooses among the rows of some elements. Those of ``all`` come first: what others are seen as depends on them.

    Attributes:
        there: the rows as they are in DIRAC. Those that VOs have here alone are seen there as that of ``all`` (promise V1).
        here: the rows as they are here.
        inventory: the elements that are listed.
        memory: what imports have left behind.
        now: the time.
        taken, remarks, unchanged: what came of it.
    """

    there: Mapping[RowKey, Former]
    here: Mapping[ElementKey, Rows]
    inventory: Mapping[ElementKey, Element]
    memory: Memory
    now: datetime
    taken: dict[RowKey, Former] = field(default_factory=dict)
    remarks: dict[RowKey, About] = field(default_factory=dict)
    unchanged: int = 0

    def candidates(self) -> list[Former]:
        """All rows that there is anything to say of, those of ``all`` first."""
        return sorted((*self.there.values(), *self._followers()), key=lambda former: former.key.vo != ALL)

    def doubtful(self) -> dict[RowKey, int]:
        """The rows whose changes have a say, and after which change."""
        found = (former for former in self.candidates() if self._is_doubtful(former))
        keys = (key for former in found for key in (former.key, _general(former.key)))
        return {key: last.change if (last := self.memory.applied.get(key)) else 0 for key in keys}

    def choose(self, doings: Doings) -> None:
        """Choose. ``doings``: what became of the rows that are :meth:`doubtful`."""
        for former in self.candidates():
            remark = self._objection(former)
            if remark is not None:
                self.remarks[former.key] = remark
            elif self._is_wanted(former, doings):
                self.taken[former.key] = former
            else:
                self.unchanged += 1

    def _followers(self) -> Iterator[Former]:
        for former in self.there.values():
            if former.key.vo == ALL:
                there = self.here.get(former.key.element, NO_ROWS)
                own = (former.key._replace(vo=vo) for aspect, vo in there if aspect == former.key.status_type)
                yield from (replace(former, key=key, follows=True) for key in own if key not in self.there)

    def _objection(self, former: Former) -> About | None:
        """Why a row cannot be taken; None: it can."""
        element, row = self.inventory.get(former.key.element), self._row(former.key)
        if element is not None and not element.is_offered_to(former.key.vo):
            return About.NOT_OFFERED
        if former.follows and self.remarks.get(_general(former.key)) is About.HELD_HERE:
            return About.HELD_HERE
        if row is None or row.token is None or not row.held(self.now) or former.is_as(row, self.now):
            return None
        last = self.memory.applied.get(_general(former.key) if INHERITED in row.reasons else former.key)
        is_ours = last is None or (row.token.owner, row.token.expires_at) != last.said[2:]
        return About.HELD_HERE if is_ours else None

    def _is_wanted(self, former: Former, doings: Doings) -> bool:
        row = self._row(former.key)
        if former.is_as(row, self.now) or (row is None and self._is_as_all(former)):
            return False
        if self._is_news(former):
            return not self._came_from_here(former, doings)
        return row is None and self._is_missed(former, doings)

    def _is_doubtful(self, former: Former) -> bool:
        if self._is_news(former):
            return self.memory.gave_back
        general = self.there.get(_general(former.key))
        differs = general is not None and general.status is not former.status
        return differs and self._row(former.key) is None and former.key in self.memory.applied

    def _is_news(self, former: Former) -> bool:
        row = self._row(former.key)
        inherits = row is not None and INHERITED in row.reasons
        follows = former.follows and (inherits or former.key not in self.memory.applied)
        told = _general(former.key) if follows else former.key
        return self.memory.is_news(former, told, is_here=row is not None)

    def _is_as_all(self, former: Former) -> bool:
        """Whether DIRAC says of a VO just what it says of everyone, so that a row of its own would say nothing."""
        general = self.there.get(_general(former.key))
        return general is not None and general is not former and replace(general, key=former.key) == former

    def _is_missed(self, former: Former, doings: Doings) -> bool:
        """Whether the row of a VO is gone, and those who would read it see something else that comes from DIRAC.

        A row that nothing here calls for ends as soon as that of ``all`` says the same. What people or automation made of the
        one or the other is theirs.
        """
        general, last = self.there.get(_general(former.key)), self.memory.applied.get(former.key)
        if last is None:
            return general is None or self._is_seen(general)
        if general is None or general.status is former.status or not self._is_seen(general):
            return False
        of_all = self.memory.applied.get(general.key)
        moved_on = general.key in self.taken or (of_all is not None and of_all.revision > last.revision)
        return moved_on and not any(map(_is_a_decision, doings.get(former.key, ())))

    def _is_seen(self, general: Former) -> bool:
        """Whether the row of ``all`` is here as it is in DIRAC."""
        return general.key in self.taken or general.is_as(self._row(general.key), self.now)

    def _came_from_here(self, former: Former, doings: Doings) -> bool:
        """Whether what DIRAC says was so here once, and was written there."""
        said = to_the_second(former.since), to_the_second(former.until)
        return self.memory.gave_back and any(
            (status, to_the_second(since), to_the_second(until)) == (former.status, *said) and _is_same(owner, former.owner)
            for status, since, owner, until in self._once(former.key, doings)
        )

    def _once(self, key: RowKey, doings: Doings) -> Iterator[Said]:
        """What readers of a row may have seen here since it was taken: itself, or that of ``all``."""
        for one in {key, _general(key)}:
            last = self.memory.applied.get(one)
            since = last.said.since if last else None
            if last is not None and one != key:
                yield last.said
            for change in doings.get(one, ()):
                since = change.at if change.kind in {ChangeKind.OPENED, ChangeKind.STATUS} else since
                if change.new is not None:
                    yield Said(Status(change.new), since, change.token_owner, change.token_expires_at)

    def _row(self, key: RowKey) -> Row | None:
        return self.here.get(key.element, NO_ROWS).get(key[1:])


def _general(key: RowKey) -> RowKey:
    return key._replace(vo=ALL)


def _is_a_decision(change: sa.Row[tuple[object, ...]]) -> bool:
    """Whether somebody made something else of a row, and not only a row of what was seen anyway, or the reverse."""
    return change.kind in {ChangeKind.STATUS, ChangeKind.TOKEN} or change.token_owner is not None


def _is_same(ours: str | None, theirs: str | None) -> bool:
    """Whether DIRAC can mean our owner of a row: it may have cut the name."""
    return ours == theirs or bool(ours and theirs and len(theirs) >= OWNER_LENGTH and ours.startswith(theirs))

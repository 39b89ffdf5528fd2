"""Reads a file of policy tests: from what is written to what is played."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from gridmask.documents import duration, parse, path_of, validated
from gridmask.domain.actor import Actor
from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import Element, ElementKey, RowKey, TypeRegistry
from gridmask.domain.errors import InvalidConfiguration, InvalidRequest
from gridmask.domain.events import StatusSet, TokenReleased
from gridmask.domain.evidence import Coverage, Evidence, EvidenceKey
from gridmask.domain.spelling import suggest
from gridmask.domain.token import Term
from gridmask.domain.vo import ALL, canonical
from gridmask.inventory import toml
from gridmask.policies.layers import Problem
from gridmask.policies.testing.measuring import measurement, record_of
from gridmask.policies.testing.script import Expectation, Moment, Script
from gridmask.policies.testing.tables import EVERY, SourceTable, TestFile
from gridmask.toml_places import Places, places

if TYPE_CHECKING:
    from gridmask.policies.testing import tables
    from gridmask.policies.testing.tables import ElementTable, MomentTable, TestTable

T = TypeVar("T")
At = tuple[str | int, ...]

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tests:
    """The tests of one file. ``policies`` is the directory that they are about, if the file says so."""

    __test__ = False

    file: Path
    scripts: tuple[Script, ...]
    policies: Path | None


def read(file: Path, types: TypeRegistry) -> Tests:
    """The tests in ``file``, which may use element ``types``.

    Raises:
        InvalidConfiguration: something in it is wrong; the text tells file, line and key.
    """
    try:
        body = file.read_bytes()
    except OSError as error:
        raise InvalidConfiguration(str(file), error.strerror or "cannot be read") from error
    return _tests(file, body, types, OF_FILES)


def told(text: str, place: str, types: TypeRegistry) -> Tests:
    """The tests that ``text`` says, which is called ``place`` and lies in no file: so it names no other files either.

    Raises:
        InvalidConfiguration: something in it is wrong, or it names one.
    """
    return _tests(Path(place), text.encode(), types, frozenset())


OF_FILES = frozenset({"policies", "inventory"})
"""Keys that name other files."""


def _tests(file: Path, body: bytes, types: TypeRegistry, naming: frozenset[str]) -> Tests:
    lines = Places()
    try:
        document = parse(body, str(file))
        lines = places(body.decode())
        written = validated(TestFile, document, str(file))
        reader = _Reader(file, lines, written, types)
        for key in sorted((OF_FILES - naming) & document.keys()):
            raise reader.wrong((key,), "only a file of tests can name another file; write what is in it")
        return reader.tests()
    except (RecursionError, ValueError) as error:
        raise InvalidConfiguration(str(file), f"not TOML that can be read: {error}") from error
    except InvalidConfiguration as error:
        raise _placed(error, file, lines) from error


def _placed(error: InvalidConfiguration, file: Path, lines: Places) -> InvalidConfiguration:
    """``error`` with the lines of its details."""
    if error.place != str(file) or error.details == (((), error.problem),):
        return error
    first, *more = [Problem(str(file), lines.line(at), path_of(at), text) for at, text in error.details]
    return InvalidConfiguration(first.place, "; ".join([f"{first.key}: {first.text}", *map(str, more)]), error.details)


@dataclass(slots=True)
class _World:
    """What there is in a test: elements by name, and what time it is."""

    elements: dict[str, list[Element]]
    day: date
    now: datetime
    vos: set[str] = field(default_factory=set)
    announced: dict[str, DowntimeKey] = field(default_factory=dict)


class _Reader:
    """Turns the tables of a file into scripts."""

    def __init__(self, file: Path, lines: Places, written: TestFile, types: TypeRegistry) -> None:
        self._file = file
        self._lines = lines
        self._written = written
        self._types = types
        self._shared: tuple[Element, ...] = ()
        self.sources = {source.name: source for source in (written.source or (SourceTable(),))}

    def tests(self) -> Tests:
        shared = list(self._inventory())
        shared += [self._element(table, ("element", n)) for n, table in enumerate(self._written.element)]
        self._shared = tuple(shared)
        scripts = tuple(self._script(table, number) for number, table in enumerate(self._written.test))
        policies = self._file.parent / self._written.policies if self._written.policies is not None else None
        return Tests(self._file, scripts, policies)

    def _inventory(self) -> Iterable[Element]:
        if self._written.inventory is None:
            return ()
        path = self._file.parent / self._written.inventory
        try:
            published = toml.read(path.read_bytes(), str(path), self._types)
        except OSError as error:
            raise self._wrong(("inventory",), f"{path}: {error.strerror}") from error
        self._types = self._types.with_types(*published.types)
        return published.elements.values()

    def _element(self, table: ElementTable, at: At) -> Element:
        kind = self._types.get(table.type)
        return Element(
            ElementKey(kind.family, kind.name, table.name),
            site=table.name if kind.family == kind.name == "Site" else table.site,
            offered=frozenset(self._vo(vo, (*at, "offered")) for vo in table.offered),
            in_service=table.in_service,
            category=kind.category,
            hosts=(),
            tags=table.tags,
            source=table.source,
        )

    def _script(self, table: TestTable, number: int) -> Script:
        at: At = ("test", number)
        own = [self._element(one, (*at, "element", n)) for n, one in enumerate(table.element)]
        elements = (*self._shared, *own)
        if not elements:
            raise self._wrong(at, "there is no element to try the policies on; add [[element]], or an inventory")
        by_name: dict[str, list[Element]] = {}
        for element in elements:
            for name in (element.key.name, str(element.key)):
                by_name.setdefault(name, []).append(element)
        world = _World(by_name, table.day, datetime.combine(table.day, time(), UTC))
        world.vos |= {self._vo(vo, ("vos",)) for vo in self._written.vos}
        world.vos |= {vo for element in elements for vo in element.offered}
        moments = tuple(_MomentReader(self, world, one, (*at, "at", n)).moment(n) for n, one in enumerate(table.at))
        return Script(
            self._file,
            self.line(at),
            table.name,
            elements,
            self._types,
            frozenset(world.vos) - {ALL},
            tuple(Coverage(source.name, source.kind, _LONG_AGO) for source in self.sources.values()),
            moments,
            self._written.guarded,
        )

    def line(self, at: At) -> int:
        """The line of ``at``."""
        return self._lines.line(at) or 1

    def status_types(self, element: Element) -> tuple[str, ...]:
        """Those of ``element``."""
        return self._types.status_types(element.key)

    def source(self, name: str, at: At) -> SourceTable:
        """The source called ``name``."""
        return self.known(name, self.sources, "source", at)

    def known(self, name: str, known: dict[str, T], what: str, at: At) -> T:
        """The ``what`` called ``name`` among those that are ``known``."""
        if name in known:
            return known[name]
        near = suggest(name, known)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(sorted(known)[:10]) or 'none'}"
        raise self._wrong(at, f"there is no {what} {name!r}; {hint}")

    def elements(self, names: Iterable[str], world: _World, at: At) -> list[Element]:
        """The elements called ``names``; the only one there is, where there are no names."""
        listed = list(names)
        if not listed:
            everyone = {element.key: element for found in world.elements.values() for element in found}
            if len(everyone) == 1:
                return list(everyone.values())
            raise self._wrong((*at, "of"), "is missing; there are several elements")
        return [self._one(name, world, (*at, "of")) for name in listed]

    def _one(self, name: str, world: _World, at: At) -> Element:
        found = self.known(name, world.elements, "element", at)
        if len(found) > 1:
            raise self._wrong(at, f"{name!r} could be any of {', '.join(str(one.key) for one in found)}; write it so")
        return found[0]

    def _vo(self, name: str, at: At) -> str:
        try:
            return canonical(name)
        except InvalidRequest as error:
            raise self._wrong(at, str(error)) from error

    def vo(self, name: str, world: _World, at: At) -> str:
        """The canonical form of ``name``; that VO exists from now on."""
        found = self._vo(name, (*at, "vo"))
        world.vos.add(found)
        return found

    def when(self, said: tables.Moment, world: _World, at: At) -> datetime:
        """The moment that is ``said``: a time of the test's day, a date with a time, or ``+2h`` from now on."""
        try:
            return _moment(said, world.day, world.now)
        except ValueError as error:
            raise self._wrong(at, str(error)) from error

    def measured(self, make: Callable[[], T], at: At) -> T:
        """What ``make`` makes, with the places of what is wrong with it."""
        try:
            return make()
        except InvalidConfiguration as error:
            raise InvalidConfiguration(
                str(self._file), error.problem, [((*at, *path), text) for path, text in error.details]
            ) from error

    def _wrong(self, at: At, text: str) -> InvalidConfiguration:
        return InvalidConfiguration(str(self._file), f"{path_of(at)}: {text}", [(at, text)])

    def wrong(self, at: At, text: str) -> InvalidConfiguration:
        """That what is written at ``at`` is wrong."""
        return self._wrong(at, text)


class _MomentReader:
    """Turns one ``[[test.at]]`` into a moment."""

    def __init__(self, reader: _Reader, world: _World, table: MomentTable, at: At) -> None:
        self._reader = reader
        self._world = world
        self._table = table
        self._at = at

    def moment(self, number: int) -> Moment:
        world, table = self._world, self._table
        now = self._reader.when(table.time, world, (*self._at, "time"))
        if number and now <= world.now:
            raise self._reader.wrong((*self._at, "time"), f"{now:%Y-%m-%d %H:%M} is not after the moment before")
        world.now = now
        return Moment(
            now,
            tuple(self._coverage()),
            tuple(self._withdrawn(name) for name in table.withdraw),
            tuple(self._downtime(one, (*self._at, "downtime", n)) for n, one in enumerate(table.downtime)),
            tuple(item for n, one in enumerate(table.measured) for item in self._evidence(one, (*self._at, "measured", n))),
            tuple(self._people()),
            tuple(item for n, one in enumerate(table.expect) for item in self._expectations(one, (*self._at, "expect", n))),
        )

    def _coverage(self) -> Iterator[Coverage]:
        now = self._world.now
        for name in self._table.silent:
            source = self._reader.source(name, (*self._at, "silent"))
            yield Coverage(source.name, source.kind, now, now + source.valid_for)
        for name in self._table.answers:
            source = self._reader.source(name, (*self._at, "answers"))
            yield Coverage(source.name, source.kind, now)

    def _withdrawn(self, name: str) -> DowntimeKey:
        return self._reader.known(name, self._world.announced, "downtime announced before, called", (*self._at, "withdraw"))

    def _downtime(self, table: tables.DowntimeTable, at: At) -> Downtime:
        start = self._world.now if table.start is None else self._reader.when(table.start, self._world, (*at, "start"))
        end = None if table.end is None else self._reader.when(table.end, self._world, (*at, "end"))
        source = table.source or next(iter(self._reader.sources))
        self._world.announced[table.id] = key = DowntimeKey(source, table.id)
        return Downtime(
            key,
            frozenset(element.key for element in self._reader.elements(table.of, self._world, at)),
            Interval(start, end),
            table.severity,
            table.scheduling,
            table.description,
            self._reader.vo(table.vo, self._world, at),
        )

    def _evidence(self, table: tables.MeasuredTable, at: At) -> Iterator[Evidence]:
        now = self._world.now
        vo = self._reader.vo(table.vo, self._world, at)
        value = self._reader.measured(partial(measurement, table.kind, dict(table.model_extra or {})), at)
        record = table.record or record_of(table.kind, value, vo)
        until = None if table.valid_for is None else now + table.valid_for
        for element in self._reader.elements(table.of, self._world, at):
            yield Evidence(EvidenceKey(table.source, record, element.key), table.kind, value, now, until, vo)

    def _people(self) -> Iterator[StatusSet | TokenReleased]:
        for number, done in enumerate(self._table.set):
            at = (*self._at, "set", number)
            until = None if done.until is None else self._reader.when(done.until, self._world, (*at, "until"))
            rows = tuple(self._rows(done.of, done.status_type, (done.vo,), at))
            term = Term(until, done.agreed)
            yield StatusSet(_person(done.by), rows, done.status, done.reason, term, done.binding)
        for number, release in enumerate(self._table.release):
            at = (*self._at, "release", number)
            yield TokenReleased(_person("operator"), tuple(self._rows(release.of, release.status_type, (release.vo,), at)))

    def _expectations(self, table: tables.ExpectTable, at: At) -> Iterator[Expectation]:
        by = None if table.by is None else frozenset(table.by)
        if table.status is None and by is None and not table.reason and table.automation is None:
            raise self._reader.wrong(at, "nothing is expected; write a status, by, reason or automation")
        for row in self._rows(table.of, table.status_type, table.vo, at):
            yield Expectation(row, self._reader.line(at), table.status, by, table.reason, table.automation)

    def _rows(self, of: Iterable[str], aspects: tuple[str, ...], vos: Iterable[str], at: At) -> Iterator[RowKey]:
        named = [self._reader.vo(vo, self._world, at) for vo in vos]
        for element in self._reader.elements(of, self._world, at):
            declared = self._reader.status_types(element)
            for aspect in declared if aspects == (EVERY,) else aspects:
                if aspect not in declared:
                    told = f"{element.key.type} has no status type {aspect!r}; it has {', '.join(declared)}"
                    raise self._reader.wrong((*at, "status_type"), told)
                for vo in named:
                    yield RowKey(element.key, aspect, vo)


def _person(name: str) -> Actor:
    return Actor.administrator(name)


def _moment(said: tables.Moment, day: date, now: datetime) -> datetime:
    if isinstance(said, str):
        text = said.strip()
        if text.startswith("+"):
            return now + duration(text[1:])
        said = _parsed(text)
    if isinstance(said, time):
        said = datetime.combine(day, said)
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def _parsed(text: str) -> datetime | time:
    try:
        return datetime.fromisoformat(text) if len(text) > len("00:00:00") else time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no moment; write 10:00, 2026-01-15T10:00, or +2h from the moment before") from None

"""What sources can speak: each kind, with the reader that understands it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass, replace
from datetime import datetime
from typing import Any, cast

from gridmask import extensions
from gridmask.actions.plugged import PluggedAction, Telling
from gridmask.actions.webhook import WebhookAction
from gridmask.collectors.gocdb import asking as gocdb_asking
from gridmask.collectors.gocdb import downtimes as gocdb_downtimes
from gridmask.collectors.measurements import reader as measurements
from gridmask.collectors.measurements.reader import Observations
from gridmask.collectors.osg import downtimes as osg_downtimes
from gridmask.documents import validated
from gridmask.domain.downtime import Announcement
from gridmask.domain.element import ElementType, TypeRegistry
from gridmask.domain.errors import GridmaskError, InvalidConfiguration, MalformedAnswer
from gridmask.domain.evidence import DOWNTIME
from gridmask.http import Access, Answer, Ask, Client, Gathered, NotModified, Validators
from gridmask.inventory import gocdb, osg, toml
from gridmask.inventory.dirac import diracx, resources, service
from gridmask.inventory.publication import Publication
from gridmask.policies.arguments import arguments_of, made_of
from gridmask.settings import Action, Source

Bodies = Sequence[bytes]
InventoryReader = Callable[[Bodies, Source, TypeRegistry], Publication]
DowntimeReader = Callable[[Bodies, Source, TypeRegistry], Announcement]
MeasurementReader = Callable[[Bodies, Source, TypeRegistry], Observations]

Gather = Callable[[Client, Source, Validators | None, datetime], Awaitable[Gathered | NotModified]]
"""Asks a source for all that it has to say, given the validators of what it said last and the time."""


async def once(client: Client, source: Source, known: Validators | None, now: datetime) -> Gathered | NotModified:
    """Read the source's one URL."""
    del now
    answer = await client.get(source.url, known, access=access_of(source))
    return answer if isinstance(answer, NotModified) else Gathered.of([answer])


def access_of(source: Source) -> Access:
    """What ``source`` is asked with."""
    return Access(source.certificate, source.key, source.token_file)


def ask_for(client: Client, source: Source) -> Ask:
    """Reads the URLs of ``source``, of which there may be several, with the access that it was given."""

    async def ask(url: str) -> Answer:
        return await client.get(url, access=access_of(source))

    return ask


async def _all_of_gocdb(client: Client, source: Source, known: Validators | None, now: datetime) -> Gathered | NotModified:
    if gocdb_asking.is_document(source.url):
        return await once(client, source, known, now)
    return await gocdb_asking.ask_for_inventory(ask_for(client, source), source.url, source.scope)


async def _downtimes_of_gocdb(
    client: Client, source: Source, known: Validators | None, now: datetime
) -> Gathered | NotModified:
    if gocdb_asking.is_document(source.url):
        return await once(client, source, known, now)
    return await gocdb_asking.ask_for_downtimes(ask_for(client, source), source.url, now, source.scope)


async def _from_dirac(client: Client, source: Source, known: Validators | None, now: datetime) -> Gathered | NotModified:
    del now
    return await service.gather(client, source.url, access_of(source), known)


async def _from_diracx(client: Client, source: Source, known: Validators | None, now: datetime) -> Gathered | NotModified:
    return await once(client, source.model_copy(update={"url": diracx.address(source.url)}), known, now)


@dataclass(frozen=True, slots=True)
class InventoryKind:
    """A kind of source that publishes elements; ``options`` are those of the settings that only some kinds heed."""

    read: InventoryReader
    gather: Gather = once
    options: frozenset[str] = frozenset()
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class DowntimeKind:
    """A kind of source that announces downtimes; ``options`` as above."""

    read: DowntimeReader
    gather: Gather = once
    options: frozenset[str] = frozenset()
    evidence: str = DOWNTIME


@dataclass(frozen=True, slots=True)
class MeasurementKind:
    """A kind of source that measures; ``options`` as above."""

    read: MeasurementReader
    gather: Gather = once
    options: frozenset[str] = frozenset()
    evidence: str = "measurements"


Kind = InventoryKind | DowntimeKind | MeasurementKind


def _service_types(source: Source, types: TypeRegistry) -> Mapping[str, ElementType]:
    return {service: types.get(name) for service, name in source.service_types.items()}


KINDS: Mapping[str, Kind] = {
    "toml": InventoryKind(lambda bodies, source, types: toml.read(bodies[0], source.name, types)),
    "osg-topology": InventoryKind(
        lambda bodies, source, types: osg.read(bodies[0], source.name, _service_types(source, types)),
        options=frozenset({"service_types"}),
    ),
    "osg-downtimes": DowntimeKind(
        lambda bodies, source, types: osg_downtimes.read(bodies[0], source.name, _service_types(source, types)),
        options=frozenset({"service_types"}),
    ),
    "gocdb": InventoryKind(
        lambda bodies, source, types: gocdb.read(bodies, source.name, _service_types(source, types), source.vo_scopes),
        _all_of_gocdb,
        frozenset({"scope", "service_types", "vo_scopes"}),
    ),
    "gocdb-downtimes": DowntimeKind(
        lambda bodies, source, _: gocdb_downtimes.read(bodies, source.name),
        _downtimes_of_gocdb,
        frozenset({"scope"}),
    ),
    "measurements": MeasurementKind(lambda bodies, source, _: measurements.read(bodies[0], source.name, source.valid_for)),
    "dirac-cfg": InventoryKind(lambda bodies, source, _: resources.read(bodies[0], source.name)),
    "dirac-cs": InventoryKind(lambda bodies, source, _: resources.read(bodies[0], source.name), _from_dirac),
    "diracx-config": InventoryKind(lambda bodies, source, _: diracx.read(bodies[0], source.name), _from_diracx),
}
"""The kinds of source by the name that the settings call them by."""


def kind_of(source: Source) -> Kind:
    """The kind of ``source``.

    Raises:
        InvalidConfiguration: there is no such kind.
    """
    try:
        plugged = extensions.load(extensions.COLLECTORS, source.kind, KINDS)
    except InvalidConfiguration as error:
        raise _wrong(source, f"kind: {error.problem}") from error
    if plugged is not None:
        return _shielded(source.kind, plugged)
    if source.kind not in KINDS:
        hint = extensions.not_there(source.kind, extensions.COLLECTORS, KINDS)
        raise _wrong(source, f"kind: there is no {source.kind!r}; {hint}")
    return KINDS[source.kind]


def _shielded(name: str, kind: object) -> Kind:
    """A plug-in's ``kind``: where it fails, its source gave no usable answer, and the text names the plug-in."""
    package = extensions.package_of(extensions.found(extensions.COLLECTORS)[name][0])
    if not isinstance(kind, Kind):
        known = "InventoryKind, DowntimeKind or MeasurementKind"
        raise InvalidConfiguration(extensions.COLLECTORS, f"{name!r} of {package} is no {known}")

    def read(bodies: Bodies, source: Source, types: TypeRegistry) -> Any:  # noqa: ANN401 - what that kind gives
        with _blaming(package, source):
            return kind.read(bodies, source, types)

    async def gather(client: Client, source: Source, known: Validators | None, now: datetime) -> Gathered | NotModified:
        with _blaming(package, source):
            return await kind.gather(client, source, known, now)

    return replace(kind, read=read, gather=gather)  # type: ignore[arg-type]  # it reads what the kind reads


@contextmanager
def _blaming(package: str, source: Source) -> Iterator[None]:
    try:
        yield
    except GridmaskError:
        raise
    except Exception as error:
        raise MalformedAnswer(source.name, f"the plug-in {package} failed on it: {type(error).__name__}: {error}") from error


def action_of(settings: Action) -> PluggedAction:
    """The action that ``settings`` describe.

    Raises:
        InvalidConfiguration: no plug-in has it, or an option is not what it wants.
    """
    place = f"action {settings.name}"
    try:
        made = extensions.load(extensions.ACTIONS, settings.kind, _BUILT_IN_ACTIONS)
    except InvalidConfiguration as error:
        raise InvalidConfiguration(place, f"kind: {error.problem}") from error
    if made is None:
        if settings.kind in _BUILT_IN_ACTIONS:
            raise InvalidConfiguration(place, f"kind: {settings.kind!r} is built in; write it as [[{settings.kind}]]")
        hint = extensions.not_there(settings.kind, extensions.ACTIONS, {})
        raise InvalidConfiguration(place, f"kind: there is no {settings.kind!r}; {hint}")
    if not isinstance(made, type) or not is_dataclass(made) or not callable(getattr(made, "tell", None)):
        raise InvalidConfiguration(place, f"kind: {settings.kind!r} is no action: a dataclass with a method tell(key, changes)")
    return PluggedAction(settings.name, cast("Telling", made_of(made, validated(arguments_of(made), settings.options, place))))


_BUILT_IN_ACTIONS: Mapping[str, object] = {"webhook": WebhookAction}


def check(sources: Sequence[Source]) -> None:
    """Make sure that what ``sources`` are told to do can have an effect.

    Raises:
        InvalidConfiguration: a kind does not exist or heeds no such option, or what is covered is no inventory.
    """
    inventories = [source.name for source in sources if not kind_of(source).evidence]
    for source in sources:
        for option in sorted(_OPTIONS - kind_of(source).options):
            if getattr(source, option):
                takers = ", ".join(sorted(name for name, kind in KINDS.items() if option in kind.options))
                raise _wrong(source, f"{option}: has no effect for {source.kind}; it is for {takers}")
        if source.covers and source.name in inventories:
            raise _wrong(source, "covers: is for evidence, and this is an inventory")
        for covered in sorted(source.covers.difference(inventories)):
            there = f"these are: {', '.join(sorted(inventories))}" if inventories else "there is none"
            raise _wrong(source, f"covers: {covered!r} is no inventory, and has no elements that could be covered; {there}")


_OPTIONS = frozenset({"scope", "service_types", "vo_scopes"})


def _wrong(source: Source, problem: str) -> InvalidConfiguration:
    return InvalidConfiguration(f"source {source.name}", problem)

"""What the settings name is found here: kinds of sources and actions, built in or of plug-ins, and whether they fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import is_dataclass, replace
from typing import Any, cast

from gridmask import extensions
from gridmask.actions.action import Action as Telling
from gridmask.actions.feed.publication import Publication
from gridmask.actions.fts3.bans import Bans
from gridmask.actions.plugged import PluggedAction
from gridmask.actions.rucio.rses import Rses
from gridmask.actions.settings import Action
from gridmask.actions.webhook import WebhookAction
from gridmask.asking import Asking
from gridmask.documents import validated
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import GridmaskError, InvalidConfiguration, MalformedAnswer
from gridmask.http import Gathered, NotModified
from gridmask.kinds import KINDS, DowntimeKind, InventoryKind, Kind, MeasurementKind
from gridmask.policies.arguments import arguments_of, made_of
from gridmask.source import Source


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
    if not isinstance(kind, InventoryKind | DowntimeKind | MeasurementKind):
        known = "InventoryKind, DowntimeKind or MeasurementKind"
        raise InvalidConfiguration(extensions.COLLECTORS, f"{name!r} of {package} is no {known}")

    def read(answer: Gathered, source: Source, types: TypeRegistry) -> Any:  # noqa: ANN401 - what that kind gives
        with _blaming(package, source):
            return kind.read(answer, source, types)

    async def gather(asking: Asking) -> Gathered | NotModified:
        with _blaming(package, asking.source):
            return await kind.gather(asking)

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
        raise InvalidConfiguration(place, f"kind: {settings.kind!r} is no action: a dataclass with a method tell(news)")
    return PluggedAction(settings.name, cast("Telling", made_of(made, validated(arguments_of(made), settings.options, place))))


_BUILT_IN_ACTIONS: Mapping[str, object] = {"webhook": WebhookAction, "rucio": Rses, "fts3": Bans, "feed": Publication}


def check(sources: Sequence[Source]) -> None:
    """Make sure that what ``sources`` are told to do can have an effect.

    Raises:
        InvalidConfiguration: a kind does not exist or heeds no such option, or what is covered is no inventory.
    """
    inventories = [source.name for source in sources if not kind_of(source).evidence]
    for source in sources:
        _check_options(source)
        if source.covers and source.name in inventories:
            raise _wrong(source, "covers: is for evidence, and this is an inventory")
        for covered in sorted(source.covers.difference(inventories)):
            there = f"these are: {', '.join(sorted(inventories))}" if inventories else "there is none"
            raise _wrong(source, f"covers: {covered!r} is no inventory, and has no elements that could be covered; {there}")


def _check_options(source: Source) -> None:
    options = kind_of(source).options
    for option in source.options:
        takers = sorted(name for name, kind in KINDS.items() if option in kind.options.model_fields)
        if takers and option not in options.model_fields:
            raise _wrong(source, f"{option}: has no effect for {source.kind}; it is for {', '.join(takers)}")
    options.of(source)


def _wrong(source: Source, problem: str) -> InvalidConfiguration:
    return InvalidConfiguration(f"source {source.name}", problem)

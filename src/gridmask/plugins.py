"""What sources can speak: each kind, with the reader that understands it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gridmask.collectors.osg import downtimes as osg_downtimes
from gridmask.domain.downtime import Announcement
from gridmask.domain.element import ElementType, TypeRegistry
from gridmask.domain.errors import InvalidConfiguration, suggest
from gridmask.domain.evidence import DOWNTIME
from gridmask.inventory import osg, toml
from gridmask.inventory.publication import Publication
from gridmask.settings import Source

InventoryReader = Callable[[bytes, Source, TypeRegistry], Publication]
DowntimeReader = Callable[[bytes, Source, TypeRegistry], Announcement]


@dataclass(frozen=True, slots=True)
class InventoryKind:
    """A kind of source that publishes elements."""

    read: InventoryReader
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class DowntimeKind:
    """A kind of source that announces downtimes."""

    read: DowntimeReader
    evidence: str = DOWNTIME


Kind = InventoryKind | DowntimeKind


def _service_types(source: Source, types: TypeRegistry) -> Mapping[str, ElementType]:
    return {service: types.get(name) for service, name in source.service_types.items()}


KINDS: Mapping[str, Kind] = {
    "toml": InventoryKind(lambda body, source, types: toml.read(body, source.name, types)),
    "osg-topology": InventoryKind(lambda body, source, types: osg.read(body, source.name, _service_types(source, types))),
    "osg-downtimes": DowntimeKind(
        lambda body, source, types: osg_downtimes.read(body, source.name, _service_types(source, types))
    ),
}
"""The kinds of source by the name that the settings call them by."""


def kind_of(source: Source) -> Kind:
    """The kind of ``source``.

    Raises:
        InvalidConfiguration: there is no such kind.
    """
    try:
        return KINDS[source.kind]
    except KeyError:
        near = suggest(source.kind, KINDS)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(sorted(KINDS))}"
        raise InvalidConfiguration(f"source {source.name}", f"kind: there is no {source.kind!r}; {hint}") from None

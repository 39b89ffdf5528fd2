"""The script of the demonstration: a week of incidents, in hours of the grid's time.

It is written down in ``script.toml``; :mod:`~gridmask.demo.play` plays it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

from gridmask.demo.data import EVERY_KEY_IS_KNOWN, read
from gridmask.demo.deeds import Claim, Drop
from gridmask.demo.readings import Series

if TYPE_CHECKING:
    from collections.abc import Iterator

Registry = Literal["gocdb", "osg"]
"""Who publishes it."""

WEEK = 120.0
"""Hours of a week: it has five days."""

SCENE = 8.0
"""So many hours of an incident are worth watching, where the script says nothing else."""


class Mischief(StrEnum):
    """How a registry can fail: with a status 503, by never answering, or with a body that is no answer."""

    UNAVAILABLE = "unavailable"
    SILENT = "silent"
    TRUNCATED = "truncated"
    HTML = "html"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Edit:
    """From the hour ``at`` on, another ``start`` or ``end`` is published; None: as before."""

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    at: float
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """What is published of an incident from the hour ``since`` on, up to, not including, ``until``."""

    since: float
    until: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Incident:
    """An outage, with all that its registry publishes of it. Times are hours since the week began.

    Attributes:
        registry: who publishes it.
        title, text: what a visitor is told.
        description: what its author says.
        severity: in the registry's words.
        scheduled: whether it was planned.
        targets: sites, hosts, ``host/type`` or resources.
        announced: when it is first listed.
        start, end: as first announced.
        edits: what is published otherwise later, in order.
        withdrawn: when it is listed no longer.
        scene: from when to when it is worth watching, where that is not for :data:`SCENE` from its start.
    """

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    registry: Registry
    title: str
    text: str
    description: str
    severity: str
    scheduled: bool
    targets: tuple[str, ...]
    announced: float
    start: float
    end: float
    edits: tuple[Edit, ...] = ()
    withdrawn: float = float("inf")
    scene: dict[Literal["from", "to"], float] | None = None

    def versions(self) -> Iterator[Version]:
        """What is published, one version after the other."""
        since, start, end = self.announced, self.start, self.end
        for edit in self.edits:
            yield Version(since, edit.at, start, end)
            since = edit.at
            start, end = start if edit.start is None else edit.start, end if edit.end is None else edit.end
        yield Version(since, self.withdrawn, start, end)

    def version(self, hour: float) -> Version | None:
        """What is published at ``hour``; None: nothing yet, or nothing any more."""
        return next((v for v in self.versions() if v.since <= hour < v.until), None)

    def is_on(self, hour: float) -> bool:
        """Whether it is published at ``hour`` that it is running."""
        version = self.version(hour)
        return version is not None and version.start <= hour < version.end

    @property
    def watched(self) -> tuple[float, float]:
        """From when to when it is worth watching."""
        if self.scene:
            return self.scene["from"], self.scene["to"]
        *_, last = self.versions()
        return self.start, min(self.start + SCENE, last.end, self.withdrawn)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A time in which a registry gives no usable answer, in hours since the week began."""

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    registry: Registry
    kind: Mischief
    start: float
    end: float
    title: str
    text: str

    def is_on(self, hour: float) -> bool:
        """Whether the registry fails at ``hour``."""
        return self.start <= hour < self.end

    @property
    def watched(self) -> tuple[float, float]:
        """From when to when it is worth watching."""
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class Tale:
    """What a visitor is told of something that no registry publishes, in hours since the week began."""

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    start: float
    end: float
    title: str
    text: str

    @property
    def watched(self) -> tuple[float, float]:
        """From when to when it is worth watching."""
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class Script:
    """All that happens in a week: what registries publish and how they fail, what is measured, and what people do."""

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    incident: tuple[Incident, ...] = ()
    trouble: tuple[Trouble, ...] = ()
    measured: tuple[Series, ...] = ()
    drop: tuple[Drop, ...] = ()
    claim: tuple[Claim, ...] = ()
    tale: tuple[Tale, ...] = ()

    @property
    def told(self) -> tuple[Incident | Trouble | Tale, ...]:
        """All that visitors are told."""
        return (*self.trouble, *self.tale, *self.incident)


@cache
def the_script() -> Script:
    """The script that ``script.toml`` writes down."""
    return read("script.toml", Script)

"""The document, as far as it is read. Unknown members are passed over: each implementation has some of its own."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec


class Named(msgspec.Struct, frozen=True):
    """What a share is called."""

    name: str = ""
    path: tuple[str, ...] = ()


class Share(msgspec.Struct, frozen=True):
    """A share: sizes in bytes, ``timestamp`` in seconds of Unix time. A ``totalsize`` of 0 is one that is not known."""

    totalsize: float = 0
    usedsize: float = 0
    name: str = ""
    path: tuple[str, ...] = ()
    timestamp: float = 0
    servingstate: str = ""

    @property
    def paths(self) -> frozenset[str]:
        """Its paths, without the slash at the end."""
        return frozenset(path.rstrip("/") for path in self.path)

    @property
    def called(self) -> str:
        """What to call it when telling people of it."""
        return self.name or next(iter(self.path), "") or "a share without a name"


class Service(msgspec.Struct, frozen=True):
    """A storage service. Some write ``latestupdate``, some ``lastupdated``; both are seconds of Unix time."""

    storageshares: list[msgspec.Raw]
    latestupdate: float = 0
    lastupdated: float = 0

    @property
    def updated(self) -> float:
        """When it was written, in seconds of Unix time; 0 where it does not say."""
        return max(self.latestupdate, self.lastupdated)


class Document(msgspec.Struct, frozen=True):
    """The whole."""

    storageservice: Service


def moment(seconds: float) -> datetime:
    """Unix time as a moment.

    Raises:
        ValueError: it is none that a calendar has.
    """
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError):
        raise ValueError(f"{seconds:g} is no time") from None

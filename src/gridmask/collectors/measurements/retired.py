"""What is not measured any more, in the form of our own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from gridmask.collectors.measurements.reader import About
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.evidence import EvidenceKey
from gridmask.domain.naming import Target


class Gone(msgspec.Struct, forbid_unknown_fields=True):
    """A record of a source that there is no more; ``record`` empty: all that it has about that."""

    about: About
    record: str = ""


class Retired:
    """What a report says to be gone."""

    def __init__(self, listed: Sequence[msgspec.Raw]) -> None:
        """Read what is ``listed``.

        Raises:
            InvalidRequest: one of it is not as it should be.
        """
        self._named: set[tuple[Target, str]] = set()
        for number, raw in enumerate(listed):
            try:
                gone = msgspec.json.decode(raw, type=Gone)
                self._named.add((gone.about.target(), gone.record))
            except (msgspec.DecodeError, msgspec.ValidationError, ValueError) as error:
                raise InvalidRequest(f"gone[{number}]: {error}. Nothing was taken.") from error

    def among(self, known: Iterable[EvidenceKey], measured: Collection[EvidenceKey]) -> tuple[EvidenceKey, ...]:
        """Those of the ``known`` records that are gone; what is ``measured`` still is not."""
        return tuple(sorted(key for key in known if key not in measured and self._names(key)))

    def _names(self, key: EvidenceKey) -> bool:
        return (key.about, key.record) in self._named or (key.about, "") in self._named

"""Evidence: measurements that scripts report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gridmask_client.answer import Json
from gridmask_client.call import Call, change
from gridmask_client.shapes import Moment, Said


class About(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was measured: an element by ``type`` and ``name``; or a ``service`` on a ``host``, or everything there."""

    type: str = ""
    name: str = ""
    family: str = ""
    host: str = ""
    service: str = ""


class Measurement(msgspec.Struct, frozen=True, omit_defaults=True):
    """A measurement, as the reference of measurements has it.

    Attributes:
        kind: what was measured: ``probe``, ``space``, ``metric``...
        about: of what.
        value: the members of its kind.
        observed_at: when.
        vo: whom it is about.
        record: which record of its source it is; from kind and value, unless told otherwise.
        valid_for: for how long it counts, as in ``2h``;
        valid_until: or until when. Else two hours.
    """

    kind: str
    about: About
    value: Mapping[str, Any]
    observed_at: Moment
    vo: str = "all"
    record: str = ""
    valid_for: str = ""
    valid_until: Moment | None = None


class Gone(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is not measured any more: a ``record`` about something, or, without one, all of the source about that."""

    about: About
    record: str = ""


class Taken(Said, frozen=True):
    """What came of a report.

    Attributes:
        taken: how many measurements were taken in.
        revision: the revision that it led to, if a status changed.
        unheard: the records that nothing hears.
        outdated: those of which something later is known.
        gone: how many records there are no more.
    """

    taken: int
    revision: int | None
    unheard: tuple[str, ...]
    outdated: tuple[str, ...]
    gone: int


def report(source: str, measurements: Iterable[Measurement] = (), gone: Iterable[Gone] = ()) -> Call[Taken]:
    """Report measurements, up to 1,000: all of them are taken in, or none. To report the same again changes nothing.

    Args:
        source: who measured: a name of its own, that no source in the settings has.
        measurements: these.
        gone: what is not measured any more.
    """
    return change("/api/v1/evidence", Json(Taken), {"source": source, "measurements": [*measurements], "gone": [*gone]})

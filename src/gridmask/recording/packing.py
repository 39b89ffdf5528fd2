"""Packing: happenings and worlds as bytes, as a database keeps them. MessagePack, compressed by zlib.

Measurements are kept apart from the event that brought them, sorted by what they are about, a few dozen to a part: who wants
those of one element unpacks few others.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from gridmask.recording.events import EvidenceChanged, Told
from gridmask.recording.forms import Key, Measured
from gridmask.recording.happening import Circumstances
from gridmask.recording.world import Surroundings, World

if TYPE_CHECKING:
    from gridmask.domain.evidence import EvidenceKey

TOGETHER = 64
"""So many measurements make a part."""

LARGEST = 512 * 1024
"""So many bytes are sent to a database at a time: servers limit what one message may hold."""


class Part(NamedTuple):
    """Some of the bytes; of measurements, also the first and the last name that they are about."""

    body: bytes
    lowest: str = ""
    highest: str = ""


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event without the measurements that it brought."""

    told: Told
    surroundings: Surroundings | None = None
    forgotten: tuple[Key, ...] = ()

    def circumstances(self) -> Circumstances | None:
        """What had become otherwise by then without an event."""
        return None if self.surroundings is None else self.surroundings.circumstances()


_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_bodies = msgspec.msgpack.Decoder(Body)
_measurements = msgspec.msgpack.Decoder(tuple[Measured, ...])
_worlds = msgspec.msgpack.Decoder(World)


def packed(form: Told, circumstances: Circumstances | None, forgotten: Iterable[EvidenceKey] = ()) -> list[Part]:
    """An event in parts."""
    around = None if circumstances is None else Surroundings.of(circumstances)
    gone = tuple(map(Key.of, forgotten))
    if not isinstance(form, EvidenceChanged):
        return list(_pieces(_encode(Body(form, around, gone))))
    rest = msgspec.structs.replace(form, put=())
    return [*_pieces(_encode(Body(rest, around, gone))), *_measured(form.put)]


def unpacked(parts: Iterable[Part]) -> Body:
    """The event that ``parts`` are, in their order."""
    parts = list(parts)
    body = _bodies.decode(_joined(part for part in parts if not part.highest))
    put = tuple(one for part in parts if part.highest for one in measurements(part.body))
    if isinstance(body.told, EvidenceChanged) and put:
        return msgspec.structs.replace(body, told=msgspec.structs.replace(body.told, put=put))
    return body


def measurements(body: bytes) -> tuple[Measured, ...]:
    """The measurements that one part holds."""
    return _measurements.decode(zlib.decompress(body))


def packed_world(world: World) -> list[Part]:
    """A world in parts."""
    return list(_pieces(_encode(world)))


def unpacked_world(parts: Iterable[Part]) -> World:
    """The world that ``parts`` are, in their order."""
    return _worlds.decode(_joined(parts))


def _measured(put: Sequence[Measured]) -> Iterator[Part]:
    ordered = sorted(put, key=lambda one: (one.key.about[2], one.key.source, one.key.record))
    for start in range(0, len(ordered), TOGETHER):
        some = ordered[start : start + TOGETHER]
        yield Part(_compressed(_encode(some)), some[0].key.about[2], some[-1].key.about[2])


def _pieces(whole: bytes) -> Iterator[Part]:
    body = _compressed(whole)
    yield from (Part(body[start : start + LARGEST]) for start in range(0, len(body), LARGEST))


def _joined(parts: Iterable[Part]) -> bytes:
    return zlib.decompress(b"".join(part.body for part in parts))


def _compressed(whole: bytes) -> bytes:
    # what is written often and read seldom: quick before small
    return zlib.compress(whole, level=1)

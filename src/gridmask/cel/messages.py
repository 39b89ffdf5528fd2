"""What conditions can be about: rows, elements and evidence, as messages with typed fields.

The library checks fields by the descriptions of Protocol Buffers; these are made of the dataclasses that there are.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from google.protobuf import timestamp_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from gridmask.domain.measurements import VALUES

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from gridmask.domain.evidence import Evidence
    from gridmask.domain.news import Change
    from gridmask.domain.policy import Case
    from gridmask.domain.status import Status

PACKAGE = "gridmask"
LONGEST_TEXT = 1000
"""Texts are cut after so many characters: sources may send anything."""

Getter = Callable[[Any], Any]


class Field(NamedTuple):
    """A field of a message: its type, a scalar or the name of another message, and how to get it."""

    type: str
    get: Getter
    repeated: bool = False


Shape = Mapping[str, Field]

_SCALARS: Mapping[Any, str] = {float: "double", int: "int64", str: "string", bool: "bool", datetime: "time"}
_NUMBER_OR_TEXT = float | str


def _text(get: Getter) -> Getter:
    return lambda value: str(get(value))[:LONGEST_TEXT]


def _texts(get: Getter) -> Getter:
    return lambda value: [str(one)[:LONGEST_TEXT] for one in get(value)]


_ROW: Shape = {
    "family": Field("string", lambda case: case.row.element.family),
    "type": Field("string", lambda case: case.row.element.type),
    "name": Field("string", lambda case: case.row.element.name),
    "status_type": Field("string", lambda case: case.row.status_type),
    "vo": Field("string", lambda case: case.row.vo),
    "site": Field("string", lambda case: case.element.site),
}

_ELEMENT: Shape = {
    "site": Field("string", lambda case: case.element.site),
    "category": Field("string", lambda case: case.element.category),
    "source": Field("string", lambda case: case.element.source),
    "tags": Field("string", lambda case: sorted(case.element.tags), repeated=True),
    "offered": Field("string", lambda case: sorted(case.element.offered), repeated=True),
    "hosts": Field("string", lambda case: case.element.hosts, repeated=True),
    "aliases": Field("string", lambda case: case.element.aliases, repeated=True),
}

_VERDICT: Shape = {
    "policy": Field("string", lambda verdict: verdict.policy),
    "layer": Field("string", lambda verdict: verdict.layer),
    "status": Field("string", lambda verdict: verdict.status.label),
    "advisory": Field("bool", lambda verdict: verdict.advisory),
}


def _verdicts(change: Change) -> list[Message]:
    return [messages().of("Verdict", verdict) for verdict in change.verdicts]


def _label(status: Status | None) -> str:
    return "" if status is None else status.label


_CHANGE: Shape = {
    "kind": Field("string", lambda change: str(change.kind)),
    "before": Field("string", lambda change: _label(change.seen_before)),
    "after": Field("string", lambda change: _label(change.seen_after)),
    "severity": Field("string", lambda change: str(change.severity)),
    "combined": Field("string", lambda change: _label(change.combined)),
    "verdicts": Field("Verdict", _verdicts, repeated=True),
    "reasons": Field("string", lambda change: [one.text[:LONGEST_TEXT] for one in change.reasons], repeated=True),
    "sources": Field("string", lambda change: [one.source for one in change.reasons if one.source], repeated=True),
    "at": Field("time", lambda change: change.at),
    "since": Field("time", lambda change: change.since),
    "actor": Field("string", lambda change: change.actor),
    "owner": Field("string", lambda change: change.token_owner or ""),
    "binding": Field("bool", lambda change: change.binding),
    "revision": Field("int64", lambda change: change.revision),
}


_PROVENANCE: Shape = {
    "observed_at": Field("time", lambda evidence: evidence.observed_at),
    "source": Field("string", _text(lambda evidence: evidence.key.source)),
    "record": Field("string", _text(lambda evidence: evidence.key.record)),
}


def _shape(kind: type[Any], prefix: str = "") -> Shape:
    """The fields of a dataclass, seen from ``prefix``."""
    hints = get_type_hints(kind)
    found: dict[str, Field] = {}
    for field in fields(kind):
        found |= _field(field.name, hints[field.name], attrgetter(prefix + field.name))
    return found


def _field(name: str, hint: Any, get: Getter) -> Shape:  # noqa: ANN401 - any annotation
    if hint == _NUMBER_OR_TEXT:
        return {
            "number": Field("double", lambda value: float("nan") if isinstance(get(value), str) else get(value)),
            "text": Field("string", lambda value: get(value)[:LONGEST_TEXT] if isinstance(get(value), str) else ""),
        }
    if get_origin(hint) is Literal:
        hint = str
    if get_origin(hint) is tuple:
        return {name: _repeated(get_args(hint)[0], get)}
    if isinstance(hint, types.UnionType) or hint not in _SCALARS:
        raise TypeError(f"{name}: there is no way yet to show a {hint} to conditions")
    return {name: Field(_SCALARS[hint], _text(get) if hint is str else get)}


def _repeated(of: type[Any], get: Getter) -> Field:
    if of is str:
        return Field("string", _texts(get), repeated=True)
    return Field(of.__name__, lambda value: [messages().of(of.__name__, one) for one in get(value)], repeated=True)


def shapes() -> Mapping[str, Shape]:
    """All messages by name: ``Row``, ``Element``, ``Change``, a kind of evidence, and what these consist of."""
    parts = {part.__name__: _shape(part) for kind in VALUES.values() for part in _parts(kind)}
    kinds = {kind: {**_PROVENANCE, **_shape(value, "value.")} for kind, value in VALUES.items()}
    return {"Row": _ROW, "Element": _ELEMENT, "Change": _CHANGE, "Verdict": _VERDICT, **parts, **kinds}


def _parts(kind: type[Any]) -> Iterable[type[Any]]:
    """The dataclasses of which a kind of evidence has many."""
    inner = (get_args(hint)[0] for hint in get_type_hints(kind).values() if get_origin(hint) is tuple)
    return [one for one in inner if one is not str]


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages, as the library knows them."""

    pool: DescriptorPool
    shapes: Mapping[str, Shape]
    classes: Mapping[str, type[Message]]

    def of(self, name: str, value: Case | Evidence | object, named: frozenset[str] | None = None) -> Message:
        """``value`` as the message called ``name``; of where it comes from, only the fields that are ``named``."""
        shape = self.shapes[name].items()
        wanted = {key: field.get(value) for key, field in shape if named is None or key in named or key not in _PROVENANCE}
        return self.classes[name](**wanted)

    @staticmethod
    def type_of(name: str) -> str:
        """What the library calls a message."""
        return f"{PACKAGE}.{name}"


@cache
def messages() -> Messages:
    """The one set of messages, made at first use."""
    pool, known = DescriptorPool(), shapes()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(_described(known).SerializeToString())
    made = {name: GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in known}
    return Messages(pool, known, made)


def _described(known: Mapping[str, Shape]) -> FileDescriptorProto:
    file = FileDescriptorProto(name=f"{PACKAGE}.proto", package=PACKAGE, syntax="proto3")
    file.dependency.append(timestamp_pb2.DESCRIPTOR.name)
    for name, shape in known.items():
        message = file.message_type.add(name=name)
        for number, (called, field) in enumerate(shape.items(), 1):
            described = message.field.add(
                name=called, number=number, type=_TYPES.get(field.type, FieldDescriptorProto.TYPE_MESSAGE)
            )
            described.label = FieldDescriptorProto.LABEL_REPEATED if field.repeated else FieldDescriptorProto.LABEL_OPTIONAL
            if field.type not in _TYPES:
                described.type_name = ".google.protobuf.Timestamp" if field.type == "time" else f".{PACKAGE}.{field.type}"
    return file


_TYPES = {
    "double": FieldDescriptorProto.TYPE_DOUBLE,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "string": FieldDescriptorProto.TYPE_STRING,
    "bool": FieldDescriptorProto.TYPE_BOOL,
}

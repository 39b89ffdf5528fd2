"""Making values: those that come by the hundred thousand are made quickly.

A frozen dataclass sets each field by a call, since its own assignment is forbidden. That took a sixth of the time of an
evaluation, and a third of that in which all rows are read. What is ``quickly_made`` is open while it is being made: it is of a
class with the same slots that can be assigned to, and becomes what it is in the end.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


def quickly_made(cls: type[T]) -> type[T]:
    """``cls``, a frozen dataclass with slots and nothing to be done after its making, as it is but for its making.

    Raises:
        TypeError: it is another kind of class.
    """
    names = [field.name for field in fields(cls)]  # type: ignore[arg-type]  # a dataclass, or it is refused
    if list(getattr(cls, "__slots__", ())) != names or hasattr(cls, "__post_init__"):
        raise TypeError(f"{cls.__name__} is no dataclass with slots that is whole once its fields are set")
    known: dict[str, Any] = {"_cls": cls, "_set": object.__setattr__}
    known["_open"] = type(cls.__name__, (), {"__slots__": tuple(names)})
    exec("\n".join(_lines(cls, known)), known)  # noqa: S102 - as dataclasses make theirs; of names of fields alone
    setattr(cls, "__init__", known["__init__"])  # noqa: B010 - to mypy, a method is nothing to assign to
    return cls


def _lines(cls: type, known: dict[str, Any]) -> Iterator[str]:
    told = []
    for field in fields(cls):
        if field.default_factory is not MISSING:
            raise TypeError(f"{cls.__name__}.{field.name} is made anew for each")
        known[f"_{field.name}"] = field.default
        told.append(field.name if field.default is MISSING else f"{field.name}=_{field.name}")
    yield f"def __init__(self, {', '.join(told)}):"
    yield " _set(self, '__class__', _open)"
    yield from (f" self.{field.name} = {field.name}" for field in fields(cls))
    yield " self.__class__ = _cls"

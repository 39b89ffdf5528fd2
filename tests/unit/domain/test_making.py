from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from gridmask.domain.making import quickly_made


@quickly_made
@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 2


def test_what_is_quickly_made_is_what_it_was_declared_to_be() -> None:
    made = Point(1)
    assert (type(made), repr(made), made, hash(made)) == (Point, "Point(x=1, y=2)", Point(1, y=2), hash(Point(1, 2)))
    assert (replace(made, x=3), pickle.loads(pickle.dumps(made))) == (Point(3), made)


def test_it_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Point(1).x = 2  # type: ignore[misc]  # that is the point
    with pytest.raises(TypeError, match="required positional argument"):
        Point()  # type: ignore[call-arg]  # likewise


def test_other_classes_are_refused() -> None:
    with pytest.raises(TypeError, match="no dataclass with slots"):
        quickly_made(dataclass(frozen=True)(type("Loose", (), {"__annotations__": {"x": int}})))
    with pytest.raises(TypeError, match="made anew for each"):

        @quickly_made
        @dataclass(frozen=True, slots=True)
        class Holder:
            many: list[int] = field(default_factory=list)

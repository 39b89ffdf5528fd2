"""The data of the demonstration: TOML files beside this one, as values."""

from __future__ import annotations

from importlib.resources import files
from typing import TypeVar

from pydantic import ConfigDict

from gridmask.documents import parse, validated

T = TypeVar("T")

EVERY_KEY_IS_KNOWN = ConfigDict(extra="forbid")


def read(name: str, kind: type[T]) -> T:
    """The file ``name`` as a ``kind``, whose classes say :data:`EVERY_KEY_IS_KNOWN`.

    Raises:
        InvalidConfiguration: it is none.
    """
    return validated(kind, parse((files(__package__) / name).read_bytes(), name), name)

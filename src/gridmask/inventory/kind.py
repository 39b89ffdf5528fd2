"""What a kind of inventory is: how it is asked, the reader that understands it, and the options that it heeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gridmask.asking import BEARER, Gather, once
from gridmask.domain.element import TypeRegistry
from gridmask.http import Gathered
from gridmask.inventory.publication import Publication
from gridmask.source import Options, Source

InventoryReader = Callable[[Gathered, Source, TypeRegistry], Publication]


@dataclass(frozen=True, slots=True)
class InventoryKind:
    """A kind of source that publishes elements.

    Attributes:
        read: what all that it answered says.
        gather: how it is asked for them.
        options: what its source can be told in the settings beside what all can.
        token_as: as what it wants a token: a header, and perhaps a word before the token.
        evidence: the kind of evidence that it gives; empty for none.
    """

    read: InventoryReader
    gather: Gather = once
    options: type[Options] = Options
    token_as: str = BEARER
    evidence: str = ""

"""What an exchange or a file gave, before it is told when and how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.http.answer import Validators
    from gridmask.http.body import Body


@dataclass(frozen=True, slots=True)
class Received:
    """A complete ``body`` and the validators that stand for it; None where it is the one known already."""

    validators: Validators
    body: Body | None

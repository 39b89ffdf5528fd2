"""Several answers that are one word of a source: the pages of a list, or a list in two parts."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from gridmask.http.answer import Answer, Provenance, Validators

Ask = Callable[[str], Awaitable[Answer]]
"""Reads a URL whole, with whatever access its source was given."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that a source said, in the order in which it said it.

    Attributes:
        bodies: The body of each answer; at least one.
        provenance: Of the whole. What was put together of several answers has no validators: no server gave it.
    """

    bodies: tuple[bytes, ...] = field(repr=False)
    provenance: Provenance

    @classmethod
    def of(cls, answers: Sequence[Answer]) -> Gathered:
        """What ``answers``, of which there is at least one, say together."""
        bodies = tuple(answer.body for answer in answers)
        parts = [answer.provenance for answer in answers]
        if len(parts) == 1:
            return cls(bodies, parts[0])
        whole = replace(
            parts[0],
            fetched_at=parts[-1].fetched_at,
            sha256=hashlib.sha256("".join(part.sha256 for part in parts).encode()).hexdigest(),
            size=sum(part.size for part in parts),
            validators=Validators(),
            elapsed=sum((part.elapsed for part in parts), timedelta()),
        )
        return cls(bodies, whole)

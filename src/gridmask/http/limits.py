"""How long, how much and how often a source may be asked."""

from __future__ import annotations

from dataclasses import dataclass, fields

from gridmask.domain.errors import InvalidConfiguration


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one question to a source, however often it is repeated.

    Attributes:
        timeout: Seconds for a connection, and for each wait for more of the answer.
        deadline: Seconds for everything together: waiting for a turn, redirects, repetitions and pauses included.
        max_bytes: Length of the body, as sent and decompressed.
        max_redirects: Redirects followed; 0 follows none.
        attempts: How often the question is put at most, the first time included.
    """

    timeout: float = 30.0
    deadline: float = 120.0
    max_bytes: int = 32 * 1024 * 1024
    max_redirects: int = 5
    attempts: int = 3

    def __post_init__(self) -> None:
        _require_at_least("limits", "max_redirects", self.max_redirects, 0)
        _require_at_least("limits", "max_bytes", self.max_bytes, 1)
        _require_at_least("limits", "attempts", self.attempts, 1)
        for name in ("timeout", "deadline"):
            if not getattr(self, name) > 0:
                raise InvalidConfiguration(f"limits.{name}", f"must be more than 0 s, is {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Backoff:
    """The pauses between attempts, in seconds: ``first``, then twice as long each time, up to ``longest``.

    Each is lengthened by a random part of ``jitter``, lest many clients come back at once. A server that asks (by
    ``Retry-After``) for a pause up to ``longest`` gets exactly that; one that asks for more is not asked again.
    """

    first: float = 0.5
    longest: float = 20.0
    jitter: float = 1.0

    def __post_init__(self) -> None:
        for named in fields(self):
            _require_at_least("backoff", named.name, getattr(self, named.name), 0)


def _require_at_least(value: str, name: str, number: float, least: int) -> None:
    if not number >= least:
        raise InvalidConfiguration(f"{value}.{name}", f"must be at least {least}, is {number}")

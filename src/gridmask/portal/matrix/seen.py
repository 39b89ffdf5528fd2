"""What a reader has seen of a matrix, as the page says it to the next look, so that only what changed since need be sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zlib import crc32

from gridmask.store.wordings import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gridmask.portal.matrix.groups import Lined
    from gridmask.service.matrix import Announced

_FORM = re.compile(r"(\d{1,18})-(\d{1,18})-(\d{1,18})-([0-9a-f]{8})-(\d{1,11})")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen.

    Attributes:
        mark: how far what was told had come.
        listed: stands for which elements there were, at which sites, and with which downtimes: if that is another, all is told.
        at: the second in which it was told; what is said of ages may be another since.
    """

    mark: Mark
    listed: int
    at: datetime

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.mark))}-{self.listed:08x}-{self.at.timestamp():.0f}"

    @classmethod
    def now(cls, mark: Mark, listed: int, now: datetime) -> Seen:
        """What was told at ``now``: all who are told within a second have seen the same, and can be told the same next."""
        return cls(mark, listed, datetime.fromtimestamp(int(now.timestamp()), UTC))

    @classmethod
    def parse(cls, said: str) -> Seen | None:
        """What ``said`` says, as :meth:`__str__` writes it; None if it says nothing of the kind."""
        found = _FORM.fullmatch(said)
        if found is None:
            return None
        revision, decision, note, listed, at = found.groups()
        mark = Mark(int(revision), int(decision), int(note))
        return cls(mark, int(listed, 16), datetime.fromtimestamp(int(at), UTC))


def standing_for(lines: Iterable[Lined], announced: Mapping[str, Announced]) -> int:
    """A number that stands for which elements there are, where, and with how many downtimes at their sites."""
    listed = "\n".join([f"{line.element.key} {line.element.site}" for line in lines])
    downtimes = sorted((site, one.running, one.coming) for site, one in announced.items())
    return crc32(f"{listed}\n{downtimes}".encode(errors="replace"))

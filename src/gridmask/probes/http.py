"""``http``: a page is there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, unusable
from gridmask.probes.target import Target
from gridmask.probes.web import Asked, ask, require

METHODS = ("GET", "HEAD", "OPTIONS")


def check_statuses(statuses: tuple[str, ...]) -> None:
    """Make sure that ``statuses`` are some.

    Raises:
        ValueError: one of them is none.
    """
    for status in statuses:
        if not re.fullmatch(r"[1-5][0-9x]{2}", status):
            raise ValueError(f"statuses: {status!r} is no status; write it as '200', or a class as '2xx'")


@dataclass(frozen=True, slots=True)
class Http:
    """A request is answered with a status, and perhaps with a text, that are as they should be.

    Attributes:
        method: ``GET``, ``HEAD`` or ``OPTIONS``.
        statuses: those that are good, such as ``200``, ``2xx`` or ``401``.
        contains: a text that must be in the first megabyte of the body.
    """

    schemes: ClassVar[tuple[str, ...]] = ("https", "http")
    url: ClassVar[str] = "https://{host}/"

    method: str = "GET"
    statuses: tuple[str, ...] = ("2xx", "3xx")
    contains: str = ""

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method: {self.method!r} is none of {', '.join(METHODS)}")
        check_statuses(self.statuses)

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        answer = await ask(target, env, Asked(self.method))
        require(answer, target, self.statuses)
        if self.contains and self.contains.encode() not in answer.body:
            within = "the first megabyte of its page" if answer.cut else "its page"
            unusable(f"{self.contains!r} is not in {within}")
        return Finding("OK", f"it answers {answer.told}")

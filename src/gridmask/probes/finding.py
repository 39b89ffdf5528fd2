"""Findings: what a probe found, and how it tells that it found trouble."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NoReturn

Result = Literal["OK", "WARNING", "CRITICAL", "UNKNOWN"]
"""Nagios' four results. ``UNKNOWN`` is no verdict: the probe could not be made, for a reason of ours."""

_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found.

    Attributes:
        result: how the service fares.
        summary: why, in words for people, the same as long as the reason is; no figures that differ each time.
        metrics: figures by name, such as ``seconds``, or the ``days_left`` of a certificate.
        timed_out: whether nothing came in time.
    """

    result: Result
    summary: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    timed_out: bool = False

    @property
    def is_bad(self) -> bool:
        """Whether it speaks against the service."""
        return self.result == "CRITICAL"


class Trouble(Exception):
    """Ends a probe: it found what ``result`` and the text say."""

    result: Result = "CRITICAL"

    def __init__(self, summary: str) -> None:
        super().__init__(shown(summary))


class Unusable(Trouble):
    """The service does not do what it should."""


class NotMade(Trouble):
    """The probe could not be made, for a reason of ours: it says nothing of the service."""

    result: Result = "UNKNOWN"


def unusable(summary: str) -> NoReturn:
    """End the probe: the service does not do what it should."""
    raise Unusable(summary)


def shown(text: str | bytes, longest: int = _LONGEST) -> str:
    """``text``, which may be of strangers, as one line that is fit to be shown."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return line if len(line) <= longest else f"{line[: longest - 3]}..."

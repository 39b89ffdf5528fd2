"""Plans: what is to be replayed, and how; kept beside what was done already, so that a run can go on where one was stopped."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gridmask.domain.element import ElementKey
from gridmask.domain.errors import InvalidConfiguration
from gridmask.policies import files as policy_files
from gridmask.recording.recording import Document

if TYPE_CHECKING:
    from gridmask.domain.policy import PolicySet

FILE = "plan.json"

compiled = partial(policy_files.compiled, places={})
"""Makes policies of their document."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done.

    Attributes:
        recording: the file.
        size: how many bytes it had when the plan was made: it must be the same when a run goes on.
        since, until: what is asked for.
        policies: the document of those to decide by; None: as it was.
        events: how many lines the recording has.
        decisions: whether decisions that change nothing are told, and what each policy said.
        parts: in how many parts the elements are divided.
        bonds: elements that something happened to together, each with one of them that stands for all.
    """

    recording: str
    size: int
    since: datetime
    until: datetime
    policies: Document | None = None
    events: int = 0
    decisions: bool = False
    parts: int = 1
    bonds: tuple[tuple[ElementKey, ElementKey], ...] = ()

    def policy_set(self) -> PolicySet | None:
        """The policies to decide by; None: those of then."""
        return None if self.policies is None else compiled(self.policies)

    def check(self) -> None:
        """Check that the recording is the one that the plan was made for.

        Raises:
            InvalidConfiguration: it is not there any more, or another.
        """
        try:
            size = Path(self.recording).stat().st_size
        except OSError as error:
            raise InvalidConfiguration(self.recording, f"cannot be read: {error.strerror or error}") from error
        if size != self.size:
            raise InvalidConfiguration(self.recording, "is not the recording that this replay began with; begin it anew")


def save(plan: Plan, directory: Path) -> None:
    """Keep ``plan`` in ``directory``."""
    (directory / FILE).write_bytes(msgspec.json.encode(plan))


def load(directory: Path) -> Plan:
    """The plan in ``directory``.

    Raises:
        InvalidConfiguration: there is none.
    """
    try:
        plan = msgspec.json.decode((directory / FILE).read_bytes(), type=Plan)
    except (OSError, msgspec.DecodeError) as error:
        raise InvalidConfiguration(str(directory), "holds no replay that was interrupted") from error
    plan.check()
    return plan

"""What somebody typed: a form as it was sent, whatever it says, so that it can be shown to them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from gridmask.access.return_paths import local
from gridmask.domain.vo import ALL
from gridmask.portal.frame.zones import UTC, known_zone

LONGEST = 4000
"""Characters that a reason may have, as in the API."""


class Deed(StrEnum):
    """What people do, as addresses name it."""

    SET = "set"
    TAKE = "take"
    EXTEND = "extend"
    RELEASE = "release"
    AUTOMATION = "automation"
    DOWNTIME = "downtime"
    CANCEL = "cancel"
    UNDO = "undo"

    @property
    def called(self) -> str:
        """What it is called for people."""
        return _TITLES[self]


_TITLES = {
    Deed.SET: "Set the status",
    Deed.TAKE: "Take from automation",
    Deed.EXTEND: "Hold for longer",
    Deed.RELEASE: "Give back to automation",
    Deed.AUTOMATION: "Say how far automation goes",
    Deed.DOWNTIME: "Declare a downtime",
    Deed.CANCEL: "Cancel a downtime",
    Deed.UNDO: "Undo",
}


class Step(StrEnum):
    """What is wanted of a form: to see what it would lead to, or to do it."""

    PREVIEW = "preview"
    DO = "do"


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of a form, as they were sent; empty where one was not.

    Attributes:
        vo: for whom.
        row: which rows.
        seen: the revision in which whoever sent it saw them; ``known``: what else they saw, in short.
        aware: VOs of which the form said that they are concerned; ``foretold``: in short, what they were told it leads to.
        zone: in whose hours they typed moments.
        back: the page that they came from.
        status, binding: what rows are to be.
        until, custom, which: for how long; what was typed of it; which of two hours that are called the same.
        mode, was: how far automation is to go, and went.
        start, end, severity, whole: of a downtime; of a site, whether everything there is down.
        record: the downtime that is cancelled; ``revision``: what is undone.
        reason: why.
    """

    vo: str = ALL
    row: tuple[str, ...] = ()
    seen: str = ""
    known: str = ""
    aware: str = ""
    foretold: str = ""
    zone: str = UTC
    back: str = "/"
    status: str = ""
    binding: str = ""
    until: str = ""
    custom: str = ""
    which: str = ""
    mode: str = ""
    was: str = ""
    start: str = ""
    end: str = ""
    severity: str = ""
    whole: str = ""
    record: str = ""
    revision: str = ""
    reason: str = ""

    @classmethod
    def of(cls, fields: Mapping[str, Sequence[str]]) -> Typed:
        """What ``fields`` say, of what there is to say; their last word each, but all of the rows."""
        told: dict[str, Any] = {name: values[-1] for name, values in fields.items() if name in _FIELDS and values}
        said = cls(row=tuple(fields.get("row", ())), **told)
        return replace(said, vo=said.vo or ALL, zone=known_zone(said.zone), back=local(said.back))

    @property
    def seen_revision(self) -> int | None:
        """The revision in which the rows were seen; None: nobody says who also says what else was seen."""
        return (
            int(self.seen) if self.known and self.seen.isascii() and self.seen.isdigit() and len(self.seen) < _DIGITS else None
        )

    def fingerprint(self, deed: Deed, whose: str) -> Sequence[bytes]:
        """All that makes it the same thing to do as another: the same form of the same page, with the same in it."""
        return [part.encode(errors="replace") for part in (deed, whose, *map(str, asdict(self).values()))]


_DIGITS = 19
_FIELDS = frozenset(Typed.__dataclass_fields__) - {"row"}

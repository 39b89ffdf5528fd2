"""What became of DIRAC's records: how many were taken, and what about the others a person should know."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

MOST_NAMED = 10
"""So many are told by name, of each kind of remark."""


class About(StrEnum):
    """What a remark is about."""

    BLANK_STATUS = "blank status"
    UNKNOWN_STATUS = "unknown status"
    NO_TIME = "no usable time"
    NO_TYPE = "no element type"
    NOT_IN_INVENTORY = "not in the inventory"
    UNKNOWN_STATUS_TYPE = "unknown status type"
    UNKNOWN_VO = "VO not known"
    NOT_OFFERED = "not offered to the VO"
    ORPHANED = "VO row without a row of 'all'"
    CUT_OWNER = "owner may be cut"
    EXPIRED_TOKEN = "token over"  # noqa: S105 - not a password
    HELD_HERE = "held here"
    TOO_LONG = "too long"
    OUT_OF_ORDER = "out of order"
    OURS = "ours"
    LEFT_TO_SOURCES = "left to the sources"
    STALE = "stale occupancy"
    NOT_TAKEN = "not taken"


MEANING = {
    About.BLANK_STATUS: "records that tell no status, as DIRAC writes them when a token alone changes: the one before stays",
    About.UNKNOWN_STATUS: "statuses that there are none of; they count as Unknown, which nobody may use",
    About.NO_TIME: "records without a time at which they could have been; they were not taken",
    About.NO_TYPE: "names of which nothing says what they are; their history was not taken",
    About.NOT_IN_INVENTORY: "elements that no inventory lists; their statuses and history wait for them, and are in no mask",
    About.UNKNOWN_STATUS_TYPE: "statuses of kinds that the element's type does not have; their history was taken, not they",
    About.UNKNOWN_VO: "VOs that are not known; their history was taken, not their statuses. Once they are known, import again",
    About.NOT_OFFERED: "statuses for VOs that may not use the element; their history was taken, not they",
    About.ORPHANED: "statuses for one VO where there is none for everyone, as DIRAC leaves them of elements that went",
    About.CUT_OWNER: "owners with as many letters as DIRAC keeps: the names may have been longer. --owner CUT=WHOLE mends them",
    About.EXPIRED_TOKEN: "tokens that were over; the rows are automation's again",
    About.HELD_HERE: "rows that a person holds here; they stay as they are",
    About.TOO_LONG: "names that are longer than here; these records were not taken",
    About.OUT_OF_ORDER: "records that are older than the one before them; they are told with its time",
    About.OURS: "records that were written there from here, for going back; the history here has them already",
    About.LEFT_TO_SOURCES: "what the configured sources tell of themselves",
    About.STALE: "occupancies that are hours old or cannot be true; the next measurement tells",
    About.NOT_TAKEN: "what nothing here is made of, or what could not be read",
}
"""What each means, for people."""


@dataclass(slots=True)
class Report:
    """What an import came to, so far.

    Attributes:
        read: by table, how many records were looked at.
        kept: by table, how many of them became entries of the history.
        rows: how many rows were set; ``unchanged``: how many were as they are in DIRAC already.
        elements: how many elements were made known that no inventory lists.
        tokens: how many of the rows are a person's.
        downtimes, measurements: how many were taken.
        revisions: those that were made.
        counts, named: by what remarks are about, how often, and the first of what they name.
    """

    read: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    unchanged: int = 0
    elements: int = 0
    tokens: int = 0
    downtimes: int = 0
    measurements: int = 0
    revisions: list[int] = field(default_factory=list)
    counts: Counter[About] = field(default_factory=Counter)
    named: dict[About, dict[str, None]] = field(default_factory=dict)

    def remark(self, about: About, name: str, count: int = 1) -> None:
        """Note something ``about`` what is called ``name``."""
        self.counts[about] += count
        names = self.named.setdefault(about, {})
        if len(names) < MOST_NAMED:
            names[name] = None

    @property
    def entries(self) -> int:
        """How many entries the history got."""
        return self.kept.total()

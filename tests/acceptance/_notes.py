"""What writers claimed and were told, noted outside of them, and what readers saw at earlier looks."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, TextIO

Note = dict[str, Any]
"""What a writer says: ``say`` is ``claim`` (before it begins), ``ack`` (it was told that it is done), ``no`` or ``doubt``."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a writer did, or tried to.

    Attributes:
        tag: stands in the comment of its audit record, and nowhere else.
        what: which use case.
        claim: what it was to come to.
        fate: ``open`` (nobody was told), ``ack``, ``no`` (told that nothing was changed), ``doubt`` (told that nobody knows).
        told: what it came to, as far as it was told.
    """

    tag: str
    what: str
    claim: Note
    fate: str = "open"
    told: Note = field(default_factory=dict)


@dataclass
class Notes:
    """All deeds by tag. Each note is also appended to ``log``, as a line of JSON."""

    log: TextIO | None = None
    deeds: dict[str, Deed] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)

    def take(self, note: Note) -> None:
        """Note what a writer said."""
        if self.log:
            self.log.write(json.dumps(note) + "\n")
            self.log.flush()
        if note["say"] == "claim":
            self.deeds[note["tag"]] = Deed(note["tag"], note["what"], note)
            return
        self.deeds[note["tag"]] = replace(self.deeds[note["tag"]], fate=note["say"], told=note)
        if note["say"] != "ack":
            self.refusals[note["error"]] += 1

    def copy(self) -> Notes:
        """What is noted now."""
        return Notes(deeds=dict(self.deeds))

    def fates(self) -> Counter[str]:
        """How many deeds there are, by fate."""
        return Counter(deed.fate for deed in self.deeds.values())

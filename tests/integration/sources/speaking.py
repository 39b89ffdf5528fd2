"""What all sources say, each in its own form: twenty computing elements, twelve downtimes, what one of each kind measures."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.kinds import KINDS

if TYPE_CHECKING:
    from datetime import datetime

    from tests.integration.http.server import Asked

CES = tuple(f"ce{number:02}.example.org" for number in range(20))
SITES = ("LCG.A.ch", "LCG.B.ch")
AURORA_ALONE = CES[18:]
VOS = ("aurora", "borealis")

DOWN, SLOW, TO_COME = CES[:3], CES[3:5], CES[5:12]
CRITICAL, WARNING = CES[12], CES[13]
SAID_OF = {CRITICAL: "CRITICAL", WARNING: "WARNING"}

Records = Mapping[str, Sequence[str]]
"""What a source lists, as it writes it, by the question that asks for it or by the place where it stands."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A kind of source.

    Attributes:
        kind: its name in the settings.
        records: what it lists when all is well, when it is that time.
        document: its answer to a request, given what it lists.
        spoils: ways to spoil a record, by what is wrong then.
        options: what the settings say of it.
        measures: which kind of measurement decides, of what measures.
        scheme: of its URL.
    """

    kind: str
    records: Callable[[datetime], Records]
    document: Callable[[Asked, Records], bytes]
    spoils: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    measures: str = "probe"
    scheme: str = "http"

    @property
    def role(self) -> str:
        """What its source is called: by what it gives."""
        return {"": "inventory", "downtime": "feed", "measurements": "probes"}[KINDS[self.kind].evidence]


def site_of(ce: str) -> str:
    """The site of ``ce``."""
    return SITES[CES.index(ce) % 2]


def by_site(write: Callable[[str], str]) -> Records:
    """The elements as ``write`` has them, by their site."""
    return {site: [write(ce) for ce in CES if site_of(ce) == site] for site in SITES}


def replacing(old: str, new: str) -> Callable[[str], str]:
    """Spoils a record by another text in it, which must be there."""

    def spoil(record: str) -> str:
        assert old in record, record
        return record.replace(old, new)

    return spoil


def having(**fields: str) -> Callable[[str], str]:
    """Spoils a record of XML by other texts in elements that it must have."""

    def spoil(record: str) -> str:
        for name, text in fields.items():
            record, found = re.subn(f"<{name}>.*?</{name}>", f"<{name}>{text}</{name}>", record)
            assert found, name
        return record

    return spoil


def telling(**members: object) -> Callable[[str], str]:
    """Spoils a measurement by other members."""
    return lambda record: json.dumps({**json.loads(record), **members})

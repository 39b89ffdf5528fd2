"""Made-up OSG documents, seeded: with everything that is allowed, and much that is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

SERVICES = (
    "CE",
    "CE",
    "CE",
    "GridFtp",
    "Squid",
    "XRootD origin server",
    "SRMv2",
    "net.perfSONAR.Latency",
    "FTS",
    "Message Bus",
)
UNKNOWN = ("Quantum Link", "Site", "Queue", "StorageElement", "MessageQueue", "\N{TELESCOPE} eye")
SEVERITIES = ("Outage", "Severe", "Intermittent Outage", "No Significant Outage Expected", "WARNING", "Catastrophe")
VOS = ("CMS", "cms", "ATLAS", "LIGO", "fermilab", "osg", "gluex", "(Other)", "ALL")
ALLOWED = ("CMS", "atlas, LIGO", "ANY", "any_public", "CMS (Other)", "(Other)", "(Information not available)", "", "cms;osg")
BAD_DATES = ("soon", "Feb 30, 2026 10:00 AM UTC", "Aug 07, 2026 19:00 AM UTC", "Not Available", "Aug 07, 2026 25:00 PM UTC", "")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Recipe:
    """How much there is, and how often something is odd."""

    groups: int = 12
    resources: int = 40
    downtimes: int = 150
    odd: float = 0.05


def inventory(random: Random, recipe: Recipe) -> bytes:
    """A ``ResourceSummary``."""
    groups: list[list[str]] = [[] for _ in range(recipe.groups)]
    for number in range(recipe.resources):
        entry = _resource(random, recipe, number)
        random.choice(groups).append(entry)
        if random.random() < recipe.odd:
            again = entry if random.random() < 0.5 else _resource(random, recipe, number)
            random.choice(groups).append(again)
    listed = [_group(random, recipe, number, entries) for number, entries in enumerate(groups)]
    return _document("ResourceSummary", "".join(listed))


def downtimes(random: Random, recipe: Recipe, around: datetime) -> bytes:
    """A ``Downtimes`` document; most of what it announces is not far from ``around``."""
    entries = []
    for number in range(recipe.downtimes):
        identifier = str(random.choice((number, number, number // 2))) if random.random() > recipe.odd / 4 else "12a"
        entry = _downtime(random, recipe, identifier, around)
        entries.append(entry)
        if random.random() < recipe.odd:
            entries.append(entry if random.random() < 0.5 else _downtime(random, recipe, identifier, around))
    random.shuffle(entries)
    sections = ("PastDowntimes", "CurrentDowntimes", "FutureDowntimes")
    return _document("Downtimes", "".join(_tag(name, "".join(entries[at::3])) for at, name in enumerate(sections)))


def moments(random: Random, around: datetime, count: int) -> list[datetime]:
    """Moments near ``around``, on the minutes at which downtimes begin and end, and just before."""
    return sorted(_moment(random, around) - random.choice((0, 1)) * timedelta(microseconds=1) for _ in range(count))


def _group(random: Random, recipe: Recipe, number: int, entries: Sequence[str]) -> str:
    told = _tag("GroupName", f"Group {number}" if random.random() > recipe.odd / 8 else "")
    told += _tag("Disable", random.choices(("false", "true", "", "yes"), (90, 6, 4, recipe.odd * 4))[0])
    return _tag("ResourceGroup", told + _tag("Resources", "".join(entries)))


def _resource(random: Random, recipe: Recipe, number: int) -> str:
    name = f"Resource-{number}" if random.random() < 0.8 else f"resource-{number - 1} & <co>"
    told = _tag("Name", escape(name)) + _tag("FQDN", f"r{number}.example.org")
    told += _tag("Active", random.choices(("true", "false", "True", "", "maybe"), (80, 10, 5, 3, recipe.odd * 20))[0])
    told += _tag("Disable", random.choices(("false", "true", ""), (85, 10, 5))[0])
    told += _tag("Services", "".join(_service(random, recipe) for _ in range(random.choice((0, 1, 1, 1, 2, 3)))))
    if random.random() < 0.3:
        told += _allowed(random)
    if random.random() < 0.5:
        owner = _tag("Ownership", _tag("VO", escape(random.choice(VOS))) + _tag("Percent", "100"))
        told += _tag("VOOwnership", owner)
    return _tag("Resource", told)


def _service(random: Random, recipe: Recipe) -> str:
    kind = random.choice(SERVICES if random.random() > recipe.odd else UNKNOWN)
    return _tag("Service", _tag("Name", kind) + (_allowed(random) if random.random() < 0.15 else ""))


def _allowed(random: Random) -> str:
    if random.random() < 0.5:
        return _tag("AllowedVOs", escape(random.choice(ALLOWED)))
    return _tag("AllowedVOs", "".join(_tag("VO", escape(random.choice(VOS[:6]))) for _ in range(random.randint(1, 3))))


def _downtime(random: Random, recipe: Recipe, identifier: str, around: datetime) -> str:
    start = _moment(random, around)
    end = start + timedelta(minutes=random.choice((0, 30, 90, 600, 3000, 9000)))
    if random.random() < recipe.odd:
        end = start - timedelta(minutes=30)
    told = {
        "ID": identifier,
        "ResourceName": escape(f"Resource-{random.randrange(recipe.resources + 3)}"),
        "StartTime": _written(random, recipe, start),
        "EndTime": _written(random, recipe, end) if random.random() > 0.05 else "Jan 01, 2100 00:00 AM UTC",
        "Class": random.choice(("SCHEDULED", "UNSCHEDULED")),
        "Severity": random.choice(SEVERITIES),
        "CreatedTime": random.choice(("Aug 01, 2026 12:00 PM UTC", "Not Available")),
        "Services": "".join(_named(random) for _ in range(_how_many(random, recipe))),
        "Description": escape(random.choice(("Power work", "Kernel & <reboots>", ""))),
    }
    return _tag("Downtime", "".join(_tag(name, text) for name, text in told.items()))


def _named(random: Random) -> str:
    return _tag("Service", _tag("Name", random.choice(SERVICES if random.random() < 0.9 else UNKNOWN)))


def _how_many(random: Random, recipe: Recipe) -> int:
    return 0 if random.random() < recipe.odd / 2 else random.choice((1, 1, 2, 3))


def _moment(random: Random, around: datetime) -> datetime:
    return around + timedelta(minutes=30 * random.randint(-96, 96))


def _written(random: Random, recipe: Recipe, moment: datetime) -> str:
    if random.random() < recipe.odd:
        return random.choice(BAD_DATES)
    half = "PM" if moment.hour >= 12 else "AM"
    return f"{MONTHS[moment.month - 1]} {moment.day:02}, {moment.year} {moment.hour:02}:{moment.minute:02} {half} UTC"


def _document(root: str, inside: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{root}>{inside}</{root}>\n'.encode()


def _tag(name: str, inside: str) -> str:
    return f"<{name}>{inside}</{name}>"

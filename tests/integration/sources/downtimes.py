"""How each kind of feed announces the twelve downtimes: five of now, seven to come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tests import gocdb, osg
from tests.clocks import at
from tests.grid import outage, written
from tests.integration.sources.inventories import gocdb_page
from tests.integration.sources.speaking import CES, DOWN, SLOW, TO_COME, Records, Speaker, having, replacing

if TYPE_CHECKING:
    from datetime import datetime

    from tests.integration.http.server import Asked

BEGUN, BEGINS, ENDS = at(hours=-1), at(days=20), at(days=30)


def seconds(moment: datetime) -> str:
    """``moment`` as GOCDB writes it."""
    return f"{moment.timestamp():.0f}"


def osg_downtime(ce: str, start: datetime = BEGUN, end: datetime = ENDS) -> str:
    """A downtime of OSG's."""
    severity = "Intermittent Outage" if ce in SLOW else "Outage"
    return outage(str(CES.index(ce) + 1), ce, start, end, "CE", Severity=severity)


def gocdb_downtime(ce: str, start: datetime = BEGUN, end: datetime = ENDS) -> str:
    """A downtime of GOCDB's."""
    times = {"START_DATE": seconds(start), "END_DATE": seconds(end)}
    severity = "WARNING" if ce in SLOW else "OUTAGE"
    return gocdb.downtime(f"{CES.index(ce) + 1}G0", gocdb.concerned(ce, "ARC-CE"), SEVERITY=severity, **times)


def downtimes(write: Callable[..., str]) -> list[str]:
    """The twelve downtimes: five of now, seven to come."""
    return [*(write(ce) for ce in (*DOWN, *SLOW)), *(write(ce, BEGINS) for ce in TO_COME)]


def osg_downtimes(_: Asked, records: Records) -> bytes:
    """OSG's downtimes."""
    return osg.downtimes(*records[""])


def osg_spoils() -> Mapping[str, Callable[[str], str]]:
    """What can be wrong with one of OSG's downtimes."""
    return {
        "wrong types": having(StartTime="soon", EndTime="<x/>", Severity="<x/>"),
        "nameless": having(ID="x"),
        "ends before it starts": having(EndTime=written(at(hours=-2))),
        "ends in 9999": having(EndTime="Dec 31, 9999 23:59 PM UTC"),
        "is no date": having(EndTime="Feb 30, 2026 25:00 PM UTC"),
        "is over": having(StartTime=written(at(hours=-1)), EndTime=written(at(hours=-0.5))),
        "is to come": having(StartTime=written(at(days=300)), EndTime=written(at(days=301))),
        "is harmless": having(Severity="No Significant Outage Expected"),
    }


def gocdb_spoils() -> Mapping[str, Callable[[str], str]]:
    """What can be wrong with one of GOCDB's downtimes."""
    return {
        "wrong types": having(START_DATE="soon", END_DATE="<x/>", SEVERITY="<x/>"),
        "nameless": replacing('PRIMARY_KEY="', 'PRIMARY_KEY="&lt;'),
        "ends before it starts": having(END_DATE="1"),
        "ends in 9999": having(END_DATE="253402300799"),
        "is no date": having(END_DATE="999999999999"),
        "is over": having(START_DATE=seconds(at(hours=-1)), END_DATE=seconds(at(hours=-0.5))),
        "is to come": having(START_DATE=seconds(at(days=300)), END_DATE=seconds(at(days=301))),
        "is about something else": having(HOSTNAME="other.example.org"),
        "is less": having(SEVERITY="WARNING"),
    }


DOWNTIMES = (
    Speaker("osg-downtimes", lambda _: {"": downtimes(osg_downtime)}, osg_downtimes, osg_spoils()),
    Speaker(
        "gocdb-downtimes",
        lambda _: {"get_downtime_nested_services": downtimes(gocdb_downtime)},
        gocdb_page,
        gocdb_spoils(),
    ),
)
"""Every kind of feed."""

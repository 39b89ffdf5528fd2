"""How each kind of source that judges says what it found: probes, states, series of words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from tests.clocks import at
from tests.integration.sources.inventories import cric_document, cric_queue
from tests.integration.sources.speaking import CES, CRITICAL, SAID_OF, Records, Speaker, by_site, replacing, telling
from tests.integration.sources.wording import OF_TYPE, dated, days_before, each, listed, seconds, worded

if TYPE_CHECKING:
    from tests.integration.http.server import Asked

# --- Probes


def probe(ce: str, now: datetime, result: str | None = None) -> str:
    """A probe's result."""
    value = {"metric": "submit", "result": result or SAID_OF.get(ce, "OK")}
    about = {"type": "ComputingElement", "name": ce}
    return json.dumps({"kind": "probe", "about": about, "value": value, "observed_at": now.isoformat()})


def measurements(_: Asked, records: Records) -> bytes:
    """A document of measurements."""
    return f'{{"measurements": [{", ".join(records[""])}]}}'.encode()


def exclusion(ce: str) -> str:
    """What is said of a queue that is called like the computing element."""
    word = {"CRITICAL": "OFFLINE", "WARNING": "BROKEROFF"}.get(SAID_OF.get(ce, "OK"))
    said = {"value": word, "reason": "by hand"} if word else None
    return json.dumps({"panda_queue": ce, "probes": {"manual": said, "hammercloud": None}, "default": "ONLINE"})


def exclusions(_: Asked, records: Records) -> bytes:
    """A document of who excluded which queue."""
    return f"[{', '.join(records[''])}]".encode()


PROBE_SPOILS: Mapping[str, Callable[[str], str]] = {
    "wrong types": telling(value=["OK"]),
    "nameless": telling(about={}),
    "is no date": telling(observed_at="soon"),
    "is of 9999": telling(observed_at="9999-12-31T23:59:59Z"),
    "is of tomorrow": telling(observed_at=at(days=1).isoformat(), value={"metric": "submit", "result": "CRITICAL"}),
    "is of year 1": telling(observed_at="0001-01-01T00:00:00+14:00"),
    "ends before it starts": telling(valid_until=at(days=-1).isoformat(), value={"metric": "submit", "result": "OK"}),
    "is old": telling(observed_at=at(days=-9).isoformat(), value={"metric": "submit", "result": "OK"}),
    "is without a result": telling(value={"metric": "submit", "result": "UNKNOWN"}),
    "is of no kind": telling(kind="weather"),
}


# --- States


def queue(ce: str) -> str:
    """A queue of PanDA's, and what PanDA does with it."""
    return replacing('"online"', f'"{worded("online", "brokeroff", "offline")(ce)}"')(cric_queue(ce))


def scheduler(ce: str, now: datetime) -> object:
    """The ad of an HTCondor-CE."""
    told = {"Name": ce, "MyType": "Scheduler", "LastHeardFrom": int(now.timestamp())}
    return {**told, "MaxJobsRunning": 0 if ce == CRITICAL else 1000}


def sample(ce: str, now: datetime) -> object:
    """A sample of Prometheus'."""
    return {"metric": {"instance": f"{ce}:9619"}, "value": [now.timestamp(), "0" if ce == CRITICAL else "1"]}


def endpoint(ce: str) -> str:
    """An endpoint of ARGO's, as it is since yesterday."""
    status = {"timestamp": f"{at(days=-1):%Y-%m-%dT%H:%M:%SZ}", "value": worded("OK", "WARNING", "CRITICAL")(ce)}
    return json.dumps({"hostname": ce, "service": "ARC-CE", "statuses": [status]})


def statuses(_: Asked, records: Records) -> bytes:
    """ARGO's report of statuses."""
    groups = ", ".join(f'{{"name": "{site}", "endpoints": [{", ".join(said)}]}}' for site, said in records.items())
    return f'{{"groups": [{groups}]}}'.encode()


# --- Series


def availability(ce: str, now: datetime) -> object:
    """What ARGO says of the availability of a group, day by day."""
    said = worded("99", "85", "12.5")(ce)
    days = [{"date": f"{day:%Y-%m-%d}", "availability": said, "reliability": said} for day in days_before(now)]
    return {"name": ce, "type": "SITES", "results": days}


def readiness(ce: str, now: datetime) -> str:
    """What CMS says of a site, day by day, a document each."""
    told = {"name": ce, "status": worded("ok", "warning", "error")(ce)}
    metadata = [{"path": "sr1day", "timestamp": int(day.timestamp() * 1000)} for day in days_before(now)]
    return "\n".join(json.dumps({"metadata": one, "data": told}) for one in metadata)


JUDGING = (
    Speaker(
        "hammercloud",
        lambda _: {"": [exclusion(ce) for ce in CES]},
        exclusions,
        {
            "wrong types": replacing('"probes": {', '"probes": [], "was": {'),
            "nameless": replacing('"panda_queue": "', '"panda_queue": "\\u0007'),
            "is without a result": replacing('"hammercloud": null', '"hammercloud": null, "manual": {"value": "PARKED"}'),
        },
        {"type": "ComputingElement", "metric": "submit", "results": {"BROKEROFF": "WARNING"}},
    ),
    Speaker("measurements", lambda now: {"": [probe(ce, now) for ce in CES]}, measurements, PROBE_SPOILS),
    Speaker(
        "panda-queues",
        lambda _: by_site(queue),
        cric_document,
        {
            "wrong types": replacing('"status": ', '"status": [7], "was": '),
            "nameless": replacing('"Q', '"\\u0007'),
            "is without a state": replacing('"status": ', '"status": "", "was": '),
            "is elsewhere": replacing(".example.org:9619", ".elsewhere.example.org:9619"),
        },
        OF_TYPE,
        "state",
    ),
    Speaker(
        "htcondor-ce",
        each(scheduler),
        listed("[...]"),
        {
            "wrong types": telling(MaxJobsRunning="none"),
            "nameless": telling(Name="\x07"),
            "is of another daemon": telling(MyType="Collector"),
            "is of no calendar": telling(LastHeardFrom=10**18),
            "is without a date": telling(LastHeardFrom=0),
            **dated("LastHeardFrom", lambda moment: int(moment.timestamp()), MaxJobsRunning=0),
        },
        OF_TYPE,
        "state",
    ),
    Speaker(
        "prometheus",
        each(sample),
        listed('{"status": "success", "data": {"resultType": "vector", "result": [...]}}'),
        {
            "wrong types": telling(value=["soon", 1]),
            "nameless": telling(metric={}),
            "is no number": telling(value=[seconds(at()), "NaN"]),
            "is neither": telling(value=[seconds(at()), "0.5"]),
            "is of tomorrow": telling(value=[seconds(at(days=1)), "0"]),
            "is old": telling(value=[seconds(at(days=-9)), "0"]),
        },
        {"query": [{"name": "submit", "expr": "up"}]},
    ),
    Speaker(
        "argo-status",
        lambda _: by_site(endpoint),
        statuses,
        {
            "wrong types": telling(statuses=7),
            "nameless": telling(hostname=None),
            "is elsewhere": telling(hostname="other.example.org"),
            "is no date": replacing('"timestamp": "', '"timestamp": "soon'),
            "is of tomorrow": telling(statuses=[{"timestamp": at(days=1).isoformat(), "value": "CRITICAL"}]),
            "is without a result": telling(statuses=[{"timestamp": at().isoformat(), "value": "DOWNTIME"}]),
        },
        {**OF_TYPE, "report": "Critical"},
    ),
    Speaker(
        "argo-results",
        each(availability),
        listed('{"results": [{"name": "NGI", "groups": [...]}]}'),
        {
            "wrong types": replacing('"availability": "', '"availability": "about '),
            "nameless": telling(name=None),
            "is no date": replacing('"date": "', '"date": "the '),
            "is of tomorrow": telling(results=[{"date": f"{at(days=n):%Y-%m-%d}", "availability": "0"} for n in (1, 2, 3)]),
            "is without a result": telling(results=[{"date": f"{at():%Y-%m-%d}", "availability": "-1"}]),
        },
        {**OF_TYPE, "report": "Critical"},
        "series",
    ),
    Speaker(
        "cms-sst",
        lambda now: {"": [readiness(ce, now) for ce in CES]},
        lambda _, records: "\n".join(records[""]).encode(),
        {
            "wrong types": replacing('"data": ', '"data": [], "was": '),
            "nameless": replacing('"name": ', '"name": "", "was": '),
            "is no date": replacing('"timestamp": ', '"timestamp": "soon", "was": '),
            "is of no calendar": replacing('"timestamp": ', '"timestamp": 1'),
            "is of tomorrow": lambda record: readiness(CRITICAL, at(days=1)).replace(
                CRITICAL, json.loads(record.split("\n")[0])["data"]["name"]
            ),
        },
        {**OF_TYPE, "document": "readiness", "vo": "all"},
        "series",
    ),
)
"""Every kind of source that judges."""

"""How each kind of source that counts says what it counts: space, jobs, tickets, transfers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from tests.integration.sources.speaking import CES, Records, Speaker, replacing, telling
from tests.integration.sources.wording import OF_TYPE, Spoils, dated, each, listed, numbered, seconds

if TYPE_CHECKING:
    from datetime import datetime

    from tests.integration.http.server import Asked

FEW = CES[11:15]
"""What is told of by kinds that are asked for each element by itself."""


# --- Space

TERA = 10**12
FREE = numbered(50 * TERA, TERA, 0)
TOTAL = 100 * TERA


def share(ce: str, now: datetime) -> object:
    """A share of a storage resource report."""
    return {"name": ce, "totalsize": TOTAL, "usedsize": TOTAL - FREE(ce), "timestamp": now.timestamp()}


def usage(ce: str, now: datetime) -> object:
    """What Rucio was told by a storage element."""
    return {
        "at": ce,
        "rse": ce,
        "source": "storage",
        "updated_at": format_datetime(now, usegmt=True),
        "total": TOTAL,
        "free": FREE(ce),
    }


def rucio(asked: Asked, records: Records) -> bytes:
    """The storage elements, or the usage of one."""
    name = unquote(urlsplit(asked.target).path.rpartition("/rses/")[2]).removesuffix("/usage")
    if not name:
        return "\n".join(json.dumps({"rse": ce}) for ce in FEW).encode()
    return "\n".join(record for record, ce in _told_apart(records, FEW) if ce == name).encode()


def occupancy(asked: Asked, records: Records) -> bytes:
    """A file of occupancy."""
    return "\n".join(record for record, ce in _told_apart(records, FEW) if f"/{ce}/" in asked.target).encode()


def quota(asked: Asked, records: Records) -> bytes:
    """The quota of a folder."""
    told = "".join(record for record, ce in _told_apart(records, FEW) if f"/{ce}/" in asked.target)
    return f'<?xml version="1.0"?><multistatus xmlns="DAV:">{told}</multistatus>'.encode()


def folder(ce: str) -> str:
    """What WebDAV says of a folder."""
    sizes = f"<quota-available-bytes>{FREE(ce)}</quota-available-bytes><quota-used-bytes>7</quota-used-bytes>"
    told = f"<propstat><prop>{sizes}</prop><status>HTTP/1.1 200 OK</status></propstat>"
    return f"<response><!-- {ce} --><href>/{ce}/</href>{told}</response>"


def xrootd_space(asked: Asked, records: Records) -> bytes:
    """What XRootD says of the space at a path."""
    return b"".join(record.partition("\t")[2].encode() for record, ce in _told_apart(records, FEW) if f"/{ce}" in asked.target)


def qspace(ce: str) -> str:
    """The element, and its space."""
    free = FREE(ce)
    return f"{ce}\toss.cgroup=public&oss.space={TOTAL}&oss.free={free}&oss.maxf={free}&oss.used={TOTAL - free}&oss.quota=-1\0"


def _told_apart(records: Records, ces: Iterable[str]) -> list[tuple[str, str]]:
    """Each record with what its place is that of, whatever it says of itself."""
    return [(record, ce) for record in records[""] for ce in ces if ce in record]


# --- Jobs


def ended(ce: str, _: datetime) -> object:
    """How many jobs ended at the element, by status."""
    failed = int(numbered(0, 20, 90)(ce))
    return {"Site": ce, "Done": 100 - failed, "Failed": failed}


def summary(asked: Asked, records: Records) -> bytes:
    """DiracX's answer to one of the questions for jobs."""
    (among, *_) = json.loads(asked.body)["search"]
    return json.dumps([{**about, "count": n} for about, n in _counts(records, among["values"])]).encode()


def counters(asked: Asked, records: Records) -> bytes:
    """DIRAC's answer to one of the calls for jobs."""
    statuses = json.loads(parse_qs(asked.body.decode())["args"][0])[1]["Status"]
    return json.dumps({"OK": True, "Value": list(_counts(records, statuses))}).encode()


def _counts(records: Records, statuses: Iterable[str]) -> list[tuple[dict[str, object], object]]:
    said = [json.loads(record) for record in records[""]]
    return [({"Site": one["Site"], "Status": status}, one[status]) for one in said for status in statuses if status in one]


JOBS: Spoils = {
    "wrong types": telling(Done="many"),
    "nameless": telling(Site=None),
    "less than nothing": telling(Failed=-1),
}

# --- Tickets


def tickets(ce: str, _: datetime) -> object:
    """The open tickets about the element."""
    return [{"id": 100 * CES.index(ce) + n, "wlcg_sites": ce} for n in range(1, 1 + int(numbered(1, 3, 6)(ce)))]


def ticket_page(asked: Asked, records: Records) -> bytes:
    """A page of tickets, which begins after the last one of the page before."""
    query = parse_qs(urlsplit(asked.target).query)
    found = [ticket for record in records[""] for ticket in json.loads(record)]
    last = int(re.findall(r"id:>(\d+)", query["query"][0])[0])
    later = [ticket for ticket in found if not isinstance(ticket["id"], int) or ticket["id"] > last]
    return json.dumps(later[: int(query["limit"][0])]).encode()


# --- Transfers


def link(ce: str, _: datetime) -> object:
    """The transfers to the element from another."""
    failed = int(numbered(0, 20, 90)(ce))
    ends = {"source_se": "https://hub.example.org", "dest_se": f"davs://{ce}", "vo_name": "aurora"}
    return {**ends, "finished": 100 - failed, "failed": failed}


def overview(_: Asked, records: Records) -> bytes:
    """The overview of FTS, on one page."""
    items = records[""]
    return f'{{"overview": {{"count": {len(items)}, "pageCount": 1, "items": [{", ".join(items)}]}}}}'.encode()


def rucio_link(ce: str, _: datetime) -> object:
    """The same, as Rucio counts it."""
    failed = int(numbered(0, 20, 90)(ce))
    files = {"done-total-1h": 100 - failed, "failed-total-1h": failed, "queued-total": 3}
    return {"src_rse": "hub.example.org", "dst_rse": ce, "distance": 1 + CES.index(ce), "files": files}


def metrics(_: Asked, records: Records) -> bytes:
    """Rucio's links, a line each."""
    return "\n".join(records[""]).encode()


COUNTING = (
    Speaker(
        "wlcg-srr",
        each(share),
        listed('{"storageservice": {"storageshares": [...]}}'),
        {
            "wrong types": telling(totalsize=[7]),
            "nameless": telling(name=""),
            "less than nothing": telling(usedsize=-1),
            **dated("timestamp", seconds, usedsize=TOTAL),
            "is of no calendar": telling(timestamp=1e18),
        },
        OF_TYPE,
        "space",
    ),
    Speaker(
        "rucio-usage",
        each(usage, FEW),
        rucio,
        {
            "wrong types": telling(total="much"),
            "nameless": telling(rse=None),
            "less than nothing": telling(free=-1),
            "is without a zone": telling(updated_at="Thu, 20 Aug 2026 17:00:00"),
            **dated("updated_at", lambda moment: format_datetime(moment, usegmt=True), free=0),
        },
        OF_TYPE,
        "space",
    ),
    Speaker(
        "dirac-occupancy",
        each(lambda ce, _: {"at": ce, "Total": TOTAL, "Free": FREE(ce)}, FEW),
        occupancy,
        {
            "wrong types": telling(Total="much"),
            "nameless": replacing('"Free"', '"Freedom"'),
            "less than nothing": telling(Total=-1),
        },
        {**OF_TYPE, "file": [{"path": f"/{ce}/occupancy.json", "element": ce} for ce in FEW]},
        "space",
    ),
    Speaker(
        "webdav-quota",
        lambda _: {"": [folder(ce) for ce in FEW]},
        quota,
        {
            "wrong types": replacing("</quota-used", "-</quota-used"),
            "nameless": replacing("quota-available", "quota-assigned"),
            "is not told": replacing("200 OK", "404 Not Found"),
        },
        {**OF_TYPE, "folder": [{"path": f"/{ce}/", "element": ce} for ce in FEW]},
        "space",
    ),
    Speaker(
        "xrootd-space",
        lambda _: {"": [qspace(ce) for ce in FEW]},
        xrootd_space,
        {
            "wrong types": replacing("oss.free=", "oss.free=much"),
            "nameless": replacing("oss.free", "oss.fee"),
            "less than nothing": replacing("oss.free=", "oss.free=-9"),
            "is not known": lambda record: re.sub(r"=\d+", "=0", record),
        },
        {**OF_TYPE, "space": [{"path": f"/{ce}", "element": ce} for ce in FEW]},
        "space",
        "root",
    ),
    Speaker("diracx-jobs", each(ended), summary, JOBS, OF_TYPE, "jobs"),
    Speaker("dirac-wms", each(ended), counters, JOBS, OF_TYPE, "jobs"),
    Speaker(
        "zammad",
        each(tickets),
        ticket_page,
        {
            "wrong types": replacing('"id": ', '"id": "x", "was": '),
            "nameless": replacing('"wlcg_sites": ', '"wlcg_sites": "", "was": '),
            "is for nobody": replacing('"wlcg_sites": ', '"vo_support": "!!", "wlcg_sites": '),
        },
        {**OF_TYPE, "page": 16},
        "tickets",
    ),
    Speaker(
        "rucio-transfers",
        each(rucio_link),
        metrics,
        {
            "wrong types": replacing('"failed-total-1h": ', '"failed-total-1h": "many", "was": '),
            "nameless": telling(dst_rse=None),
            "less than nothing": replacing('"failed-total-1h": ', '"failed-total-1h": -'),
            "is elsewhere": telling(dst_rse="other.example.org"),
        },
        OF_TYPE,
        "transfers",
    ),
    Speaker(
        "fts-monitoring",
        each(link),
        overview,
        {
            "wrong types": telling(failed="many"),
            "nameless": telling(dest_se=""),
            "less than nothing": telling(failed=-1),
            "is elsewhere": telling(dest_se="davs://other.example.org"),
        },
        {},
        "transfers",
    ),
)
"""Every kind of source that counts."""

"""How each kind of source says the same things: twenty computing elements, twelve downtimes, twenty probes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from gridmask.kinds import KINDS
from tests import gocdb, osg
from tests.clocks import at
from tests.grid import outage, written

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
    """

    kind: str
    records: Callable[[datetime], Records]
    document: Callable[[Asked, Records], bytes]
    spoils: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)

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


# --- Inventories


def toml_resource(ce: str) -> str:
    """A resource of our own file."""
    offered = '["aurora"]' if ce in AURORA_ALONE else "[]"
    told = f'name = "{ce}"\nsite = "{site_of(ce)}"\ntype = "ComputingElement"\nhosts = ["{ce}"]\noffered = {offered}\n'
    return f"[[resource]]\n{told}"


def toml_file(_: Asked, records: Records) -> bytes:
    """Our own file."""
    sites = "".join(f'[[site]]\nname = "{site}"\n' for site in SITES)
    return "\n".join([sites, *(record for listed in records.values() for record in listed)]).encode()


def osg_resource(ce: str) -> str:
    """A resource of OSG's."""
    allowed = "<AllowedVOs><VO>Aurora</VO></AllowedVOs>" if ce in AURORA_ALONE else ""
    return osg.resource(ce, "CE", extra=allowed, FQDN=ce)


def osg_summary(_: Asked, records: Records) -> bytes:
    """OSG's inventory."""
    return osg.summary(*(osg.group(site, *listed) for site, listed in records.items()))


def gocdb_inventory() -> Records:
    """What GOCDB lists."""
    sites = [gocdb.site(site, f"{n}G0") for n, site in enumerate(SITES, start=1)]
    return {"get_site": sites, "get_service_endpoint": [gocdb_service(ce) for ce in CES]}


def gocdb_service(ce: str) -> str:
    """A service of GOCDB's."""
    scopes = ("EGI", "aurora") if ce in AURORA_ALONE else ("EGI",)
    return gocdb.service(ce, "ARC-CE", f"{CES.index(ce) + 1}G0", scopes=scopes, SITENAME=site_of(ce))


def gocdb_page(asked: Asked, records: Records) -> bytes:
    """GOCDB's answer to a question, eight records a page."""
    query = parse_qs(urlsplit(asked.target).query, keep_blank_values=True)
    return gocdb.page(records[query["method"][0]], int(query["next_cursor"][0]), 8)


def dirac_ce(ce: str) -> str:
    """The section of a computing element in DIRAC's configuration."""
    vo = "VO = aurora\n" if ce in AURORA_ALONE else ""
    return f"{ce}\n{{\nCEType = HTCondorCE\n{vo}}}\n"


def dirac_text(records: Records) -> bytes:
    """DIRAC's configuration."""
    sites = "".join(f"{site}\n{{\nCEs\n{{\n{''.join(listed)}}}\n}}\n" for site, listed in records.items())
    return f"Resources\n{{\nSites\n{{\nLCG\n{{\n{sites}}}\n}}\n}}\n".encode()


def dirac_service(asked: Asked, records: Records) -> bytes:
    """The answer of DIRAC's Configuration service; its version is a mark of what it holds."""
    text = dirac_text(records)
    version = hashlib.sha256(text).hexdigest()
    (known,) = json.loads(parse_qs(asked.body.decode())["args"][0])
    told = {} if known == version else {"data": base64.b64encode(zlib.compress(text)).decode()}
    return json.dumps({"OK": True, "Value": {"newestVersion": version, **told}}).encode()


def diracx_ce(ce: str) -> str:
    """A computing element in DiracX's configuration."""
    vo = ', "VO": "aurora"' if ce in AURORA_ALONE else ""
    return f'"{ce}": {{"CEType": "HTCondorCE"{vo}}}'


def diracx_document(_: Asked, records: Records) -> bytes:
    """DiracX's configuration."""
    sites = ", ".join(f'"{site}": {{"CEs": {{{", ".join(listed)}}}}}' for site, listed in records.items())
    vos = json.dumps({vo: {} for vo in VOS})
    return f'{{"Registry": {vos}, "Resources": {{"Sites": {{"LCG": {{{sites}}}}}}}}}'.encode()


def cric_queue(ce: str) -> str:
    """A queue of PanDA's that has the computing element, in CRIC."""
    vo = "aurora" if ce in AURORA_ALONE else ""
    told = {"atlas_site": site_of(ce), "state": "ACTIVE", "vo_name": vo, "status": "online"}
    door = {"ce_endpoint": f"{ce}:9619", "ce_flavour": "HTCONDOR-CE", "ce_state": "ACTIVE"}
    return f'"Q{CES.index(ce)}": {json.dumps({**told, "queues": [door]})}'


def cric_document(_: Asked, records: Records) -> bytes:
    """CRIC's queues."""
    return f"{{{', '.join(record for listed in records.values() for record in listed)}}}".encode()


# --- Downtimes

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


# --- Measurements


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


_DIRAC = {
    "wrong types": replacing("CEType = HTCondorCE\n", "VO = !!\n"),
    "nameless": replacing(".example.org", "\x07"),
    "is for others": replacing("CEType = HTCondorCE\n", "VO = borealis\n"),
    "is another service": replacing("HTCondorCE", "ARC"),
}


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

SPEAKERS = {
    speaker.kind: speaker
    for speaker in (
        Speaker(
            "toml",
            lambda _: by_site(toml_resource),
            toml_file,
            {
                "wrong types": replacing('type = "ComputingElement"', "type = 7"),
                "nameless": replacing('name = "ce', 'nam = "ce'),
            },
        ),
        Speaker(
            "osg-topology",
            lambda _: by_site(osg_resource),
            osg_summary,
            {
                "wrong types": replacing("<Active>true</Active>", "<Active>7</Active>"),
                "nameless": replacing("<Name>ce", "<Name> </Name><Name>ce"),
                "is for others": replacing("</Services>", "</Services><AllowedVOs><VO>borealis</VO></AllowedVOs>"),
                "is elsewhere": having(FQDN="no.example.org"),
                "is out of service": having(Active="false"),
            },
        ),
        Speaker(
            "gocdb",
            lambda _: gocdb_inventory(),
            gocdb_page,
            {
                "wrong types": replacing("<IN_PRODUCTION>Y", "<IN_PRODUCTION>7"),
                "nameless": replacing("<HOSTNAME>", "<HOSTNAME/><HOSTNAME>"),
                "is for others": replacing("<SCOPE>EGI", "<SCOPE>borealis"),
                "is something else": having(SERVICE_TYPE="webdav"),
                "is out of service": having(IN_PRODUCTION="N"),
            },
            {"vo_scopes": frozenset(VOS)},
        ),
        Speaker("dirac-cfg", lambda _: by_site(dirac_ce), lambda _, records: dirac_text(records), _DIRAC),
        Speaker("dirac-cs", lambda _: by_site(dirac_ce), dirac_service, _DIRAC),
        Speaker(
            "diracx-config",
            lambda _: by_site(diracx_ce),
            diracx_document,
            {
                "wrong types": replacing('"CEType": "HTCondorCE"', '"VO": [7, {}]'),
                "nameless": replacing(".example.org", "\\u0007"),
            },
        ),
        Speaker(
            "cric",
            lambda _: by_site(cric_queue),
            cric_document,
            {
                "wrong types": replacing('"state": "ACTIVE"', '"state": 7'),
                "nameless": replacing('"Q', '"\\u0007'),
                "is for others": replacing('"vo_name": "', '"vo_name": "borealis", "was": "'),
                "is elsewhere": replacing(".example.org:9619", ".elsewhere.example.org:9619"),
                "is out of service": replacing('"ACTIVE"', '"DISABLED"'),
            },
            {"document": "pandaqueue"},
        ),
        Speaker("osg-downtimes", lambda _: {"": downtimes(osg_downtime)}, osg_downtimes, osg_spoils()),
        Speaker(
            "gocdb-downtimes",
            lambda _: {"get_downtime_nested_services": downtimes(gocdb_downtime)},
            gocdb_page,
            gocdb_spoils(),
        ),
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
    )
}
"""Every kind of source that there is, by its name."""

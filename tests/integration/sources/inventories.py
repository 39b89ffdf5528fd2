"""How each kind of inventory lists the twenty computing elements, the last two for one VO alone."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests import gocdb, osg
from tests.integration.sources.speaking import (
    AURORA_ALONE,
    CES,
    SITES,
    VOS,
    Records,
    Speaker,
    by_site,
    having,
    replacing,
    site_of,
    telling,
)

if TYPE_CHECKING:
    from tests.integration.http.server import Asked


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


def argo_endpoint(ce: str) -> str:
    """An endpoint in ARGO's topology."""
    scope = "EGI, aurora" if ce in AURORA_ALONE else "EGI"
    tags = {"production": "1", "scope": scope, "info_ID": f"{CES.index(ce) + 1}G0"}
    return json.dumps({"group": site_of(ce), "type": "SITES", "service": "ARC-CE", "hostname": ce, "tags": tags})


def argo_topology(asked: Asked, records: Records) -> bytes:
    """The endpoints of ARGO's topology, or the groups that these are in."""
    tags = '{"certification": "Certified", "infrastructure": "Production"}'
    groups = [f'{{"group": "NGI", "type": "NGI", "subgroup": "{site}", "tags": {tags}}}' for site in SITES]
    told = records[""] if asked.target.endswith("/endpoints") else groups
    return f'{{"status": {{"code": "200"}}, "data": [{", ".join(told)}]}}'.encode()


_DIRAC = {
    "wrong types": replacing("CEType = HTCondorCE\n", "VO = !!\n"),
    "nameless": replacing(".example.org", "\x07"),
    "is for others": replacing("CEType = HTCondorCE\n", "VO = borealis\n"),
    "is another service": replacing("HTCondorCE", "ARC"),
}

INVENTORIES = (
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
    Speaker(
        "argo-topology",
        lambda _: {"": [argo_endpoint(ce) for ce in CES]},
        argo_topology,
        {
            "wrong types": telling(tags=7),
            "nameless": telling(hostname="\x07"),
            "is for others": telling(tags={"scope": "borealis"}),
            "is elsewhere": telling(hostname="no.example.org"),
            "is something else": telling(service="webdav"),
            "is out of service": telling(tags={"production": "N"}),
        },
        {"vo_scopes": frozenset(VOS)},
    ),
)
"""Every kind of inventory."""

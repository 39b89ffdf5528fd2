"""A mask as a VO feed of WLCG: which services of which sites a VO uses, and what it calls these sites.

::

    <root>
      <title>cms topology</title>
      <description>...</description>
      <feed_responsible name="Gridmask" />
      <last_update>2026-08-04T10:00:00Z</last_update>
      <vo>cms</vo>
      <atp_site name="EXAMPLE-LCG2">
        <service hostname="ce01.example.org" flavour="HTCONDOR-CE" />
        <group name="Tier-2" type="cms_Tier" />
        <group name="LCG.Example.org" type="cms_Site" />
      </atp_site>
    </root>

The tags are those of the feeds' common schema (WLCG's Information Systems Evolution task force, 2016). A feed says what there
is, not how it fares: ``production_status`` is left to its default, true, since what is out of service is in no mask.
"""

from __future__ import annotations

import re
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element as Tag
from xml.etree.ElementTree import SubElement, indent, tostring

from gridmask.domain.element import RESOURCE, SITE, Element, ElementKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from gridmask.domain.mask import Mask

MEDIA_TYPE = "application/xml"

FLAVOURS = {
    "ce": "CE",
    "glite-ce": "CE",
    "computingelement": "CE",
    "arc-ce": "ARC-CE",
    "org.nordugrid.arex": "ARC-CE",
    "cream-ce": "CREAM-CE",
    "org.opensciencegrid.htcondorce": "HTCONDOR-CE",
    "storageelement": "SE",
    "srm": "SRM",
    "srm.nearline": "SRM",
    "srmv1": "SRM",
    "srmv2": "SRM",
    "srmv2.disk": "SRM",
    "srmv2.tape": "SRM",
    "webdav": "WEBDAV",
    "webdav.tape": "WEBDAV",
    "wlcg.webdav.tape": "WEBDAV",
    "xrootd": "XROOTD",
    "xrootd.tape": "XROOTD",
    "wlcg.xrootd.tape": "XROOTD",
    "xrootd component": "XROOTD",
    "xrootd origin server": "XROOTD",
    "xrootd.redirector": "XROOTD",
    "gsiftp": "GRIDFTP",
    "gridftp": "GRIDFTP",
    "globus-gridftp": "GRIDFTP",
    "fts": "FTS",
    "squid": "Squid",
    "org.squid-cache.squid": "Squid",
    "net.perfsonar.bandwidth": "net.perfSONAR.Bandwidth",
    "net.perfsonar.latency": "net.perfSONAR.Latency",
}
"""What VO feeds call services, by what registries and we do, in lower case. Others keep the name that they have."""

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no document of XML 1.0 can have, however it is written."""


class _Service(NamedTuple):
    """A service of the feed, in the order in which they are listed."""

    site: str
    hostname: str
    flavour: str
    endpoint: str


def encode(mask: Mask, elements: Mapping[ElementKey, Element], updated: datetime) -> bytes:
    """The resources in ``mask`` as XML; ``elements`` tell their hosts, ``updated`` when the mask last changed.

    Left out is what belongs to no site, and what has no host: the format has no words for it.
    """
    root = Tag("root")
    SubElement(root, "title").text = _clean(f"{mask.vo} topology")
    SubElement(root, "description").text = _clean(f"Services that {mask.vo} may use, as Gridmask knows them")
    SubElement(root, "feed_responsible", name="Gridmask")
    SubElement(root, "last_update").text = f"{updated:%FT%TZ}"
    SubElement(root, "vo").text = _clean(mask.vo)
    for site, services in groupby(sorted(set(_services(mask, elements))), itemgetter(0)):
        _add_site(root, mask.vo, site, elements.get(ElementKey(SITE, SITE, site)), services)
    indent(root)
    body: bytes = tostring(root, "utf-8", xml_declaration=True)
    return body + b"\n"


def _add_site(root: Tag, vo: str, name: str, site: Element | None, services: Iterator[_Service]) -> None:
    listed = SubElement(root, "atp_site", name=_clean(_registered(name, site)))
    for service in services:
        told = {"hostname": service.hostname, "flavour": service.flavour, "endpoint": service.endpoint}
        SubElement(listed, "service", {key: _clean(text) for key, text in told.items() if text})
    tier = str(site.facts.get("tier", "")) if site else ""
    # some readers take the second group for the site
    if tier.isdecimal():
        SubElement(listed, "group", name=f"Tier-{tier}", type=_clean(f"{vo}_Tier"))
    SubElement(listed, "group", name=_clean(name), type=_clean(f"{vo}_Site"))


def _registered(name: str, site: Element | None) -> str:
    """What GOCDB or OSG calls a site: DIRAC's configuration tells it in an option, which is the site's first other name."""
    return site.aliases[0] if site and site.aliases and "domain" in site.facts else name


def _services(mask: Mask, elements: Mapping[ElementKey, Element]) -> Iterator[_Service]:
    for key, entry in mask.entries.items():
        element = elements.get(key)
        if key.family == RESOURCE and entry.site and element is not None and element.hosts:
            endpoints = _endpoints(element)
            for service in element.services or {key.type}:
                flavour = FLAVOURS.get(service.lower(), service)
                yield _Service(entry.site, element.hosts[0], flavour, endpoints.get(service.lower(), ""))


def _endpoints(element: Element) -> dict[str, str]:
    """Where each service of ``element`` is, as far as GOCDB tells."""
    told = element.facts.get("services")
    listed = [service for service in told if isinstance(service, dict)] if isinstance(told, list | tuple) else []
    return {str(one.get("service", "")).lower(): str(one["endpoint_url"]) for one in listed if one.get("endpoint_url")}


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)

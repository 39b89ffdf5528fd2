"""``FTSEndpoints``, ``FileCatalogs`` and ``MQServices`` below ``Resources``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gridmask.domain.element import Element
from gridmask.http import redacted
from gridmask.inventory.dirac.finds import TYPES, host_of, hosts_of, key_of, told

if TYPE_CHECKING:
    from gridmask.dirac_cfg.tree import Section
    from gridmask.inventory.dirac.finds import Finds

FTS = frozenset({"fts"})


def read_fts(resources: Section, finds: Finds) -> None:
    """Take the FTS servers: each option of ``FTSEndpoints/FTS3`` is one, and its value its address."""
    endpoints = resources.section("FTSEndpoints")
    servers = endpoints.section("FTS3")
    for name, url in servers.options.items():
        finds.take(servers, key_of("FTS", name), partial(_server, servers, name, url, finds))
    finds.problems.extend(
        f"{section.path} is not read: only FTS3 is known." for name, section in endpoints if name != "FTS3" and section.options
    )


def _server(section: Section, name: str, url: str, finds: Finds) -> Element:
    host = _host_in(url)
    if host is None:
        raise section.malformed(name, f"should be the address of an FTS server; there is no host in {redacted(url)[:200]!r}")
    return Element(
        key_of("FTS", name),
        site="",
        category=TYPES.get("FTS").category,
        hosts=(host,),
        services=FTS,
        facts={"url": redacted(url)},
        source=finds.source,
    )


def read_catalogs(resources: Section, finds: Finds) -> None:
    """Take the file catalogs; DIRAC uses those whose ``Status`` is ``Active``, or which have none."""
    for name, section in resources.section("FileCatalogs"):
        finds.take(section, key_of("Catalog", name), partial(_catalog, section, name, finds))


def _catalog(section: Section, name: str, finds: Finds) -> Element:
    url = section.value("CatalogURL")  # of a service of DIRAC, or an address
    host = _host_in(url)
    return Element(
        key_of("Catalog", name),
        site="",
        offered=finds.offered(section),
        in_service=(section.value("Status") or "Active") == "Active",
        category=TYPES.get("Catalog").category,
        hosts=(host,) if host else (),
        facts=told(
            catalog_type=section.value("CatalogType") or name,
            access=section.value("AccessType"),
            url=redacted(url) if url else "",
            master=section.value("Master") == "True",
        ),
        source=finds.source,
    )


def read_message_queues(resources: Section, finds: Finds) -> None:
    """Take the message brokers of ``MQServices``."""
    for name, section in resources.section("MQServices"):
        finds.take(section, key_of("MessageQueue", name), partial(_broker, section, name, finds))


def _broker(section: Section, name: str, finds: Finds) -> Element:
    # user and password stand there as well: nothing but what is named here is taken
    said = section.list("Host") or (name,)
    return Element(
        key_of("MessageQueue", name),
        site="",
        offered=finds.offered(section),
        category=TYPES.get("MessageQueue").category,
        hosts=hosts_of(said),
        facts=told(
            mq_type=section.value("MQType"),
            queues=sorted(section.section("Queues").sections),
            topics=sorted(section.section("Topics").sections),
        ),
        source=finds.source,
    )


def _host_in(url: str) -> str | None:
    try:
        host = urlsplit(url if "://" in url else "").hostname
    except ValueError:
        return None
    return host_of(host) if host else None

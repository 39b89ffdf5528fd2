"""The storage endpoints of CRIC (``ddmendpoint``): each is a storage element, with the hosts of its protocols."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gridmask.collectors.cric.record import in_service
from gridmask.collectors.hosts import host_of
from gridmask.collectors.record import told
from gridmask.collectors.service_names import BUILT_IN
from gridmask.domain.element import Element, ElementKey

if TYPE_CHECKING:
    from gridmask.collectors.cric.record import CricRecord

TYPE = BUILT_IN["StorageElement"]

_WEBDAV = frozenset({"webdav"}), frozenset({"webdav.tape", "wlcg.webdav.tape"})
_XROOTD = frozenset({"xrootd"}), frozenset({"xrootd.tape", "wlcg.xrootd.tape"})
_SRM = frozenset({"srm"}), frozenset({"srm", "srm.nearline"})
_GRIDFTP = frozenset({"globus-gridftp", "gridftp"})

SERVICES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    **dict.fromkeys(("srm", "srm+https"), _SRM),
    **dict.fromkeys(("root", "roots", "xroot", "xroots"), _XROOTD),
    **dict.fromkeys(("http", "https", "dav", "davs"), _WEBDAV),
    "gsiftp": (_GRIDFTP, _GRIDFTP),
}
"""What registries call the service behind a scheme: of disk, and of tape."""

_PROTOCOLS = ("aprotocols", "arprotocols", "protocols")


def key_of(name: str) -> ElementKey:
    """The identity of the storage element called ``name``."""
    return ElementKey(TYPE.family, TYPE.name, name)


def storage(record: CricRecord, name: str, offered: frozenset[str], source: str) -> Element:
    """The storage element called ``name``.

    Raises:
        MalformedAnswer: the record says something that cannot be.
    """
    urls = sorted({url for url in _urls(record) if host_of(url)})
    tape, identifier = record.flag("is_tape"), record.members.get("id")
    return Element(
        key_of(name),
        site=record.required("site"),
        offered=offered,
        in_service=in_service(record),
        category=TYPE.category,
        hosts=tuple(sorted(set(map(host_of, urls)))),
        services=_services(urls, tape=tape),
        tags=frozenset(filter(None, (record.brief("type"), record.brief("cloud"), "tape" if tape else "disk"))),
        facts=told(
            token=record.brief("token"),
            type=record.brief("type"),
            resource_centre=record.brief("rc_site"),
            country=record.brief("country"),
            flavour=record.brief("se_flavour"),
            protocols=sorted({urlsplit(url).scheme for url in urls}),
            space_report=record.brief("space_usage_url"),
        ),
        source=source,
        identity=f"ddmendpoint:{identifier}" if isinstance(identifier, int) else "",
    )


def _urls(record: CricRecord) -> Iterator[str]:
    """The addresses of its protocols, in whichever way they are told; each with a scheme."""
    for name in _PROTOCOLS:
        yield from _addresses(record.members.get(name), 3)
    if not any(record.members.get(name) for name in _PROTOCOLS):
        for name in ("se", "endpoint"):
            yield from _addresses(record.members.get(name), 0)
        yield from _addresses(record.child("resource").members.get("endpoint"), 0)


def _addresses(said: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - whatever there is
    if isinstance(said, str) and "://" in said:
        yield said
    elif isinstance(said, dict) and depth:
        if isinstance(said.get("endpoint"), str):
            yield from _addresses(said["endpoint"], 0)
        else:
            for name, value in said.items():
                yield from _addresses(name, 0)
                yield from _addresses(value, depth - 1)
    elif isinstance(said, list) and depth:
        for item in said:
            yield from _addresses(item, depth - 1)


def _services(urls: list[str], *, tape: bool) -> frozenset[str]:
    schemes = {urlsplit(url).scheme.lower() for url in urls}
    if not schemes <= SERVICES.keys():
        return frozenset()  # a service without a known name: rather whatever is announced about its hosts than nothing
    return frozenset().union(*(SERVICES[scheme][tape] for scheme in schemes))

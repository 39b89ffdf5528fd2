"""``Resources/StorageElements/<se>``: storage, with what it takes over from others.

An SE with an ``Alias`` is another SE under one more name. One with a ``BaseSE`` has what that section of
``StorageElementBases`` says, option by option and protocol by protocol, where it does not say otherwise itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gridmask.dirac_cfg.tree import Section
from gridmask.domain.element import ACCESS, Element
from gridmask.domain.listing import some
from gridmask.inventory.dirac.finds import TYPES, hosts_of, key_of, told
from gridmask.inventory.dirac.groups import groups_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gridmask.inventory.dirac.finds import Finds

TYPE = "StorageElement"

_WEBDAV = frozenset({"webdav"}), frozenset({"wlcg.webdav.tape"})
_XROOTD = frozenset({"xrootd"}), frozenset({"wlcg.xrootd.tape"})
_GRIDFTP = frozenset({"globus-gridftp", "gridftp"})

SERVICES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "srm": (frozenset({"srm"}), frozenset({"srm.nearline"})),
    **dict.fromkeys(("root", "roots", "xroot", "xroots"), _XROOTD),
    **dict.fromkeys(("http", "https", "dav", "davs"), _WEBDAV),
    "gsiftp": (_GRIDFTP, _GRIDFTP),
}
"""What registries call the service behind a protocol: of disk, and of tape."""


def read_storage(resources: Section, finds: Finds) -> None:
    """Take the SEs of ``resources``."""
    local, groups = _sites_of_each(resources), groups_of(resources)
    ses = _Ses(resources.section("StorageElements"), resources.section("StorageElementBases"))
    lonely: list[str] = []
    shared: list[str] = []
    for name, section in ses.declared:
        sites = frozenset[str]().union(*(local.get(called, ()) for called in (name, *ses.stands_for(section))))
        (shared if len(sites) > 1 else [] if sites else lonely).append(name)
        about = _About(name, tuple(sorted(sites)), groups.get(name, frozenset()), finds)
        finds.take(section, key_of(TYPE, name), partial(_storage, ses, about))
    finds.problems.extend(_without_site(lonely, shared, len(ses.declared.sections)))
    if unknown := local.keys() - ses.declared.sections.keys() - ses.bases.sections.keys():
        finds.problems.append(f"sites have {len(unknown):,} SEs that are not under StorageElements: {some(sorted(unknown))}.")


@dataclass(frozen=True, slots=True)
class _Ses:
    """The SEs that are declared, and what they can build upon."""

    declared: Section
    bases: Section

    def stands_for(self, section: Section) -> tuple[str, ...]:
        """The names that a site may have listed to mean this SE as well."""
        return tuple(name for option in ("BaseSE", "Alias") if (name := section.value(option)))[:1]

    def whole(self, name: str) -> Section:
        """The SE ``name`` with all that it takes over.

        Raises:
            MalformedAnswer: it takes over what is not there, or itself.
        """
        section = self._unaliased(self.declared.sections[name])
        base = section.value("BaseSE")
        if not base:
            return section
        if base not in self.bases.sections:
            raise section.malformed("BaseSE", f"is {base!r}, which is not under StorageElementBases")
        return _merged(self._unaliased(self.bases.sections[base]), section)

    def _unaliased(self, section: Section) -> Section:
        seen = set()
        while alias := section.value("Alias"):
            found = self.bases.sections.get(alias) or self.declared.sections.get(alias)
            if found is None or alias in seen:
                raise section.malformed("Alias", f"is {alias!r}, which {'leads back here' if found else 'is no SE'}")
            seen.add(alias)
            section = found
        return section


def _merged(base: Section, own: Section) -> Section:
    protocols = dict(base.sections)
    for name, section in own:
        below = base.sections.get(name)
        said = {option: value for option, value in section.options.items() if value}
        protocols[name] = Section({**below.options, **said}, below.sections, own.place, section.path) if below else section
    return Section({**base.options, **own.options}, protocols, own.place, own.path, own.lines)


def _sites_of_each(resources: Section) -> Mapping[str, frozenset[str]]:
    """The sites that list an SE as theirs, by the SE."""
    found: dict[str, set[str]] = defaultdict(set)
    for _, sites in resources.section("Sites"):
        for site, section in sites:
            for se in section.list("SE"):
                found[se].add(site)
    return {se: frozenset(sites) for se, sites in found.items()}


@dataclass(frozen=True, slots=True)
class _About:
    """What is said of an SE outside of its section: the sites that it is local to, and its groups."""

    name: str
    sites: tuple[str, ...]
    groups: frozenset[str]
    finds: Finds


def _storage(ses: _Ses, about: _About) -> Element:
    section = ses.whole(about.name)
    kind = section.value("SEType")
    protocols = tuple(_protocols(section))
    return Element(
        key_of(TYPE, about.name),
        site=about.sites[0] if len(about.sites) == 1 else "",
        offered=about.finds.offered(section),
        category=TYPES.get(TYPE).category,
        hosts=tuple(sorted({host for _, hosts in protocols for host in hosts})),
        services=_services(protocols, kind),
        tags=about.groups,
        facts=told(
            local_to=list(about.sites),
            site="" if about.sites else "no site has it in its option SE",
            se_type=kind,
            backend=section.value("BackendType"),
            protocols=sorted({protocol for protocol, _ in protocols}),
            space=section.value("SpaceReservation"),
            built_upon=section.value("BaseSE"),
            legacy_access={access: value for access in ACCESS if (value := section.value(access))},
        ),
        source=about.finds.source,
    )


def _protocols(section: Section) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each protocol, with its hosts."""
    for _, protocol in section:
        if name := protocol.value("Protocol").lower():
            yield name, hosts_of(protocol.list("Host"))


def _services(protocols: Iterable[tuple[str, tuple[str, ...]]], kind: str) -> frozenset[str]:
    reachable = {protocol for protocol, hosts in protocols if hosts}
    if not reachable <= SERVICES.keys():
        return frozenset()  # a service without a known name: rather whatever is announced about its hosts than nothing
    tape = bool(re.search("T[1-9]", kind))
    disk = bool(re.search("D[1-9]", kind)) or not tape
    on_disk, on_tape = (frozenset().union(*(SERVICES[protocol][n] for protocol in reachable)) for n in (0, 1))
    return (on_disk if disk else frozenset()) | (on_tape if tape else frozenset())


def _without_site(lonely: Sequence[str], shared: Sequence[str], total: int) -> Iterator[str]:
    of_all = f"of {total:,} SEs"
    if lonely:
        yield f"{len(lonely):,} {of_all} are in no site's option SE, so their site is not known: {some(sorted(lonely))}."
    if shared:
        yield f"{len(shared):,} {of_all} are in several sites' option SE, so they have none: {some(sorted(shared))}."

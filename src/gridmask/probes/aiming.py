"""Aiming: from a probe and the inventory to its targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from gridmask.domain.element import WHOLE, Element, RowKey
from gridmask.domain.errors import GridmaskError
from gridmask.domain.places import LOOKS
from gridmask.domain.vo import ALL, VoRegistry
from gridmask.http import Access
from gridmask.probes.address import PORTS, Address
from gridmask.probes.making import Made
from gridmask.probes.settings import MATCHED, Probe
from gridmask.probes.target import Credentials, Target

MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Aimed:
    """The targets of a probe, and why some elements have none."""

    targets: tuple[Target, ...]
    problems: tuple[str, ...] = ()


def aimed(probe: Made, elements: Iterable[Element], registry: VoRegistry) -> Aimed:
    """What ``probe`` is made at, of these ``elements``. ``registry``: the VOs that there are."""
    problems: list[str] = []
    vos = list(_vos(probe.settings, registry, problems))
    targets: dict[Target, None] = {}
    for element in elements:
        if not element.in_service or _is_bare_site(element) or not probe.match.accepts(_looks(element)):
            continue
        try:
            targets.update(dict.fromkeys(_targets(probe, element, vos)))
        except ValueError as error:
            problems.append(f"{element.key} is not probed: {error}.")
    more = len(problems) - MOST_PROBLEMS
    told = problems if more <= 0 else [*problems[:MOST_PROBLEMS], f"... and {more:,} more like these."]
    return Aimed(tuple(targets), tuple(told))


def _is_bare_site(element: Element) -> bool:
    """Whether it is a site with nothing to look at, as most are; nobody expects that."""
    return element.is_site and not element.hosts


def _looks(element: Element) -> Mapping[str, str | Iterable[str]]:
    row = RowKey(element.key, WHOLE, ALL)
    return {key: LOOKS[key](row, element) for key in MATCHED}


def _vos(probe: Probe, registry: VoRegistry, problems: list[str]) -> Iterator[str]:
    for name in probe.vos:
        try:
            yield registry.resolve(name)
        except GridmaskError as error:
            problems.append(str(error))


def _targets(probe: Made, element: Element, vos: list[str]) -> Iterator[Target]:
    places = list(_places(probe.settings, element))
    if not places:
        lack = f"it has no fact {probe.settings.fact!r} with an address" if probe.settings.fact else "it has no host"
        raise ValueError(lack)
    for place in places if probe.settings.hosts == "all" else places[:1]:
        for vo in vos if probe.settings.vos else [ALL]:
            if element.is_offered_to(vo):
                yield Target(element.key, _address(probe, element, place, vo), vo, credentials(probe.settings, vo))


def _places(probe: Probe, element: Element) -> Iterator[Mapping[str, str]]:
    """What an address of ``element`` is made of."""
    if not probe.fact:
        yield from ({"host": host} for host in element.hosts)
        return
    seen = dict.fromkeys(text for text in _facts(element.facts, probe.fact.split(".")) if text)
    yield from (_of_url(text) for text in seen)


def _facts(fact: object, path: list[str]) -> Iterator[str]:
    if isinstance(fact, list | tuple):
        for one in fact:
            yield from _facts(one, path)
    elif isinstance(fact, Mapping) and path:
        yield from _facts(fact.get(path[0]), path[1:])
    elif isinstance(fact, str) and not path:
        yield fact


def _of_url(text: str) -> Mapping[str, str]:
    parts = urlsplit(text if "://" in text else f"//{text}")
    if not parts.hostname:
        raise ValueError(f"there is no host in {text[:200]!r}")
    port = parts.port or PORTS.get(parts.scheme)
    return {"host": parts.hostname, "path": parts.path, **({"port": str(port)} if port else {})}


def _address(probe: Made, element: Element, place: Mapping[str, str], vo: str) -> Address:
    default = PORTS[probe.url.partition("://")[0]]
    host = f"[{place['host']}]" if ":" in place["host"] else place["host"]
    about = {"name": element.key.name, "site": element.site, "type": element.key.type, "vo": vo}
    quoted = {key: quote(value, safe="") for key, value in about.items()}
    where = {"port": str(default), "path": "", **place, "host": host}
    return Address.of(probe.url.format_map({**quoted, **where}))


def credentials(probe: Probe, vo: str) -> Credentials:
    """What ``probe`` proves who it is with, for ``vo``."""

    def file(written: str) -> Path | None:
        return Path(written.format(vo=vo)) if written else None

    access = Access(file(probe.certificate), file(probe.key), file(probe.token_file), probe.ca)
    return Credentials(access, probe.user.format(vo=vo) if probe.user else "", file(probe.password_file))

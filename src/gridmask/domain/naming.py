"""Naming: what records in other people's registries mean by an element.

A registry need not know our elements. It names a service on a host, or a site by a name of its own. Whoever looks for what
a record could mean begins with its *handle*, a bare string, and asks :func:`names` about each element that goes by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.element import Element, ElementKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class HostedService(NamedTuple):
    """A service on a host, as registries name it; both in lower case. ``service`` empty: everything on that host."""

    host: str
    service: str = ""

    def __str__(self) -> str:
        return f"{self.service or 'everything'} on {self.host}"


Target = ElementKey | HostedService
"""What a record names: an element by its key or by another name of it, or whatever is a certain service on a certain host."""


def handle(target: Target) -> str:
    """The string under which ``target`` is looked up."""
    return target.host if isinstance(target, HostedService) else target.name


def handles(element: Element) -> Iterator[str]:
    """The strings that ``element`` goes by; one may come twice."""
    yield element.key.name
    yield from element.aliases
    yield from element.hosts
    yield from (name for _, name in element.elsewhere)


def names(target: Target, element: Element) -> bool:
    """Whether ``target`` means ``element``."""
    if isinstance(target, HostedService):
        either = not target.service or not element.services or target.service in element.services
        return either and (target.host in element.hosts or _elsewhere(target.host, element))
    if target == element.key:
        return True
    return target[:2] == element.key[:2] and (target.name in element.aliases or _elsewhere(target.name, element))


def _elsewhere(name: str, element: Element) -> bool:
    return any(name == called for _, called in element.elsewhere)


def named_by(targets: Iterable[Target], elements: Mapping[ElementKey, Element]) -> Iterator[ElementKey]:
    """Those of ``elements`` that any of ``targets`` means; one may come twice."""
    wanted: dict[str, list[Target]] = {}
    for target in targets:
        wanted.setdefault(handle(target), []).append(target)
    if not wanted:
        return
    for key, element in elements.items():
        for name in handles(element):
            if name in wanted and any(names(target, element) for target in wanted[name]):
                yield key

"""The directory: which elements go by a name, and which are at a site, without looking at all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from immutables import Map

from gridmask.domain.naming import Target, handle, handles, names

if TYPE_CHECKING:
    from gridmask.domain.element import Element, ElementKey

_Elements = Map["ElementKey", "Element"]


class _Index:
    """Elements by strings that can be read off them. It is worked out when it is asked for first."""

    def __init__(self, read: Callable[[Element], Iterable[str]], elements: _Elements) -> None:
        self._read = read
        self._elements = elements
        self._found: Map[str, frozenset[ElementKey]] | None = None

    def get(self, name: str) -> frozenset[ElementKey]:
        """The elements with that string."""
        if self._found is None:
            self._found = self._worked_out()
        return self._found.get(name, frozenset())

    def after(self, elements: _Elements, changed: Iterable[ElementKey]) -> _Index:
        """The index of ``elements``, which differ from these in ``changed`` ones alone."""
        made = _Index(self._read, elements)
        if self._found is not None:
            draft = self._found.mutate()
            for key in changed:
                old, new = (self._names(them, key) for them in (self._elements, elements))
                draft.update({name: draft[name] - {key} for name in old - new})
                draft.update({name: draft.get(name, frozenset()) | {key} for name in new - old})
            made._found = draft.finish()
        return made

    def _worked_out(self) -> Map[str, frozenset[ElementKey]]:
        found: dict[str, list[ElementKey]] = {}
        for key, element in self._elements.items():
            for name in self._read(element):
                found.setdefault(name, []).append(key)
        return Map({name: frozenset(keys) for name, keys in found.items()})

    def _names(self, elements: _Elements, key: ElementKey) -> frozenset[str]:
        element = elements.get(key)
        return frozenset(self._read(element)) if element is not None else frozenset()


class Directory:
    """What of ``elements`` can be looked up."""

    def __init__(self, elements: _Elements, indices: tuple[_Index, _Index] | None = None) -> None:
        self.elements = elements
        self._by_handle, self._by_site = indices or (_Index(handles, elements), _Index(_site, elements))

    def meant_by(self, targets: Iterable[Target]) -> Iterator[ElementKey]:
        """The elements that any of ``targets`` means; one may come twice."""
        for target in targets:
            yield from (key for key in self._by_handle.get(handle(target)) if names(target, self.elements[key]))

    def at_site(self, site: str) -> frozenset[ElementKey]:
        """The elements at the site with that name, itself among them; nothing is at the site without a name."""
        return self._by_site.get(site) if site else frozenset()

    def after(self, elements: _Elements, changed: Collection[ElementKey]) -> Directory:
        """The directory of ``elements``, which differ from these in ``changed`` ones alone."""
        return Directory(elements, (self._by_handle.after(elements, changed), self._by_site.after(elements, changed)))


def _site(element: Element) -> Iterable[str]:
    return (element.site,)


class Lookup:
    """Keeps the directory of a state from one step to the next, for as long as its elements are the same."""

    __slots__ = ("_directory",)

    def __init__(self, directory: Directory | None = None) -> None:
        self._directory = directory

    def of(self, elements: _Elements) -> Directory:
        """The directory of ``elements``."""
        known = self._directory
        if known is None or known.elements is not elements:
            known = self._directory = Directory(elements)
        return known

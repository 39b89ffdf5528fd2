"""From what a registry calls a kind of service to the element type that it is here."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gridmask.domain.element import ACCESS, BUILT_IN_TYPES, RESOURCE, WHOLE, ElementType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

BUILT_IN: Mapping[str, ElementType] = {declared.name: declared for declared in BUILT_IN_TYPES}
"""The built-in element types by name."""


def by_category(services: Mapping[str, Iterable[str]]) -> dict[str, ElementType]:
    """A type for each of the ``services`` of each category, under the name that its registry has for it.

    What is of the category ``storage`` has the four accesses, all else one status.
    """
    return {
        service: ElementType(service, category=category, status_types=ACCESS if category == "storage" else (WHOLE,))
        for category, names in services.items()
        for service in names
    }


class ServiceNames:
    """Finds the type that a service name means, and notes the names that mean nothing known.

    Args:
        known: element types by the registry's name for the service.
        overrides: what goes before these.
        registry: what to put before a name that would else be an element type of another family.
        fold: how to write a name so that those which the registry holds for one are one.
    """

    def __init__(
        self,
        known: Mapping[str, ElementType],
        overrides: Mapping[str, ElementType],
        registry: str,
        fold: Callable[[str], str] = str,
    ) -> None:
        self._types = {fold(service): kind for service, kind in (*known.items(), *overrides.items())}
        self._registry = registry
        self._fold = fold
        self._unknown: Counter[str] = Counter()

    def type_of(self, service: str) -> ElementType:
        """The element type of ``service``; an unknown one is a type of its own."""
        found = self._types.get(self._fold(service))
        if found is None:
            self._unknown[service] += 1
        return found or self._own_type(service)

    def problems(self) -> Iterator[str]:
        """A line for each unknown name that was asked for."""
        for service, times in sorted(self._unknown.items()):
            yield (
                f"the service type {service!r}, which occurs {_times(times)}, is not known: "
                f"taken as an element type {self._own_type(service).name!r} with the one status type 'all'."
            )

    def _own_type(self, service: str) -> ElementType:
        declared = BUILT_IN.get(service, ElementType(service))
        # what is no resource here ("Site", "Queue") must not become one under the same name
        return declared if declared.family == RESOURCE else ElementType(f"{self._registry} {service}")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"

"""Options that several kinds of sources share: what theirs are called here."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from gridmask.domain.element import ElementKey, ElementType, TypeRegistry
from gridmask.source import Options


class ServiceTypes(Options):
    """For registries of services: of which type each kind of service is here."""

    service_types: dict[str, str] = Field(
        {}, description="Element types by the registry's service name, where its table does not suit."
    )

    def element_types(self, types: TypeRegistry) -> Mapping[str, ElementType]:
        """The types by the registry's service names."""
        return {service: types.get(name) for service, name in self.service_types.items()}


class Names(Options):
    """For sources that name elements in their own way."""

    type: str = Field("StorageElement", description="The type of the elements that it tells of.")
    names: dict[str, str] = Field({}, description="What they are called here, by what it calls them; others are called alike.")

    def element(self, theirs: str, types: TypeRegistry) -> ElementKey:
        """The element that the source calls ``theirs``."""
        type_ = types.get(self.type)
        return ElementKey(type_.family, type_.name, self.names.get(theirs, theirs))

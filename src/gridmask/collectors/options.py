"""Options that several kinds of sources share: what theirs are called here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from gridmask.domain.element import ElementKey, ElementType, TypeRegistry
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.vo import ALL, canonical
from gridmask.source import Options


def vo_name(name: str) -> str:
    """The canonical name of a VO, or ``all``.

    Raises:
        ValueError: no VO can have this name.
    """
    try:
        return canonical(name)
    except InvalidRequest as error:
        raise ValueError(str(error)) from error


VoName = Annotated[str, AfterValidator(vo_name)]
"""The name of a VO, or ``all``, in its one form."""


class ServiceTypes(Options):
    """For registries of services: of which type each kind of service is here."""

    service_types: dict[str, str] = Field(
        {}, description="Element types by the registry's service name, where its table does not suit."
    )

    def element_types(self, types: TypeRegistry) -> Mapping[str, ElementType]:
        """The types by the registry's service names."""
        return {service: types.get(name) for service, name in self.service_types.items()}


class VoScopes(Options):
    """For registries that say by scopes whose a thing is."""

    vo_scopes: frozenset[VoName] = Field(
        frozenset(), description="The scopes that are VOs. What has one or several is offered to these VOs alone."
    )

    @field_validator("vo_scopes")
    @classmethod
    def _no_scope_is_all(cls, scopes: frozenset[str]) -> frozenset[str]:
        if ALL in scopes:
            raise ValueError(f"{ALL!r} stands for everyone and can name no VO")
        return scopes


class OfType(Options):
    """For sources that tell of elements of one type."""

    type: str = Field("StorageElement", description="The type of the elements that it tells of.")

    def named(self, name: str, types: TypeRegistry) -> ElementKey:
        """The element of that type that is called ``name`` here."""
        type_ = types.get(self.type)
        return ElementKey(type_.family, type_.name, name)


class Names(OfType):
    """For such that name elements in their own way."""

    names: dict[str, str] = Field({}, description="What they are called here, by what it calls them; others are called alike.")

    def element(self, theirs: str, types: TypeRegistry) -> ElementKey:
        """The element that the source calls ``theirs``."""
        return self.named(self.names.get(theirs, theirs), types)

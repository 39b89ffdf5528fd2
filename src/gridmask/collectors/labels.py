"""Labels: how the series and alerts of monitoring systems name what they are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from gridmask.collectors.hosts import host_in
from gridmask.collectors.options import Names, vo_name
from gridmask.domain.naming import HostedService, Target
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry


class Labels(Names):
    """What the labels of one source mean."""

    type: str = Field("", description="The type of the elements that `label` names. Empty: it names hosts.")
    label: str = Field(
        "instance", description="The label that tells what it is about; of a URL or an address, the host counts."
    )
    service: str = Field(
        "", description="For hosts: the kind of service there, such as `webdav`. Empty: all that the host does."
    )
    service_label: str = Field("", description="Or the label that tells it.")
    vo_label: str = Field("", description="The label that tells whom it is about; what has none is about everyone.")

    def about(self, labels: Mapping[str, str], types: TypeRegistry) -> Target:
        """What something with these ``labels`` is about.

        Raises:
            ValueError: they do not say.
        """
        said = labels.get(self.label, "")
        if self.type:
            if not said:
                raise ValueError(f"has no label {self.label!r} that would name an element")
            return self.element(said, types)
        service = labels.get(self.service_label, "") if self.service_label else self.service
        host = self.names.get(said) or host_in(said)
        if not host:
            raise ValueError(f"has no label {self.label!r} that would name a host (found {said[:100]!r})")
        return HostedService(host.lower(), service.lower())

    def vo(self, labels: Mapping[str, str]) -> str:
        """Whom something with these ``labels`` is about.

        Raises:
            ValueError: that is no name of a VO.
        """
        said = labels.get(self.vo_label, "").strip() if self.vo_label else ""
        return vo_name(said) if said else ALL

"""Labels: how the series and alerts of monitoring systems name what they are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import Field

from gridmask.collectors.options import Names
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.naming import HostedService, Target
from gridmask.domain.vo import ALL, canonical

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
        host = self.names.get(said) or host_of(said)
        if not host:
            raise ValueError(f"has no label {self.label!r} that would name a host (found {said[:100]!r})")
        return HostedService(host.lower(), service.lower())

    def vo(self, labels: Mapping[str, str]) -> str:
        """Whom something with these ``labels`` is about.

        Raises:
            ValueError: that is no name of a VO.
        """
        said = labels.get(self.vo_label, "").strip() if self.vo_label else ""
        try:
            return canonical(said) if said and said.casefold() != ALL else ALL
        except InvalidRequest as error:
            raise ValueError(str(error)) from error


def host_of(address: str) -> str:
    """The host in a URL, in ``host:port``, or in a bare name; empty if there is none.

    >>> host_of("davs://se01.example.org:443/path"), host_of("se01.example.org:9100"), host_of("[2001:db8::1]:1094")
    ('se01.example.org', 'se01.example.org', '2001:db8::1')
    """
    try:
        return urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""

"""What DIRAC's clients say of themselves beside their certificate: ``extraCredentials``."""

from __future__ import annotations

from dataclasses import dataclass

from gridmask.access.dirac_registry import HOSTS
from gridmask.domain.errors import Unauthenticated

TRUSTED_HOST = "TrustedHost"
"""DIRAC's property of hosts that are believed in whose name they ask."""


@dataclass(frozen=True, slots=True)
class Extra:
    """What a client says of itself.

    Attributes:
        group: the group in which it wants to be; ``hosts`` for a host.
        owner: the name of the certificate of somebody else, in whose name it asks; empty: it asks for itself.
    """

    group: str
    owner: str = ""

    @property
    def is_delegated(self) -> bool:
        """Whether somebody asks in the name of somebody else."""
        return bool(self.owner)

    @property
    def is_host(self) -> bool:
        """Whether it wants to be a host, as every client with the certificate of one says."""
        return self.group == HOSTS


def extra_of(said: object) -> Extra | None:
    """What ``said``, as DIRAC's clients write it, says; None: nothing.

    Raises:
        Unauthenticated: it makes no sense.
    """
    match said:
        case None | "":
            return None
        case str():
            return Extra(said)
        case [str(owner), str(group)] if owner and group:
            return Extra(group, owner)
        case _:
            raise Unauthenticated("The extraCredentials are neither a group, nor a name of a certificate with a group.")

"""Identities: what somebody proved to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gridmask.domain.actor import Actor, ActorKind, Origin
from gridmask.domain.rights import Grant

LONGEST_NAME = 128
"""Characters that the name of an actor may have."""

OF_CERTIFICATES = "x509"
"""Ends the names of those whom certificates name, as an issuer's name does for those for whom it vouches."""

OF_SERVICE_TOKENS = "gridmask"
"""Likewise, of those who show a service token: so nobody is issued one under the name of somebody else."""

CLAIMS_OF_CERTIFICATES = ("subject", "issuer")
"""What certificates claim."""

CLAIMS_OF_DIRAC = ("dirac_user", "dirac_host", "dirac_group", "dirac_vo", "dirac_properties")
"""What DIRAC's registry adds to that."""

CLAIMS_OF_VOMS = ("voms_vo", "voms_fqan", "voms_primary")
"""What servers of VOMS add to it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody, by a proof that was checked.

    Attributes:
        name: what the actor is called here: unlike anybody else, whoever vouches for them.
        issuer: who vouches for it: an issuer's URL, the certificate authority's name, or ``gridmask`` itself.
        grants: what it was granted.
        kind: a person or a service.
        expires_at: seconds since the epoch after which the proof is none any more; None: it says nothing of that.
    """

    name: str
    issuer: str
    grants: frozenset[Grant]
    kind: ActorKind = ActorKind.PERSON
    expires_at: float | None = None

    def actor(self, address: str, request: str, more: frozenset[Grant] = frozenset()) -> Actor:
        """Who acts, coming from ``address`` with ``request``; ``more``: what everybody is granted."""
        return Actor(self.name, self.kind, self.grants | more, Origin(self.issuer, address, request))


Claims = Mapping[str, object]
"""What a token says, as it came: nothing of its shape is certain."""

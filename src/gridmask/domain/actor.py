"""Actors: who does something."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from gridmask.domain.errors import Forbidden
from gridmask.domain.rights import Action, Grant, Role, allowed, needed
from gridmask.domain.vo import ALL


class ActorKind(StrEnum):
    """What sort of actor."""

    PERSON = "person"
    SERVICE = "service"
    AUTOMATION = "automation"


@dataclass(frozen=True, slots=True)
class Origin:
    """Whence somebody came, for the audit.

    Attributes:
        issuer: who vouches for the name: the issuer of a token or certificate; empty: this machine's user.
        address: the network address of whoever asked; empty: this process.
        request: the identifier of the request.
    """

    issuer: str = ""
    address: str = ""
    request: str = ""


HERE = Origin()
"""From within this process, or from a command line on its database."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a service, or Gridmask's own automation, with what it may do. Whence it came decides nothing."""

    name: str
    kind: ActorKind = ActorKind.PERSON
    grants: frozenset[Grant] = frozenset()
    origin: Origin = field(default=HERE, compare=False)

    @classmethod
    def operator(cls, name: str, *vos: str, kind: ActorKind = ActorKind.PERSON) -> Actor:
        """Somebody who operates ``vos`` and writes their policies."""
        return cls(name, kind, frozenset(Grant(role, vo) for vo in vos for role in (Role.OPERATOR, Role.AUTHOR)))

    @classmethod
    def administrator(cls, name: str, kind: ActorKind = ActorKind.PERSON) -> Actor:
        """Somebody who administers the installation (promise V5)."""
        return cls(name, kind, frozenset({Grant(Role.ADMINISTRATOR, ALL)}))

    @property
    def is_administrator(self) -> bool:
        """Whether it administers the installation."""
        return Grant(Role.ADMINISTRATOR, ALL) in self.grants

    def may(self, action: Action, vo: str) -> bool:
        """Whether it may do ``action`` to what belongs to ``vo``."""
        return allowed(self.grants, action, vo)

    def require(self, action: Action, vo: str) -> None:
        """Check that it may do ``action`` to what belongs to ``vo``.

        Raises:
            Forbidden: it may not.
        """
        if not self.may(action, vo):
            raise Forbidden(self.name, f"{action.words} for {vo}", needed(action, vo))


AUTOMATION = Actor.administrator("gridmask", ActorKind.AUTOMATION)
"""The autonomic loop itself."""

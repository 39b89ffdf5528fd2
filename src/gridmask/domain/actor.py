"""Actors: who does something."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gridmask.domain.errors import Forbidden
from gridmask.domain.vo import ALL


class ActorKind(StrEnum):
    """What sort of actor."""

    PERSON = "person"
    SERVICE = "service"
    AUTOMATION = "automation"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a service, or Gridmask's own automation.

    ``vos`` are the VOs whose rows it may change. :data:`~gridmask.domain.vo.ALL` among them makes it an administrator of the
    installation, who may change every VO's rows, the rows of ``all`` and the inventory (promise V5).
    """

    name: str
    kind: ActorKind = ActorKind.PERSON
    vos: frozenset[str] = frozenset()

    @property
    def is_administrator(self) -> bool:
        """Whether it administers the installation."""
        return ALL in self.vos

    def require(self, vo: str, action: str) -> None:
        """Check that it may do ``action`` to what belongs to ``vo``.

        Raises:
            Forbidden: it may not.
        """
        if self.is_administrator or vo in self.vos:
            return
        needed = "an administrator of the installation" if vo == ALL else f"an operator of {vo}"
        raise Forbidden(self.name, f"{action} for {vo}", needed)


AUTOMATION = Actor("gridmask", ActorKind.AUTOMATION, frozenset({ALL}))
"""The autonomic loop itself."""

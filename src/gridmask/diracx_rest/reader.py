"""For which VO somebody reads. DiracX's clients do not say: their token does."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from gridmask.access.doorkeeper import is_anonymous
from gridmask.domain.errors import Ambiguous, Forbidden, InvalidRequest, Unauthenticated
from gridmask.domain.rights import Action, Grant, Role, needed
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.actor import Actor

MISSING = "Authorization header is missing"
"""As DiracX says it."""


@lru_cache(1024)
def vos_of(grants: frozenset[Grant]) -> tuple[str, ...]:
    """The VOs that somebody with these ``grants`` belongs to, as far as that lets them read."""
    return tuple(sorted({grant.vo for grant in grants if grant.vo != ALL and grant.role.includes(Role.READER)}))


def named(actor: Actor, query: bytes, default: str) -> str:
    """The name of the VO for which ``actor`` reads.

    It is the one that they belong to, whatever they ask for, as in DiracX. Who belongs to none, or to several, says so with the
    parameter ``vo``; ``default`` is whom they mean otherwise, if it is not empty.

    Raises:
        Unauthenticated: nobody knows who asks, and that is needed.
        InvalidRequest: it cannot be told. Ambiguous: they belong to several.
    """
    own = vos_of(actor.grants)
    if len(own) == 1:
        return own[0]
    if is_anonymous(actor) and not actor.grants:
        raise Unauthenticated(MISSING)
    if asked := _asked(query) or default:
        return asked
    if own:
        raise Ambiguous("The VO", own)
    raise InvalidRequest("Nothing that you show names a VO: say for which one you ask, as in '?vo=NAME'.")


@lru_cache(64)
def _asked(query: bytes) -> str:
    return parse_qs(query.decode("latin-1"), errors="replace").get("vo", [""])[-1]


def require(actor: Actor, vo: str) -> None:
    """Check that ``actor`` may read about ``vo``, a canonical name.

    Raises:
        Unauthenticated, Forbidden: they may not.
    """
    if actor.may(Action.READ, vo):
        return
    if is_anonymous(actor):
        raise Unauthenticated(MISSING)
    raise Forbidden(actor.name, "read this", needed(Action.READ, vo))

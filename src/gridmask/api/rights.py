"""What each route takes: the one table of it. A route that is not in it lets nobody in.

Who may *read* is checked here, before a route begins; what it takes to *change* something, the use cases ask themselves, of
each VO that it concerns. So a change needs no more here than that somebody is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

from fastapi import Request

from gridmask.access.doorkeeper import is_anonymous
from gridmask.domain.errors import Forbidden, NotKnown, Unauthenticated
from gridmask.domain.rights import Action, Role, needed
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.domain.actor import Actor


class Needs(Enum):
    """What somebody needs to be let in."""

    NOTHING = "nothing"
    """It tells nothing of anybody."""
    READER = "reader of any VO"
    """It tells of the inventory, or of how the installation fares."""
    READER_OF_PATH = "reader of the VO in the path"
    READER_OF_QUERY = "reader of the VO in the query; of `all` without one"
    OPERATOR = "operator of any VO"
    """It tells of what concerns several VOs at once, to who decides on it."""
    KNOWN = "to be known"
    """The use case asks for the rest."""


_V1 = "/api/v1"

ROUTES: Mapping[tuple[str, str], Needs] = {
    ("GET", "/healthz"): Needs.NOTHING,
    ("GET", "/readyz"): Needs.NOTHING,
    ("GET", "/openapi.json"): Needs.NOTHING,
    ("GET", "/static/{name}"): Needs.NOTHING,
    ("GET", "/metrics"): Needs.READER,
    ("GET", "/"): Needs.READER,
    ("GET", "/vos/{vo}"): Needs.READER_OF_PATH,
    ("GET", "/vos/{vo}/matrix"): Needs.READER_OF_PATH,
    ("GET", "/vos/{vo}/matrix.{kind}"): Needs.READER_OF_PATH,
    ("GET", "/compare"): Needs.READER_OF_QUERY,
    ("GET", "/compare.{kind}"): Needs.READER_OF_QUERY,
    ("GET", "/search"): Needs.READER_OF_QUERY,
    ("GET", "/downtimes"): Needs.READER_OF_QUERY,
    ("GET", "/sources"): Needs.READER,
    ("GET", "/sources/{name}"): Needs.READER,
    ("GET", "/policies"): Needs.READER_OF_QUERY,
    ("GET", "/policies/workbench"): Needs.READER_OF_QUERY,
    ("POST", "/policies/workbench"): Needs.NOTHING,
    ("GET", "/policies/versions"): Needs.READER_OF_QUERY,
    ("GET", "/policies/{name:path}"): Needs.READER_OF_QUERY,
    ("GET", "/audit"): Needs.KNOWN,
    ("GET", "/reports"): Needs.READER_OF_QUERY,
    ("GET", "/reports/vos"): Needs.READER,
    ("GET", "/login"): Needs.NOTHING,
    ("GET", "/login/{issuer}"): Needs.NOTHING,
    ("GET", "/login/{issuer}/callback"): Needs.NOTHING,
    ("POST", "/logout"): Needs.NOTHING,
    ("GET", "/logout"): Needs.NOTHING,
    ("GET", "/deeds/done"): Needs.KNOWN,
    ("GET", "/guard"): Needs.READER_OF_QUERY,
    # whoever is not known any more is given back what they typed; to do something, the use cases ask for rights
    ("POST", "/guard/decide"): Needs.NOTHING,
    ("POST", "/guard/probes"): Needs.NOTHING,
    ("POST", "/sources/{name}/decide"): Needs.NOTHING,
    ("POST", "/deeds/{deed}"): Needs.NOTHING,
    ("GET", "/elements"): Needs.READER_OF_QUERY,
    ("GET", "/elements/{family}/{type}/{name:path}"): Needs.READER_OF_QUERY,
    ("GET", f"{_V1}/masks"): Needs.READER,
    ("GET", f"{_V1}/masks/{{vo}}"): Needs.READER_OF_PATH,
    ("GET", f"{_V1}/masks/{{vo}}/delta"): Needs.READER_OF_PATH,
    ("GET", f"{_V1}/masks/{{vo}}/stream"): Needs.READER_OF_PATH,
    ("GET", f"{_V1}/masks/{{vo}}/hindsight"): Needs.READER_OF_PATH,
    ("GET", f"{_V1}/timelines/{{vo}}"): Needs.READER_OF_PATH,
    ("GET", f"{_V1}/availability/{{vo}}"): Needs.READER_OF_PATH,
    ("GET", f"{_V1}/statuses"): Needs.READER_OF_QUERY,
    ("GET", f"{_V1}/statuses/why"): Needs.READER_OF_QUERY,
    ("GET", f"{_V1}/statuses/history"): Needs.READER_OF_QUERY,
    ("GET", f"{_V1}/statuses/review"): Needs.READER_OF_QUERY,
    ("POST", f"{_V1}/statuses"): Needs.KNOWN,
    ("GET", f"{_V1}/tokens"): Needs.READER_OF_QUERY,
    ("POST", f"{_V1}/tokens"): Needs.KNOWN,
    ("POST", f"{_V1}/tokens/extend"): Needs.KNOWN,
    ("POST", f"{_V1}/tokens/release"): Needs.KNOWN,
    ("GET", f"{_V1}/automation"): Needs.READER_OF_QUERY,
    ("POST", f"{_V1}/automation"): Needs.KNOWN,
    ("GET", f"{_V1}/batches"): Needs.OPERATOR,
    ("GET", f"{_V1}/batches/{{batch}}"): Needs.OPERATOR,
    ("POST", f"{_V1}/batches/{{batch}}/confirm"): Needs.KNOWN,
    ("POST", f"{_V1}/batches/{{batch}}/drop"): Needs.KNOWN,
    ("GET", f"{_V1}/policies/{{vo}}"): Needs.READER_OF_PATH,
    ("PUT", f"{_V1}/policies/{{vo}}"): Needs.KNOWN,
    ("POST", f"{_V1}/policies/{{vo}}/check"): Needs.KNOWN,
    ("GET", f"{_V1}/policies/{{vo}}/versions"): Needs.READER_OF_PATH,
    ("POST", f"{_V1}/evidence"): Needs.KNOWN,
    ("POST", f"{_V1}/evidence/alertmanager/{{receiver}}"): Needs.KNOWN,
    ("GET", f"{_V1}/elements"): Needs.READER,
    ("GET", f"{_V1}/downtimes"): Needs.READER,
    ("GET", f"{_V1}/downtimes/{{vo}}.ics"): Needs.READER_OF_PATH,
    ("POST", f"{_V1}/downtimes"): Needs.KNOWN,
    ("DELETE", f"{_V1}/downtimes/{{record}}"): Needs.KNOWN,
    ("GET", f"{_V1}/sources"): Needs.READER,
    ("GET", f"{_V1}/sources/{{name}}/quarantine"): Needs.READER,
    ("POST", f"{_V1}/sources/{{name}}/quarantine/accept"): Needs.KNOWN,
    ("POST", f"{_V1}/sources/{{name}}/quarantine/drop"): Needs.KNOWN,
    ("POST", f"{_V1}/sources/{{name}}/sync"): Needs.KNOWN,
    ("GET", f"{_V1}/probes"): Needs.READER,
    ("POST", f"{_V1}/probes/believe"): Needs.KNOWN,
    ("POST", f"{_V1}/probes/doubt"): Needs.KNOWN,
    ("GET", f"{_V1}/access"): Needs.NOTHING,
    ("GET", f"{_V1}/access/tokens"): Needs.KNOWN,
    ("POST", f"{_V1}/access/tokens"): Needs.KNOWN,
    ("POST", f"{_V1}/access/tokens/{{token}}/revoke"): Needs.KNOWN,
    ("GET", f"{_V1}/audit"): Needs.KNOWN,
    ("GET", f"{_V1}/actions"): Needs.KNOWN,
    ("GET", f"{_V1}/actions/failed"): Needs.KNOWN,
    ("POST", f"{_V1}/actions/retry"): Needs.KNOWN,
    ("POST", f"{_V1}/actions/drop"): Needs.KNOWN,
    ("GET", f"{_V1}/actuators"): Needs.KNOWN,
    ("GET", f"{_V1}/actuators/{{name}}/drift"): Needs.KNOWN,
    ("GET", f"{_V1}/actuators/{{name}}/plan"): Needs.KNOWN,
    ("POST", f"{_V1}/actuators/{{name}}/run"): Needs.KNOWN,
}
"""By method and path of each route; HEAD is as GET."""

_WORDS = {Needs.KNOWN: "a role of some VO", Needs.OPERATOR: "an operator of any VO"}

_NAMED = {Needs.READER_OF_PATH: "path_params", Needs.READER_OF_QUERY: "query_params"}


async def admit(request: Request) -> None:
    """Let whoever asks in to the route that was chosen, or raise.

    Raises:
        Unauthenticated: nobody knows who asks, and that is needed. Forbidden: it is known, and not enough.
        NotKnown: there is no such VO.
    """
    method = "GET" if request.method == "HEAD" else request.method
    path = request.scope["route"].path
    needs = ROUTES.get((method, path))
    if needs in _NAMED:
        named = getattr(request, _NAMED[needs]).get("vo", ALL)
        await require_reader(request.app.state.installation, request.state.actor, named)
    elif needs is not Needs.NOTHING:
        _require(request.state.actor, needs)


async def require_reader(gridmask: Installation, actor: Actor, vo: str) -> None:
    """Check that ``actor`` may read about ``vo``, by whatever name it is called.

    Raises:
        Unauthenticated, Forbidden, NotKnown: as above.
    """
    if actor.may(Action.READ, ALL):
        return
    _require(actor, Needs.READER)
    try:
        known = await gridmask.vos.resolve(vo)
    except NotKnown:
        # what other VOs there are is not theirs to know
        mine = {grant.vo for grant in actor.grants if actor.may(Action.READ, grant.vo)}
        raise NotKnown("VO", vo, mine) from None
    if not actor.may(Action.READ, known):
        raise refused(actor, "read this", needed(Action.READ, known))


def _require(actor: Actor, needs: Needs | None) -> None:
    has = {
        # who was granted nothing can do nothing, and need not learn from errors what there is
        Needs.KNOWN: not is_anonymous(actor) and bool(actor.grants),
        Needs.READER: _has(actor, Role.READER),
        Needs.OPERATOR: _has(actor, Role.OPERATOR),
    }
    if needs is None or not has[needs]:
        raise refused(actor, "do this", "a rule of its own" if needs is None else _WORDS.get(needs, f"a {needs.value}"))


def _has(actor: Actor, role: Role) -> bool:
    return any(grant.role.includes(role) for grant in actor.grants)


def refused(actor: Actor, what: str, needed_: str) -> Unauthenticated | Forbidden:
    """Why ``actor`` may not do ``what``: since nobody knows who it is, or although it is known."""
    if is_anonymous(actor):
        return Unauthenticated(f"Prove who you are: to {what} needs {needed_}.")
    return Forbidden(actor.name, what, needed_)

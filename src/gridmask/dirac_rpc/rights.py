"""What each method takes: the one table of it. A method that is not in it lets nobody in.

Who may read is checked here; what it takes to change something, the use cases ask themselves, of each VO that it concerns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING

from gridmask.access.doorkeeper import is_anonymous
from gridmask.domain.errors import Forbidden, Unauthenticated
from gridmask.domain.rights import Action, Role, needed
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.actor import Actor


class Needs(Enum):
    """What somebody needs to call a method."""

    NOTHING = "nothing"
    READER = "reader of any VO"
    READER_OF_VO = "reader of the VO that is asked for; of `all` without one"
    KNOWN = "to be known; the use case asks for the rest"


METHODS: Mapping[tuple[str, str], Needs] = {
    **{
        (service, method): Needs.NOTHING
        for service in ("ResourceStatus", "ResourceManagement", "Publisher")
        for method in ("ping", "echo", "whoami")
    },
    ("ResourceStatus", "select"): Needs.READER_OF_VO,
    ("ResourceStatus", "insert"): Needs.KNOWN,
    ("ResourceStatus", "delete"): Needs.KNOWN,
    ("ResourceStatus", "addOrModify"): Needs.KNOWN,
    ("ResourceStatus", "addIfNotThere"): Needs.KNOWN,
    ("ResourceManagement", "select"): Needs.READER_OF_VO,
    ("ResourceManagement", "insert"): Needs.KNOWN,
    ("ResourceManagement", "delete"): Needs.KNOWN,
    ("ResourceManagement", "addOrModify"): Needs.KNOWN,
    ("ResourceManagement", "selectAccountingCache"): Needs.READER_OF_VO,
    ("ResourceManagement", "deleteAccountingCache"): Needs.KNOWN,
    ("ResourceManagement", "addOrModifyAccountingCache"): Needs.KNOWN,
    ("ResourceManagement", "selectSpaceTokenOccupancyCache"): Needs.READER_OF_VO,
    ("ResourceManagement", "deleteSpaceTokenOccupancyCache"): Needs.KNOWN,
    ("ResourceManagement", "addOrModifySpaceTokenOccupancyCache"): Needs.KNOWN,
    ("Publisher", "getSites"): Needs.READER,
    ("Publisher", "getSitesResources"): Needs.READER,
    ("Publisher", "getElementStatuses"): Needs.READER_OF_VO,
    ("Publisher", "getElementHistory"): Needs.READER_OF_VO,
    ("Publisher", "getElementPolicies"): Needs.READER_OF_VO,
    ("Publisher", "getNodeStatuses"): Needs.READER_OF_VO,
    ("Publisher", "getTree"): Needs.READER_OF_VO,
    ("Publisher", "getDowntimes"): Needs.READER,
    ("Publisher", "getCachedDowntimes"): Needs.READER,
    ("Publisher", "setToken"): Needs.KNOWN,
    ("Publisher", "setStatus"): Needs.KNOWN,
}
"""By service and name of each method."""


_READING = frozenset({Needs.READER, Needs.READER_OF_VO})


def is_reading(service: str, method: str) -> bool:
    """Whether a method changes nothing, and tells of what there is."""
    return METHODS.get((service, method)) in _READING


def admit(actor: Actor, service: str, method: str) -> None:
    """Let ``actor`` call a method, as far as that can be told before it looks at its arguments.

    Raises:
        Unauthenticated: nobody knows who asks, and that is needed. Forbidden: it is known, and not enough.
    """
    needs = METHODS.get((service, method))
    reads = any(grant.role.includes(Role.READER) for grant in actor.grants)
    let_in = {Needs.NOTHING: True, Needs.KNOWN: not is_anonymous(actor), Needs.READER: reads, Needs.READER_OF_VO: reads}
    if needs is None or not let_in[needs]:
        raise _refused(actor, "a rule of its own" if needs is None else f"a {Needs.READER.value}")


def require_reader(actor: Actor, vos: Iterable[str] | None) -> None:
    """Check that ``actor`` may read about ``vos``; None: about all.

    Raises:
        Unauthenticated, Forbidden: as above.
    """
    if actor.may(Action.READ, ALL):
        return
    for vo in (ALL,) if vos is None else vos:
        if not actor.may(Action.READ, vo):
            raise _refused(actor, needed(Action.READ, vo))


def _refused(actor: Actor, wanted: str) -> Unauthenticated | Forbidden:
    if is_anonymous(actor):
        return Unauthenticated(f"Prove who you are: this needs {wanted}.")
    return Forbidden(actor.name, "call this", wanted)

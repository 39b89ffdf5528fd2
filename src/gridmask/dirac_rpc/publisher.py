"""The service ``ResourceStatus/Publisher``: what DIRAC's web pages show, and what they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gridmask.dirac_rpc.encoding import MOMENT
from gridmask.dirac_rpc.protocol import ok
from gridmask.dirac_rpc.rights import require_reader
from gridmask.dirac_rpc.tables import AUTOMATION, FOREVER, Part
from gridmask.dirac_rpc.told import Told
from gridmask.domain.element import NODE
from gridmask.domain.errors import Conflict, InvalidRequest, NotKnown
from gridmask.domain.row import seen_by
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.dirac_rpc.protocol import Caller
    from gridmask.dirac_rpc.resource_management import ResourceManagement
    from gridmask.dirac_rpc.resource_status import ResourceStatus
    from gridmask.dirac_rpc.told import Method
    from gridmask.domain.mask import Holding
    from gridmask.service.dirac_reads import DiracReads
    from gridmask.store.dirac_views.names import Names

_DEEDS = ("Acquire", "Release")
COMPUTING, STORAGE = "computing", "storage"


class Publisher:
    """The service."""

    def __init__(self, reads: DiracReads, statuses: ResourceStatus, caches: ResourceManagement) -> None:
        self._reads = reads
        self._statuses = statuses
        self._caches = caches

    @property
    def methods(self) -> dict[str, Method]:
        """What can be called, by name."""
        return {
            "getSites": self.sites,
            "getSitesResources": self.sites_resources,
            "getElementStatuses": self.element_statuses,
            "getElementHistory": self.element_history,
            "getElementPolicies": self.element_policies,
            "getNodeStatuses": self.node_statuses,
            "getTree": self.tree,
            "getDowntimes": self.downtimes,
            "getCachedDowntimes": self.cached_downtimes,
            "setToken": self.set_token,
            "setStatus": self.set_status,
        }

    async def sites(self, caller: Caller) -> Told:
        """``getSites()``: the names of the sites that are in service."""
        del caller
        state = await self._reads.state()
        return Told(ok(sorted(one.element.key.name for one in await self._reads.shown() if one.element.is_site)), state)

    async def sites_resources(self, caller: Caller, siteNames: object) -> Told:  # noqa: N803 - as DIRAC names it to clients
        """``getSitesResources(siteNames)``: by site, its computing elements, and the hosts of its storage."""
        del caller
        state = await self._reads.state()
        shown, names = await self._reads.shown(), await self._reads.names()
        wanted = _names(siteNames)
        known = [one.element.key.name for one in shown if one.element.is_site] if wanted is None else wanted
        found: dict[str, dict[str, set[str]]] = {site: {"ces": set(), "ses": set()} for site in known}
        for element, _ in shown:
            if element.site in found and element.category == COMPUTING:
                found[element.site]["ces"].add(names.of(element.key))
            elif element.site in found and element.category == STORAGE:
                found[element.site]["ses"].update(element.hosts)
        told = {site: {what: sorted(names) for what, names in its.items()} for site, its in found.items()}
        return Told(ok(told), state)

    async def element_statuses(  # noqa: PLR0913, PLR0917 - DIRAC's own
        self,
        caller: Caller,
        element: object,
        name: object,
        elementType: object,  # noqa: N803 - named to clients as DIRAC names it
        statusType: object,  # noqa: N803
        status: object,
        tokenOwner: object,  # noqa: N803
    ) -> Told:
        """``getElementStatuses(element, name, elementType, statusType, status, tokenOwner)``."""
        where = {"Name": name, "ElementType": elementType, "StatusType": statusType, "Status": status, "TokenOwner": tokenOwner}
        return await self._statuses.select(caller, _table(element, Part.STATUS), {**where, "VO": ALL})

    async def element_history(
        self,
        caller: Caller,
        element: object,
        name: object,
        elementType: object,  # noqa: N803
        statusType: object,  # noqa: N803
    ) -> Told:
        """``getElementHistory(element, name, elementType, statusType)``."""
        columns = {"columns": ["Status", "DateEffective", "Reason"]}
        where = {"Name": name, "ElementType": elementType, "StatusType": statusType, "VO": ALL}
        return await self._statuses.select(caller, _table(element, Part.HISTORY), {**where, "Meta": columns})

    async def element_policies(
        self,
        caller: Caller,
        element: object,
        name: object,
        statusType: object,  # noqa: N803
    ) -> Told:
        """``getElementPolicies(element, name, statusType)``."""
        columns = {"columns": ["Status", "PolicyName", "DateEffective", "LastCheckTime", "Reason"]}
        where = {"Element": element, "Name": name, "StatusType": statusType, "VO": ALL}
        return await self._caches.select(caller, "PolicyResult", {**where, "Meta": columns})

    async def node_statuses(self, caller: Caller) -> Told:
        """``getNodeStatuses()``, of DIRAC 8."""
        return await self._statuses.select(caller, _table(NODE, Part.STATUS), {"VO": ALL})

    async def tree(self, caller: Caller, elementType: object, elementName: object) -> Told:  # noqa: N803
        """``getTree(elementType, elementName)``: the site of what is called so, with all that is there; of nothing, nothing."""
        if not isinstance(elementType, str) or not isinstance(elementName, str):
            raise InvalidRequest("An element type and a name are two texts.")
        if not elementName:
            return Told(ok({}))
        require_reader(caller.actor, (caller.vo,))
        state = await self._reads.state()
        shown, names = await self._reads.shown(), await self._reads.names()
        site = _site_of(shown, names, elementType, elementName)
        there = [one for one in shown if one.element.site == site and one.element.is_offered_to(caller.vo)]
        tree = {
            "statusTypes": next((_said(one, caller.vo) for one in there if one.element.is_site), {}),
            "ces": {names.of(one.element.key): _said(one, caller.vo) for one in there if one.element.category == COMPUTING},
            "ses": {names.of(one.element.key): _said(one, caller.vo) for one in there if one.element.category == STORAGE},
        }
        return Told(ok({site: tree}), state)

    async def downtimes(self, caller: Caller, element: object, elementType: object, name: object) -> Told:  # noqa: N803
        """``getDowntimes(element, elementType, name)``."""
        columns = ["StartDate", "EndDate", "Link", "Description", "Severity"]
        return await self._downtimes(caller, {"Element": element}, elementType, name, columns)

    async def cached_downtimes(
        self,
        caller: Caller,
        element: object,
        elementType: object,  # noqa: N803
        name: object,
        severity: object,
    ) -> Told:
        """``getCachedDowntimes(element, elementType, name, severity)``."""
        columns = ["Element", "Name", "StartDate", "EndDate", "Severity", "Description", "Link"]
        told = await self._downtimes(caller, {"Element": element, "Severity": severity}, elementType, name, columns)
        return Told({**told.answer, "Columns": columns})

    async def _downtimes(
        self,
        caller: Caller,
        where: dict[str, Any],
        elementType: object,  # noqa: N803
        name: object,
        columns: list[str],
    ) -> Told:
        wanted = _names(name)
        if wanted is not None:
            wanted = sorted(_also_called(await self._reads.shown(), await self._reads.names(), elementType, wanted))
        return await self._caches.select(caller, "DowntimeCache", {**where, "Name": wanted, "Meta": {"columns": columns}})

    async def set_token(  # noqa: PLR0913, PLR0917 - DIRAC's own
        self,
        caller: Caller,
        element: object,
        name: object,
        statusType: object,  # noqa: N803
        token: object,
        elementType: object,  # noqa: N803
        username: object,
        lastCheckTime: object,  # noqa: N803
    ) -> Told:
        """``setToken(...)``: ``Acquire`` or ``Release`` a row. The name that the client gives is not believed."""
        del username
        if token not in _DEEDS:
            raise InvalidRequest(f"{str(token)[:40]!r} is nothing that is done with a token; there are Acquire and Release.")
        whose = (
            {"TokenOwner": AUTOMATION, "TokenExpiration": FOREVER}
            if token == "Release"  # noqa: S105 - what is done with it
            else {"TokenOwner": caller.actor.name}
        )
        said = f"Token {token}d by {caller.actor.name} ( web )"
        return await self._write(caller, element, _row(name, statusType, elementType), lastCheckTime, {**whose, "Reason": said})

    async def set_status(  # noqa: PLR0913, PLR0917 - DIRAC's own
        self,
        caller: Caller,
        element: object,
        name: object,
        statusType: object,  # noqa: N803
        status: object,
        elementType: object,  # noqa: N803
        username: object,
        lastCheckTime: object,  # noqa: N803
    ) -> Told:
        """``setStatus(...)``: force a status. The name that the client gives is not believed."""
        del username
        said = f"Status {status} forced by {caller.actor.name} ( web )"
        change = {"Status": status, "TokenOwner": caller.actor.name, "Reason": said}
        return await self._write(caller, element, _row(name, statusType, elementType), lastCheckTime, change)

    async def _write(
        self, caller: Caller, element: object, row: Mapping[str, str], seen: object, change: Mapping[str, Any]
    ) -> Told:
        """Change a row, unless it is another by now than the client saw."""
        table = _table(element, Part.STATUS)
        where = {**row, "VO": ALL, "LastCheckTime": _moment(seen)}
        found = await self._statuses.select(caller, table, where)
        if not found.answer["Value"]:
            raise Conflict("What you selected is not as you saw it any more, or not there. Look again.")
        await self._statuses.add_or_modify(caller, table, {**row, "VO": ALL, **change})
        return Told(ok(change["Reason"]))


def _table(element: object, part: Part) -> str:
    return f"{element}{part}"


def _row(name: object, status_type: object, element_type: object) -> dict[str, str]:
    said = {"Name": name, "StatusType": status_type, "ElementType": element_type}
    for column, value in said.items():
        if not isinstance(value, str) or not value:
            raise InvalidRequest(f"{column} is a text, and not {str(value)[:40]!r}.")
    return {column: str(value) for column, value in said.items()}


def _moment(text: object) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(str(text), MOMENT)  # noqa: DTZ007 - DIRAC's moments are naive
    except ValueError as error:
        raise InvalidRequest(f"{str(text)[:40]!r} is no moment, such as 2026-01-02 03:04:05.") from error


def _names(said: object) -> list[str] | None:
    """The names that are given; None: none, which means all."""
    if said is None or said == "":
        return None
    given = said if isinstance(said, list) else [said]
    names = [name for name in given if isinstance(name, str)]
    if len(names) < len(given):
        raise InvalidRequest("Names are texts.")
    return names


def _site_of(shown: Iterable[Holding], names: Names, type_: str, called: str) -> str:
    meant = [one.element for one in shown if names.means(one.element.key, called, type_)]
    found = [element for element in meant if not type_ or element.key.type == type_] or [e for e in meant if e.is_site]
    if not found:
        raise NotKnown(type_ or "element", called)
    return found[0].site


def _said(holding: Holding, vo: str) -> dict[str, str]:
    seen = {aspect: seen_by(vo, aspect, holding.rows) for aspect in sorted({aspect for aspect, _ in holding.rows})}
    return {aspect: row.status.label for aspect, row in seen.items() if row is not None}


def _also_called(shown: Iterable[Holding], names: Names, type_: object, called: list[str]) -> set[str]:
    """What is ``called`` so, and what registries call these elements: by hosts, and by other names."""
    asked, said = frozenset(called), type_ if isinstance(type_, str) else ""
    found = set(asked)
    for element, _ in shown:
        key = element.key
        if said in {"", key.type} and any(names.means(key, one, said) for one in asked & {key.name, names.of(key)}):
            found.update(element.hosts, element.aliases)
    return found

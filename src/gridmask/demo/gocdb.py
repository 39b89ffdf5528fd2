"""GOCDB's programmatic interface, as far as it is asked for: its methods, filters, pages and errors.

Pages are cut by cursors, and only where one is asked for. They go on until one that is empty: it alone has no ``next``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gridmask.demo.elements import document, element, fields
from gridmask.demo.gocdb_records import Listed, flat_downtimes, nested_downtimes, service_endpoints, sites

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from gridmask.demo.play import Play

PATH = "/gocdbpi/public/"
DEFAULT_SCOPE = "EGI"
"""What is listed where no scope is asked for. An empty one means every scope."""

PAGE = 100

_DATES = {"windowstart", "windowend", "startdate", "enddate"}
_CURSORS = {"next_cursor", "prev_cursor"}
_ALWAYS = {"method", "scope", "scope_match"} | _CURSORS
_FILTERS = {
    "get_site": {"sitename"},
    "get_service_endpoint": {"sitename"},
    "get_service": {"sitename"},
    "get_downtime": _DATES | {"ongoing_only"},
    "get_downtime_nested_services": _DATES | {"ongoing_only"},
}

Asked = Mapping[str, str]


class Refused(Exception):
    """GOCDB says why not. It does so in an ``<error>`` document, with the status 200."""


@dataclass(frozen=True, slots=True)
class Gocdb:
    """Answers questions about what is played. ``page``: how many records a page has at most."""

    play: Play
    page: int = PAGE

    def answer(self, asked: Asked, now: datetime, address: str) -> bytes:
        """The answer to the parameters ``asked``, at ``address``."""
        try:
            check(asked)
            listed = [record for record in self._records(asked["method"], now) if _is_wanted(record, asked, now)]
        except Refused as refusal:
            return document(element("error", str(refusal)), "  ")
        meta: list[Element] = []
        if _CURSORS & asked.keys():
            listed = self._cut(listed, asked)
            meta = [self._meta(listed, asked, address)]
        records = (part for record in listed for part in record.elements)
        return document(element("results", (*meta, *records)), "  ")

    def _records(self, method: str, now: datetime) -> Iterator[Listed]:
        world, announced = self.play.world, self.play.announced("gocdb", now)
        ways: Mapping[str, Callable[[], Iterator[Listed]]] = {
            "get_site": lambda: sites(world),
            "get_service_endpoint": lambda: service_endpoints(world),
            "get_service": lambda: service_endpoints(world),
            "get_downtime": lambda: flat_downtimes(world, announced),
            "get_downtime_nested_services": lambda: nested_downtimes(world, announced),
        }
        return ways[method]()

    def _cut(self, listed: list[Listed], asked: Asked) -> list[Listed]:
        """The page that is asked for: what follows, or precedes, a record."""
        if "next_cursor" in asked:
            return [record for record in listed if record.id > int(asked["next_cursor"])][: self.page]
        return [record for record in listed if record.id < int(asked["prev_cursor"])][-self.page :]

    def _meta(self, listed: list[Listed], asked: Asked, address: str) -> Element:
        kept = {name: value for name, value in asked.items() if name not in _CURSORS}

        def link(rel: str, **cursor: object) -> Element:
            return element("link", rel=rel, href=f"{address}?{urlencode(kept | cursor)}")

        links = [link("self", **{name: asked[name] for name in sorted(_CURSORS & asked.keys())})]
        if listed:
            links += [link("next", next_cursor=listed[-1].id), link("prev", prev_cursor=listed[0].id)]
        else:
            links += [link("prev", prev_cursor=int(asked.get("next_cursor", "0")) + 1)]
        counted = fields(("count", len(listed)), ("max_page_size", self.page))
        return element("meta", (*links, link("start", next_cursor=0), *counted))


def check(asked: Asked) -> None:
    """Check that the parameters ``asked`` make a question.

    Raises:
        Refused: they make none.
    """
    method = asked.get("method", "")
    if method not in _FILTERS:
        raise Refused(f"Unable to find method: {method}")
    if strange := sorted(asked.keys() - _ALWAYS - _FILTERS[method]):
        raise Refused(f"Unsupported parameter: {strange[0]}")
    if asked.get("ongoing_only", "no") == "yes" and _DATES & asked.keys():
        raise Refused("Invalid parameter combination - do not specify startdate or enddate with ongoing_only")
    for cursor in sorted(_CURSORS & asked.keys()):
        if not asked[cursor].isdigit():
            raise Refused(f"Invalid {cursor} parameter - must be a whole number greater than or equal to zero")


def _is_wanted(record: Listed, asked: Asked, now: datetime) -> bool:
    wanted = (
        _is_in_scope(record.scopes, asked),
        asked.get("sitename", record.site) == record.site,
        record.start is None or record.end is None or _is_in_time(record.start, record.end, asked, now),
    )
    return all(wanted)


def _is_in_scope(scopes: frozenset[str], asked: Asked) -> bool:
    named = [scope for scope in asked.get("scope", DEFAULT_SCOPE).split(",") if scope]
    enough = any if asked.get("scope_match", "all") == "any" else all
    return not named or enough(scope in scopes for scope in named)


def _is_in_time(start: datetime, end: datetime, asked: Asked, now: datetime) -> bool:
    bounds = {name: _date(name, asked[name]) for name in _DATES & asked.keys()}
    return all(
        (
            asked.get("ongoing_only") != "yes" or start <= now <= end,
            "windowstart" not in bounds or end > bounds["windowstart"],
            "windowend" not in bounds or start < bounds["windowend"] + timedelta(days=1),  # the day belongs to it
            "startdate" not in bounds or start > bounds["startdate"],
            "enddate" not in bounds or end < bounds["enddate"],
        )
    )


def _date(name: str, text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused(f"Invalid {name} parameter - the date must be of the form YYYY-MM-DD") from error

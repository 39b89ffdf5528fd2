"""Calls: things to ask of Gridmask, as values. A client carries them out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Generic, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from gridmask_client.answer import Answer, Unless
from gridmask_client.errors import Unreadable, Unusable

T = TypeVar("T")
P = TypeVar("P")
C = TypeVar("C", bound="Call[Any]")

Given = str | int | bool | date | Iterable[str] | None
"""What a parameter can be, a ``datetime`` among them; None leaves it out."""

Query = Mapping[str, Given]


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A thing to ask of Gridmask, whose answer is a ``T``. It can be carried out as often as one likes.

    Attributes:
        method: of HTTP.
        route: the path with its parameters in braces, as the reference has it.
        path: the path.
        read: what makes a ``T`` of an answer.
        query: names and values, in order.
        headers: names and values.
        body: JSON.
        key: the idempotency key of a change; where there is none, a new one is made each time that it is carried out.
    """

    method: str
    route: str
    path: str
    read: Callable[[Answer], T]
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)
    key: str = ""

    @property
    def changes(self) -> bool:
        """Whether it is to change something."""
        return self.method not in {"GET", "HEAD"}

    @property
    def target(self) -> str:
        """Path and query, as they are sent."""
        return f"{self.path}?{urlencode(self.query, quote_via=quote)}" if self.query else self.path

    def once(self, key: str) -> Self:
        """The same, to be done once, however often it is carried out within a day; ``key`` is a text made at random."""
        return replace(self, key=key)


@dataclass(frozen=True, slots=True)
class Listing(Call[P], Generic[P, T]):
    """Asks for a page, a ``P``, of a list of ``T``; a client's ``each`` turns the pages.

    Attributes:
        items: what a page lists.
        cursor: the parameter that takes a page's ``next``; empty if there is one page only.
    """

    items: Callable[[P], Iterable[T]] = field(kw_only=True)
    cursor: str = ""

    def after(self, page: P) -> Listing[P, T] | None:
        """Asks for the page after ``page``; None: that was the last.

        Raises:
            Unreadable: the page says that it comes after itself.
        """
        following = getattr(page, "next", None) if self.cursor else None
        if following is None:
            return None
        if (self.cursor, str(following)) in self.query:
            raise Unreadable(f"The list at {self.path} does not end: after {following} comes {following} again.")
        kept = tuple(one for one in self.query if one[0] != self.cursor)
        return replace(self, query=(*kept, (self.cursor, str(following))))


def get(route: str, read: Callable[[Answer], T], query: Query | None = None, **path: str) -> Call[T]:
    """Asks for what is at ``route``."""
    return Call("GET", route, filled(route, path), read, queried(query))


def listing(
    route: str,
    read: Callable[[Answer], P],
    items: Callable[[P], Iterable[T]],
    query: Query | None = None,
    *,
    cursor: str = "",
    **path: str,
) -> Listing[P, T]:
    """Asks for what is listed at ``route``."""
    return Listing("GET", route, filled(route, path), read, queried(query), items=items, cursor=cursor)


def change(
    route: str,
    read: Callable[[Answer], T],
    body: Mapping[str, Any] | None = None,
    *,
    method: str = "POST",
    query: Query | None = None,
    **path: str,
) -> Call[T]:
    """Asks for something to be done. Members of ``body`` that are None are left out."""
    sent = None if body is None else encoded(body)
    return Call(method, route, filled(route, path), read, queried(query), body=sent)


def matched(call: C, etag: str) -> C:
    """The same, to be done only if what is there has this entity tag; empty: whatever is there."""
    return replace(call, headers=(*call.headers, ("If-Match", etag))) if etag else call


def unless(call: Call[T], have: str) -> Call[T] | Call[T | None]:
    """The same, for whoever has what has the entity tag ``have``: None if that is what there is. Empty: they have nothing."""
    if not have:
        return call
    headers = (*call.headers, ("If-None-Match", have))
    return Call(call.method, call.route, call.path, Unless(call.read), call.query, headers)


def encoded(body: Mapping[str, Any]) -> bytes:
    """``body`` as JSON, without its members that are None.

    Raises:
        Unusable: it cannot be told in JSON.
    """
    try:
        return msgspec.json.encode({name: value for name, value in body.items() if value is not None})
    except (TypeError, ValueError, OverflowError) as error:
        raise Unusable(f"What is to be sent cannot be told in JSON: {error}") from error


def filled(route: str, path: Mapping[str, str]) -> str:
    """``route`` with its parameters.

    Raises:
        Unusable: one of them would make it another path.
    """
    for name, value in path.items():
        if value in {"", ".", ".."}:
            raise Unusable(f"{name} cannot be {value!r}: it is part of an address.")
    return route.format(**{name: quote(value, safe="") for name, value in path.items()})


def queried(query: Query | None) -> tuple[tuple[str, str], ...]:
    """Parameters as they are written."""
    return tuple((name, text) for name, value in (query or {}).items() for text in _texts(value))


def _texts(value: Given) -> Iterable[str]:
    match value:
        case None:
            return ()
        case bool():
            return (str(value).lower(),)
        case date():
            return (value.isoformat(),)
        case str() | int():
            return (str(value),)
        case _:
            return map(str, value)

"""Which rows a client means, and which of their columns it wants: the parameters of DIRAC's ``select`` and ``delete``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gridmask.dirac_rpc.tables import Kind, Table
from gridmask.domain.errors import InvalidRequest

if TYPE_CHECKING:
    from gridmask.dirac_rpc.protocol import Answer

META = "meta"
_SAYS = ("columns", "older", "newer", "order", "limit")
MOST_VALUES = 10_000
"""So many values a list may have."""

MOST_TEXT = 16_000
"""So many characters a text may have."""

MOST_NUMBER = 2**63
"""So far from nothing a number may be."""

Record = tuple[Any, ...]
"""A whole row of a table, in the order of its columns."""

Bound = tuple[str, Any]
"""A column, and a value that is beyond it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a client asks for.

    Attributes:
        table: of which table.
        where: by column, the values of which a row must have one. An empty list lets nothing pass.
        columns: what to tell of each; empty: the whole rows.
        older, newer: a column, and what it must be before, or after.
        order: the column to sort by, and whether backwards.
        limit: how many at most.
    """

    table: Table
    where: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    older: Bound | None = None
    newer: Bound | None = None
    order: tuple[str, bool] | None = None
    limit: int | None = None

    @property
    def needed(self) -> frozenset[str]:
        """The columns that must be known to answer it."""
        bounds = {bound[0] for bound in (self.older, self.newer, self.order) if bound is not None}
        return frozenset({*(self.columns or self.table.columns), *self.where, *bounds})

    @property
    def says_something(self) -> bool:
        """Whether there are rows that it does not mean."""
        return bool(self.where or self.older or self.newer)

    def texts(self, column: str) -> tuple[str, ...] | None:
        """The values that ``column`` may have; None: any."""
        return self.where.get(column)

    def accepts(self, record: Record) -> bool:
        """Whether ``record`` is meant, whatever the order and the limit."""
        return all(test(record) for test in self._tests())

    def chosen(self, records: Iterable[Record]) -> list[Record]:
        """Those of ``records`` that are meant, in their order."""
        tests = self._tests()
        found = [record for record in records if all(test(record) for test in tests)] if tests else list(records)
        if self.order is not None:
            found.sort(key=self._sorting(self.order[0]), reverse=self.order[1])
        return found if self.limit is None else found[: self.limit]

    def answer(self, records: Iterable[Record]) -> Answer:
        """The answer for a client: of those of ``records`` that are meant, the columns that it wants."""
        found = self.chosen(records)
        if not self.columns:
            return {"OK": True, "Value": found, "Columns": list(self.table.columns)}
        places = [self.table.columns.index(column) for column in self.columns]
        # clients get the columns that they asked for by their names in lower case
        told = [column.lower() for column in self.columns]
        return {"OK": True, "Value": [[record[place] for place in places] for record in found], "Columns": told}

    def _tests(self) -> list[Callable[[Record], bool]]:
        tests = [self._among(column, values) for column, values in self.where.items()]
        if self.older is not None:
            tests.append(self._beyond(self.older, before=True))
        if self.newer is not None:
            tests.append(self._beyond(self.newer, before=False))
        return tests

    def _among(self, column: str, values: Sequence[Any]) -> Callable[[Record], bool]:
        get = itemgetter(self.table.columns.index(column))
        if column in self.table.caseless:
            folded = {value.casefold() for value in values}
            return lambda record: (get(record) or "").casefold() in folded
        wanted = frozenset(values)
        return lambda record: get(record) in wanted

    def _beyond(self, bound: Bound, *, before: bool) -> Callable[[Record], bool]:
        get, value = itemgetter(self.table.columns.index(bound[0])), bound[1]

        def passes(record: Record) -> bool:
            held = get(record)
            return held is not None and bool(held < value if before else held > value)

        return passes

    def _sorting(self, column: str) -> Callable[[Record], tuple[bool, Any]]:
        get = itemgetter(self.table.columns.index(column))
        return lambda record: (get(record) is not None, get(record))


def selection(table: Table, params: object, *, strict: bool = False) -> Selection:
    """The selection that ``params`` ask for.

    Nothing, and an empty text, are wildcards. ``strict``: an empty text is refused, since what is about to be deleted by it
    would be everything.

    Raises:
        InvalidRequest: there is no such column, or it cannot have such a value.
    """
    if not isinstance(params, dict):
        raise InvalidRequest("The parameters are no dictionary.")
    where: dict[str, tuple[Any, ...]] = {}
    meta: dict[str, Any] = {}
    for called, value in once(params).items():
        if called.casefold() == META:
            meta = _meta(value)
        elif value is not None and value != "":
            column = table.column(called)
            where[column] = _values(table, column, value)
        elif strict and value == "":
            raise InvalidRequest(f"An empty {called[:40]} would mean every row. Leave it out if that is what you want.")
    return Selection(
        table,
        where,
        tuple(table.column(_text(column, "a column")) for column in _list(meta.get("columns"), "columns")),
        _bound(table, meta.get("older"), "older"),
        _bound(table, meta.get("newer"), "newer"),
        _order(table, meta.get("order")),
        _limit(meta.get("limit")),
    )


def once(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """``params``, if they say nothing twice.

    Raises:
        InvalidRequest: they name something in one case and in another.
    """
    if len({called.casefold() for called in params}) < len(params):
        raise InvalidRequest("The parameters say something twice, in one case and in another.")
    return params


def value_of(table: Table, column: str, value: object) -> Any:  # noqa: ANN401 - what the column holds
    """``value`` as ``column`` holds it.

    Raises:
        InvalidRequest: it cannot have such a value.
    """
    kind = table.kind(column)
    if kind is Kind.MOMENT:
        if isinstance(value, datetime):
            return value
    elif kind is Kind.NUMBER:
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST_NUMBER:
            return value
    elif isinstance(value, str):
        if len(value) > MOST_TEXT:
            raise InvalidRequest(f"{column} of {table.name} has {MOST_TEXT:,} characters at most.")
        return value
    raise InvalidRequest(f"{column} of {table.name} is a {kind}, and not {str(value)[:40]!r}.")


def _values(table: Table, column: str, value: object) -> tuple[Any, ...]:
    listed = value if isinstance(value, list) else [value]
    if len(listed) > MOST_VALUES:
        raise InvalidRequest(f"{column} has {len(listed):,} values; at most {MOST_VALUES:,} are looked for at once.")
    return tuple(value_of(table, column, one) for one in listed)


def _meta(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not set(value) <= set(_SAYS):
        raise InvalidRequest(f"Meta is a dictionary that may have {', '.join(_SAYS)}.")
    return value


def _bound(table: Table, said: object, name: str) -> Bound | None:
    pair = _list(said, name)
    if not pair:
        return None
    if len(pair) != 2:
        raise InvalidRequest(f"Meta: {name} is a column and a value.")
    column = table.column(_text(pair[0], "a column"))
    return column, value_of(table, column, pair[1])


def _order(table: Table, said: object) -> tuple[str, bool] | None:
    words = [_text(word, "an order") for word in _list([said] if isinstance(said, str) else said, "order")]
    if not words:
        return None
    backwards = [word.casefold() for word in words[1:]] == ["desc"]
    if len(words) > 2 or (len(words) == 2 and words[1].casefold() not in {"asc", "desc"}):
        raise InvalidRequest("Meta: order is a column, and perhaps 'asc' or 'desc'.")
    return table.column(words[0]), backwards


def _limit(said: object) -> int | None:
    if said is None:
        return None
    try:
        limit = int(said) if isinstance(said, int | str) and not isinstance(said, bool) else -1
    except ValueError:
        limit = -1
    if limit < 0:
        raise InvalidRequest(f"Meta: limit is a number of rows, and not {str(said)[:40]!r}.")
    return limit or None  # DIRAC's clients mean all by 0


def _list(said: object, name: str) -> list[Any]:
    if said is None:
        return []
    if not isinstance(said, list):
        raise InvalidRequest(f"Meta: {name} is a list.")
    return said


def _text(said: object, what: str) -> str:
    if not isinstance(said, str):
        raise InvalidRequest(f"{str(said)[:40]!r} cannot be {what}.")
    return said

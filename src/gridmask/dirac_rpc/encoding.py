"""DIRAC's JSON: JSON in which a moment, a day and bytes are objects that say what they are.

Moments are naive, in UTC, and have no fractions of a second. An object that names any other class is refused: DIRAC would
import the module that it names.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from gridmask.domain.errors import InvalidRequest
from gridmask.printable import writable

MOMENT = "%Y-%m-%d %H:%M:%S"
DAY = "%Y-%m-%d"
MOST_NESTED = 16
"""So deep objects and lists may lie in each other; DIRAC's own calls need four."""

_CLASS, _MODULE = "__dCls", "__dMod"


def decoded(text: str) -> Any:  # noqa: ANN401 - whatever JSON can say
    """What ``text`` says.

    Raises:
        InvalidRequest: it is no JSON, nests too deep, or names a class that does not belong here.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except RecursionError as error:
        raise InvalidRequest(f"The arguments nest deeper than {MOST_NESTED} levels.") from error
    except ValueError as error:
        raise InvalidRequest(f"The arguments are not JSON as DIRAC writes it: {error}.") from error
    _require_sound(value)
    return value


def encoded(value: object) -> bytes:
    """``value`` for a client: characters beyond ASCII are escaped, so that no client needs to guess."""
    return json.dumps(value, default=_described, separators=(",", ":")).encode("ascii")


@lru_cache(4096)
def naive(moment: datetime) -> datetime:
    """``moment`` as DIRAC has it: in UTC, without saying so, and without fractions of a second."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def aware(moment: datetime) -> datetime:
    """The moment that DIRAC means by ``moment``."""
    return moment.replace(tzinfo=UTC)


def _object(pairs: list[tuple[str, Any]]) -> Any:  # noqa: ANN401 - as above
    said = dict(pairs)
    if len(said) < len(pairs):
        raise InvalidRequest("An object says something twice.")
    if _CLASS not in said:
        return said
    name, content = said[_CLASS], said.get("obj")
    if _MODULE in said or not isinstance(name, str) or name not in _READERS or not isinstance(content, str):
        raise InvalidRequest(f"An object of class {str(name)[:40]!r} means nothing here; there are {', '.join(_READERS)}.")
    try:
        return _READERS[name](content)
    except ValueError as error:
        raise InvalidRequest(f"{content[:40]!r} is no {_CALLED[name]} as DIRAC writes it.") from error


_READERS: dict[str, Callable[[str], object]] = {
    "dt": lambda text: datetime.strptime(text, MOMENT),  # noqa: DTZ007 - DIRAC's moments are naive
    "date": lambda text: datetime.strptime(text, DAY).date(),  # noqa: DTZ007 - a day has no time zone
    "b64": lambda text: b64decode(text, validate=True),
}
_CALLED = {"dt": "moment", "date": "day", "b64": "base64"}


def _described(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return {_CLASS: "date", "obj": value.isoformat()}
    if isinstance(value, bytes):
        return {_CLASS: "b64", "obj": b64encode(value).decode("ascii")}
    raise TypeError(f"{type(value).__name__} cannot be told to a client of DIRAC")


@lru_cache(4096)
def _moment(value: datetime) -> dict[str, str]:
    # of many rows, most tell the same few moments; and strftime would not fill up years before 1000
    return {_CLASS: "dt", "obj": value.isoformat(" ", "seconds")[:19]}


def _no_number(name: str) -> Any:  # noqa: ANN401 - the signature is given
    raise InvalidRequest(f"{name} is no number that anything could be.")


def _require_sound(value: object, level: int = 0) -> None:
    if level > MOST_NESTED:
        raise InvalidRequest(f"The arguments nest deeper than {MOST_NESTED} levels.")
    if isinstance(value, str):
        _require_text(value)
    elif isinstance(value, dict):
        for key, one in value.items():
            _require_text(key)
            _require_sound(one, level + 1)
    elif isinstance(value, list):
        for one in value:
            _require_sound(one, level + 1)


def _require_text(text: str) -> None:
    # what no database keeps, and no name has: halves of characters, which JSON can say, and the null character
    if not (text.isascii() and text.isprintable()) and writable(text) != text:
        raise InvalidRequest(f"{writable(text[:40])!r} is no text.")

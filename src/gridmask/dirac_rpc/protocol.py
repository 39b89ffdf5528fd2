"""Calls as DIRAC sends them over HTTPS, and answers as its clients take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from gridmask.access.extra import extra_of
from gridmask.dirac_rpc.encoding import decoded
from gridmask.domain.errors import (
    Conflict,
    Forbidden,
    GridmaskError,
    InvalidRequest,
    NotKnown,
    StoreError,
    Unauthenticated,
)

if TYPE_CHECKING:
    from gridmask.access.extra import Extra
    from gridmask.domain.actor import Actor

MOST_FIELDS = 16
"""So many fields a call may have; DIRAC's have four or five."""

EXTRA = "extraCredentials"
"""The field in which a client tells more of itself than its certificate does."""

Answer = dict[str, Any]

Form = Mapping[str, str]


class Errno(IntEnum):
    """The numbers by which clients know errors: those of the operating system, and DIRAC's own from 1000 on."""

    NOT_THERE = 2
    THERE_ALREADY = 17
    INVALID = 22
    NO_SUCH_TABLE = 1001
    NO_RIGHT = 1111
    DATABASE = 1130
    GENERAL = 2000


class NoSuchTable(InvalidRequest):
    """A table is named that there is not."""


class ThereAlready(Conflict):
    """A row is to be inserted that there is."""


_NUMBERS: Mapping[type[GridmaskError], Errno] = {
    NoSuchTable: Errno.NO_SUCH_TABLE,
    ThereAlready: Errno.THERE_ALREADY,
    InvalidRequest: Errno.INVALID,
    NotKnown: Errno.NOT_THERE,
    Forbidden: Errno.NO_RIGHT,
    StoreError: Errno.DATABASE,
    GridmaskError: Errno.GENERAL,
}
"""By the most special class that an error is of."""


class Malformed(Exception):
    """A request is no call at all; ``status`` is how HTTP says so."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status


@dataclass(frozen=True, slots=True)
class Call:
    """A call.

    Attributes:
        method: what is called.
        arguments: by position.
        vo: the VO that the client says it works for; empty: it does not say.
    """

    method: str
    arguments: tuple[Any, ...] = ()
    vo: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and the VO in whose name, by its canonical name; ``all`` where none is known."""

    actor: Actor
    vo: str


def form_of(body: bytes) -> Form:
    """The fields of the form ``body``.

    Raises:
        Malformed: it is none, or says something twice.
    """
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise Malformed(400, "This is no form.") from error
    form = dict(fields)
    if len(form) < len(fields):
        raise Malformed(400, "A field is there twice.")
    return form


def extra_in(form: Form) -> Extra | None:
    """What a client says of itself; None: nothing.

    Raises:
        Unauthenticated: it makes no sense.
    """
    said = form.get(EXTRA, "")
    try:
        return extra_of(decoded(said)) if said else None
    except InvalidRequest as error:
        raise Unauthenticated(f"The {EXTRA} cannot be read.") from error


def call_of(form: Form) -> Call:
    """The call in a form.

    Raises:
        Malformed: it is none. InvalidRequest: its arguments cannot be read.
    """
    method = form.get("method", "")
    if not method:
        raise Malformed(400, "A call needs a field 'method'.")
    if form.get("rawContent", "False") != "False":
        raise Malformed(400, "Nothing is streamed here.")
    arguments = decoded(form.get("args") or "[]")
    if not isinstance(arguments, list):
        raise InvalidRequest("The arguments are no list.")
    return Call(method, tuple(arguments), _said(form.get("clientVO", "")))


def _said(text: str) -> str:
    # a client without a VO sends the word
    return "" if text == "None" else text


def ok(value: object = None, **more: object) -> Answer:
    """That all is well, and what came of it."""
    return {"OK": True, "Value": value, **more}


def failed(error: GridmaskError) -> Answer:
    """That a call failed, with DIRAC's number for why."""
    number = next(_NUMBERS[known] for known in type(error).__mro__ if known in _NUMBERS)
    return {"OK": False, "Errno": int(number), "Message": str(error)}

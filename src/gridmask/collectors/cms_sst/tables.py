"""Documents that list sites: which are usable, whose state a person set, and a state in the text of an SSB metric."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from gridmask.collectors.cms_sst.said import Found, Said
from gridmask.collectors.decoding import expecting
from gridmask.collectors.observations import Problem
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import STATE, State


class _Usable(msgspec.Struct, frozen=True):
    name: str
    value: str
    date: int


class _Override(msgspec.Struct, frozen=True):
    name: str
    status: str
    mode: str = ""
    when: str = ""
    who: str = ""
    why: str = ""


def usable_sites(body: bytes, source: str) -> Iterator[Found]:
    """Whether each site is ``usable``, since it was found out.

    Raises:
        MalformedAnswer: it is no list.
    """
    for number, raw in enumerate(_listed(body, source)):
        try:
            site = msgspec.json.decode(raw, type=_Usable)
            yield _state(site.name, site.value, "", datetime.fromtimestamp(site.date, UTC))
        except (msgspec.ValidationError, ValueError, OverflowError, OSError) as error:
            yield Problem(f"[{number}]: {error}")


def overrides(body: bytes, source: str) -> Iterator[Found]:
    """The states that people set; they hold while they are listed.

    Raises:
        MalformedAnswer: it is no list.
    """
    for number, raw in enumerate(_listed(body, source)):
        try:
            site = msgspec.json.decode(raw, type=_Override)
            told = " ".join(filter(None, (site.mode, site.who and f"by {site.who}", site.when and f"since {site.when}")))
            yield _state(site.name, site.status, ": ".join(filter(None, (told, site.why))), None)
        except (msgspec.ValidationError, ValueError) as error:
            yield Problem(f"[{number}]: {error}")


def ssb(body: bytes, source: str) -> Iterator[Found]:
    """The states in a text: time, site, state, colour and URL, with tabs between. What begins with ``#`` is a comment.

    Raises:
        MalformedAnswer: it is no text, or none of that form.
    """
    try:
        lines = body.decode().splitlines()
    except UnicodeDecodeError as error:
        raise MalformedAnswer(source, f"is no text of an SSB metric: {error}.") from error
    said = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not said or not (said[0][1].startswith("#") or "\t" in said[0][1]):
        raise MalformedAnswer(source, "is no text of an SSB metric: it begins neither with '#' nor with columns.")
    for number, line in said:
        if not line.startswith("#"):
            yield _line(number, line)


def _line(number: int, line: str) -> Found:
    columns = [column.strip() for column in line.split("\t")]
    try:
        at = datetime.strptime(columns[0], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        return _state(columns[1], columns[2], "", at)
    except IndexError:
        return Problem(f"line {number}: has {len(columns)} columns; a time, a site and a state are wanted")
    except ValueError as error:
        return Problem(f"line {number}: {error}")


def _state(name: str, value: str, comment: str, at: datetime | None) -> Said:
    if not name or not value:
        raise ValueError("names no site, or no state")
    return Said(STATE, name, name, State(value, comment), at)


def _listed(body: bytes, source: str) -> list[msgspec.Raw]:
    with expecting("list of sites", source):
        return msgspec.json.decode(body, type=list[msgspec.Raw])

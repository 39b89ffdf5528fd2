"""What can go wrong with an answer, whatever the source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gridmask.domain.upheaval import FEW
from tests.clocks import at
from tests.integration.http.server import drip, hang, raw, reply, reset

if TYPE_CHECKING:
    from tests.integration.http.server import Reaction
    from tests.integration.sources.speaking import Records, Speaker

HTML = b"<!DOCTYPE html>\n<html><head><title>Sorry</title></head>\n<body class='error'>Down for maintenance</body></html>\n"


def _broken_off(good: bytes) -> Reaction:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(good)}\r\nConnection: close\r\n\r\n".encode()
    return raw(head, good[: len(good) // 2])


MANGLED: Mapping[str, Callable[[bytes], Reaction]] = {
    "is refused by force": lambda _: reset,
    "status 500": lambda good: reply(500, good),
    "status 403": lambda good: reply(403, good),
    "status 404": lambda _: reply(404, HTML),
    "a status of success without anything": lambda _: reply(204),
    "nothing": lambda _: reply(200),
    "white space": lambda _: reply(200, b" \n"),
    "half of it": lambda good: reply(200, good[: len(good) // 2]),
    "all but the end": lambda good: reply(200, good.rstrip()[:-9]),
    "half of what it says it sends": _broken_off,
    "a page for people": lambda _: reply(200, HTML, Content_Type="text/html"),
    "no text": lambda _: reply(200, b"\xff\xfe\x00\x01" * 64),
    "another document": lambda _: reply(200, b'<?xml version="1.0"?><other><a/></other>'),
    "null": lambda _: reply(200, b"null"),
    "a word": lambda _: reply(200, b"Busy"),
}
"""What comes in place of an answer."""

SLOW: Mapping[str, Reaction] = {"never": hang, "a byte now and then": drip}
"""What does not come in time."""


def emptied(records: Records) -> Records:
    """An answer of the right form without a record in it."""
    return dict.fromkeys(records, ())


def halved(records: Records) -> Records:
    """Every second record."""
    return {place: listed[::2] for place, listed in records.items()}


def doubled(records: Records) -> Records:
    """Every record twice."""
    return {place: [*listed, *listed] for place, listed in records.items()}


def spoiled(spoil: Callable[[str], str], step: int = 1) -> Callable[[Records], Records]:
    """Each ``step``-th record with something wrong in it."""
    return lambda records: {
        place: [spoil(said) if number % step == step - 1 and not said.startswith("<SITE") else said for number, said in listed]
        for place, listed in ((place, list(enumerate(listed))) for place, listed in records.items())
    }


def changed(speaker: Speaker) -> Mapping[str, Callable[[Records], Records]]:
    """What a source can list that should not be believed."""
    found: dict[str, Callable[[Records], Records]]
    found = {"no record": emptied, "every record twice": doubled}
    if sum(map(len, speaker.records(at()).values())) > 2 * FEW:  # half of less may go unseen
        found["half of the records"] = halved
    for problem, spoil in speaker.spoils.items():
        found[f"each {problem}"] = spoiled(spoil)
        if problem not in HARMLESS_BY_HALVES:
            found[f"every second {problem}"] = spoiled(spoil, 2)
    return found


HARMLESS_BY_HALVES = frozenset({"is less"})
"""Of half of the records that is little enough to be news."""

UNREMARKABLE = frozenset({"every record twice", "ends in 9999", "is without a result"})
"""What need not be told with the source: nothing is wrong, or it is told where it is used."""

"""``webdav``: a folder can be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, Unusable, unusable
from gridmask.probes.http import check_statuses
from gridmask.probes.target import Target
from gridmask.probes.web import Answered, Asked, ask, require

QUESTION = b"""<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/></prop></propfind>"""
USUAL = {"PROPFIND": ("207",), "OPTIONS": ("2xx",)}


@dataclass(frozen=True, slots=True)
class Webdav:
    """``PROPFIND`` of depth 0 is answered with the properties of what is there; or ``OPTIONS``, with ``DAV`` among them.

    Attributes:
        method: ``PROPFIND``, or ``OPTIONS`` where that is allowed to everybody.
        statuses: those that are good; empty: ``207`` for ``PROPFIND``, any of ``2xx`` for ``OPTIONS``.
    """

    schemes: ClassVar[tuple[str, ...]] = ("https", "davs", "http", "dav")
    url: ClassVar[str] = "https://{host}/"

    method: str = "PROPFIND"
    statuses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.method not in USUAL:
            raise ValueError(f"method: {self.method!r} is none of {', '.join(USUAL)}")
        check_statuses(self.statuses)

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        answer = await ask(target, env, self._question())
        require(answer, target, self.statuses or USUAL[self.method])
        if self.method == "OPTIONS" and "dav" not in answer.headers:
            unusable("it answers OPTIONS without a header DAV: it is no WebDAV")
        if answer.status == 207:
            _check_properties(answer)
        return Finding("OK", f"it answers {self.method} with {answer.told}")

    def _question(self) -> Asked:
        if self.method == "OPTIONS":
            return Asked("OPTIONS")
        return Asked("PROPFIND", {"Depth": "0", "Content-Type": "application/xml"}, QUESTION)


def _check_properties(answer: Answered) -> None:
    try:
        found = fromstring(answer.body)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Unusable("it answers 207 with something that is no XML") from error
    statuses = [text.text or "" for text in found.iter("{DAV:}status")]
    if found.tag != "{DAV:}multistatus" or found.find("{DAV:}response") is None:
        unusable("it answers 207 with no properties")
    if statuses and not any(" 2" in status for status in statuses):
        unusable(f"it answers 207, and within that {statuses[0].strip()[:80]}")

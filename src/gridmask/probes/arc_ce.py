"""``arc-ce``: the REST interface of an ARC computing element."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, Unusable, shown, unusable
from gridmask.probes.target import Target
from gridmask.probes.web import Answered, Asked, ask, require

MOST = 16 << 20
XML = {"Accept": "text/xml, application/xml"}


@dataclass(frozen=True, slots=True)
class ArcCe:
    """What it tells of itself, in GLUE2: an endpoint for jobs is healthy, and in production.

    An endpoint that drains, or whose health is a warning, makes it ``WARNING``.

    Attributes:
        info: whether to read what it tells of itself; else it is enough that it tells which versions of its interface it has.
    """

    schemes: ClassVar[tuple[str, ...]] = ("https", "http")
    url: ClassVar[str] = "https://{host}/arex"

    info: bool = True

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        base = target.address.path.rstrip("/")
        where = target.address.at(f"{base}/rest/1.0/info" if self.info else f"{base}/rest")
        answer = await ask(target, env, Asked("GET", XML), most=MOST, address=where)
        require(answer, target)
        if self.info:
            return _judged(list(_endpoints(answer)))
        if not list(_texts(answer, {"version"})):
            unusable("it tells no version of its interface")
        return Finding("OK", "it tells the versions of its interface")


def _judged(endpoints: list[dict[str, str]]) -> Finding:
    """How the best of its ``endpoints`` fares."""
    if not endpoints:
        unusable("it tells of no endpoint for jobs")
    findings = sorted((_one(endpoint) for endpoint in endpoints), key=lambda finding: ORDER[finding.result])
    return findings[0]


ORDER = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}


def _one(endpoint: dict[str, str]) -> Finding:
    health, serving = (endpoint.get(name, "").casefold() for name in ("HealthState", "ServingState"))
    about = f"its endpoint is {shown(health, 40) or 'of unknown health'}, and {shown(serving, 40) or 'says nothing of jobs'}"
    if info := endpoint.get("HealthStateInfo"):
        about += f": {shown(info, 120)}"
    if health == "ok" and serving == "production":
        return Finding("OK", about)
    if health in {"ok", "warning", "unknown", ""} and serving in {"production", "draining"}:
        return Finding("WARNING", about)
    return Finding("CRITICAL", about)


def _endpoints(answer: Answered) -> Iterator[dict[str, str]]:
    """What is told of each endpoint for jobs, by name."""
    for element in _document(answer).iter():
        if _name(element.tag) == "ComputingEndpoint":
            yield {_name(child.tag): (child.text or "").strip() for child in element}


def _texts(answer: Answered, names: set[str]) -> Iterator[str]:
    for element in _document(answer).iter():
        if _name(element.tag) in names and element.text:
            yield element.text


def _document(answer: Answered):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the library's types do not name it
    if answer.cut:
        unusable(f"what it tells of itself is longer than {MOST >> 20} MiB")
    try:
        return fromstring(answer.body)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Unusable(f"it answers {answer.told} with something that is no XML: {shown(answer.body, 60)!r}") from error


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]

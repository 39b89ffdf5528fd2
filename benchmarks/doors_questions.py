"""What is asked at the doors, as the clients of DIRAC and of DiracX ask it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any
from urllib.parse import urlencode

from benchmarks.doors_asking import Question, Server, once
from gridmask.domain.element import RESOURCE, Element

AS_CLIENTS = {"Accept-Encoding": "gzip, deflate", "Accept": "*/*", "Connection": "keep-alive"}
"""What the HTTP library of both clients says of its own accord."""

FORM = {**AS_CLIENTS, "Content-Type": "application/x-www-form-urlencoded"}
STATUSES, PUBLISHER = "ResourceStatus", "Publisher"
CACHED = ["Name", "ElementType", "StatusType", "Status", "VO"]
CACHED_SITES = ["Name", "Status", "VO"]
"""What DIRAC's clients ask for to fill their caches."""

Arguments = Callable[[int], list[Any]]


def of_dirac(made_of: Sequence[Element]) -> list[Sequence[Question]]:
    """What is asked of DIRAC's services, of each server the same."""
    names = [element.key.name for element in made_of if element.key.family == RESOURCE]
    order = Random(2).sample(names, len(names))
    whole, few = {"VO": "all"}, {"VO": "all", "Meta": {"columns": CACHED}}
    sites = {"VO": "all", "Meta": {"columns": CACHED_SITES}}

    def one(number: int) -> list[Any]:
        return ["ResourceStatus", {"Name": order[number % len(order)], "VO": "all", "Meta": {"limit": 1000 + number}}]

    def anew(number: int) -> list[Any]:
        # a limit that nothing reaches, so that nobody remembers the question
        return ["ResourceStatus", {**few, "Meta": {"columns": CACHED, "limit": 1_000_000 + number}}]

    def all_anew(number: int) -> list[Any]:
        return ["ResourceStatus", {**whole, "Meta": {"limit": 1_000_000 + number}}]

    same = _constant
    asked = [
        _call("all of resources", STATUSES, "select", same("ResourceStatus", whole)),
        _call("the same, not packed", STATUSES, "select", same("ResourceStatus", whole), packed=False),
        _call("all of them, asked anew", STATUSES, "select", all_anew),
        _call("for the cache of resources", STATUSES, "select", same("ResourceStatus", few)),
        _call("the same, asked anew", STATUSES, "select", anew),
        _call("for the cache of sites", STATUSES, "select", same("SiteStatus", sites)),
        _call("one resource", STATUSES, "select", one),
        _call("one resource, connecting", STATUSES, "select", one, connects=True),
        _call("getSites", PUBLISHER, "getSites", same()),
        _call("getElementStatuses of sites", PUBLISHER, "getElementStatuses", same("Site", None, None, "all", None, None)),
    ]
    return [(question, question) for question in asked]


def of_diracx(servers: Sequence[Server], token: str) -> list[Sequence[Question]]:
    """What is asked of DiracX's routes; a validator is each server's own."""
    headers = {**AS_CLIENTS, "Authorization": f"Bearer {token}"}
    routes = [Question(f"{route}, 200", f"/api/rss/{route}", json.loads, headers=headers) for route in _ROUTES]
    asked: list[Sequence[Question]] = [(question,) * len(servers) for question in routes]
    asked += [[_unchanged(server, question) for server in servers] for question in routes[:2]]
    return asked


_ROUTES = ("storage", "compute", "site", "fts")


def _unchanged(server: Server, question: Question) -> Question:
    headers = {**question.headers, "If-None-Match": once(server, question).etag}
    return Question(question.what.replace("200", "304"), question.path, len, headers=headers, status=304)


def wake(server: Server) -> None:
    """Ask both of DIRAC's services something, so that they are ready, with the tables that they want."""
    for service in (STATUSES, PUBLISHER):
        once(server, _call("whoami", service, "whoami", _constant()))


def _call(
    what: str, service: str, method: str, arguments: Arguments, *, packed: bool = True, connects: bool = False
) -> Question:
    def body(number: int) -> bytes:
        said = {"method": method, "args": json.dumps(arguments(number)), "clientVO": "", "clientSetup": "None"}
        return urlencode(said).encode()

    headers: Mapping[str, str] = FORM if packed else {**FORM, "Accept-Encoding": "identity"}
    return Question(what, f"/ResourceStatus/{service}", _rows, body, headers, connects)


def _constant(*arguments: Any) -> Arguments:  # noqa: ANN401 - JSON
    return lambda _: list(arguments)


def _rows(body: bytes) -> list[Any]:
    """What an answer says, in some order; but for moments, which follow from when a row was copied."""
    told = json.loads(body)
    assert told["OK"], told
    return sorted(
        [value for value in row if not isinstance(value, dict)] if isinstance(row, list) else row for row in told["Value"]
    )

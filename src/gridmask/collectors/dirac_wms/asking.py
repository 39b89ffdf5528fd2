"""Calls DIRAC's services for their counts."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from gridmask.collectors.dating import afresh
from gridmask.collectors.dirac_wms.options import DiracWms
from gridmask.collectors.diracx_jobs.asking import ENDED, PRESENT
from gridmask.dirac_calls import call, check_address, value_of
from gridmask.http import Gathered

if TYPE_CHECKING:
    from gridmask.asking import Asking
    from gridmask.http import Answer, NotModified

PILOTS_ENDED = ("Done", "Failed", "Deleted", "Aborted")
SERVICE = "a service of DIRAC's workload management"


class _Call(NamedTuple):
    method: str
    arguments: tuple[object, ...]


async def gather(asking: Asking) -> Gathered | NotModified:
    """The counts, in as many calls as the method needs; of a file, the answer that it is.

    Raises:
        SourceError: one of the calls was not answered, or refused.
        InvalidConfiguration: the service cannot be called.
    """
    if asking.is_document:
        return await afresh(asking)
    check_address(asking.source.url)
    options = DiracWms.of(asking.source)
    url = address(asking.source.url, options.called.path)
    since = f"{(asking.now - options.window).astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return Gathered.of([await _called(asking, url, one) for one in _calls(options, url, since)])


def address(url: str, path: str) -> str:
    """``url`` with ``path``, unless it has a path of its own."""
    return url if urlsplit(url).path.strip("/") else f"{url.rstrip('/')}{path}"


async def _called(asking: Asking, url: str, one: _Call) -> Answer:
    answer = await call(asking.client, url, asking.access, one.method, *one.arguments)
    value_of(answer.body, answer.provenance.url, SERVICE)  # a refusal is no count
    return answer


def _calls(options: DiracWms, url: str, since: str) -> list[_Call]:
    by = [options.called.attribute, "Status"]
    match options.method:
        case "getCounters":
            ended, present = ({**options.where, "Status": statuses} for statuses in (ENDED, PRESENT))
            return [_Call("getCounters", (by, ended, since)), _Call("getCounters", (by, present))]
        case "getSiteSummaryWeb":
            return [_Call("getSiteSummaryWeb", ({}, [], 0, 0))]
        case "getPilotsCounters":
            # DIRAC 8 has it under another name, in another service
            method = "getCounters" if url.rstrip("/").endswith("/PilotManager") else "getPilotsCounters"
            among = {**options.where, "Status": PILOTS_ENDED}
            return [_Call(method, ("PilotAgents", by, among, since, "LastUpdateTime"))]
        case "getPilotSummary":
            return [_Call("getPilotSummary", (since,))]

"""Calls DIRAC's services for their counts."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
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

Call = tuple[object, ...]


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


async def _called(asking: Asking, url: str, one: Call) -> Answer:
    answer = await call(asking.client, url, asking.access, *map(str, one[:1]), *one[1:])
    value_of(answer.body, answer.provenance.url, SERVICE)  # a refusal is no count
    return answer


def _calls(options: DiracWms, url: str, since: str) -> list[Call]:
    by = [options.called.attribute, "Status"]
    match options.method:
        case "getCounters":
            ended, present = ({**options.where, "Status": statuses} for statuses in (ENDED, PRESENT))
            return [("getCounters", by, ended, since), ("getCounters", by, present)]
        case "getSiteSummaryWeb":
            return [("getSiteSummaryWeb", {}, [], 0, 0)]
        case "getPilotsCounters":
            # DIRAC 8 has it under another name, in another service
            method = "getCounters" if url.rstrip("/").endswith("/PilotManager") else "getPilotsCounters"
            return [(method, "PilotAgents", by, {**options.where, "Status": PILOTS_ENDED}, since, "LastUpdateTime")]
        case "getPilotSummary":
            return [("getPilotSummary", since)]

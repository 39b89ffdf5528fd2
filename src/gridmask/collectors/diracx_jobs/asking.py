"""Asks DiracX twice: for the jobs that ended lately, and for those that have not ended."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from gridmask.collectors.dating import afresh
from gridmask.collectors.diracx_jobs.options import DiracXJobs
from gridmask.http import Gathered

if TYPE_CHECKING:
    from gridmask.asking import Asking

PATH = "/api/jobs/summary"

ENDED = ("Done", "Completed", "Failed")
PRESENT = ("Running", "Matched", "Received", "Checking", "Waiting", "Staging")


async def gather(asking: Asking) -> Gathered:
    """Both summaries; of a file, one that has all.

    Raises:
        SourceError: one of them was not answered.
    """
    if asking.is_document:
        return await afresh(asking)
    base, options = asking.source.url.rstrip("/").removesuffix(PATH).removesuffix("/api"), DiracXJobs.of(asking.source)
    since = (asking.now - options.window).astimezone(UTC)
    lately = {"parameter": "LastUpdateTime", "operator": "gt", "value": f"{since:%Y-%m-%d %H:%M:%S}"}
    questions = (_question(options, ENDED, lately), _question(options, PRESENT))
    return Gathered.of([await asking.post(f"{base}{PATH}", question) for question in questions])


def _question(options: DiracXJobs, statuses: tuple[str, ...], *more: dict[str, str]) -> dict[str, Any]:
    among = {"parameter": "Status", "operator": "in", "values": list(statuses)}
    return {"grouping": ["Status", options.parameter], "search": [among, *more]}

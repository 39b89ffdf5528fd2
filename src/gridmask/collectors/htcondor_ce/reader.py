"""Reads the ClassAds of schedulers, each as of when its collector last heard from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from gridmask.collectors.decoding import expecting
from gridmask.collectors.htcondor_ce.options import HTCondorCE
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import JOBS, METRIC, STATE, Jobs, Measurement, Metric, State

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source

HELD = "held-jobs"
LONGEST_NAME = 200


class _Ad(msgspec.Struct, frozen=True, rename="pascal"):
    """The attributes that are read; an ad has some two hundred. Times are seconds of Unix time."""

    name: str
    my_type: str = "Scheduler"
    last_heard_from: int = 0
    my_current_time: int = 0
    total_running_jobs: int | None = None
    total_idle_jobs: int | None = None
    total_held_jobs: int | None = None
    max_jobs_running: int | None = None


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the ads of schedulers say; those of other daemons are passed over.

    Raises:
        MalformedAnswer: it is no list of ads. A collector that knows of no scheduler prints nothing at all.
    """
    body = answer.bodies[0]
    if not body.strip():
        raise MalformedAnswer(source.name, "is empty: the collector knew of no scheduler, or was not reached.")
    with expecting("output of condor_ce_status -schedd -json", source.name):
        ads = msgspec.json.decode(body, type=list[msgspec.Raw])
    return Observations.of(found for number, raw in enumerate(ads) for found in _said(number, raw, source, types))


def _said(number: int, raw: msgspec.Raw, source: Source, types: TypeRegistry) -> Iterator[Evidence | Problem]:
    options = HTCondorCE.of(source)
    try:
        ad = msgspec.json.decode(raw, type=_Ad)
        if ad.my_type != "Scheduler":
            return
        since = _since(ad)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        yield Problem(f"ad {number}: {error}")
        return
    if not 0 < len(ad.name) <= LONGEST_NAME or not ad.name.isprintable():
        yield Problem(f"ad {number}: has no Name that could be kept")
        return
    for kind, value in _values(ad):
        if value.flaw:
            yield Problem(f"ad {number} ({ad.name}): {value.flaw}")
            continue
        key = key_of(source.name, options.about(ad.name, types), kind, ad.name, vo=options.vo)
        yield Evidence(key, kind, value, since, since + source.valid_for, options.vo)


def _since(ad: _Ad) -> datetime:
    """When the scheduler last told of itself."""
    seconds = ad.last_heard_from or ad.my_current_time
    if seconds <= 0:
        raise ValueError(f"{ad.name[:80]} has neither LastHeardFrom nor MyCurrentTime, so its age is not known")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError):
        raise ValueError(f"{seconds} is no time") from None


def _values(ad: _Ad) -> Iterator[tuple[str, Measurement]]:
    if ad.total_running_jobs is not None and ad.total_idle_jobs is not None:
        yield JOBS, Jobs(running=ad.total_running_jobs, waiting=ad.total_idle_jobs)
    if ad.total_held_jobs is not None:
        yield METRIC, Metric(HELD, ad.total_held_jobs, "jobs")
    closed = ad.max_jobs_running == 0
    yield STATE, State("draining" if closed else "production", "MaxJobsRunning is 0" if closed else "")

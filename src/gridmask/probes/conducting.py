"""Conducting a probe: within its time, and whatever happens, there is a finding."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic
from typing import ClassVar, Protocol

import structlog

from gridmask.probes.env import ProbeEnv, Workshop
from gridmask.probes.finding import Finding, Result, Trouble, shown
from gridmask.probes.target import Target

log = structlog.get_logger()

HELD_UP = 1.0
"""So many seconds after its time a probe is ended at most, unless this process stood still: then an answer may be waiting."""


class Kind(Protocol):
    """What every kind of probe has, and can do. Its fields are its options.

    Attributes:
        schemes: those that its addresses may have, the usual one first.
        url: where it goes unless the settings say it; empty if they must.
    """

    schemes: ClassVar[tuple[str, ...]]
    url: ClassVar[str]

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """Make it at ``target``.

        Raises:
            Trouble: what it found instead.
        """


async def conducted(kind: Kind, target: Target, workshop: Workshop, seconds: float) -> Finding:
    """What the probe finds at ``target`` within ``seconds``. Its metric ``seconds`` is how long it took."""
    env, began = ProbeEnv(workshop, seconds), monotonic()
    found = await _found(kind, target, env)
    return replace(found, summary=shown(found.summary), metrics={"seconds": monotonic() - began, **found.metrics})


async def _found(kind: Kind, target: Target, env: ProbeEnv) -> Finding:
    try:
        async with asyncio.timeout(env.seconds):
            return await kind.probe(target, env)
    except Trouble as trouble:
        return Finding(trouble.result, str(trouble))
    except TimeoutError:
        return _late(env)
    except Exception as fault:
        log.exception("a probe met a fault of our own", target=str(target))
        return Finding("UNKNOWN", f"the probe met a fault in Gridmask itself ({type(fault).__name__}); please report it")


def _late(env: ProbeEnv) -> Finding:
    if env.overdue > HELD_UP:
        return Finding("UNKNOWN", "this process was held up, so that nothing can be said of who was in time")
    result: Result = "UNKNOWN" if env.is_ours else "CRITICAL"
    return Finding(result, f"{env.doing}: nothing for {env.seconds:g} s", timed_out=True)

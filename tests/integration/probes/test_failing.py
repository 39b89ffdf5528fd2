"""Every kind of probe at servers that fail: silent, talking rubbish, hanging up, not there."""

from __future__ import annotations

from typing import Any

import pytest

from gridmask.probes.kinds import KINDS
from tests.double import double
from tests.probing import found, login

NEEDED: dict[str, dict[str, Any]] = {"mysql": {"credentials": login("probe")}, "postgresql": {"credentials": login("probe")}}
NEEDED["tcp"] = {"greeting": "220 "}
OVER_UDP = {"dns"}
KIND = pytest.mark.parametrize("kind", sorted(KINDS.keys() - OVER_UDP))


def url(kind: str, port: int) -> str:
    """Where to go: without TLS where the kind can do without."""
    plain = {"amqps", "https", "mqtts", "stomps", "davs"}
    scheme = next(scheme for scheme in KINDS[kind].schemes if scheme not in plain)
    return f"{scheme}://127.0.0.1:{port}"


@KIND
async def test_a_silent_server_is_critical_once_its_time_is_up(kind: str) -> None:
    async with double("silent") as server:
        finding = await found(kind, url(kind, server.port), seconds=0.1, **NEEDED.get(kind, {}))
    assert (finding.result, finding.timed_out) == ("CRITICAL", True)
    assert finding.summary.endswith("nothing for 0.1 s")


@KIND
async def test_rubbish_is_critical_and_the_summary_says_so(kind: str) -> None:
    async with double("rubbish") as server:
        finding = await found(kind, url(kind, server.port), seconds=2, **NEEDED.get(kind, {}))
    assert finding.result == "CRITICAL"
    assert not finding.timed_out
    assert finding.summary.isprintable()


@KIND
async def test_a_server_that_hangs_up_is_critical(kind: str) -> None:
    async with double("closing") as server:
        finding = await found(kind, url(kind, server.port), seconds=2, **NEEDED.get(kind, {}))
    assert (finding.result, finding.timed_out) == ("CRITICAL", False)


@KIND
async def test_where_nobody_listens_it_is_critical(kind: str) -> None:
    finding = await found(kind, url(kind, 1), seconds=2, **NEEDED.get(kind, {}))
    assert (finding.result, "refused" in finding.summary.lower()) == ("CRITICAL", True)

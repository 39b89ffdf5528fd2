"""``perfsonar``: a measurement host by its pScheduler, or the last result of a test there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from gridmask.probes.answers import table_of
from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, Result, shown, unusable
from gridmask.probes.target import Target
from gridmask.probes.web import Asked, ask, require

FIGURES: Mapping[str, str] = {
    "throughput-bits": "throughput",
    "retransmits": "retransmits",
    "packets-lost": "lost",
    "packets-sent": "sent",
    "loss": "loss",
}
"""What a result of pScheduler calls figures, and what they are called here."""

JSON = Asked("GET", {"Accept": "application/json"})


@dataclass(frozen=True, slots=True)
class Perfsonar:
    """All services of the pScheduler run. Where the path leads to a result of a test: that succeeded, and was good enough.

    Attributes:
        warning_loss: with such a part of the packets lost, it is ``WARNING``.
        critical_loss: with such a part of them lost, it is ``CRITICAL``.
        least_throughput: with fewer bits in a second, it is ``WARNING``; 0: with any, it is not.
        oldest: a result that is older counts as none.
    """

    schemes: ClassVar[tuple[str, ...]] = ("https", "http")
    url: ClassVar[str] = "https://{host}/pscheduler/status"

    warning_loss: float = 0.01
    critical_loss: float = 0.1
    least_throughput: float = 0.0
    oldest: timedelta = timedelta(days=1)

    def __post_init__(self) -> None:
        if self.warning_loss > self.critical_loss:
            raise ValueError(f"warning_loss ({self.warning_loss}) must not be more than critical_loss ({self.critical_loss})")

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        answer = await ask(target, env, JSON)
        require(answer, target)
        told = table_of(answer, "what a pScheduler tells")
        return _status(told) if "services" in told else self._result(told, env)

    def _result(self, told: dict[str, Any], env: ProbeEnv) -> Finding:
        result = told.get("result")
        if not isinstance(result, dict) or not isinstance(result.get("succeeded"), bool):
            unusable("it tells neither of its services nor of a result")
        self._check_age(told, env)
        if not result["succeeded"]:
            unusable(f"the test failed: {shown(str(result.get('error', 'no reason given')), 160)}")
        figures = dict(_figures(result))
        if "loss" not in figures and figures.get("sent"):
            figures["loss"] = figures.get("lost", 0.0) / figures["sent"]
        return self._judged(figures)

    def _judged(self, figures: dict[str, float]) -> Finding:
        loss, throughput = figures.get("loss", 0.0), figures.get("throughput")
        result: Result = "CRITICAL" if loss >= self.critical_loss else "WARNING" if loss >= self.warning_loss else "OK"
        if result != "OK":
            which = self.critical_loss if result == "CRITICAL" else self.warning_loss
            return Finding(result, f"the test lost {which:.1%} of its packets, or more", figures)
        if throughput is not None and throughput < self.least_throughput:
            return Finding("WARNING", f"the test had less than {self.least_throughput:,.0f} bit/s", figures)
        return Finding("OK", "the test succeeded", figures)

    def _check_age(self, told: dict[str, Any], env: ProbeEnv) -> None:
        run = told.get("run")
        ended = run.get("end-time") if isinstance(run, dict) else None
        if not isinstance(ended, str):
            return
        try:
            age = env.now - datetime.fromisoformat(ended)
        except (ValueError, TypeError):
            unusable(f"the end of the test is no time: {shown(ended, 60)!r}")
        if age > self.oldest:
            unusable(f"the last result is of {shown(ended, 40)}, which is too long ago")


def _status(told: dict[str, Any]) -> Finding:
    services = told["services"]
    if not isinstance(services, dict) or not services:
        unusable("it tells of no services")
    stopped = sorted(shown(str(name), 40) for name, of in services.items() if not _runs(of))
    if stopped:
        unusable(f"these services of its pScheduler do not run: {', '.join(stopped)[:160]}")
    return Finding("OK", "all services of its pScheduler run")


def _runs(service: object) -> bool:
    return isinstance(service, dict) and service.get("running") is True


def _figures(result: object) -> Iterator[tuple[str, float]]:
    """The known figures in ``result``, wherever they are in it; of several, the first."""
    if not isinstance(result, dict):
        return
    for name, value in result.items():
        if name in FIGURES and isinstance(value, int | float) and not isinstance(value, bool):
            yield FIGURES[name], float(value)
        yield from _figures(value)

"""A grid whose sources all answer over loopback, and can be got into trouble one by one."""

from __future__ import annotations

import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import httpx2

from gridmask.bootstrap import installation
from gridmask.http import Backoff, Breaker, Client, Limits
from gridmask.inspection.intake import Intake
from gridmask.settings import Settings
from gridmask.source import Source
from tests.clocks import Clock
from tests.grid import catch_up, toml_policies
from tests.integration.http.server import reply
from tests.integration.sources.speakers import SPEAKERS
from tests.integration.sources.speaking import VOS

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable, Iterable
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from gridmask.inspection.plans import Report
    from gridmask.service.sources import Health
    from tests.integration.http.server import Reaction, Server
    from tests.integration.sources.speaking import Records

POLICIES = """
[guard]
share = 0.2
number = 3
declared_share = 0.4
declared_number = 5

[policy.declared-downtimes]
on_missing = "{on_missing}"

[policy.probes]
type = "{rule}"
match = {{ type = "ComputingElement" }}
on_missing = "{on_missing}"
arguments = {{ {arguments} }}
"""
TOLERANT = "[policy.probes]\narguments = {{ {} }}\n"
"""What borealis makes of measurements: that they are not so bad."""


class Measured(NamedTuple):
    """How a kind of measurement is judged: by a rule, with these arguments, and with those of borealis."""

    rule: str
    arguments: str
    tolerant: str


MEASURED = {
    "probe": Measured("probe", "", 'critical = "Degraded", warning = "Active"'),
    "space": Measured("free-space", "", 'banned_below = "0 B", degraded_below = "100 GB"'),
    "jobs": Measured("job-efficiency", "", "banned_below = 0.0, degraded_below = 0.5"),
    "tickets": Measured("tickets", 'at_least = 5, status = "Banned"', 'at_least = 5, status = "Degraded"'),
    "state": Measured(
        "availability",
        'states = { online = "Active", brokeroff = "Degraded", offline = "Banned" }',
        'states = { online = "Active", brokeroff = "Active", offline = "Degraded", draining = "Degraded" }',
    ),
    "series": Measured("windowed-count", "points = 3", 'points = 3, status = "Degraded"'),
    "transfers": Measured("transfer-quality", 'bad = "Banned"', 'bad_below = 0.5, poor_below = 0.5, bad = "Degraded"'),
}

NO_PAUSE = Backoff(first=0, longest=0, jitter=0)
NEVER_RESTING = Breaker(threshold=1_000)
PATIENT, IMPATIENT = Limits(timeout=10, deadline=20, attempts=1), Limits(timeout=0.1, deadline=0.1, attempts=1)
ROLES = ("inventory", "feed", "probes")

Masks = dict[str, str]
"""By VO and element, what its mask says."""


class _Multistatus:
    """What is written to says 207 for 200: so WebDAV answers for good."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever it is there
        return getattr(self._writer, name)

    def write(self, data: bytes) -> None:
        self._writer.write(data.replace(b"HTTP/1.1 200 ", b"HTTP/1.1 207 ", 1))

    def writelines(self, pieces: Iterable[bytes]) -> None:
        self.write(b"".join(pieces))


def _as_it_is(good: bytes) -> Reaction:
    return reply(200, good)


@dataclass
class World:
    """What the outside says.

    Attributes:
        server: where it is.
        folder: for the policies.
        kinds: the kind of each source.
        changed: what a source lists otherwise than when all is well.
        mangled: what a source answers in place of a proper answer.
        clock: set by hand.
        borealis: the policies of that VO.
    """

    server: Server
    folder: Path
    kinds: dict[str, str] = field(
        default_factory=lambda: {"inventory": "toml", "feed": "osg-downtimes", "probes": "measurements"}
    )
    changed: dict[str, Callable[[Records], Records]] = field(default_factory=dict)
    mangled: dict[str, Callable[[bytes], Reaction]] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    borealis: str = ""

    @property
    def measured(self) -> Measured:
        """How what is measured is judged."""
        return MEASURED[SPEAKERS[self.kinds["probes"]].measures]

    def answers(self, role: str) -> Reaction:
        """What the source of this ``role`` answers."""

        async def react(writer: asyncio.StreamWriter) -> None:
            speaker = SPEAKERS[self.kinds[role]]
            asked, records = self.server.asked[-1], speaker.records(self.clock())
            if role in self.changed:
                records = self.changed[role](records)
            body = speaker.document(asked, records)
            answer: Callable[[bytes], Reaction] = self.mangled.get(role, _as_it_is)
            webdav = asked.method == "PROPFIND"
            await answer(body)(cast("asyncio.StreamWriter", _Multistatus(writer)) if webdav else writer)

        return react

    def source(self, role: str, **more: Any) -> Source:  # noqa: ANN401 - whatever settings hold
        """The source of this ``role``."""
        speaker, path = SPEAKERS[self.kinds[role]], f"/{role}/said"
        self.server.on(path, self.answers(role))
        told = {
            "name": role,
            "kind": speaker.kind,
            "url": self.server.url.replace("http", speaker.scheme, 1) + path,
            "valid_for": "2h",
        }
        return Source(**{**told, **speaker.options, **more})

    def client(self, limits: Limits = PATIENT) -> Client:
        """What asks the sources."""
        transport = httpx2.AsyncHTTPTransport(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        return Client(self.clock, limits, backoff=NO_PAUSE, breaker=NEVER_RESTING, transport=transport)

    def policies(self, on_missing: str = "hold", more: str = "") -> Path:
        """The policies in files: ``more`` comes to those that there are anyway."""
        by = {"rule": self.measured.rule, "arguments": self.measured.arguments}
        return toml_policies(self.folder, POLICIES.format(on_missing=on_missing, **by) + more, borealis=self.borealis)

    @asynccontextmanager
    async def open(
        self,
        on_missing: str = "hold",
        more: str = "",
        vo_policies: str | None = None,
        **settings: Any,  # noqa: ANN401 - whatever settings hold
    ) -> AsyncIterator[Installation]:
        """An installation that follows all of it, and has read it once; ``vo_policies`` are those of borealis."""
        self.borealis = TOLERANT.format(self.measured.tolerant) if vo_policies is None else vo_policies
        sources = tuple(map(self.source, ROLES))
        given: dict[str, Any] = {"database": "ephemeral", "source": sources, "vo": {vo: {} for vo in VOS}}
        given["policies"] = self.policies(on_missing, more)
        async with installation(Settings(**{**given, **settings}), clock=self.clock, client=self.client()) as made:
            for role, report in (await read(made)).items():
                assert (report.failure, report.problems) == (None, ()), role
            yield made


async def read(made: Installation, *roles: str) -> dict[str, Report]:
    """Have these sources read, none: all; and do all that is due then."""
    sources = {source.name: source for source in made.settings.source}
    reports = {role: await made.intake.collect(sources[role]) for role in roles or ROLES}
    await catch_up(made)
    return reports


async def read_impatiently(world: World, made: Installation, role: str, **more: str) -> Report:
    """Have this source read by who does not wait for long; ``more`` is what the settings say of it otherwise."""
    async with world.client(IMPATIENT) as client:
        report = await Intake(made.inspector, client).collect(world.source(role, **more))
    await catch_up(made)
    return report


async def masks(made: Installation) -> Masks:
    """What every VO is told, by VO and element."""
    found: Masks = {}
    for vo in (*VOS, "all"):
        entries = (await made.masks.mask(vo)).entries.items()
        for key, entry in entries:
            found[f"{vo}: {key.name}"] = "+".join(status.label for _, status in entry.statuses)
    return found


def differences(before: Masks, after: Masks) -> dict[str, tuple[str | None, str | None]]:
    """What is otherwise, as it was and as it is."""
    names = sorted(before.keys() | after.keys())
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


async def health(made: Installation, role: str) -> Health:
    """How the source of this ``role`` fares."""
    return next(found for found in await made.sources.health() if found.noted.name == role)

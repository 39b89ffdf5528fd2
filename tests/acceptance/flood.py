"""Floods people with changes, by real mail: each gets no more messages than it should, and misses none of the changes.

Meanwhile the server refuses some of the mail for a while, and one recipient does not exist.

::

    ./dev acceptance flood [--changes 10000] [--seconds 60] [--seed 1]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from gridmask import observe
from gridmask.clock import system_clock
from gridmask.domain.actor import Actor
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Settings
from gridmask.source import Source
from gridmask.store.elements import KEY
from gridmask.store.tables import changes, elements
from tests.smtp import Post, post

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation

SITES, EACH = 20, 25
AT_ONCE = 100
"""So many rows change in one transaction."""

PER = 10.0
"""Seconds for which a cap holds."""

CAPS = {"many@example.org": 5, "few@example.org": 1, "digest@example.org": 2}
NOBODY = "nobody@example.org"
ADMIN = Actor.administrator("flood")
STATUSES = (Status.ACTIVE, Status.DEGRADED, Status.BANNED, Status.ERROR)
SLACK = 0.5
"""Seconds by which a message may come sooner after another than it was sent: mail takes longer at one time than at another."""


@dataclass
class Office(Post):
    """Notes when it took what, and greylists some."""

    random: Random = field(default_factory=lambda: Random(1))
    times: dict[str, list[float]] = field(default_factory=dict)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: ANN401, N802
        if self.random.random() < 0.1:
            return "450 4.7.1 Greylisted"
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ANN401, N802
        for recipient in envelope.rcpt_tos:
            self.times.setdefault(recipient, []).append(time.monotonic())
        return await super().handle_DATA(server, session, envelope)


def inventory() -> str:
    """Sites with computing elements."""
    made = []
    for site in range(SITES):
        made.append(f'[[site]]\nname = "S{site}"\n')
        made += [f'[[site.resource]]\nname = "ce{site}-{n}"\ntype = "ComputingElement"\n' for n in range(EACH)]
    return "\n".join(made)


def settings(folder: Path, office: Office) -> Settings:
    """Three who are told in different ways, and one who does not exist."""
    (folder / "inventory.toml").write_text(inventory())
    address = {
        name.partition("@")[0]: {"mail": name, "most": most, "per": f"{PER:.0f}s"} for name, most in {**CAPS, NOBODY: 1}.items()
    }
    everything = {"severity": ["lost", "worse", "better", "regained", "other"]}
    tables = (
        {"name": "sites", "to": ("many", "nobody"), "wait": "1s", "on": everything},
        {"name": "elements", "to": ("few",), "wait": "2s", "group_by": ("element",), "on": everything},
        {"name": "all", "to": ("digest", "many"), "wait": "3s", "group_by": (), "on": everything},
    )
    source = Source(name="ours", kind="toml", url=(folder / "inventory.toml").as_uri(), every="1d")
    told: dict[str, Any] = {"address": address, "notify": tables, "mail": office.table}
    return Settings(database=f"sqlite:///{folder}/gridmask.db", source=(source,), **told)


async def flood(made: Installation, count: int, seconds: float, random: Random) -> None:
    """Change ``count`` rows within ``seconds``."""
    current: dict[tuple[int, int], Status] = {}
    begun, made_so_far = time.monotonic(), 0
    while made_so_far < count:
        some = random.sample([(s, n) for s in range(SITES) for n in range(EACH)], min(AT_ONCE, count - made_so_far))
        status = random.choice(STATUSES)
        some = [one for one in some if current.get(one, Status.ACTIVE) is not status]
        current.update(dict.fromkeys(some, status))
        rows = [RowName(ElementName(f"ce{s}-{n}")) for s, n in some]
        if rows:
            await made.statuses.set(ADMIN, rows, status, f"flood {made_so_far}")
        made_so_far += len(rows)
        await asyncio.sleep(max(0.0, begun + seconds * made_so_far / count - time.monotonic()))


async def wait_until_told(made: Installation, office: Office) -> None:
    """Wait until nothing is on its way any more."""
    quiet_since = time.monotonic()
    seen = -1
    while time.monotonic() - quiet_since < 45:
        heard = sum(map(len, office.letters.values()))
        if heard != seen:
            seen, quiet_since = heard, time.monotonic()
        state = await made.notifications.state()  # first: what is in it comes into the outbox later
        waiting = {one.name: one.waiting for one in await made.deliveries.list(ADMIN)}
        boxes = sum(len(box.parcels) for name, box in state.boxes.items() if name != "nobody")
        if not boxes and not state.groups and not sum(waiting.values()):
            return
        await asyncio.sleep(0.5)


def told_in(body: str) -> Iterator[tuple[str, int]]:
    """The changes that a message tells: the element of each, and the revision."""
    name = ""
    for line in body.splitlines():
        if line.startswith("* "):
            match = re.match(r"\* ComputingElement (\S+) for all: ", line)
            name = match[1] if match else ""
        for revision in re.findall(r"\[revision (\d+)\]|^  Revision (\d+)\.", line):
            if name:
                yield name, int("".join(revision))


async def happened(made: Installation) -> Counter[tuple[str, int]]:
    """All changes of rows, as the books have them."""
    question = select(*KEY, changes.c.revision).join_from(changes, elements)
    async with made.database.reading() as connection:
        found = await connection.execute(question.where(changes.c.status_type != "", elements.c.family != "Site"))
        return Counter((row.name, row.revision) for row in found)


def problems(office: Office, expected: Counter[tuple[str, int]]) -> Iterator[str]:
    """What was lost, told twice, or told too often."""
    for who, most in CAPS.items():
        heard = Counter(one for body in office.bodies(who) for one in told_in(body))
        if lost := expected - heard:
            yield f"{who} misses {lost.total():,} changes, such as {next(iter(lost))}"
        if twice := heard - expected:
            yield f"{who} was told too often of {twice.total():,} changes, such as {next(iter(twice))}"
        times = office.times.get(who, [])
        if crowded := [start for start in times if sum(start <= at < start + PER - SLACK for at in times) > most]:
            yield f"{who} got more than {most} messages in {PER:.0f} s, {len(crowded)} times"
    if office.letters.get(NOBODY):
        yield f"{NOBODY} got mail"


async def campaign(count: int, seconds: float, seed: int) -> list[str]:
    """Flood, wait, and look."""
    from gridmask.bootstrap import installation  # noqa: PLC0415 - not to say who one is

    random = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        async with post(Office(random=Random(seed), bounces={NOBODY: "550 5.1.1 No such user"})) as office:
            assert isinstance(office, Office)
            async with installation(settings(Path(folder), office), clock=system_clock) as made:
                loop = asyncio.create_task(made.loop.run())
                [_ async for _ in made.sources.sync(ADMIN)]
                begun, cpu = time.monotonic(), time.process_time()
                await flood(made, count, seconds, random)
                flooded, used = time.monotonic() - begun, time.process_time() - cpu
                await wait_until_told(made, office)
                waited = time.monotonic() - begun - flooded
                expected = await happened(made)
                report(office, expected, (flooded, waited, used))
                loop.cancel()
                await asyncio.gather(loop, return_exceptions=True)
                return list(problems(office, expected))


def report(office: Office, expected: Counter[tuple[str, int]], took: tuple[float, float, float]) -> None:
    """Print what was seen."""
    flooded, waited, used = took
    say(f"  {expected.total():,} changes in {flooded:.0f} s ({used:.0f} s of processor time); all told {waited:.0f} s later")
    for who, most in CAPS.items():
        sizes = [sum(1 for _ in told_in(body)) for body in office.bodies(who)]
        say(f"  {who:<20} {len(sizes):4} messages ({most} in {PER:.0f} s at most), of up to {max(sizes, default=0):,} changes")


def say(text: str) -> None:
    """Tells the person at the terminal."""
    print(text, flush=True)


def main(arguments: list[str]) -> int:
    """Run the campaign; 1 if a change was lost or told twice, or somebody was told too often."""
    parser = argparse.ArgumentParser(prog="./dev acceptance flood", description=__doc__)
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    observe.configure("error", json=False)
    logging.getLogger("gridmask").setLevel(logging.CRITICAL)  # who does not exist is an error, and expected
    found = asyncio.run(campaign(given.changes, given.seconds, given.seed))
    for problem in found:
        say(f"PROBLEM {problem}")
    say(f"seed {given.seed}: {len(found)} problems" if found else f"seed {given.seed}: nobody was flooded, nothing is missing")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

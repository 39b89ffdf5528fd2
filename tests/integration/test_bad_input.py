"""Whatever a source answers: the old state stands, log and health say what happened, and the other sources go on."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pytest
from structlog.testing import capture_logs

from gridmask.domain.downtime import Announcement, Downtime, DowntimeKey, Interval
from gridmask.http import Backoff, Client, Limits
from gridmask.kinds import KINDS, DowntimeKind, Kind
from gridmask.source import Source
from tests import osg
from tests.clocks import Clock, at
from tests.grid import catch_up, outage, said, sync
from tests.integration.http import server as servers
from tests.integration.http.server import Reaction, reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from tests.grid import Grid
    from tests.integration.http.server import Server

NAMES = [f"CE{number}" for number in range(1, 11)]
SUMMARY = osg.summary(osg.group("SITE", *(osg.resource(name, "CE") for name in NAMES)))
CURRENT = [outage(str(number), f"CE{number}", at(hours=-1), at(hours=20)) for number in range(1, 8)]
FEED = osg.downtimes(*CURRENT)
GOOD = {"osg": SUMMARY, "feed": FEED}

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><x>&l9;</x>'.encode()
FOREIGN = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'

Answers = dict[str, tuple[Reaction, str]]

CONTENTS: Answers = {
    "nothing": (reply(body=b""), r"the answer is empty where a <\w+> document should be"),
    "blanks": (reply(body=b" \n\n"), "the answer is empty"),
    "another format": (reply(body=b'{"downtimes": []}'), r"line 1, column 1: the answer is not well-formed XML"),
    "noise": (reply(body=bytes(range(256))), "not well-formed XML"),
    "a page for people": (reply(body=b"<!DOCTYPE html><html>Log in</html>"), "an HTML page.* Check the address"),
    "another document": (reply(body=b"<Projects/>"), r"a <Projects> document, not <\w+>. Check the address"),
    "an entity bomb": (reply(body=BOMB), "declares a document type or entities"),
    "an entity from elsewhere": (reply(body=FOREIGN), "declares a document type or entities"),
}
TRANSPORTS: Answers = {
    "an error of the server": (reply(500, b"<Downtimes/>"), "answered with HTTP status 500"),
    "no such page": (reply(404), "answered with HTTP status 404"),
    "a broken connection": (servers.reset, "the answer broke off, or is not HTTP|no connection"),
    "no HTTP": (servers.raw(b"hello\r\n\r\n"), "the answer broke off, or is not HTTP"),
    "less than was promised": (reply(body=SUMMARY[:-20], Content_Length=str(len(SUMMARY))), "the answer broke off"),
    "redirects without end": (reply(302, Location="/round"), "redirects more than 5 times"),
    "a broken archive": (servers.zipped(b"no archive"), "not compressed as its header says"),
}
EXCESSES: Answers = {
    "silence": (servers.hang, r"no complete answer within 1 s|nothing came for longer than the time allowed"),
    "a trickle": (servers.drip, r"no complete answer within 1 s"),
    "100 MB": (servers.flood, r"answered with more than the 1,048,576 bytes allowed"),
    "100 MB in a nutshell": (servers.zipped(servers.bomb()), r"more than the 1,048,576 bytes allowed"),
}
CUTS = [0.02, 0.3, 0.6, 0.9, 0.999]


@dataclass
class World:
    """An installation with two sources on the network, and an inventory of its own in a file."""

    made: Installation
    server: Server
    clock: Clock
    own: Path

    async def mask(self) -> tuple[str, dict[str, str]]:
        """The mask's ETag, and what it says."""
        await catch_up(self.made)
        return (await self.made.masks.serve("cms")).etag, said(await self.made.masks.mask("cms"))

    async def health(self) -> dict[str, tuple[str, str | None]]:
        """The state of each source, and why it failed."""
        return {h.noted.name: (h.state, h.noted.failure) for h in await self.made.sources.health()}

    def answer(self, **answers: Reaction) -> None:
        """Let sources answer so from now on."""
        for name, reaction in answers.items():
            self.server.on(f"/{name}", reaction)

    def add_of_its_own(self, name: str) -> None:
        """Let the inventory in the file have one more element."""
        with self.own.open("a") as file:
            file.write(f'[[site.resource]]\nname = "{name}"\ntype = "FTS"\n')


@asynccontextmanager
async def client_of(clock: Clock) -> AsyncIterator[Client]:
    limits = Limits(timeout=0.5, deadline=1, max_bytes=2**20, attempts=1)
    async with Client(clock, limits, backoff=Backoff(first=0, longest=0, jitter=0)) as client:
        yield client


@pytest.fixture
async def world(grid: Grid) -> AsyncIterator[World]:
    own = grid.folder / "own.toml"
    own.write_text('[[site]]\nname = "OWN"\n')
    async with servers.running() as server, client_of(grid.clock) as client:
        server.on("/round", reply(302, Location="/round"))
        sources = (
            Source(name="osg", kind="osg-topology", url=f"{server.url}/osg"),
            Source(name="feed", kind="osg-downtimes", url=f"{server.url}/feed"),
            Source(name="own", kind="toml", url=own.as_uri()),
        )
        async with grid.open(client, source=sources) as made:
            world = World(made, server, grid.clock, own)
            world.answer(**{name: reply(body=body) for name, body in GOOD.items()})
            await sync(made)
            yield world


async def stand(world: World, answers: Answers) -> None:
    """Answered badly by both sources in each of these ways, one after the other, everything stands."""
    for answer, problem in answers.values():
        world.answer(osg=answer, feed=answer)
        await stands(world, problem)


async def stands(world: World, problem: str) -> None:
    """Both sources answered badly: nothing moved, it is told, the third goes on, and once they recover all is well."""
    before = await world.mask()
    with capture_logs() as logs:
        reports = await sync(world.made, "osg", "feed")
    assert await world.mask() == before
    health = await world.health()
    for name in ("osg", "feed"):
        assert re.search(problem, reports[name].failure or "")
        assert health[name] == ("failing", reports[name].failure)
        assert {"event": "source failed", "log_level": "warning", "source": name, "problem": reports[name].failure} in logs
    await goes_on(world)
    await recovers(world)


async def goes_on(world: World) -> None:
    name = f"FTS {len(world.own.read_text())}"
    world.add_of_its_own(name)
    assert (await sync(world.made, "own", force=True))["own"].failure is None
    assert (await world.mask())[1][name] == "Active"


async def recovers(world: World) -> None:
    world.clock.advance(hours=1)  # the circuit breaker lets a question through again
    world.answer(osg=reply(body=SUMMARY), feed=reply(body=osg.downtimes(*CURRENT[1:])))
    assert {report.failure for report in (await sync(world.made)).values()} == {None}
    assert {state for state, _ in (await world.health()).values()} == {"good"}
    mask = (await world.mask())[1]
    assert (mask["CE1"], mask["CE2"], mask["CE9"]) == ("Active", "Banned", "Active")


@pytest.mark.slow
@pytest.mark.parametrize("answers", [CONTENTS, TRANSPORTS, EXCESSES], ids=["contents", "transports", "excesses"])
async def test_an_answer_that_is_none_changes_nothing(world: World, answers: Answers) -> None:
    await stand(world, answers)


@pytest.mark.slow
async def test_an_answer_that_was_cut_off_anywhere_changes_nothing(world: World) -> None:
    for share in CUTS:
        world.answer(**{name: reply(body=body[: int(len(body) * share)]) for name, body in GOOD.items()})
        await stands(world, r"(osg|feed), line \d+, column \d+: the answer (is cut off|is not well-formed)")


async def test_an_inventory_that_lost_most_of_itself_changes_nothing(world: World) -> None:
    world.answer(osg=reply(body=osg.summary(osg.group("SITE", osg.resource("CE1", "CE")))))
    before = await world.mask()
    report = (await sync(world.made, "osg"))["osg"]
    assert report.failure == (
        "osg: this answer would take out 9 of 11 (82%), more than the 20% allowed. All stays as it was, and the answer is kept "
        "in quarantine. To see what it would change: gridmask source quarantine osg"
    )
    assert (await world.health())["osg"] == ("quarantined", report.failure)
    assert await world.mask() == before
    await goes_on(world)
    await recovers(world)


async def test_an_inventory_whose_elements_are_all_out_of_service_changes_nothing(world: World) -> None:
    listed = (osg.resource(name, "CE", Active="false") for name in NAMES)
    world.answer(osg=reply(body=osg.summary(osg.group("SITE", *listed))))
    before = await world.mask()
    assert "would take out 10 of 11" in ((await sync(world.made, "osg"))["osg"].failure or "")
    assert await world.mask() == before


async def test_an_inventory_that_lost_most_of_itself_is_believed_when_forced(world: World) -> None:
    world.answer(osg=reply(body=osg.summary(osg.group("SITE", osg.resource("CE1", "CE")))))
    await sync(world.made, "osg")
    assert (await sync(world.made, "osg", force=True))["osg"].removed == 9
    assert (await world.mask())[1] == {"CE1": "Banned"}


BAD_RECORDS: dict[str, tuple[dict[str, str | None], str]] = {
    "a date that is none": ({"StartTime": "soon"}, "StartTime 'soon' is not a date like"),
    "a day that is none": ({"EndTime": "Feb 30, 2026 10:00 AM UTC"}, "EndTime 'Feb 30, 2026 10:00 AM UTC' is not a date"),
    "no date": ({"EndTime": None}, "has no EndTime"),
    "an end before its start": (
        {"StartTime": "Aug 21, 2026 18:00 PM UTC", "EndTime": "Aug 21, 2026 17:00 PM UTC"},
        "ends at 2026-08-21 17:00 UTC, before it starts at 2026-08-21 18:00 UTC",
    ),
    "no severity": ({"Severity": None}, "has no Severity"),
    "a text without end": ({"Description": "x" * 20_000}, "Description is 20,000 characters long"),
}


async def test_a_downtime_that_cannot_be_read_stands_as_it_was_and_the_others_change(world: World) -> None:
    for number, (label, (fields, problem)) in enumerate(BAD_RECORDS.items()):
        bad, new = osg.downtime("1", "CE1", **fields), outage(f"9{number}", "CE9", at(hours=-1), at(hours=20))
        world.answer(feed=reply(body=osg.downtimes(bad, *CURRENT[2:], new)))
        report = (await sync(world.made, "feed"))["feed"]
        assert (report.failure, report.removed, report.added) == (None, 1, 1), label
        assert re.search(f"1@CE1.*{problem}.*What was known of it stands", " ".join(report.problems)), label
        mask = (await world.mask())[1]
        assert (mask["CE1"], mask["CE2"], mask["CE9"]) == ("Banned", "Active", "Banned"), label


async def test_the_flaws_of_an_answer_are_in_health_and_log(world: World) -> None:
    bad = osg.downtime("1", "CE1", StartTime="soon")
    world.answer(feed=reply(body=osg.downtimes(bad, *CURRENT[1:])))
    with capture_logs() as logs:
        [problem] = (await sync(world.made, "feed"))["feed"].problems
    [feed] = [health for health in await world.made.sources.health() if health.noted.name == "feed"]
    assert (feed.state, feed.noted.problems) == ("good", (problem,))
    assert {"event": "source has a flaw", "log_level": "warning", "source": "feed", "problem": problem} in logs


async def test_a_record_that_cannot_be_identified_takes_nothing_back(world: World) -> None:
    world.answer(feed=reply(body=osg.downtimes(osg.downtime("", "CE1"), *CURRENT[4:])))
    report = (await sync(world.made, "feed"))["feed"]
    assert (report.failure, report.removed) == (None, 0)
    assert "nothing counts as withdrawn by this answer" in report.problems[0]
    assert (await world.mask())[1]["CE1"] == "Banned"


async def test_what_is_listed_twice_and_differs_stands_as_it_was(world: World) -> None:
    twice = [outage("1", "CE1", at(hours=-1), at(hours=hours)) for hours in (-0.5, 2)]
    world.answer(
        feed=reply(body=osg.downtimes(*twice, *CURRENT[1:])),
        osg=reply(
            body=osg.summary(
                osg.group("SITE", *(osg.resource(n, "CE") for n in NAMES), osg.resource("CE9", "CE", Active="false"))
            )
        ),
    )
    before = await world.mask()
    reports = await sync(world.made, "osg", "feed")
    assert "listed several times, and they do not agree" in reports["feed"].problems[0]
    assert "listed 2 times, with different in_service" in reports["osg"].problems[0]
    assert await world.mask() == before


async def test_what_is_listed_twice_alike_is_taken_once(world: World) -> None:
    world.answer(
        feed=reply(body=osg.downtimes(CURRENT[0], *CURRENT)),
        osg=reply(body=osg.summary(osg.group("SITE", *(osg.resource(n, "CE") for n in (*NAMES, "CE9"))))),
    )
    before = await world.mask()
    reports = await sync(world.made, "osg", "feed")
    assert {(r.added, r.edited, r.removed, len(r.problems)) for r in reports.values()} == {(0, 0, 0, 1)}
    assert await world.mask() == before


async def test_a_service_type_that_is_not_known_is_one_of_its_own(world: World) -> None:
    listed = (*(osg.resource(name, "CE") for name in NAMES), osg.resource("Q1", "Quantum Link"))
    world.answer(
        osg=reply(body=osg.summary(osg.group("SITE", *listed))),
        feed=reply(body=osg.downtimes(*CURRENT, outage("9", "Q1", at(hours=-1), at(hours=1), "Quantum Link", "Warp Core"))),
    )
    reports = await sync(world.made, "osg", "feed")
    assert "the service type 'Quantum Link', which occurs once, is not known" in reports["osg"].problems[0]
    assert any("'Warp Core'" in problem for problem in reports["feed"].problems)
    assert (await world.mask())[1]["Q1"] == "Banned"


FILES = {
    "[[site]\n": r"own: not TOML: .*line 1",
    '[[site]]\nname = "OWN"\nnmae = "x"\n': r"own: site\[0\].nmae: there is no such key; did you mean 'name'",
    '[[site]]\nname = "OWN"\n[[site.resource]]\nname = "X"\ntype = "Catalogue"\n': "did you mean 'Catalog'",
    "\N{TELESCOPE}": "own: not TOML",
    "": "would take out",
}


async def test_an_inventory_file_that_is_wrong_changes_nothing(world: World) -> None:
    for number in range(9):
        world.add_of_its_own(f"FTS{number}")
    await sync(world.made, "own")
    good, before = world.own.read_text(), await world.mask()
    for text, problem in FILES.items():
        world.own.write_text(text)
        report = (await sync(world.made, "own"))["own"]
        assert re.search(problem, report.failure or ""), text
        state, failure = (await world.health())["own"]
        assert (state in {"failing", "quarantined"}, failure) == (True, report.failure)
        assert await world.mask() == before
    world.own.write_text(good)
    assert (await sync(world.made, "own"))["own"].failure is None


async def test_a_reader_that_fails_for_a_reason_of_its_own_fails_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> Announcement:
        raise KeyError("oops")

    before = await world.mask()
    monkeypatch.setitem(cast("dict[str, Kind]", KINDS), "osg-downtimes", DowntimeKind(read))
    with capture_logs() as logs:
        reports = await sync(world.made, force=True)
    assert reports["feed"].failure == "feed: its answer met a fault in Gridmask itself (KeyError); please report it."
    assert (await world.health())["feed"] == ("failing", reports["feed"].failure)
    assert [type(log["exc_info"]) for log in logs if log["log_level"] == "error"] == [KeyError]
    assert await world.mask() == before
    await goes_on(world)


async def test_a_record_that_no_database_could_keep_is_told_and_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object) -> Announcement:
        key = DowntimeKey("feed", "x" * 300)
        return Announcement({key: Downtime(key, frozenset(), Interval(at()), "OUTAGE")})

    monkeypatch.setitem(cast("dict[str, Kind]", KINDS), "osg-downtimes", DowntimeKind(read))
    before = await world.mask()
    [problem] = (await sync(world.made, force=True))["feed"].problems
    assert "300 characters" in problem
    assert await world.mask() == before


async def test_flaws_beyond_number_are_counted(world: World) -> None:
    flawed = [osg.downtime(str(number), "CE1", StartTime="soon") for number in range(1000, 3000)]
    world.answer(feed=reply(body=osg.downtimes(*CURRENT, *flawed)))
    problems = (await sync(world.made, "feed"))["feed"].problems
    assert (len(problems), problems[-1]) == (101, "... and 1,900 more like these.")


async def test_headers_of_any_length_are_kept(world: World) -> None:
    world.answer(feed=reply(body=FEED, ETag=f'"{"e" * 1000}"', Last_Modified="m" * 1000))
    assert [(await sync(world.made, "feed"))["feed"].failure for _ in range(2)] == [None, None]


async def test_what_one_inventory_gives_up_another_that_lists_it_has_at_once(grid: Grid) -> None:
    """The other one's file did not change meanwhile, so that it could be taken for read."""
    own = grid.folder / "own.toml"
    own.write_text('[[site]]\nname = "OWN"\n[[site.resource]]\nname = "CE1"\ntype = "ComputingElement"\n')
    sources = (Source(name="own", kind="toml", url=own.as_uri()), grid.settings().source[0])
    async with grid.open(source=sources) as made:
        assert (await sync(made))["osg"].added == 4
        own.write_text('[[site]]\nname = "OWN"\n')
        assert (await sync(made, "own", force=True))["own"].removed == 1
        assert (await sync(made, "osg"))["osg"].added == 1
        assert {e.site for e in (await made.masks.mask("cms")).entries.values()} == {"OWN", "SITE"}

"""Traces: what is sent to a collector of one's own, and to whom else anything of them is told."""

from __future__ import annotations

import subprocess
import sys
import timeit
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask import tracing
from gridmask.api.app import create_app
from gridmask.domain.errors import InvalidConfiguration
from gridmask.http import Client
from gridmask.settings import Tracing
from gridmask.traced import traced
from tests.grid import Grid, sync
from tests.integration.http.server import reply, running
from tests.otlp import Collector, collector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from gridmask.bootstrap import Installation

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
BAN = {"rows": [{"name": "CE2"}], "status": "Banned", "reason": "s3cret reason", "lasting": True}
SERVER, CLIENT = 2, 3


@pytest.fixture
def collecting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collector() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
        yield made


@asynccontextmanager
async def asking(made: Installation) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(made)), base_url="http://127.0.0.1:8000") as client:
        yield client


async def test_a_request_and_all_that_it_led_to_is_one_trace(grid: Grid, collecting: Collector) -> None:
    async with running() as receiver:
        hook = {"name": "ours", "url": receiver.on("/told", reply(204))}
        with traced(Tracing(enabled=True)):
            async with grid.open(webhook=(hook,)) as made, asking(made) as client:
                await sync(made)
                assert (await client.post("/api/v1/statuses", json=BAN, headers={"traceparent": PARENT})).status_code == 200
                assert await made.dispatcher.deliver()
        mine = {span.name: span for span in collecting.spans if span.trace == TRACE}
        told = receiver.asked[-1].headers["traceparent"].split("-")
    asked = mine["POST /api/v1/statuses"]
    assert (asked.parent, asked.kind, asked.facts["http.response.status_code"]) == ("00f067aa0ba902b7", SERVER, "200")
    assert {"change", "step", "commit", "deliver"} <= mine.keys()
    assert (mine["change"].parent, mine["deliver"].parent) == (asked.id, mine["change"].id)
    assert mine["change"].facts["gridmask.revision"] == "3"
    assert told[1:3] == [TRACE, mine["deliver"].id]


async def test_what_a_source_said_is_a_trace_from_the_question_to_the_commit(grid: Grid, collecting: Collector) -> None:
    with traced(Tracing(enabled=True)):
        async with grid.open() as made:
            await sync(made, "osg")
    (read,) = collecting.called("read source")
    of_it = {span.name: span for span in collecting.spans if span.trace == read.trace}
    assert {"read source", "fetch", "intake", "change", "step", "commit"} <= of_it.keys()
    assert of_it["fetch"].facts == {"gridmask.source": "osg", "gridmask.kind": "osg-topology"}
    assert collecting.resource["service.name"] == "gridmask"


@pytest.mark.parametrize("told", [False, True])
async def test_a_source_is_told_of_a_trace_only_if_it_is_to_be(grid: Grid, collecting: Collector, told: bool) -> None:  # noqa: FBT001
    async with running() as server:
        elsewhere = server.on("/elsewhere", reply(200, grid.inventory.read_bytes()))
        home = server.url.replace("127.0.0.1", "localhost")
        server.on("/osg", reply(302, Location=elsewhere))
        source = {"name": "osg", "kind": "osg-topology", "url": f"{home}/osg?token=s3cret", "traced": told}
        with traced(Tracing(enabled=True)):
            async with Client(grid.clock) as client, grid.open(client, source=(source,)) as made:
                await sync(made)
        assert ["traceparent" in asked.headers for asked in server.asked] == [told, False]
        assert [span.kind for span in collecting.called("GET")] == [CLIENT, CLIENT]
        assert not any(b"s3cret" in body for body in collecting.bodies)


async def test_nothing_of_what_was_asked_or_who_asked_is_in_a_trace(grid: Grid, collecting: Collector) -> None:
    with traced(Tracing(enabled=True)):
        async with grid.open() as made, asking(made) as client:
            await sync(made)
            await client.post("/api/v1/statuses", json=BAN, headers={"Authorization": "Bearer s3cret"})
            await client.get("/api/v1/statuses?name=s3cret&token=s3cret")
            await client.get("/s3cret")
            await client.request("S3CRET", "/")
    assert {"GET", "GET /api/v1/statuses"} <= {span.name for span in collecting.spans}
    assert not any(b"s3cret" in body.lower() for body in collecting.bodies)


async def test_what_fastapi_would_send_by_itself_is_not_sent(
    grid: Grid, collecting: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    async with grid.open() as made:
        app = create_app(made)
        async with app.router.lifespan_context(app), asking(made) as client:
            assert not app._native_telemetry.enabled()
            await client.get("/login?code=s3cret")
    assert collecting.bodies == []


async def test_failures_are_told_by_their_kind(grid: Grid, collecting: Collector) -> None:
    grid.inventory.write_text("s3cret, and no XML")
    with traced(Tracing(enabled=True)):
        async with grid.open() as made:
            await sync(made, "osg")
    (taken,) = collecting.called("intake")
    assert (taken.error, taken.facts["error.type"]) == (True, "failed")
    assert not any(b"s3cret" in body for body in collecting.bodies)


async def test_a_parent_that_is_none_begins_a_trace_of_its_own(grid: Grid, collecting: Collector) -> None:
    none = ("", "nonsense", PARENT.upper() + "-", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", "x" * 5000)
    with traced(Tracing(enabled=True)):
        async with grid.open() as made, asking(made) as client:
            for given in none:
                assert (await client.get("/api/v1/masks", headers={"traceparent": given})).status_code == 200
            for path in ("/healthz", "/readyz", "/metrics"):
                await client.get(path)
    spans = [span for span in collecting.spans if span.kind == SERVER]
    assert [span.name for span in spans] == ["GET /api/v1/masks"] * len(none)  # whether all is well is asked all the time
    assert not any(span.parent or span.trace == TRACE for span in spans)


def test_the_variables_of_opentelemetry_count(collecting: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "OTEL_SERVICE_NAME": "mask",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
        "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=grid",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
    }.items():
        monkeypatch.setenv(name, value)
    with traced(Tracing(enabled=True)), tracing.step("one"):
        pass
    assert [span.name for span in collecting.spans] == ["one"]
    assert (collecting.resource["service.name"], collecting.resource["deployment.environment.name"]) == ("mask", "test")
    assert collecting.headers["x-tenant"] == "grid"


def test_a_sampler_that_takes_nothing_sends_nothing(collecting: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    with traced(Tracing(enabled=True)), tracing.step("one"):
        assert tracing.ids() is not None
    assert collecting.bodies == []


@pytest.mark.parametrize(("variable", "value"), [("OTEL_TRACES_EXPORTER", "zipkin"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")])
def test_what_is_not_spoken_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidConfiguration, match=value), traced(Tracing(enabled=True)):
        pass


def test_a_collector_that_is_away_delays_the_end_by_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("gridmask.otel.PATIENCE", 0.1)
    with traced(Tracing(enabled=True)), tracing.step("one"):
        pass
    assert not tracing.is_on()


def test_what_is_not_traced_costs_next_to_nothing() -> None:
    def one() -> None:
        with tracing.step("x", {"gridmask.source": "osg"}) as step:
            step.note({"http.response.status_code": 200})

    assert min(timeit.repeat(one, number=2000, repeat=5)) / 2000 < 5e-6


def test_where_nothing_is_traced_nothing_of_opentelemetry_is_loaded() -> None:
    script = "import sys, gridmask.observe, gridmask.traced; sys.exit(any('opentelemetry' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0

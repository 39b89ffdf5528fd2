"""No secret of the settings is told: not in logs, metrics, traces or problems, even where everything fails."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

import httpx2
import pytest
import structlog
from pydantic import BaseModel

from gridmask import observe
from gridmask.api.app import create_app
from gridmask.api.tls import Files, Renewing
from gridmask.bootstrap import visit
from gridmask.domain.errors import GridmaskError
from gridmask.domain.status import Status
from gridmask.http import Client, Limits
from gridmask.service.probes import Probes
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Settings, Tracing
from gridmask.traced import traced
from tests.grid import ADMIN, Grid, sync
from tests.integration.http.server import reply, running
from tests.otlp import Collector, collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gridmask.bootstrap import Installation

CANARY = "c4n4ry"
ONCE = Limits(attempts=1)
BEARING = re.compile(r"(token|secret|password|key|url)_file$|^key$|password_variable$")


def bearing(kind: Any, seen: set[Any]) -> Iterator[str]:  # noqa: ANN401 - annotations of fields
    """The settings that hold, or lead to, a secret."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        for part in get_args(kind):
            yield from bearing(part, seen)
    elif kind not in seen:
        seen.add(kind)
        for name, field in kind.model_fields.items():
            if name != "options" and (not field.repr or BEARING.search(name)):
                yield f"{kind.__name__}.{name}"
            yield from bearing(field.annotation, seen)


def given(value: object) -> Iterator[str]:
    """The settings that are given in ``value``."""
    if isinstance(value, BaseModel):
        for name in value.model_fields_set:
            yield f"{type(value).__name__}.{name}"
            yield from given(getattr(value, name))
    elif isinstance(value, Mapping | tuple):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from given(part)


def test_every_setting_with_a_secret_is_tried(grid: Grid, secret: Callable[..., str]) -> None:
    tried = {name for more in (told("127.0.0.1:9", "x", secret), otherwise(secret)) for name in given(grid.settings(**more))}
    assert set(bearing(Settings, set())) - tried == set()


@pytest.fixture
def secret(tmp_path: Path) -> Callable[..., str]:
    """Makes a file with a secret of its own."""

    def made(name: str, before: str = "", after: str = "") -> str:
        path = tmp_path / f"{name}.secret"
        path.write_text(f"{before}{CANARY}-{name}-{'x' * 40}{after}\n")
        path.chmod(0o600)
        return str(path)

    return made


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture
def collecting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collector() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
        yield made


def url(there: str, path: str, scheme: str = "http") -> str:
    """Where something is, with a secret in all places where a URL can have one."""
    return f"{scheme}://me:{CANARY}-password@{there}/{path}?token={CANARY}-query"


def told(there: str, inventory: str, secret: Callable[..., str]) -> dict[str, Any]:
    """Settings full of secrets, of which nothing works."""
    bare, away = f"http://{there}", "127.0.0.1:9"
    of_vo = {"vo": "cms", "every": "1m"}
    return {
        "access": {
            "reading": "public",
            "proxies": ["192.0.2.1"],
            "proxy_secret_file": secret("proxy"),
            "url": "https://rss.example.org",
        },
        "issuer": ({"name": "iam", "url": f"{bare}/iam", "client_id": "us", "client_secret_file": secret("client")},),
        "server": {"redis": f"redis://:{CANARY}-redis@{away}/0"},
        "engine": {"broker": f"amqp://me:{CANARY}-broker@{away}/"},
        "mail": {"sender": "us@example.org", "port": 9, "security": "none", "user": "me", "password_file": secret("mail")},
        "address": {"chat": {"url_file": secret("chat", f"json://{away}/")}, "room": {"url": url(away, "room", "json")}},
        "notify": ({"name": "all", "to": ["chat", "room", "them@example.org"], "wait": "1s"},),
        "source": (
            {"name": "osg", "kind": "osg-topology", "url": inventory},
            {"name": "urls", "kind": "osg-topology", "url": url(there, "fails")},
            {"name": "tokens", "kind": "osg-topology", "url": f"{bare}/fails", "token_file": secret("source")},
            {
                "name": "keys",
                "kind": "osg-topology",
                "url": f"https://{away}/",
                "certificate": secret("cert"),
                "key": secret("key"),
            },
        ),
        "probe": (
            {"name": "http", "kind": "http", "url": f"{bare}/fails", "token_file": secret("probe")},
            {"name": "redis", "kind": "redis", "url": f"redis://{away}", "password_file": secret("probes")},
            {"name": "tls", "kind": "http", "url": f"https://{away}", "certificate": secret("of"), "key": secret("probed")},
        ),
        "webhook": ({"name": "hook", "url": url(there, "fails"), "secret_file": secret("hook")},),
        "rucio": (
            {"name": "rucio", "url": f"{bare}/fails", "token_file": secret("rucio"), **of_vo},
            {
                "name": "rucios",
                "url": f"{bare}/fails",
                "account": "us",
                "user": "me",
                "password_file": secret("rucios"),
                **of_vo,
            },
        ),
        "fts3": ({"name": "fts", "url": f"{bare}/fails", "token_file": secret("fts"), **of_vo},),
        "feed": ({"name": "feed", "form": "json", "url": f"{bare}/fails", "token_file": secret("feed"), **of_vo},),
    }


def otherwise(secret: Callable[..., str]) -> dict[str, Any]:
    """What cannot be told beside that."""
    fts = {"name": "fts", "vo": "cms", "url": "https://127.0.0.1:9", "certificate": secret("fts"), "key": secret("of-fts")}
    return {
        "database": f"mysql://me:{CANARY}-database@127.0.0.1:9/gridmask",
        "server": {"certificate": secret("host"), "key": secret("of-host"), "redis_password_file": secret("redis")},
        "access": {"session_key_file": secret("session")},
        "mail": {"sender": "us@example.org", "user": "me", "password_variable": "GRIDMASK_MAIL"},
        "fts3": (fts,),
    }


async def exercised(made: Installation) -> list[str]:
    """Everything fails; what is answered to those who ask how it went."""
    answers: list[str] = []
    transport, name = httpx2.ASGITransport(create_app(made)), f"{CANARY}-shown"
    shown = {
        "Authorization": f"Bearer {name}",
        "X-Request-Id": name,
        "Gridmask-Proxy-Secret": name,
        "Cookie": f"session={name}",
    }
    await sync(made)
    await made.statuses.set(ADMIN, [RowName(ElementName("CE1"))], Status.BANNED, "a reason")
    await made.board.refresh()
    await made.dispatcher.deliver()
    assert made.probing is not None
    answers += [str(await Probes(made.probing).run(ADMIN, probe.name)) for probe in made.settings.probe]
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        for path in (
            "/metrics",
            "/readyz",
            "/api/v1/sources",
            "/login/iam",
            "/login/iam/callback?code=x&state=y",
            "/api/v1/actions",
        ):
            answers.append((await client.get(path)).text)
        for path in ("/api/v1/masks/nobody", "/api/v1/actions", "/api/v1/statuses"):
            answers.append((await client.get(path, headers=shown)).text)
    answers += [str(state) for state in (*await made.deliveries.list(ADMIN), *await made.actuators.list(ADMIN))]
    return answers


async def test_nothing_that_fails_tells_a_secret(
    grid: Grid, secret: Callable[..., str], capsys: pytest.CaptureFixture[str], collecting: Collector
) -> None:
    observe.configure("debug", json=True)
    async with running() as server:
        server.on("/fails", reply(500, b"no"))
        server.on("/iam", reply(500, b"no"))
        settings, client = told(server.url.removeprefix("http://"), grid.inventory.as_uri(), secret), Client(grid.clock, ONCE)
        with traced(Tracing(enabled=True)):
            async with client, grid.open(client, **settings) as made:
                answers = await exercised(made)
        assert len([asked for asked in server.asked if CANARY in str(asked)]) >= 5  # who is to have a secret got it
    logs = capsys.readouterr().err
    assert "source failed" in logs
    assert CANARY not in logs
    assert [answer for answer in answers if CANARY in answer] == []
    assert {"fetch", "deliver", "GET"} <= {span.name for span in collecting.spans}
    assert not any(CANARY.encode() in body for body in collecting.bodies)


async def test_a_database_that_is_away_is_told_without_its_password(
    grid: Grid, secret: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    observe.configure("debug", json=True)
    settings: dict[str, Any] = otherwise(secret)
    with pytest.raises(GridmaskError) as away:
        async with visit(grid.settings(**settings)):
            pass
    assert CANARY not in str(away.value) + capsys.readouterr().err


def test_files_of_tls_that_are_none_are_told_without_what_is_in_them(grid: Grid, secret: Callable[..., str]) -> None:
    files = Files.of(grid.settings(**otherwise(secret)).server)
    assert files is not None
    with pytest.raises(GridmaskError) as wrong:
        Renewing.of(files)
    assert CANARY not in str(wrong.value)

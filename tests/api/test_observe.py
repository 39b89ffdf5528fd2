from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from gridmask import observe


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_entry_is_an_object_in_json_with_its_time_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    observe.configure(json=True)
    structlog.get_logger().info("revision", revision=7)
    (entry,) = said(capsys)
    assert (entry["event"], entry["level"], entry["revision"]) == ("revision", "info", 7)
    assert str(entry["timestamp"]).endswith("Z")


def test_on_a_terminal_an_entry_is_a_line_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    observe.configure(json=False)
    structlog.get_logger().info("revision", revision=7)
    assert "revision=7" in capsys.readouterr().err


@pytest.mark.parametrize("library", ["uvicorn.error", "alembic.runtime.migration", "stamina"])
def test_libraries_log_the_same_way(capsys: pytest.CaptureFixture[str], library: str) -> None:
    observe.configure(json=True)
    logging.getLogger(library).warning("it is %s", "late")
    logging.getLogger("alembic").info("Context impl")
    assert [entry["event"] for entry in said(capsys)] == ["it is late"]


def test_what_is_less_important_than_asked_for_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    observe.configure("warning", json=True)
    structlog.get_logger().info("nothing much")
    assert said(capsys) == []


@pytest.mark.parametrize(
    "entry",
    [
        {"password": "hunter2"},
        {"url": "https://me:hunter2@example.org/"},
        {"url": "https://example.org/?page=1&api_token=hunter2"},
        {"args": ("mysql://grid:hunter2@db/grid", {"Authorization": "hunter2"})},
        {"problem": "the header was 'Bearer hunter2'"},
    ],
)
def test_secrets_are_never_logged(capsys: pytest.CaptureFixture[str], entry: dict[str, object]) -> None:
    observe.configure(json=True)
    structlog.get_logger().info("asked", **entry)
    text = capsys.readouterr().err
    assert "asked" in text
    assert "hunter2" not in text


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_shows_no_values_of_variables(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:  # noqa: FBT001
    observe.configure(json=as_json)
    try:
        ask("hunter" + "2")
    except RuntimeError:
        structlog.get_logger().exception("fault")
    text = capsys.readouterr().err
    assert "RuntimeError: no answer" in text
    assert "hunter2" not in text


def ask(key: str) -> None:
    raise RuntimeError(f"no answer from https://me:{key}@example.org/")


def test_what_others_wrote_steers_no_terminal_and_begins_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    observe.configure(json=False)
    structlog.get_logger().info("revision", comment="a try\n2026-08-21T17:00:00Z [info] forged", name="\x1b[2Jgone")
    told = capsys.readouterr().err
    assert (told.count("\n"), "\x1b[2J" in told) == (1, False)


@pytest.mark.parametrize("json", [True, False])
def test_the_codes_of_log_ins_are_in_no_access_log(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    json: bool,  # noqa: FBT001
) -> None:
    # a server that ran in this process without an access log has switched it off
    monkeypatch.setattr(logging.getLogger("uvicorn.access"), "propagate", True)
    observe.configure(json=json)
    path = "/login/iam/callback?code=c0de&state=st4te&session_state=se55ion&iss=https%3A%2F%2Fiam.example.org"
    logging.getLogger("uvicorn.access").info('%s - "%s %s HTTP/%s" %d', "192.0.2.1:5", "GET", path, "1.1", 303)
    told = capsys.readouterr().err
    assert "iam.example.org" in told
    assert not any(secret in told for secret in ("c0de", "st4te", "se55ion"))


def test_a_moment_is_written_as_everywhere_else(capsys: pytest.CaptureFixture[str]) -> None:
    observe.configure(json=True)
    structlog.get_logger().info("later", again_at=datetime(2026, 8, 21, 17, tzinfo=UTC), place=Path("/etc"))
    (entry,) = said(capsys)
    assert (entry["again_at"], entry["place"]) == ("2026-08-21T17:00:00Z", "/etc")


def test_what_happens_during_a_request_is_told_with_its_identifier_and_who_asks(capsys: pytest.CaptureFixture[str]) -> None:
    observe.configure(json=True)
    before = observe.ASKED.set(("r-1", "shifter"))
    structlog.get_logger().info("one")
    structlog.get_logger().info("two", actor="gridmask")
    observe.ASKED.reset(before)
    structlog.get_logger().info("three")
    assert [(entry.get("request"), entry.get("actor")) for entry in said(capsys)] == [
        ("r-1", "shifter"),
        ("r-1", "gridmask"),
        (None, None),
    ]


def test_people_are_not_told_where_they_are_not_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    observe.configure(json=True, people=False)
    structlog.get_logger().info("logged in", name="somebody", address="192.0.2.1", owner="somebody", actor="somebody", vo="cms")
    told = capsys.readouterr().err
    assert "somebody" not in told
    assert "192.0.2.1" not in told
    assert '"vo": "cms"' in told


def test_every_event_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    observe.configure(json=True)
    try:
        ask("x")
    except RuntimeError:
        structlog.get_logger().exception("fault", text="two\nlines")
    logging.getLogger("uvicorn.error").error("one\ntwo\r\u2028three")
    assert [entry["event"][:3] for entry in said(capsys)] == ["fau", "one"]  # type: ignore[index]  # they are texts

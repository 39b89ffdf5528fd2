"""The rules for Prometheus and the dashboard for Grafana: they are right, and name what there is."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
import yaml  # type: ignore[import-untyped]  # it has no types

from tests.documentation import ROOT, Page, reference
from tests.servers import ServerMissing, find_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES, TESTS = PROMETHEUS / "rules.yml", PROMETHEUS / "rules.test.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "gridmask.json"
RUNBOOK = "https://docs.example.org/gridmask/how-to/answer-alerts.html#"
OF_OTHERS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
UNITS = {"s", "short", "percentunit", "reqps", "bytes"}


def promtool(*arguments: str | Path) -> str:
    try:
        program = find_program("promtool", "prometheus")
    except ServerMissing as reason:
        pytest.skip(str(reason))
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, cwd=PROMETHEUS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@cache
def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


@cache
def dashboard() -> dict[str, Any]:
    said: dict[str, Any] = json.loads(DASHBOARD.read_text())
    return said


def panels() -> list[dict[str, Any]]:
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def expressions() -> Iterator[str]:
    for panel in panels():
        for target in panel["targets"]:
            yield target["expr"].replace("$job", ".*").replace("$vo", ".*")


def test_the_rules_are_rules() -> None:
    assert f"{len(rules())} rules found" in promtool("check", "rules", RULES)


def test_alerts_fire_where_they_should_and_nowhere_else() -> None:
    assert "SUCCESS" in promtool("test", "rules", TESTS)


def test_every_alert_is_tested_both_ways() -> None:
    tested = {name: set[bool]() for name in (alert["alert"] for alert in alerts())}
    for test in yaml.safe_load(TESTS.read_text())["tests"]:
        for asked in test["promql_expr_test"]:
            (name,) = re.findall(r'alertname="(\w+)"', asked["expr"])
            tested[name].add(bool(asked["exp_samples"]))
    assert {name: both for name, both in tested.items() if both != {True, False}} == {}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: str(alert["alert"]))
def test_every_alert_says_what_is_so_and_where_it_is_told_what_to_do(alert: dict[str, Any]) -> None:
    said = alert["annotations"]
    assert set(said) == {"summary", "description", "runbook"}
    assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    assert said["runbook"] == RUNBOOK + alert["alert"].lower()
    assert Page.of("docs/how-to/answer-alerts.md").section(alert["alert"]).text.strip()


def test_the_page_about_alerts_tells_of_no_others() -> None:
    told = Page.of("docs/how-to/answer-alerts.md").headings(2)
    assert sorted(told) == sorted(alert["alert"] for alert in alerts())


def named(expression: str) -> set[str]:
    """The metrics that an expression names."""
    bare = re.sub(r'"[^"]*"', "", expression)
    found = set(re.findall(r"\b((?:gridmask|process)[a-z0-9_:]*|up)\b(?!\s*=)", bare))
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in found}


def test_every_metric_that_is_named_exists() -> None:
    there = {*reference("metrics").table(), *OF_OTHERS, *(rule["record"] for rule in rules() if "record" in rule)}
    asked = {name for text in (*(rule["expr"] for rule in rules()), *expressions()) for name in named(text)}
    assert len(asked) > 40
    assert asked - there == set()


def test_every_recorded_figure_is_used() -> None:
    used = {name for text in (*(rule["expr"] for rule in rules()), *expressions()) for name in named(text)}
    assert {rule["record"] for rule in rules() if "record" in rule} - used == set()


def test_every_expression_of_the_dashboard_can_be_read(tmp_path: Path) -> None:
    wrapped = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(expressions())]
    (tmp_path / "panels.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": wrapped}]}))
    assert f"{len(wrapped)} rules found" in promtool("check", "rules", tmp_path / "panels.yml")


def test_every_panel_says_what_it_shows_and_in_which_unit() -> None:
    for panel in panels():
        assert panel["title"], panel["id"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}", panel["title"]
        assert panel["fieldConfig"]["defaults"].get("unit", "short") in UNITS, panel["title"]
        assert [target["refId"] for target in panel["targets"]] == list("ABCDEFGH"[: len(panel["targets"])]), panel["title"]
    assert len({panel["title"] for panel in panels()}) == len(panels())


def test_panels_have_room() -> None:
    places = [panel["gridPos"] for panel in dashboard()["panels"]]
    assert all(place["x"] >= 0 and place["x"] + place["w"] <= 24 for place in places)
    assert not [(a, b) for a, b in combinations(places, 2) if overlap(a, b)]
    assert len({panel["id"] for panel in dashboard()["panels"]}) == len(places)


def overlap(a: dict[str, int], b: dict[str, int]) -> bool:
    beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
    return not beside and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]

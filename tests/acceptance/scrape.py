"""Has a real Prometheus scrape a real demonstration: rules evaluate, the dashboard finds what it asks for, and what it costs.

::

    ./dev acceptance scrape [--seconds 60]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import urlopen

import yaml  # type: ignore[import-untyped]  # it has no types

from tests.documentation import ROOT
from tests.servers import end, find_program, free_port
from tests.services import serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DEPLOY = ROOT / "deploy"
STARTED_WITHIN = 60.0
MOST_SECONDS = 0.5
"""A scrape may take so long here, where others work on the same machine; on its own it takes a hundredth of that."""


@contextmanager
def demonstration(folder: Path) -> Iterator[int]:
    """The port of a demonstration that runs."""
    port = free_port()
    command = [sys.executable, "-m", "gridmask", "serve", "--demo", "--port", str(port)]
    with (folder / "serve.log").open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + STARTED_WITHIN
        while not is_ready(port):
            if time.monotonic() > deadline or process.poll() is not None:
                raise SystemExit(f"The demonstration did not start:\n{(folder / 'serve.log').read_text()[-2000:]}")
            time.sleep(0.2)
        yield port
    finally:
        end(process)


def is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return True
    except (URLError, OSError):
        return False


@contextmanager
def prometheus(target: int) -> Iterator[str]:
    """The address of a Prometheus with our rules, which scrapes ``target`` every second."""
    program = find_program("prometheus", "prometheus")
    said = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "2s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [{"job_name": "gridmask", "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}],
    }

    def write(folder: Path, port: int) -> Sequence[str | Path]:
        rules = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text())
        for group in rules["groups"]:
            group["interval"] = "2s"
        (folder / "rules.yml").write_text(json.dumps(rules))
        (folder / "prometheus.yml").write_text(json.dumps(said))
        own = f"--web.listen-address=127.0.0.1:{port}"
        return [program, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data", own]

    with serving("prometheus", write) as service:
        yield f"http://127.0.0.1:{service.port}"


def asked(address: str, path: str) -> Any:  # noqa: ANN401 - JSON
    """What Prometheus answers."""
    try:
        with urlopen(f"{address}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)["data"]
    except HTTPError as error:
        raise SystemExit(f"{path}: {error.read().decode()[:500]}") from error


def values(address: str, expression: str) -> list[float]:
    """What ``expression`` is, by however many labels."""
    return [float(one["value"][1]) for one in asked(address, f"query?query={quote(expression)}")["result"]]


def expressions() -> dict[str, list[str]]:
    """Those of the dashboard, by panel."""
    panels = json.loads((DEPLOY / "grafana" / "gridmask.json").read_text())["panels"]
    of_panel = {panel["title"]: [one["expr"] for one in panel.get("targets", ())] for panel in panels if panel["type"] != "row"}
    return {title: [text.replace("$job", ".*").replace("$vo", ".*") for text in texts] for title, texts in of_panel.items()}


def main(arguments: list[str]) -> int:
    """Runs the campaign."""
    parser = argparse.ArgumentParser(prog="./dev acceptance scrape")
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, demonstration(Path(name)) as port, prometheus(port) as address:
        print(f"Prometheus scrapes a demonstration for {given.seconds} s.")
        time.sleep(given.seconds)
        return report(address)


def report(address: str) -> int:
    """Prints what came of it; 1 if anything is not as it should be."""
    rules = [rule for group in asked(address, "rules")["groups"] for rule in group["rules"]]
    broken = {rule["name"]: rule.get("lastError", "") for rule in rules if rule["health"] != "ok"}
    firing = sorted({rule["name"] for rule in rules if rule.get("state") == "firing"})
    found = {title: sum(bool(values(address, text)) for text in texts) for title, texts in expressions().items()}
    empty = [title for title, count in found.items() if not count]
    took = max(values(address, "max_over_time(scrape_duration_seconds[1m])"), default=99.0)
    print(f"rules: {len(rules)}, of which {len(broken)} do not evaluate {broken or ''}")
    print(f"alerts that fire: {', '.join(firing) or 'none'}")
    print(f"panels: {len(found)}, of which {len(empty)} have nothing to show: {', '.join(empty)}")
    print(f"a scrape: {values(address, 'scrape_samples_scraped')} samples, {took * 1000:.0f} ms at most, ", end="")
    print(f"{values(address, 'avg_over_time(scrape_duration_seconds[1m])')[0] * 1000:.0f} ms on average")
    print(f"up all the time: {values(address, 'min_over_time(up[1m])') == [1.0]}")
    return int(bool(broken) or took > MOST_SECONDS or values(address, "min_over_time(up[1m])") != [1.0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Histories made up by chance, as OSG's are written, and what is recorded of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from gridmask.replay.importers import kinds

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from gridmask.recording.recording import Recording

EPOCH = datetime(2021, 3, 1, tzinfo=UTC)
SERVICES = ("CE", "SRMv2", "Squid", "XRootD component")
SEVERITIES = ("Outage", "Severe", "Intermittent Outage", "No Significant Outage Expected", "Strange")
UNGUARDED = "[guard]\nenabled = false\n"


def moment(hours: float) -> str:
    """So long after the beginning, as it is written."""
    return (EPOCH + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def group(name: str, *resources: dict[str, Any]) -> dict[str, Any]:
    """A resource group."""
    return {"facility": "F", "site": "S", "group": name, "group_id": 1, "production": True, "resources": list(resources)}


def resource(name: str, *services: str, vos: tuple[str, ...] = (), active: bool = True) -> dict[str, Any]:
    """A resource of a group."""
    told: dict[str, Any] = {service: {} for service in services or ("CE",)}
    return {"name": name, "active": active, "disable": None, "services": told, "allowed_vos": list(vos)}


def version(number: int | None = 1, name: str = "R0", *services: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - its fields
    """A version of a downtime, of four hours that begin in ten, known from the beginning on."""
    times = {"start": moment(10), "end": moment(14), "known_from": moment(0), "known_to": None}
    told = {"id": number, "resource": name, "services": list(services or ("CE",)), "cls": "SCHEDULED", "severity": "Outage"}
    return {**told, **times, "description": "", **more}


def write(path: Path, *told: dict[str, Any]) -> Path:
    """Lines of JSON."""
    path.write_text("".join(json.dumps(one) + "\n" for one in told), encoding="utf-8")
    return path


def made_up(folder: Path, random: Random, resources: int = 9, downtimes: int = 30) -> tuple[Path, Path]:
    """An inventory, and versions of downtimes: told ahead, late, edited, withdrawn, told again."""
    names = [f"R{number}" for number in range(resources)]
    chosen = {name: random.sample(SERVICES, random.randint(1, 3)) for name in names}
    groups = (group(f"G{place}", *(_resource(random, name, chosen[name]) for name in names[place::3])) for place in range(3))
    versions = [one for number in range(downtimes) for one in _versions(random, number, random.choice(names), chosen)]
    return write(folder / "groups.jsonl", *groups), write(folder / "history.jsonl", *versions)


def _resource(random: Random, name: str, services: list[str]) -> dict[str, Any]:
    return resource(name, *services, vos=random.choice(((), (), ("cms",), ("atlas", "CMS"))), active=random.random() < 0.9)


def _versions(random: Random, number: int, name: str, chosen: dict[str, list[str]]) -> list[dict[str, Any]]:
    known, found = random.randint(0, 400), []
    start, end = known + random.randint(-20, 60), 0
    services = random.sample(chosen[name], random.randint(1, len(chosen[name])))
    for _ in range(random.randint(1, 4)):
        end = start + random.choice((0, 1, 4, 30, 1_000_000))
        until = known + random.randint(1, 30)
        told = {"start": moment(start), "end": moment(end), "severity": random.choice(SEVERITIES)}
        found.append(version(number, name, *services, known_from=moment(known), known_to=moment(until), **told))
        known = until + random.choice((0, 0, 7))
        start += random.choice((0, 0, -2, 5))
    found[-1]["known_to"] = random.choice((None, found[-1]["known_to"]))
    return found


def recording(folder: Path, random: Random) -> Recording:
    """What is recorded of a history made up by chance; its policies hold nothing back."""
    (folder / "policies").mkdir()
    (folder / "policies" / "all.toml").write_text(UNGUARDED, encoding="utf-8")
    inventory, history = made_up(folder, random)
    return kinds.recorded(inventory, history, policies=folder / "policies")[0]

"""Probes in tests: as settings have them, made at once, and an installation that makes them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gridmask.clock import system_clock
from gridmask.domain.element import ElementKey
from gridmask.http import Access
from gridmask.probes.address import Address
from gridmask.probes.conducting import Kind, conducted
from gridmask.probes.env import Workshop
from gridmask.probes.making import made
from gridmask.probes.settings import Probe, Probes
from gridmask.probes.target import Credentials, Target
from tests import osg

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from gridmask.inspection.probe_health import Batch
    from gridmask.probes.finding import Finding
    from gridmask.service.sources import Health
    from tests.grid import Grid

POLICIES = """
[policy.probes]
type = "probe"
[probing]
validated_by = ["*"]
[guard]
enabled = false
"""

ELEMENT = ElementKey("Resource", "StorageElement", "SE1")


def probe(kind: str, url: str = "", **more: Any) -> Probe:  # noqa: ANN401 - whatever the settings hold
    """A probe as the settings describe it, of one second's patience."""
    given = {"name": kind, "kind": kind, "url": url, "timeout": "1s", **more}
    return Probe.model_validate(given)


def kind_of(kind: str, url: str, **options: Any) -> Kind:  # noqa: ANN401 - likewise
    """What such a probe does."""
    [one] = made([probe(kind, url, **options)])
    return one.kind


async def found(
    kind: str,
    url: str,
    *,
    seconds: float = 5,
    credentials: Credentials | None = None,
    ca: Path | None = None,
    clock: Callable[[], Any] = system_clock,
    **options: Any,  # noqa: ANN401 - likewise
) -> Finding:
    """What a probe of this kind finds at ``url`` now."""
    known = credentials or Credentials()
    if ca is not None:
        known = replace(known, access=replace(known.access, ca=ca))
    target = Target(ELEMENT, Address.of(url), credentials=known)
    workshop = Workshop(clock)
    try:
        return await conducted(kind_of(kind, url, **options), target, workshop, seconds)
    finally:
        workshop.close()


def login(user: str = "", password_file: Path | None = None, **access: Any) -> Credentials:  # noqa: ANN401 - likewise
    """Credentials of a probe."""
    return Credentials(Access(**access), user, password_file)


def publish(grid: Grid) -> Grid:
    """Let ``grid`` be two SEs at loopback, judged by probes."""
    hosts = {"SE1": "127.0.0.1", "SE2": "127.0.0.2"}
    grid.publish(osg.group("SITE", *(osg.resource(name, "WebDAV", FQDN=host) for name, host in hosts.items())))
    grid.announce()
    from tests.grid import toml_policies  # noqa: PLC0415 - unit tests use this module, and need no database

    toml_policies(grid.folder, POLICIES)
    return grid


def probed(grid: Grid, *probes: Probe, **shared: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the settings hold
    """Settings with these probes."""
    return {"policies": grid.folder / "policies", "probe": probes, "probes": Probes(**shared)}


async def status(made: Installation, name: str = "SE1", vo: str = "cms") -> str:
    """What the mask of ``vo`` says."""
    from tests.grid import said  # noqa: PLC0415 - as above

    return said(await made.masks.mask(vo))[name]


async def source(made: Installation, name: str = "tcp") -> Health:
    """How the probe called ``name`` fares."""
    [found] = [one for one in await made.sources.health() if one.noted.name == name]
    return found


async def round_of(grid: Installation, *, look: bool = True) -> Batch:
    """Probe every target once, now, and take in what is found."""
    probing = grid.probing
    assert probing is not None
    if look:
        await probing.look()
    seen = [await probing.made(*target) for target in probing.targets.values()]
    batch = await probing.believed(seen)
    await probing.take(batch)
    return batch

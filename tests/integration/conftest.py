"""A grid on which something goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import osg
from tests.clocks import at
from tests.grid import Grid, outage
from tests.pki import OpensslMissing, Pki

if TYPE_CHECKING:
    from pathlib import Path

CES = ("CE1", "CE2", "CE3", "CE4")


@pytest.fixture
def grid(tmp_path: Path) -> Grid:
    """A site with four computing elements; one will be down from one hour to two hours from now."""
    grid = Grid(tmp_path)
    grid.publish(osg.group("SITE", *(osg.resource(name, "CE") for name in CES)))
    grid.announce(outage("1", "CE1", at(hours=1), at(hours=2)))
    return grid


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """A certificate authority, a server for loopback, and a client."""
    try:
        return Pki.made(tmp_path_factory.mktemp("pki"))
    except OpensslMissing as reason:
        pytest.skip(str(reason))

"""A secret that is shared with a real nginx in front: a neighbour on the same machine cannot pass for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.api.test_rights import ISSUER
from tests.conftest import where_installed
from tests.grid import Grid
from tests.nginx import nginx
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

SECRET = "0123456789abcdef" * 2
LOCATION = """
location / {{
    proxy_pass {address};
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Request-Id $request_id;
    proxy_set_header Gridmask-Proxy-Secret {secret};
}}
"""
SPOOFED = {"X-Request-Id": "spoofed", "X-Forwarded-For": "192.0.2.1", "Gridmask-Proxy-Secret": "x" * 32}


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[str]:
    """Where Gridmask itself listens."""
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    access = {"reading": "public", "proxies": ["127.0.0.1"], "proxy_secret_file": secret}
    grid = Grid(tmp_path, f"sqlite:///{tmp_path / 'gridmask.db'}")
    grid.publish()
    grid.announce()
    with served(grid, access=access, issuer=[ISSUER]) as address:
        yield address


@pytest.mark.parametrize("headers", [SPOOFED, {**SPOOFED, "Gridmask-Proxy-Secret": ""}])
def test_a_neighbour_cannot_pass_for_the_proxy_and_the_proxy_can(behind: str, headers: dict[str, str]) -> None:
    direct = httpx2.get(f"{behind}/healthz", headers=headers)
    assert (direct.status_code, direct.headers["X-Request-Id"] == "spoofed") == (200, False)
    believed = httpx2.get(f"{behind}/healthz", headers={**headers, "Gridmask-Proxy-Secret": SECRET})
    assert believed.headers["X-Request-Id"] == "spoofed"
    with where_installed(), nginx(LOCATION.format(address=behind, secret=SECRET)) as front:
        through = httpx2.get(f"{front.url}/healthz", headers=headers)
    # nginx puts its own in the place of each
    assert (through.status_code, through.headers["X-Request-Id"] == "spoofed") == (200, False)
    assert len(through.headers["X-Request-Id"]) == 32

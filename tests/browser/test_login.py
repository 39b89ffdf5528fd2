"""Logging in with a real browser by a real provider: oidc-provider of the npm registry, which is OpenID-certified.

``GRIDMASK_TEST_OIDC_PROVIDER`` names a folder where ``npm install oidc-provider`` was run; without it this is skipped.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import osg
from tests.clocks import Clock
from tests.grid import Grid, sync
from tests.served import served
from tests.servers import end, find_program, free_port, tail, wait_until_it_answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

VARIABLE = "GRIDMASK_TEST_OIDC_PROVIDER"
SCRIPT = Path(__file__).with_name("provider.mjs")
GRANTS = [{"role": "operator", "vo": "{1}", "when": {"groups": "/*/ops"}}]


@dataclass(frozen=True, slots=True)
class Provider:
    port: int

    @property
    def url(self) -> str:
        """Another site than ours, to a browser."""
        return f"http://localhost:{self.port}"

    def answers(self) -> bool:
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def providing(folder: str, back_to: str, log: Path) -> Iterator[Provider]:
    made = Provider(free_port())
    command = [find_program("node", "nodejs"), str(SCRIPT), folder, str(made.port), back_to]
    with log.open("wb") as written, subprocess.Popen(command, stdout=written, stderr=written) as process:
        try:
            assert wait_until_it_answers(made, process), tail(log)
            yield made
        finally:
            end(process)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[str, Provider]]:
    """The address of a server at which people log in, and by whom."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"{VARIABLE} names no folder where 'npm install oidc-provider' was run")
    grid = Grid(tmp_path, f"sqlite:///{tmp_path / 'gridmask.db'}", Clock(datetime.now(UTC)))
    grid.publish(osg.group("A", osg.resource("CE1", "CE"), osg.resource("CE2", "CE")))
    grid.announce()
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _read(grid)).result()
    ours = f"http://127.0.0.1:{free_port()}"
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    secret.chmod(0o600)
    with providing(folder, f"{ours}/login/idp/callback", tmp_path / "log") as provider:
        issuer = {"name": "idp", "url": provider.url, "client_id": "gridmask", "client_secret_file": secret, "grant": GRANTS}
        asked = {"scopes": ["openid", "groups"], "userinfo": True}
        more = {"access": {"reading": "vo", "url": ours}, "issuer": [{**issuer, **asked}]}
        with served(grid, port=int(ours.rpartition(":")[2]), **more):
            yield ours, provider


async def _read(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def log_in(page: Page, name: str) -> None:
    """Log in at the provider, which asks for what is to be told as well."""
    page.get_by_role("link", name="Log in").first.click()
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("any")
    page.get_by_role("button").click()
    page.get_by_role("button", name="Continue").click()


def test_somebody_logs_in_acts_and_leaves(page: Page, place: tuple[str, Provider]) -> None:
    ours, provider = place
    answer = page.goto(f"{ours}/vos/cms/matrix?q=CE")
    assert answer is not None
    assert answer.status == 401
    log_in(page, "cms")
    expect(page).to_have_url(f"{ours}/vos/cms/matrix?q=CE")
    expect(page.locator(".visitor")).to_contain_text("cms@idp")
    expect(page.locator("#live")).to_have_text("live")
    kept = {cookie["name"]: cookie for cookie in page.context.cookies(ours)}
    assert (kept["gridmask"]["httpOnly"], kept["gridmask"]["sameSite"], "gridmask-login" in kept) == (True, "Lax", False)
    assert _set(page, ours) == 200
    expect(page.locator(".cell.Banned")).to_have_count(1)
    page.goto(f"{provider.url}/.well-known/openid-configuration")
    _forge(page, ours)
    page.goto(f"{ours}/vos/cms/matrix")
    expect(page.locator(".visitor")).to_contain_text("cms@idp")
    expect(page.locator(".cell.Banned")).to_have_count(1)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="You are logged out here")).to_be_visible()
    assert [cookie["name"] for cookie in page.context.cookies(ours) if cookie["name"].startswith("gridmask")] == []
    page.get_by_role("link", name="All VOs").click()
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()


def test_somebody_who_leaves_the_provider_as_well_has_to_log_in_there_again(page: Page, place: tuple[str, Provider]) -> None:
    ours, provider = place
    page.goto(f"{ours}/vos/cms/matrix")
    log_in(page, "cms")
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("link", name="Log out of idp as well").click()
    assert page.url.startswith(provider.url)
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page).to_have_url(f"{ours}/")
    page.goto(f"{ours}/vos/cms/matrix")
    log_in(page, "atlas")
    expect(page.locator("main")).to_contain_text("atlas@idp may not read this")


def test_somebody_of_another_vo_is_known_and_told_what_they_may_not(page: Page, place: tuple[str, Provider]) -> None:
    ours, _ = place
    page.goto(f"{ours}/vos/cms/matrix")
    log_in(page, "atlas")
    expect(page.locator("main")).to_contain_text("atlas@idp may not read this: that needs a reader of cms.")
    assert _set(page, ours) == 403


def _set(page: Page, ours: str, name: str = "CE1") -> int:
    body = {"rows": [{"name": name, "vo": "cms"}], "status": "Banned", "reason": "a try"}
    asking = """([url, body]) => fetch(url, {method: "POST", headers: {"Content-Type": "application/json"},
        body: JSON.stringify(body)}).then(answer => answer.status)"""
    return int(page.evaluate(asking, [f"{ours}/api/v1/statuses", body]))


def _forge(page: Page, ours: str) -> None:
    """From a page of another site, try all that a page can to act as who is logged in: by fetch, and by sending a form off."""
    body = '{"rows": [{"name": "CE2", "vo": "cms"}], "status": "Banned", "reason": "forged"}'
    page.evaluate(
        """async ([ours, body]) => {
            const asked = {method: "POST", mode: "no-cors", credentials: "include", body};
            await fetch(`${ours}/api/v1/statuses`, asked).catch(() => {});
            await fetch(`${ours}/logout`, {...asked, body: undefined}).catch(() => {});
        }""",
        [ours, body],
    )
    with page.expect_navigation():
        page.evaluate(
            """(ours) => {
                const form = document.createElement("form");
                Object.assign(form, {method: "post", action: `${ours}/logout`});
                document.body.append(form);
                form.submit();
            }""",
            ours,
        )

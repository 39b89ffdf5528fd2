from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PATIENCE = 5000
SHIFTS = """() => { window.shifted = 0; new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.shifted += one.value; }).observe({ type: "layout-shift" }); }"""


def here(page: Page) -> str:
    """Where the focus is: the line, and the place in it."""
    where = "(e) => e.closest('tr') ? [e.closest('tr').id.split('/').at(-1), e.hash].join('') : e.id"
    return str(page.evaluate(f"({where})(document.activeElement)"))


def test_keys_walk_the_matrix_and_choose_what_to_act_on(page: Page, address: str) -> None:
    page.goto(f"{address}/vos/cms/matrix")
    walked = []
    for key in ("j", "j", "j", "ArrowRight", "j", "k", "Home", "o", "o"):
        page.keyboard.press(key)
        walked.append(here(page))
    assert walked[:4] == ["in/site/A", "A", "CE1", "CE1#status-all"]
    assert walked[4:] == ["CE2#status-all", "CE1#status-all", "CE1", "in/site/A", "in/site/A"]
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#deeds b")).to_have_text("1 element")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.grid')") is None


def test_a_change_is_asked_for_alone_and_moves_nothing(page: Page, address: str) -> None:
    asked: list[str] = []
    page.goto(f"{address}/vos/cms/matrix")
    expect(page.locator("#live")).to_have_text("live", timeout=PATIENCE)
    page.on("request", lambda request: asked.append(request.url) if "/matrix" in request.url else None)
    page.evaluate(SHIFTS)
    told = {"rows": [{"name": "SE1", "status_type": "WriteAccess", "vo": "cms"}], "status": "Banned", "reason": "no space"}
    assert page.request.post(f"{address}/api/v1/statuses", data=told).ok
    line = page.locator("tr[id$='/SE1']")
    expect(line.locator(".cell").nth(1)).to_have_class("cell Banned own taken", timeout=PATIENCE)
    expect(line.locator(".note")).to_contain_text("held by local")
    expect(page.locator("[id='in/site/A'] .tally")).to_have_text("5 of 7")
    assert [("since=" in address) for address in asked] == [True] * len(asked) != []
    assert page.evaluate("window.shifted") == 0

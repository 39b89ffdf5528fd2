from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PATIENCE = 5000


def ban(page: Page, address: str, name: str, reason: str = "no space") -> None:
    asked = {"rows": [{"name": name, "vo": "cms"}], "status": "Banned", "reason": reason}
    assert page.request.post(f"{address}/api/v1/statuses", data=asked).ok


def test_a_change_is_seen_without_a_reload_and_disturbs_nothing(page: Page, address: str) -> None:
    page.goto(f"{address}/vos/cms/matrix")
    expect(page.locator("#live")).to_have_text("live", timeout=PATIENCE)
    page.evaluate("window.loaded = 1")
    page.get_by_role("heading", name="B", exact=False).last.click()
    page.locator("#q").fill("half a wo")
    cell = page.locator(".cell[href*='/CE2?']")
    expect(cell).to_have_class("cell Active")
    ban(page, address, "CE2")
    expect(cell).to_have_class("cell Banned own taken", timeout=PATIENCE)
    expect(cell).to_have_attribute("data-news", "")
    expect(cell).to_contain_text("held by local · until 2026-08-22 17:00 UTC · no space")
    assert page.evaluate("window.loaded") == 1
    expect(page.locator("#q")).to_have_value("half a wo")
    expect(page.locator("#q")).to_be_focused()
    assert page.locator("details.site").evaluate_all("all => all.map(one => one.open)") == [True, False]
    expect(page).to_have_title("cms: 7 of 9 usable · Gridmask")


def probed(page: Page, address: str, result: str) -> None:
    value = {"metric": "submit", "result": result}
    about = [{"type": "ComputingElement", "name": name} for name in ("CE2", "CE3")]
    told = [{"kind": "probe", "about": one, "value": value, "observed_at": "2026-08-21T17:00:00Z"} for one in about]
    assert page.request.post(f"{address}/api/v1/evidence", data={"source": "probes", "measurements": told}).ok


def test_what_is_held_comes_in_and_goes_without_a_reload(page: Page, address: str) -> None:
    page.goto(f"{address}/vos/cms/matrix")
    expect(page.locator("#live")).to_have_text("live", timeout=PATIENCE)
    expect(page.locator(".waiting")).to_have_count(0)
    before = page.locator(".cell").first.bounding_box()
    probed(page, address, "CRITICAL")
    expect(page.locator(".waiting summary")).to_contain_text("2 rows would be taken from cms", timeout=PATIENCE)
    # it has its place, and so has what is below
    assert page.locator(".cell").first.bounding_box() == before
    expect(page.locator(".cell[href*='/CE3?']")).to_have_class("cell Active held")
    expect(page.locator(".cell .mark.held").first).to_be_visible()
    [batch] = page.request.get(f"{address}/api/v1/batches").json()["batches"]
    assert page.request.post(f"{address}/api/v1/batches/{batch['id']}/confirm", data={"reason": "They are."}).ok
    expect(page.locator(".waiting")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(".cell[href*='/CE3?']")).to_have_class("cell Banned")


def test_a_batch_that_is_dropped_leaves_its_marks(page: Page, address: str) -> None:
    page.goto(f"{address}/vos/cms/matrix")
    expect(page.locator("#live")).to_have_text("live", timeout=PATIENCE)
    probed(page, address, "CRITICAL")
    expect(page.locator(".waiting")).to_be_visible(timeout=PATIENCE)
    [batch] = page.request.get(f"{address}/api/v1/batches").json()["batches"]
    assert page.request.post(f"{address}/api/v1/batches/{batch['id']}/drop", data={"reason": "A test."}).ok
    # no status changes by that: nothing but the stream's word of what is held tells of it so soon
    expect(page.locator(".waiting")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(".cell[href*='/CE3?']")).to_have_class("cell Active held")


def test_an_element_and_the_landing_page_follow_too(page: Page, address: str) -> None:
    page.goto(f"{address}/elements/Resource/ComputingElement/CE3?vo=cms")
    expect(page.locator("#live")).to_have_text("live", timeout=PATIENCE)
    ban(page, address, "CE3", "rack moves")
    expect(page.locator(".why .chip").first).to_have_text("Banned", timeout=PATIENCE)
    expect(page.locator("table.history")).to_contain_text("rack moves")
    page.goto(address)
    expect(page.locator("#vo-cms")).to_contain_text("2 Banned")


def test_pages_do_without_a_script(page: Page, address: str) -> None:
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]  # a context of a test has a browser
    plain = context.new_page()
    plain.goto(f"{address}/vos/cms/matrix")
    plain.get_by_label("Name, site, host").fill("ce1")
    plain.get_by_role("button", name="Show").click()
    expect(plain).to_have_url(f"{address}/vos/cms/matrix?q=ce1&type=&status=&mark=&owner=&group=&sort=&level=")
    expect(plain.locator("#shown")).to_have_text("1 of 6 elements at 1 site")
    plain.get_by_role("link", name="CE1").first.click()
    expect(plain.locator("h1")).to_have_text("CE1")
    expect(plain.locator("#live")).to_contain_text("as of 17:00 UTC")
    context.close()
